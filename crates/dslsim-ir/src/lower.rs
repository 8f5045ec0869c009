//! From typed expressions and statements to instructions.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use dslsim_math::Fn1;
use dslsim_model::expr::{Arith, Leaf, Side, TExpr, TKind, Timed};
use dslsim_model::functions::Function;
use dslsim_model::network::ObjectId;
use dslsim_model::variables::VarType;
use dslsim_source::Span;
use dslsim_syntax::ast::CompareOp;

use crate::builder::Builder;
use crate::kernel::{
    Access, Compare, Domain, DrawKind, Kernel, Level, ScalarSource, Type, Unary, Val,
};
use crate::store::{ArrayId, IndexId};

/// Where the simulation keeps what kernels need.
pub trait Layout {
    /// The array of a stored variable.
    fn array(&self, object: ObjectId, name: &str) -> ArrayId;
    /// Whether all elements of an array are the same during the run: it holds one number and no kernel writes it.
    fn is_invariant(&self, array: ArrayId) -> bool;
    /// Whether a kernel writes an array during the run.
    fn changes(&self, array: ArrayId) -> bool;
    /// The value that all elements of an array share, if they do.
    fn shared_value(&self, array: ArrayId) -> Option<f64>;
    /// Where the elements seen from a side are.
    fn reach(&mut self, object: ObjectId, side: Side) -> Reach;
    /// Whether random numbers come from one sequential stream, so that their number and order matter.
    fn draws_in_order(&self) -> bool;
    /// The length of an object's time step, in seconds.
    fn dt(&self, object: ObjectId) -> f64;
    /// The first element that `object`'s code sees of its source or target group (0 for a whole group).
    fn offset(&self, object: ObjectId, side: Side) -> usize;
    /// Number of elements that `object`'s code sees on a side.
    fn count(&self, object: ObjectId, side: Side) -> usize;
    /// An array for the kernel's own use, with one element for each element of the object; the same for the same name.
    fn scratch(&mut self, object: ObjectId, name: &str) -> ArrayId;
}

/// Where an element seen from another one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It has the same number.
    Same,
    /// It is the only one.
    Only,
    /// An index table says its number, as an element of its whole group.
    Table(IndexId),
}

/// A variable as seen from a kernel.
pub type Place = (Side, ObjectId, Rc<str>);

/// Reads typed expressions into a builder.
pub struct Lower<'a> {
    /// The kernel in the making.
    pub b: Builder,
    /// Where things are.
    pub layout: &'a mut dyn Layout,
    /// Whose code it is.
    pub object: ObjectId,
    /// Current values of variables: what was read or assigned so far.
    pub values: HashMap<Place, Val>,
    /// Temporary variables, and values given by name.
    pub locals: HashMap<Rc<str>, Val>,
    /// What `xi` and its like stand for.
    pub noise: HashMap<Rc<str>, Val>,
    /// Time, if it is not that of the step's beginning.
    pub time: Option<Val>,
    /// Matrices that must be computed before the kernel is executed.
    pub propagators: Vec<crate::integrate::exact::Propagator>,
    /// Values that stay the same during a step although they depend on `t`.
    pub steady: HashSet<Val>,
    /// Kernels to be executed before this one, in this order, over the same elements.
    pub stages: Vec<Kernel>,
    /// Whether Brian2 executes these statements for one element after the other.
    pub one_by_one: bool,
    /// For which elements the kernel is executed.
    pub(crate) domain: Domain,
    /// Random numbers of the present statement that have been drawn before it, by the place of their call.
    pub(crate) drawn: HashMap<Span, ArrayId>,
    /// Variables in the order of their first assignment.
    pub(crate) written: Vec<(Place, bool, VarType)>,
    draws: usize,
    pub(crate) name: String,
}

impl<'a> Lower<'a> {
    /// For the code of `object`; `name` is the kernel's.
    pub fn new(
        layout: &'a mut dyn Layout,
        object: ObjectId,
        name: &str,
        domain: Domain,
        strict: bool,
    ) -> Self {
        Lower {
            b: Builder::new(strict),
            layout,
            object,
            values: HashMap::new(),
            locals: HashMap::new(),
            noise: HashMap::new(),
            time: None,
            propagators: Vec::new(),
            steady: HashSet::new(),
            stages: Vec::new(),
            one_by_one: false,
            domain,
            drawn: HashMap::new(),
            written: Vec::new(),
            draws: 0,
            name: name.into(),
        }
    }

    /// `dt`
    pub fn dt(&mut self) -> Val {
        self.b.scalar(ScalarSource::Dt, Level::Run)
    }

    /// `t`
    pub fn t(&mut self) -> Val {
        match self.time {
            Some(t) => t,
            None => self.b.scalar(ScalarSource::Time, Level::Step),
        }
    }

    /// A random number for each element.
    pub fn draw(&mut self, kind: DrawKind) -> Val {
        let array = self.own("draw");
        self.b.draw(kind, array)
    }

    /// An array of this kernel alone.
    pub(crate) fn own(&mut self, what: &str) -> ArrayId {
        let name = format!("{}.{what}{}", self.name, self.draws);
        self.draws += 1;
        self.layout.scratch(self.object, &name)
    }

    fn access(&mut self, side: Side, shared: bool) -> Access {
        if shared {
            return Access::Only;
        }
        match self.layout.reach(self.object, side) {
            Reach::Same => Access::Element,
            Reach::Only => Access::Only,
            Reach::Table(table) => Access::Via(self.b.table(table)),
        }
    }

    /// The current value of a variable.
    pub fn variable(
        &mut self,
        side: Side,
        object: ObjectId,
        name: &Rc<str>,
        shared: bool,
        ty: VarType,
    ) -> Val {
        if let Some(v) = self.values.get(&(side, object, name.clone())) {
            return *v;
        }
        let array = self.layout.array(object, name);
        let boolean = ty == VarType::Boolean;
        let v = if self.layout.is_invariant(array) {
            let source = ScalarSource::Uniform(array);
            if boolean {
                self.b.scalar_bool(source, Level::Run)
            } else {
                self.b.scalar(source, Level::Run)
            }
        } else {
            let slot = self.b.slot(name, array);
            let access = self.access(side, shared);
            self.b
                .load(slot, access, if boolean { Type::Bool } else { Type::Num })
        };
        self.values.insert((side, object, name.clone()), v);
        v
    }

    /// Writes a value into a variable's array.
    pub fn store(&mut self, side: Side, object: ObjectId, name: &str, shared: bool, value: Val) {
        let array = self.layout.array(object, name);
        let slot = self.b.slot(name, array);
        let access = self.access(side, shared);
        self.b.store(slot, access, value, None);
    }

    /// An expression.
    pub fn expr(&mut self, e: &TExpr) -> Val {
        match &e.kind {
            TKind::Number(x) => self.b.num(*x),
            TKind::Truth(t) => self.b.truth(*t),
            TKind::Leaf(leaf) => self.leaf(leaf, e.ty),
            TKind::Neg(a) => {
                let a = self.expr(a);
                self.b.neg(a)
            }
            TKind::Not(a) => {
                let a = self.expr(a);
                self.b.not(a)
            }
            TKind::And(a, b) => {
                let (a, b) = (self.expr(a), self.expr(b));
                self.b.and(a, b)
            }
            TKind::Or(a, b) => {
                let (a, b) = (self.expr(a), self.expr(b));
                self.b.or(a, b)
            }
            TKind::IfElse(c, a, b) => {
                let (c, x, y) = (self.expr(c), self.expr(a), self.expr(b));
                let (x, y) = self.alike(x, y);
                self.b.select(c, x, y)
            }
            TKind::Arith(op, a, b) => {
                let integers = a.ty <= VarType::Integer && b.ty <= VarType::Integer;
                // A small whole exponent is part of the code: it becomes a few multiplications.
                let exponent = b.constant().filter(|c| {
                    *op == Arith::Pow && (c.fract() == 0.0 || c.abs() == 0.5) && c.abs() <= 16.0
                });
                let a = self.expr(a);
                let b = match exponent {
                    Some(c) => self.b.num(c),
                    None => self.expr(b),
                };
                let (a, b) = (self.number(a), self.number(b));
                self.arith(*op, a, b, integers)
            }
            TKind::Compare(op, a, b) => {
                let (a, b) = (self.expr(a), self.expr(b));
                self.compare(*op, a, b)
            }
            TKind::Call(function, args) => self.call(*function, args, e.span),
            TKind::Timed(timed, args) => self.timed(timed, args),
            TKind::Poison => self.b.num(f64::NAN),
        }
    }

    pub(crate) fn number(&mut self, v: Val) -> Val {
        if self.b.ty(v) == Type::Bool {
            self.b.to_num(v)
        } else {
            v
        }
    }

    /// Two values of one type.
    fn alike(&mut self, a: Val, b: Val) -> (Val, Val) {
        if self.b.ty(a) == self.b.ty(b) {
            (a, b)
        } else {
            (self.number(a), self.number(b))
        }
    }

    fn leaf(&mut self, leaf: &Leaf, ty: VarType) -> Val {
        match leaf {
            Leaf::State {
                side,
                object,
                name,
                shared,
            } => self.variable(*side, *object, name, *shared, ty),
            Leaf::Subexpression { value, .. } => self.expr(value),
            Leaf::Index(side) => self.index(*side),
            Leaf::Count(side) => {
                let n = self.layout.count(self.object, *side) as f64;
                self.b.scalar(
                    ScalarSource::External {
                        name: format!("N {side:?}"),
                        value: n,
                    },
                    Level::Run,
                )
            }
            Leaf::Time => self.t(),
            Leaf::Dt => self.dt(),
            Leaf::TimeStep => self.b.scalar(ScalarSource::TimeStep, Level::Step),
            Leaf::Noise(name) => match self.noise.get(name) {
                Some(v) => *v,
                None => self.b.num(0.0),
            },
            Leaf::External(name, value) => self.b.scalar(
                ScalarSource::External {
                    name: name.to_string(),
                    value: *value,
                },
                Level::Run,
            ),
            Leaf::Local(name) => match self.locals.get(name) {
                Some(v) => *v,
                None => self.b.num(f64::NAN),
            },
        }
    }

    fn index(&mut self, side: Side) -> Val {
        let number = match self.layout.reach(self.object, side) {
            Reach::Same => self.b.element(),
            Reach::Only => self.b.num(0.0),
            Reach::Table(table) => self.b.index(table),
        };
        let offset = self.layout.offset(self.object, side) as f64;
        let offset = self.b.num(offset);
        self.b.sub(number, offset)
    }

    fn arith(&mut self, op: Arith, a: Val, b: Val, integers: bool) -> Val {
        match op {
            Arith::Add => self.b.add(a, b),
            Arith::Sub => self.b.sub(a, b),
            Arith::Mul => self.b.mul(a, b),
            Arith::Div => self.b.div(a, b),
            Arith::FloorDiv => {
                let quotient = self.b.div(a, b);
                self.b.unary(Unary::Floor, quotient)
            }
            Arith::Mod => self.b.modulo(a, b),
            Arith::Pow => {
                let power = self.b.pow(a, b);
                if integers { self.whole(power) } else { power }
            }
        }
    }

    /// An integer power as an integer: rounded if it is one but for rounding errors, else cut towards zero.
    fn whole(&mut self, v: Val) -> Val {
        let half = self.b.num(0.5);
        let shifted = self.b.add(v, half);
        let rounded = self.b.unary(Unary::Floor, shifted);
        let off = self.b.sub(v, rounded);
        let off = self.b.unary(Unary::Abs, off);
        let tolerance = self.b.num(1e-9);
        let near = self.b.compare(Compare::Lt, off, tolerance);
        let cut = self.b.unary(Unary::Trunc, v);
        self.b.select(near, rounded, cut)
    }

    fn compare(&mut self, op: CompareOp, a: Val, b: Val) -> Val {
        let (a, b) = (self.number(a), self.number(b));
        match op {
            CompareOp::Lt => self.b.compare(Compare::Lt, a, b),
            CompareOp::Le => self.b.compare(Compare::Le, a, b),
            CompareOp::Gt => self.b.compare(Compare::Lt, b, a),
            CompareOp::Ge => self.b.compare(Compare::Le, b, a),
            CompareOp::Eq => self.b.compare(Compare::Eq, a, b),
            _ => self.b.compare(Compare::Ne, a, b),
        }
    }

    /// `I(t)`, `I(t, i)`: constant over each of its steps, the first and the last value before and after them.
    ///
    /// The number of the step is found as Brian2 does it: a step is divided into a power of two of parts, each at most an eighth of
    /// the clock's step; `t` is rounded to a whole number of parts. So times that are a rounding error away from the
    /// edge of a step belong where they should, also at the substeps of `rk4`.
    fn timed(&mut self, timed: &Timed, args: &[TExpr]) -> Val {
        let clock = self.layout.dt(self.object);
        let parts = (8.0 / clock * timed.dt).log2().ceil().exp2().max(1.0);
        let simple = matches!(args.first().map(|a| &a.kind), Some(TKind::Leaf(Leaf::Time)));
        let values: Vec<Val> = args
            .iter()
            .map(|a| {
                let v = self.expr(a);
                self.number(v)
            })
            .collect();
        let Some(&t) = values.first() else {
            return self.b.num(f64::NAN);
        };
        let mut part = |what: &str, value: f64| {
            self.b.scalar(
                ScalarSource::External {
                    name: format!("{} of {}", what, timed.name),
                    value,
                },
                Level::Run,
            )
        };
        let epsilon = part("a part of a step", timed.dt / parts);
        let parts = part("parts of a step", parts);
        let last = part("last step", timed.rows as f64 - 1.0);
        let b = &mut self.b;
        let row = b.div_once(t, epsilon);
        let row = b.unary(Unary::Round, row);
        let row = b.div_once(row, parts);
        let row = b.unary(Unary::Trunc, row);
        let zero = b.num(0.0);
        let row = b.max(row, zero);
        let row = b.min(row, last);
        let array = ArrayId(timed.array);
        let value = match (timed.columns, values.get(1)) {
            (Some(columns), Some(&column)) => {
                let count = self.b.scalar(
                    ScalarSource::External {
                        name: format!("columns of {}", timed.name),
                        value: columns as f64,
                    },
                    Level::Run,
                );
                let b = &mut self.b;
                let at = b.mul(row, count);
                let at = b.add(at, column);
                let value = b.lookup(array, at);
                // A column that does not exist has no value.
                let low = b.compare(Compare::Le, zero, column);
                let high = b.compare(Compare::Lt, column, count);
                let there = b.and(low, high);
                let none = b.num(f64::NAN);
                b.select(there, value, none)
            }
            _ => b.lookup(array, row),
        };
        if simple && timed.is_steady(clock) {
            self.steady.insert(value);
        }
        value
    }

    fn call(&mut self, function: Function, args: &[TExpr], span: Span) -> Val {
        if let Some(array) = self.drawn.get(&span).copied() {
            let slot = self.b.slot("random", array);
            return self.b.load(slot, Access::Position, Type::Num);
        }
        let mut values: Vec<Val> = args.iter().map(|a| self.expr(a)).collect();
        if function != Function::Int {
            for v in &mut values {
                *v = self.number(*v);
            }
        }
        let b = &mut self.b;
        match (function, values.as_slice()) {
            (Function::Sqrt, &[a]) => b.unary(Unary::Sqrt, a),
            (Function::Abs, &[a]) => b.unary(Unary::Abs, a),
            (Function::Ceil, &[a]) => b.unary(Unary::Ceil, a),
            (Function::Floor, &[a]) => b.unary(Unary::Floor, a),
            (Function::Int, &[a]) => {
                if b.ty(a) == Type::Bool {
                    b.to_num(a)
                } else {
                    b.unary(Unary::Trunc, a)
                }
            }
            (Function::Sign, &[a]) => {
                let (zero, one, minus) = (b.num(0.0), b.num(1.0), b.num(-1.0));
                let negative = b.compare(Compare::Lt, a, zero);
                let positive = b.compare(Compare::Lt, zero, a);
                let rest = b.select(negative, minus, zero);
                b.select(positive, one, rest)
            }
            (Function::Clip, &[a, low, high]) => {
                let a = b.max(a, low);
                b.min(a, high)
            }
            (Function::Min, &[x, y]) => b.min(x, y),
            (Function::Max, &[x, y]) => b.max(x, y),
            (Function::Timestep, &[t, dt]) => {
                let slack = b.num(1e-3);
                let slack = b.mul(slack, dt);
                let t = b.add(t, slack);
                let steps = b.div(t, dt);
                b.unary(Unary::Trunc, steps)
            }
            (Function::Rand, _) => self.draw(DrawKind::Uniform),
            (Function::Randn, _) => self.draw(DrawKind::Normal),
            (_, &[a]) => match math(function) {
                Some(f) => b.math(f, a),
                None => b.num(f64::NAN),
            },
            _ => b.num(f64::NAN),
        }
    }
}

/// The routine of a function of one number, if it is one.
pub fn math(function: Function) -> Option<Fn1> {
    Some(match function {
        Function::Exp => Fn1::Exp,
        Function::Log => Fn1::Log,
        Function::Log10 => Fn1::Log10,
        Function::Expm1 => Fn1::Expm1,
        Function::Log1p => Fn1::Log1p,
        Function::Exprel => Fn1::Exprel,
        Function::Sin => Fn1::Sin,
        Function::Cos => Fn1::Cos,
        Function::Tan => Fn1::Tan,
        Function::Sinh => Fn1::Sinh,
        Function::Cosh => Fn1::Cosh,
        Function::Tanh => Fn1::Tanh,
        Function::Arcsin => Fn1::Arcsin,
        Function::Arccos => Fn1::Arccos,
        Function::Arctan => Fn1::Arctan,
        _ => return None,
    })
}
