//! What a kernel does, as assignments for people to read.
//!
//! Values that are used once stand where they are used; others get a name of their own (`_1`, `_2`, …). What a prologue computes is
//! written out. The text is for reading: it is never parsed.

use crate::kernel::{
    Access, Binary, Compare, DrawKind, IndexSlot, Inst, Kernel, Prologue, ScalarSlot, ScalarSource,
    Slot, Unary, Val, ValidKernel,
};
use crate::store::{ArrayId, IndexId};
use dslsim_math::Fn2;

/// How tightly a text holds together, from the loosest on.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Tightness {
    Conditional,
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Sign,
    Power,
    Operand,
}

/// A formula.
#[derive(Clone)]
struct Formula {
    text: String,
    tightness: Tightness,
}

impl Formula {
    fn operand(text: impl Into<String>) -> Formula {
        Formula {
            text: text.into(),
            tightness: Tightness::Operand,
        }
    }

    fn new(tightness: Tightness, text: String) -> Formula {
        Formula { text, tightness }
    }

    /// In brackets, if it is looser than that.
    fn within(&self, tightness: Tightness) -> String {
        if self.tightness < tightness {
            format!("({})", self.text)
        } else {
            self.text.clone()
        }
    }

    /// In brackets, unless it is tighter than that: the right side of an operator.
    fn right_of(&self, tightness: Tightness) -> String {
        if self.tightness <= tightness {
            format!("({})", self.text)
        } else {
            self.text.clone()
        }
    }
}

/// Names that a kernel does not hold itself.
pub trait Names {
    /// The name of an array.
    fn array(&self, array: ArrayId) -> String;
    /// What is appended to the name of a variable that is reached through an index table: `_post`.
    fn through(&self, table: IndexId) -> &'static str;
}

/// The assignments of a kernel, in their order: one a line. `_v` is the value of `v` before it was assigned.
pub fn formulas(kernel: &ValidKernel, names: &dyn Names) -> Vec<String> {
    let kernel = kernel.kernel();
    let mut writer = Writer {
        kernel,
        scalars: kernel
            .scalars
            .iter()
            .map(|s| source(&s.source, names))
            .collect(),
        names,
        lines: Vec::new(),
        count: 0,
    };
    writer.prologue(&kernel.run_prologue);
    writer.prologue(&kernel.step_prologue);
    writer.body();
    writer.lines
}

fn source(source: &ScalarSource, names: &dyn Names) -> Formula {
    Formula::operand(match source {
        ScalarSource::Time => "t".to_owned(),
        ScalarSource::TimeStep => "t_in_timesteps".to_owned(),
        ScalarSource::Dt => "dt".to_owned(),
        ScalarSource::External { name, .. } => name.clone(),
        ScalarSource::Uniform(array) => names.array(*array),
        // known once the prologue has been read
        ScalarSource::Derived => String::new(),
    })
}

struct Writer<'a> {
    kernel: &'a Kernel,
    scalars: Vec<Formula>,
    names: &'a dyn Names,
    lines: Vec<String>,
    count: usize,
}

impl Writer<'_> {
    fn prologue(&mut self, prologue: &Prologue) {
        let mut values: Vec<Formula> = Vec::with_capacity(prologue.insts.len());
        for inst in &prologue.insts {
            let formula = self.formula(inst, &values);
            values.push(formula);
        }
        for (value, slot) in &prologue.results {
            if let (Some(formula), Some(scalar)) = (
                values.get(value.0 as usize),
                self.scalars.get_mut(slot.0 as usize),
            ) {
                *scalar = formula.clone();
            }
        }
    }

    fn body(&mut self) {
        let insts = &self.kernel.insts;
        let mut uses = vec![0_usize; insts.len()];
        for inst in insts {
            inst.operands(|v| {
                if let Some(n) = uses.get_mut(v.0 as usize) {
                    *n += 1;
                }
            });
        }
        let named: Vec<bool> = insts
            .iter()
            .zip(&uses)
            .map(|(inst, uses)| !inst.is_effect() && self.is_work(inst) && *uses > 1)
            .collect();
        let named = |at: usize| named.get(at).copied().unwrap_or(false);
        // Where the text of each value stands at last, and whether what it reads has been written before.
        let mut stands: Vec<usize> = (0..insts.len()).collect();
        for (at, inst) in insts.iter().enumerate().rev() {
            let own = stands.get(at).copied().unwrap_or(at);
            let place = if named(at) { at } else { own };
            inst.operands(|v| {
                if let Some(p) = stands.get_mut(v.0 as usize) {
                    *p = place.max(*p);
                }
            });
        }
        let mut values: Vec<Formula> = Vec::with_capacity(insts.len());
        for (at, inst) in insts.iter().enumerate() {
            let mut formula = self.formula(inst, &values);
            let end = stands.get(at).copied().unwrap_or(at);
            let name = if named(at) {
                self.count += 1;
                Some(format!("_{}", self.count))
            } else if self.is_overtaken(at, end) {
                Some(format!("_{}", formula.text))
            } else {
                None
            };
            if let Some(name) = name {
                self.lines.push(format!("{name} = {}", formula.text));
                formula = Formula::operand(name);
            }
            if inst.is_effect() {
                self.lines.push(formula.text.clone());
            }
            values.push(formula);
        }
    }

    /// Whether a value deserves a name if it is used more than once.
    fn is_work(&self, inst: &Inst) -> bool {
        match inst {
            Inst::Load(slot, _) => self.kernel.draws.iter().any(|d| d.slot == *slot),
            Inst::Const(_)
            | Inst::Bool(_)
            | Inst::Scalar(_)
            | Inst::ScalarBool(_)
            | Inst::Element
            | Inst::Index(_)
            | Inst::LoadBool(..)
            | Inst::Bit(_)
            | Inst::ToNum(_) => false,
            _ => true,
        }
    }

    /// Whether the array that an instruction reads is written before the place where its value stands.
    fn is_overtaken(&self, at: usize, end: usize) -> bool {
        let insts = &self.kernel.insts;
        let Some(Inst::Load(slot, _) | Inst::LoadBool(slot, _)) = insts.get(at) else {
            return false;
        };
        let between = insts.get(at + 1..end).unwrap_or_default();
        between
            .iter()
            .any(|inst| matches!(inst, Inst::Store { slot: written, .. } if written == slot))
    }

    fn array(&self, slot: Slot, access: Access) -> String {
        if let Some(draw) = self.kernel.draws.iter().find(|d| d.slot == slot) {
            return match draw.kind {
                DrawKind::Uniform => "rand()".to_owned(),
                DrawKind::Normal => "randn()".to_owned(),
                DrawKind::Poisson => draw.mean.map_or_else(String::new, |mean| {
                    format!("poisson({})", self.array(mean, Access::Element))
                }),
                DrawKind::Binomial { n, rate } => {
                    format!("binomial({n}, {}*Hz*dt)", f64::from_bits(rate))
                }
            };
        }
        let name = self
            .kernel
            .arrays
            .get(slot.0 as usize)
            .map_or("", |a| a.name.as_str());
        match access {
            Access::Via(index) => format!("{name}{}", self.through(index)),
            Access::Element | Access::Position | Access::Only => name.to_owned(),
        }
    }

    fn through(&self, index: IndexSlot) -> &'static str {
        let table = self.kernel.indices.get(index.0 as usize);
        table.map_or("", |table| self.names.through(*table))
    }

    fn scalar(&self, slot: ScalarSlot) -> Formula {
        let found = self.scalars.get(slot.0 as usize);
        found.cloned().unwrap_or_else(|| Formula::operand(""))
    }

    fn formula(&self, inst: &Inst, values: &[Formula]) -> Formula {
        let of = |v: Val| {
            let found = values.get(v.0 as usize);
            found.cloned().unwrap_or_else(|| Formula::operand(""))
        };
        let call = |name: &str, arguments: &[Val]| {
            let all: Vec<String> = arguments.iter().map(|v| of(*v).text).collect();
            Formula::operand(format!("{name}({})", all.join(", ")))
        };
        let infix = |tightness: Tightness, sign: &str, a: Val, b: Val| {
            let text = format!(
                "{}{sign}{}",
                of(a).within(tightness),
                of(b).right_of(tightness)
            );
            Formula::new(tightness, text)
        };
        match *inst {
            Inst::Const(x) if x < 0.0 => Formula::new(Tightness::Sign, x.to_string()),
            Inst::Const(x) => Formula::operand(x.to_string()),
            Inst::Bool(b) => Formula::operand(if b { "True" } else { "False" }),
            Inst::Scalar(slot) | Inst::ScalarBool(slot) => self.scalar(slot),
            Inst::Element => Formula::operand("i"),
            Inst::Index(index) => Formula::operand(format!("i{}", self.through(index))),
            Inst::Load(slot, access) | Inst::LoadBool(slot, access) => {
                Formula::operand(self.array(slot, access))
            }
            Inst::Bit(slot) => Formula::operand(format!("i in {}", self.array(slot, Access::Only))),
            Inst::Lookup(slot, at) => Formula::operand(format!(
                "{}[{}]",
                self.array(slot, Access::Only),
                of(at).text
            )),
            Inst::Unary(Unary::Neg, a) => Formula::new(
                Tightness::Sign,
                format!("-{}", of(a).within(Tightness::Sign)),
            ),
            Inst::Unary(op, a) => call(unary(op), &[a]),
            Inst::Binary(op, a, b) => match op {
                Binary::Add => infix(Tightness::Sum, " + ", a, b),
                Binary::Sub => infix(Tightness::Sum, " - ", a, b),
                Binary::Mul => infix(Tightness::Product, "*", a, b),
                Binary::Div => infix(Tightness::Product, "/", a, b),
                Binary::Mod => infix(Tightness::Product, " % ", a, b),
                Binary::Min => call("minimum", &[a, b]),
                Binary::Max => call("maximum", &[a, b]),
            },
            Inst::Math1(f, a) => call(f.name(), &[a]),
            Inst::Math2(Fn2::Pow, a, b) => {
                let text = format!(
                    "{}**{}",
                    of(a).right_of(Tightness::Power),
                    of(b).within(Tightness::Power)
                );
                Formula::new(Tightness::Power, text)
            }
            Inst::Math3(f, a, b, c) => call(f.name(), &[a, b, c]),
            Inst::Compare(op, a, b) => infix(Tightness::Comparison, compare(op), a, b),
            Inst::And(a, b) => infix(Tightness::And, " and ", a, b),
            Inst::Or(a, b) => infix(Tightness::Or, " or ", a, b),
            Inst::Not(a) => Formula::new(
                Tightness::Not,
                format!("not {}", of(a).within(Tightness::Not)),
            ),
            Inst::Select(c, a, b) => {
                let loose = Tightness::Conditional;
                let text = format!(
                    "{} if {} else {}",
                    of(a).right_of(loose),
                    of(c).right_of(loose),
                    of(b).within(loose)
                );
                Formula::new(loose, text)
            }
            Inst::ToNum(a) => call("int", &[a]),
            Inst::Store {
                slot,
                access,
                value,
                mask,
            } => {
                let where_ = mask.map_or_else(String::new, |m| format!("  where {}", of(m).text));
                let text = format!("{} = {}{where_}", self.array(slot, access), of(value).text);
                Formula::operand(text)
            }
            Inst::Emit(a) => Formula::operand(format!("event where {}", of(a).text)),
        }
    }
}

fn unary(op: Unary) -> &'static str {
    match op {
        Unary::Neg => "-",
        Unary::Abs => "abs",
        Unary::Sqrt => "sqrt",
        Unary::Floor => "floor",
        Unary::Ceil => "ceil",
        Unary::Trunc => "int",
        Unary::Round => "round",
    }
}

fn compare(op: Compare) -> &'static str {
    match op {
        Compare::Lt => " < ",
        Compare::Le => " <= ",
        Compare::Eq => " == ",
        Compare::Ne => " != ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ArrayInput, Domain};

    struct Plain;

    impl Names for Plain {
        fn array(&self, _: ArrayId) -> String {
            String::new()
        }

        fn through(&self, _: IndexId) -> &'static str {
            "_post"
        }
    }

    fn lines(arrays: &[&str], insts: Vec<Inst>) -> Vec<String> {
        let arrays = arrays.iter().enumerate().map(|(k, name)| ArrayInput {
            name: (*name).to_owned(),
            array: ArrayId(k as u32),
            written: true,
        });
        let kernel = Kernel {
            name: "k".to_owned(),
            domain: Domain::All,
            scalars: Vec::new(),
            arrays: arrays.collect(),
            indices: Vec::new(),
            draws: Vec::new(),
            run_prologue: Prologue::default(),
            step_prologue: Prologue::default(),
            insts,
        };
        kernel
            .validate()
            .map_or_else(|e| vec![e.to_string()], |k| formulas(&k, &Plain))
    }

    fn store(slot: u16, value: u32) -> Inst {
        Inst::Store {
            slot: Slot(slot),
            access: Access::Element,
            value: Val(value),
            mask: None,
        }
    }

    #[test]
    fn brackets_where_they_are_needed() {
        let x = Inst::Load(Slot(0), Access::Element);
        let said = lines(
            &["x"],
            vec![
                x,
                Inst::Const(2.0),
                Inst::Binary(Binary::Sub, Val(1), Val(0)),
                Inst::Binary(Binary::Sub, Val(1), Val(2)),
                Inst::Binary(Binary::Mul, Val(3), Val(1)),
                Inst::Unary(Unary::Neg, Val(4)),
                Inst::Math2(Fn2::Pow, Val(5), Val(1)),
                store(0, 6),
            ],
        );
        assert_eq!(said, ["x = (-((2 - (2 - x))*2))**2"]);
    }

    #[test]
    fn what_is_read_before_it_is_written_keeps_its_value() {
        let said = lines(
            &["x", "y"],
            vec![
                Inst::Load(Slot(0), Access::Element),
                Inst::Const(1.0),
                Inst::Binary(Binary::Add, Val(0), Val(1)),
                store(0, 1),
                store(1, 2),
            ],
        );
        assert_eq!(said, ["_x = x", "x = 1", "y = _x + 1"]);
    }

    #[test]
    fn what_is_used_twice_gets_a_name() {
        let said = lines(
            &["x"],
            vec![
                Inst::Load(Slot(0), Access::Element),
                Inst::Math1(dslsim_math::Fn1::Exp, Val(0)),
                Inst::Binary(Binary::Mul, Val(1), Val(1)),
                store(0, 2),
            ],
        );
        assert_eq!(said, ["_1 = exp(x)", "x = _1*_1"]);
    }
}
