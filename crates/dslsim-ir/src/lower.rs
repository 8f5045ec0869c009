//! From typed expressions and statements to instructions.

use std::collections::HashMap;
use std::rc::Rc;

use dslsim_math::Fn1;
use dslsim_model::expr::{Arith, Leaf, Side, TExpr, TKind, TStatement, Target};
use dslsim_model::functions::Function;
use dslsim_model::network::ObjectId;
use dslsim_model::variables::VarType;
use dslsim_syntax::ast::CompareOp;

use crate::builder::Builder;
use crate::kernel::{Access, Compare, DrawKind, Level, ScalarSource, Type, Unary, Val};
use crate::store::{ArrayId, IndexId};

/// Where the simulation keeps what kernels need.
pub trait Layout {
    /// The array of a stored variable.
    fn array(&self, object: ObjectId, name: &str) -> ArrayId;
    /// Whether all elements of an array are the same during the run: it holds one number and no kernel writes it.
    fn is_invariant(&self, array: ArrayId) -> bool;
    /// The neuron of each synapse on one side, as an element of its whole group.
    fn table(&self, synapses: ObjectId, side: Side) -> IndexId;
    /// The first element that `object`'s code sees of its source or target group (0 for a whole group).
    fn offset(&self, object: ObjectId, side: Side) -> usize;
    /// Number of elements that `object`'s code sees on a side.
    fn count(&self, object: ObjectId, side: Side) -> usize;
    /// An array for the kernel's own use, with one element for each element of the object; the same for the same name.
    fn scratch(&mut self, object: ObjectId, name: &str) -> ArrayId;
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
    /// Variables in the order of their first assignment.
    written: Vec<(Place, bool, VarType)>,
    draws: usize,
    name: String,
}

impl<'a> Lower<'a> {
    /// For the code of `object`; `name` is the kernel's.
    pub fn new(layout: &'a mut dyn Layout, object: ObjectId, name: &str, strict: bool) -> Self {
        Lower {
            b: Builder::new(strict),
            layout,
            object,
            values: HashMap::new(),
            locals: HashMap::new(),
            noise: HashMap::new(),
            time: None,
            propagators: Vec::new(),
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
        let array = self
            .layout
            .scratch(self.object, &format!("{}.draw{}", self.name, self.draws));
        self.draws += 1;
        self.b.draw(kind, array)
    }

    fn access(&mut self, side: Side, shared: bool) -> Access {
        if shared {
            return Access::Only;
        }
        match side {
            Side::Own => Access::Element,
            side => {
                let table = self.layout.table(self.object, side);
                Access::Via(self.b.table(table))
            }
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
            TKind::Call(function, args) => self.call(*function, args),
            TKind::Poison => self.b.num(f64::NAN),
        }
    }

    fn number(&mut self, v: Val) -> Val {
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
        let number = match side {
            Side::Own => self.b.element(),
            side => {
                let table = self.layout.table(self.object, side);
                self.b.index(table)
            }
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

    fn call(&mut self, function: Function, args: &[TExpr]) -> Val {
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

    /// Executes statements on the current values.
    pub fn statements(&mut self, statements: &[TStatement]) {
        for s in statements {
            let value = self.expr(&s.value);
            let value = if s.ty == VarType::Boolean || self.b.ty(value) != Type::Bool {
                value
            } else {
                self.b.to_num(value)
            };
            match &s.target {
                Target::Local(name) => {
                    self.locals.insert(name.clone(), value);
                }
                Target::State {
                    side,
                    object,
                    name,
                    shared,
                    unless_refractory,
                } => {
                    let place = (*side, *object, name.clone());
                    let value = if *unless_refractory {
                        let free = self.variable(
                            *side,
                            *object,
                            &"not_refractory".into(),
                            false,
                            VarType::Boolean,
                        );
                        let old = self.variable(*side, *object, name, *shared, s.ty);
                        self.b.select(free, value, old)
                    } else {
                        value
                    };
                    self.values.insert(place.clone(), value);
                    if !self.written.iter().any(|(p, ..)| *p == place) {
                        self.written.push((place, *shared, s.ty));
                    }
                }
            }
        }
    }

    /// Writes the variables that statements have assigned.
    pub fn store_written(&mut self) {
        for ((side, object, name), shared, _) in std::mem::take(&mut self.written) {
            if let Some(value) = self.values.get(&(side, object, name.clone())).copied() {
                self.store(side, object, &name, shared, value);
            }
        }
    }
}

/// The routine of a function of one number.
fn math(function: Function) -> Option<Fn1> {
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
