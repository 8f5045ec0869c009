//! The kernel: its parts as plain data, and the check that makes it a [`ValidKernel`].

use std::fmt;

pub use dslsim_math::{Fn1, Fn2, Fn3};

use crate::store::{ArrayId, IndexId};

/// The result of an instruction: its position in the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Val(pub u32);

impl fmt::Debug for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// An array of the kernel: an entry of [`Kernel::arrays`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u16);

/// An index table of the kernel: an entry of [`Kernel::indices`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexSlot(pub u16);

/// A loop-invariant number of the kernel: an entry of [`Kernel::scalars`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScalarSlot(pub u16);

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A double.
    Num,
    /// A truth value.
    Bool,
    /// Nothing (stores).
    Unit,
}

/// Which element of an array is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// The element that the kernel is executed for.
    Element,
    /// The position in the domain: for a list of elements, the position in that list; for all elements the same as `Element`.
    Position,
    /// The element named by an index table at the current element (the neuron of a synapse).
    Via(IndexSlot),
    /// The only element of an array of length one (a shared variable).
    Only,
}

/// `-a` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// `-a` (sign bit flipped)
    Neg,
    /// `|a|`
    Abs,
    /// Square root, correctly rounded.
    Sqrt,
    /// Largest integer not above.
    Floor,
    /// Smallest integer not below.
    Ceil,
    /// Towards zero.
    Trunc,
    /// To the nearest integer, halves to the even one.
    Round,
}

/// `a + b` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// Python's `a % b`: the sign of `b`.
    Mod,
    /// `b < a ? b : a`: NaN of `a` passes.
    Min,
    /// `a < b ? b : a`: NaN of `a` passes.
    Max,
}

/// Comparisons; false if an operand is NaN, but `Ne` true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    /// `a < b`
    Lt,
    /// `a <= b`
    Le,
    /// `a == b`
    Eq,
    /// `a != b`
    Ne,
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Inst {
    /// A number written in the model.
    Const(f64),
    /// A truth value written in the model.
    Bool(bool),
    /// A loop-invariant number.
    Scalar(ScalarSlot),
    /// A loop-invariant truth value, held as 1.0 or 0.0.
    ScalarBool(ScalarSlot),
    /// The number of the current element.
    Element,
    /// The entry of an index table at the current element, as a number.
    Index(IndexSlot),
    /// A number from an array. It sees stores to the same place that stand before it.
    Load(Slot, Access),
    /// A truth value from an array: whether it is not 0.
    LoadBool(Slot, Access),
    /// Whether the current element is in a set: bit `e % 64` of the bits of the array's element `e / 64`. No kernel writes the array.
    Bit(Slot),
    /// The element of an array whose number is given: cut towards zero and to the elements that there are (NaN: the first). The
    /// array is a table, which no kernel writes.
    Lookup(Slot, Val),
    /// Num → Num
    Unary(Unary, Val),
    /// Num, Num → Num
    Binary(Binary, Val, Val),
    /// Num → Num
    Math1(Fn1, Val),
    /// Num, Num → Num
    Math2(Fn2, Val, Val),
    /// Num, Num, Num → Num
    Math3(Fn3, Val, Val, Val),
    /// Num, Num → Bool
    Compare(Compare, Val, Val),
    /// Bool, Bool → Bool
    And(Val, Val),
    /// Bool, Bool → Bool
    Or(Val, Val),
    /// Bool → Bool
    Not(Val),
    /// Bool, T, T → T (T is Num or Bool)
    Select(Val, Val, Val),
    /// 1.0 or 0.0
    ToNum(Val),
    /// Writes a Num or a Bool, where the mask (a Bool) holds.
    Store {
        /// The array.
        slot: Slot,
        /// The element of it.
        access: Access,
        /// What to write.
        value: Val,
        /// Where to write; everywhere if there is none.
        mask: Option<Val>,
    },
    /// Appends the number of the current element to the emitted list where the Bool holds. At most one in a kernel.
    Emit(Val),
}

impl Inst {
    /// Calls `f` with each operand.
    pub fn operands(&self, mut f: impl FnMut(Val)) {
        let _ = self.map(|v| {
            f(v);
            v
        });
    }

    /// The same instruction with each operand replaced.
    #[must_use]
    pub fn map(&self, mut f: impl FnMut(Val) -> Val) -> Inst {
        match *self {
            Inst::Lookup(slot, a) => Inst::Lookup(slot, f(a)),
            Inst::Unary(op, a) => Inst::Unary(op, f(a)),
            Inst::Binary(op, a, b) => Inst::Binary(op, f(a), f(b)),
            Inst::Math1(op, a) => Inst::Math1(op, f(a)),
            Inst::Math2(op, a, b) => Inst::Math2(op, f(a), f(b)),
            Inst::Math3(op, a, b, c) => Inst::Math3(op, f(a), f(b), f(c)),
            Inst::Compare(op, a, b) => Inst::Compare(op, f(a), f(b)),
            Inst::And(a, b) => Inst::And(f(a), f(b)),
            Inst::Or(a, b) => Inst::Or(f(a), f(b)),
            Inst::Not(a) => Inst::Not(f(a)),
            Inst::Select(a, b, c) => Inst::Select(f(a), f(b), f(c)),
            Inst::ToNum(a) => Inst::ToNum(f(a)),
            Inst::Store {
                slot,
                access,
                value,
                mask,
            } => Inst::Store {
                slot,
                access,
                value: f(value),
                mask: mask.map(&mut f),
            },
            Inst::Emit(a) => Inst::Emit(f(a)),
            other @ (Inst::Const(_)
            | Inst::Bool(_)
            | Inst::Scalar(_)
            | Inst::ScalarBool(_)
            | Inst::Element
            | Inst::Index(_)
            | Inst::Load(..)
            | Inst::LoadBool(..)
            | Inst::Bit(_)) => other,
        }
    }

    /// Whether it does something besides giving a value.
    pub fn is_effect(&self) -> bool {
        matches!(self, Inst::Store { .. } | Inst::Emit(_))
    }
}

/// For which elements a kernel is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// All elements from 0 to n-1, in any grouping: no element reads what another writes.
    All,
    /// All elements from 0 to n-1, strictly one after the other (several may write to one place).
    Sequential,
    /// The elements of a list, strictly one after the other.
    List,
}

/// How often a value can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Fixed during a run (parameters, `dt`), unless somebody sets it between steps.
    Run,
    /// The same for all elements, but different from step to step (`t`).
    Step,
    /// Different from element to element.
    Element,
}

/// Where a scalar gets its value.
#[derive(Clone, Debug, PartialEq)]
pub enum ScalarSource {
    /// Time at the beginning of the step, in seconds.
    Time,
    /// Number of the step.
    TimeStep,
    /// Length of a step, in seconds.
    Dt,
    /// A constant of the model, by name: known at the start of a run.
    External {
        /// Its name in the model.
        name: String,
        /// Its value in SI units.
        value: f64,
    },
    /// The value that all elements of an array share (and no kernel of the network writes).
    Uniform(ArrayId),
    /// Computed by the prologue.
    Derived,
}

/// A loop-invariant number.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalarInput {
    /// Where it comes from.
    pub source: ScalarSource,
    /// How often it can change.
    pub level: Level,
}

/// An array of the simulation as the kernel knows it. Two slots of a kernel never name the same array.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrayInput {
    /// The name shown to people.
    pub name: String,
    /// The array.
    pub array: ArrayId,
    /// Whether the kernel writes it.
    pub written: bool,
}

/// A random number that is drawn for each element before the kernel is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DrawKind {
    /// Uniform in [0, 1).
    Uniform,
    /// Normal with mean 0 and variance 1.
    Normal,
    /// Poisson; the mean of each position stands in [`Draw::mean`].
    Poisson,
    /// The number of successes in `n` trials whose probability is a rate (the bits of a number in hertz) times the step.
    Binomial {
        /// Number of trials.
        n: u32,
        /// The rate of successes of one trial, as bits.
        rate: u64,
    },
}

/// A draw: the array that holds the numbers, one for each position of the domain, filled by the runtime in the order of the draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draw {
    /// The distribution.
    pub kind: DrawKind,
    /// Read with [`Access::Position`].
    pub slot: Slot,
    /// For a Poisson draw: the means, by position; an earlier kernel of the same code object has written them.
    pub mean: Option<Slot>,
    /// Where the sequential stream is drawn from, by position (elsewhere the number is not used): refractory neurons draw nothing.
    pub only: Option<Slot>,
}

/// Straight-line code over scalars only: `Const`, `Bool`, `Scalar`, `Lookup`, arithmetic. No element, no effects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prologue {
    /// The instructions.
    pub insts: Vec<Inst>,
    /// Which results become scalars of the kernel (a Bool as 1.0 or 0.0).
    pub results: Vec<(Val, ScalarSlot)>,
}

/// One code object.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// The name shown to people: `neurongroup_stateupdater`.
    pub name: String,
    /// For which elements it is executed.
    pub domain: Domain,
    /// Loop-invariant numbers.
    pub scalars: Vec<ScalarInput>,
    /// Arrays.
    pub arrays: Vec<ArrayInput>,
    /// Index tables.
    pub indices: Vec<IndexId>,
    /// Random numbers, in the order in which they are drawn.
    pub draws: Vec<Draw>,
    /// Computed once per run.
    pub run_prologue: Prologue,
    /// Computed once per step.
    pub step_prologue: Prologue,
    /// The instructions for one element.
    pub insts: Vec<Inst>,
}

impl Kernel {
    /// The types of all values of a list of instructions, or what is wrong with it.
    fn types(&self, insts: &[Inst]) -> Result<Vec<Type>, Invalid> {
        let mut types: Vec<Type> = Vec::with_capacity(insts.len());
        for (at, inst) in insts.iter().enumerate() {
            let mut early = true;
            inst.operands(|v| early &= (v.0 as usize) < at);
            if !early {
                return Err(Invalid::Order(at));
            }
            let of = |v: Val| types.get(v.0 as usize).copied().unwrap_or(Type::Unit);
            let all = |vs: &[Val], t: Type| vs.iter().all(|v| of(*v) == t);
            let (ok, result) = match *inst {
                Inst::Const(_) | Inst::Element => (true, Type::Num),
                Inst::Bool(_) => (true, Type::Bool),
                Inst::Scalar(s) => ((s.0 as usize) < self.scalars.len(), Type::Num),
                Inst::ScalarBool(s) => ((s.0 as usize) < self.scalars.len(), Type::Bool),
                Inst::Index(s) => ((s.0 as usize) < self.indices.len(), Type::Num),
                Inst::Load(s, access) => (self.accessible(s, access), Type::Num),
                Inst::LoadBool(s, access) => (self.accessible(s, access), Type::Bool),
                Inst::Bit(s) => (
                    self.arrays.get(s.0 as usize).is_some_and(|a| !a.written),
                    Type::Bool,
                ),
                Inst::Lookup(slot, a) => (
                    all(&[a], Type::Num)
                        && self.arrays.get(slot.0 as usize).is_some_and(|a| !a.written),
                    Type::Num,
                ),
                Inst::Unary(_, a) | Inst::Math1(_, a) => (all(&[a], Type::Num), Type::Num),
                Inst::Binary(_, a, b) | Inst::Math2(_, a, b) => {
                    (all(&[a, b], Type::Num), Type::Num)
                }
                Inst::Math3(_, a, b, c) => (all(&[a, b, c], Type::Num), Type::Num),
                Inst::Compare(_, a, b) => (all(&[a, b], Type::Num), Type::Bool),
                Inst::And(a, b) | Inst::Or(a, b) => (all(&[a, b], Type::Bool), Type::Bool),
                Inst::Not(a) => (all(&[a], Type::Bool), Type::Bool),
                Inst::Select(c, a, b) => (
                    of(c) == Type::Bool && of(a) == of(b) && of(a) != Type::Unit,
                    of(a),
                ),
                Inst::ToNum(a) => (all(&[a], Type::Bool), Type::Num),
                Inst::Store {
                    slot,
                    access,
                    value,
                    mask,
                } => (
                    self.accessible(slot, access)
                        && self.arrays.get(slot.0 as usize).is_some_and(|a| a.written)
                        && of(value) != Type::Unit
                        && mask.is_none_or(|m| of(m) == Type::Bool),
                    Type::Unit,
                ),
                Inst::Emit(a) => (all(&[a], Type::Bool), Type::Unit),
            };
            if !ok {
                return Err(Invalid::Inst(at));
            }
            types.push(result);
        }
        Ok(types)
    }

    fn accessible(&self, slot: Slot, access: Access) -> bool {
        let via = match access {
            Access::Via(s) => (s.0 as usize) < self.indices.len(),
            _ => true,
        };
        via && (slot.0 as usize) < self.arrays.len()
    }

    /// Checks types, order and references.
    ///
    /// # Errors
    /// What is wrong with it; that is a mistake of this program, not of a user.
    pub fn validate(self) -> Result<ValidKernel, Invalid> {
        let types = self.types(&self.insts)?;
        for prologue in [&self.run_prologue, &self.step_prologue] {
            let of = self.types(&prologue.insts)?;
            let simple = |i: &Inst| {
                !i.is_effect()
                    && !matches!(
                        i,
                        Inst::Element
                            | Inst::Index(_)
                            | Inst::Load(..)
                            | Inst::LoadBool(..)
                            | Inst::Bit(_)
                    )
            };
            if let Some(at) = prologue.insts.iter().position(|i| !simple(i)) {
                return Err(Invalid::Prologue(at));
            }
            let known = |(v, s): &(Val, ScalarSlot)| {
                (v.0 as usize) < of.len() && (s.0 as usize) < self.scalars.len()
            };
            if !prologue.results.iter().all(known) {
                return Err(Invalid::Prologue(prologue.insts.len()));
            }
        }
        if self
            .insts
            .iter()
            .filter(|i| matches!(i, Inst::Emit(_)))
            .count()
            > 1
        {
            return Err(Invalid::Emits);
        }
        if self.domain == Domain::All {
            let crosses = |i: &Inst| {
                matches!(
                    i,
                    Inst::Store {
                        access: Access::Via(_) | Access::Only,
                        ..
                    }
                )
            };
            if let Some(at) = self.insts.iter().position(crosses) {
                return Err(Invalid::Crossing(at));
            }
            for (at, inst) in self.insts.iter().enumerate() {
                if let Inst::Load(s, Access::Via(_)) | Inst::LoadBool(s, Access::Via(_)) = inst
                    && self.arrays.get(s.0 as usize).is_some_and(|a| a.written)
                {
                    return Err(Invalid::Crossing(at));
                }
            }
        }
        let mut arrays: Vec<ArrayId> = self.arrays.iter().map(|a| a.array).collect();
        arrays.sort_unstable();
        if arrays.windows(2).any(|w| w[0] == w[1]) {
            return Err(Invalid::Aliases);
        }
        Ok(ValidKernel {
            kernel: self,
            types,
        })
    }
}

/// A kernel that has been checked: back ends take nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidKernel {
    kernel: Kernel,
    types: Vec<Type>,
}

impl ValidKernel {
    /// The kernel.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// The type of each instruction's value.
    pub fn types(&self) -> &[Type] {
        &self.types
    }
}

/// What can be wrong with a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// An instruction uses a value that is not computed yet.
    Order(usize),
    /// An operand has the wrong type, or a slot does not exist or may not be written.
    Inst(usize),
    /// Something in a prologue that is not about scalars.
    Prologue(usize),
    /// More than one `Emit`.
    Emits,
    /// Elements depend on each other where the domain says that they do not.
    Crossing(usize),
    /// Two slots name one array.
    Aliases,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Invalid::Order(at) => write!(f, "instruction {at} uses a later value"),
            Invalid::Inst(at) => write!(f, "instruction {at} has operands that do not fit"),
            Invalid::Prologue(at) => {
                write!(f, "instruction {at} of a prologue is not about scalars")
            }
            Invalid::Emits => write!(f, "more than one Emit"),
            Invalid::Crossing(at) => {
                write!(f, "instruction {at} makes elements depend on each other")
            }
            Invalid::Aliases => write!(f, "two slots name one array"),
        }
    }
}

impl std::error::Error for Invalid {}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "kernel {} ({:?})", self.name, self.domain)?;
        for (k, s) in self.scalars.iter().enumerate() {
            writeln!(f, "  s{k} = {:?} ({:?})", s.source, s.level)?;
        }
        for (k, a) in self.arrays.iter().enumerate() {
            writeln!(
                f,
                "  a{k} = {}{}",
                a.name,
                if a.written { " (written)" } else { "" }
            )?;
        }
        for (title, prologue) in [
            ("once per run", &self.run_prologue),
            ("once per step", &self.step_prologue),
        ] {
            if !prologue.insts.is_empty() {
                writeln!(f, "  {title}:")?;
                for (k, inst) in prologue.insts.iter().enumerate() {
                    writeln!(f, "    %{k} = {inst:?}")?;
                }
                for (v, s) in &prologue.results {
                    writeln!(f, "    s{} := {v:?}", s.0)?;
                }
            }
        }
        writeln!(f, "  for each element:")?;
        for (k, inst) in self.insts.iter().enumerate() {
            writeln!(f, "    %{k} = {inst:?}")?;
        }
        Ok(())
    }
}
