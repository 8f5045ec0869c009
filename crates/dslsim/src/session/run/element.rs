//! The value of checked code for one element: what a message tells about a number that is not finite.
//!
//! Nothing is simulated with this. Values are those of the interpreter for the same operations in the order in which they are written;
//! what cannot be known here (random numbers, temporary results of a method) is `None`, and so is all that depends on it.

use std::collections::HashMap;
use std::rc::Rc;

use dslsim_ir::{ArrayId, Store};
use dslsim_model::code::Ode;
use dslsim_model::expr::{Arith, Leaf, Side, TExpr, TKind, TStatement, Target, Timed};
use dslsim_model::functions::Function;
use dslsim_model::network::{Kind, Linked, Network, ObjectId};
use dslsim_syntax::ast::CompareOp;

use crate::registry::Registry;
use crate::session::Session;

/// A variable of an element.
pub(super) type Place = (ObjectId, Rc<str>, usize);

/// Steps in which event-driven equations are integrated here.
const STEPS: u32 = 1000;

/// The code of an object at some time, for one element after the other.
#[derive(Clone)]
pub(super) struct Element<'a> {
    network: &'a Network,
    registry: &'a Registry,
    /// The arrays.
    before: &'a Store,
    /// The object whose code it is.
    object: ObjectId,
    /// The element.
    pub element: usize,
    /// Time and length of the step, in seconds.
    time: (f64, f64),
    /// What statements have assigned so far.
    locals: HashMap<Rc<str>, Option<f64>>,
    states: HashMap<Place, Option<f64>>,
}

impl<'a> Element<'a> {
    /// The code of `object` with these arrays; `time`: the time and the length of the step, in seconds.
    pub fn new(
        session: &'a Session<'_>,
        before: &'a Store,
        object: ObjectId,
        time: (f64, f64),
    ) -> Self {
        Element {
            network: &session.network,
            registry: &session.registry,
            before,
            object,
            element: 0,
            time,
            locals: HashMap::new(),
            states: HashMap::new(),
        }
    }

    /// The object whose code it is.
    pub fn object(&self) -> ObjectId {
        self.object
    }

    /// The element seen from a side.
    pub fn seen(&self, side: Side) -> Option<usize> {
        match side {
            Side::Own => Some(self.element),
            Side::Pre | Side::Post => {
                let table = self.registry.neurons(self.object, side == Side::Pre)?;
                Some(*self.before.table(table).get(self.element)? as usize)
            }
            Side::Linked(view) => {
                let network = self.network;
                let view = network.viewed(view)?;
                let link = network.link(view.object, &view.name)?;
                let outer = || self.seen(view.outer);
                Some(match &link.elements {
                    Linked::Only => 0,
                    Linked::Each(first) => outer()? + *first as usize,
                    Linked::List(list) => *list.get(outer()?)? as usize,
                    Linked::Variable(index, first) => {
                        let array = self.registry.find(view.object, index)?;
                        self.at(array, outer()?)? as usize + *first as usize
                    }
                })
            }
        }
    }

    fn at(&self, array: ArrayId, element: usize) -> Option<f64> {
        let inside = (array.0 as usize) < self.before.len() && element < self.before.length(array);
        inside.then(|| self.before.get(array, element))
    }

    /// The variable of an element that a statement writes.
    pub fn place(&self, target: &Target) -> Option<Place> {
        match target {
            Target::State {
                side,
                object,
                name,
                shared,
                ..
            } => Some((
                *object,
                name.clone(),
                if *shared { 0 } else { self.seen(*side)? },
            )),
            Target::Local(_) => None,
        }
    }

    /// Executes a statement.
    pub fn execute(&mut self, statement: &TStatement) {
        let value = self.value(&statement.value);
        match (&statement.target, self.place(&statement.target)) {
            (Target::Local(name), _) => {
                self.locals.insert(name.clone(), value);
            }
            (_, Some(place)) => {
                self.states.insert(place, value);
            }
            _ => {}
        }
    }

    /// Brings the event-driven variables of the element to the present time; what cannot be known well is forgotten.
    pub fn arrive(&mut self, odes: &[Ode]) {
        let key = |name: &Rc<str>| (self.object, name.clone(), self.element);
        let keys: Vec<Place> = odes.iter().map(|o| key(&o.name)).collect();
        let last = self.registry.find(self.object, "lastupdate");
        let last = last.and_then(|array| self.at(array, self.element));
        let coarse = last.and_then(|t| self.integrated(odes, &keys, t, STEPS));
        let fine = last.and_then(|t| self.integrated(odes, &keys, t, 2 * STEPS));
        for (n, key) in keys.into_iter().enumerate() {
            let of = |all: &Option<Vec<f64>>| all.as_ref().and_then(|a| a.get(n).copied());
            let known = match (of(&coarse), of(&fine)) {
                (Some(a), Some(b)) if (a - b).abs() <= 1e-7 * b.abs().max(1e-300) => Some(b),
                _ => None,
            };
            self.states.insert(key, known);
        }
    }

    /// The variables after the time since `last` (in seconds), by the classical Runge-Kutta method.
    fn integrated(&self, odes: &[Ode], keys: &[Place], last: f64, steps: u32) -> Option<Vec<f64>> {
        let mut at = self.clone();
        let h = (self.time.0 - last) / f64::from(steps);
        let mut slope = |state: &[f64]| -> Option<Vec<f64>> {
            for (key, x) in keys.iter().zip(state) {
                at.states.insert(key.clone(), Some(*x));
            }
            odes.iter().map(|o| at.value(&o.rhs)).collect()
        };
        let held = |key: &Place| match self.states.get(key) {
            Some(assigned) => *assigned,
            None => self.at(self.registry.find(key.0, &key.1)?, key.2),
        };
        let mut x = keys.iter().map(held).collect::<Option<Vec<f64>>>()?;
        let ahead = |x: &[f64], k: &[f64], h: f64| -> Vec<f64> {
            x.iter().zip(k).map(|(x, k)| x + h * k).collect()
        };
        for _ in 0..steps {
            let a = slope(&x)?;
            let b = slope(&ahead(&x, &a, h / 2.0))?;
            let c = slope(&ahead(&x, &b, h / 2.0))?;
            let d = slope(&ahead(&x, &c, h))?;
            for (n, x) in x.iter_mut().enumerate() {
                let k = |all: &[f64]| all.get(n).copied().unwrap_or(f64::NAN);
                *x += h / 6.0 * (k(&a) + 2.0 * k(&b) + 2.0 * k(&c) + k(&d));
            }
        }
        Some(x)
    }

    /// The value of an expression; truth values are 1 and 0.
    pub fn value(&self, e: &TExpr) -> Option<f64> {
        let truth = |b: bool| f64::from(u8::from(b));
        Some(match &e.kind {
            TKind::Number(x) => *x,
            TKind::Truth(b) => truth(*b),
            TKind::Leaf(leaf) => self.leaf(leaf)?,
            TKind::Neg(a) => -self.value(a)?,
            TKind::Not(a) => truth(self.value(a)? == 0.0),
            TKind::Arith(op, a, b) => arithmetic(*op, self.value(a)?, self.value(b)?),
            TKind::Compare(op, a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                truth(match op {
                    CompareOp::Lt => a < b,
                    CompareOp::Le => a <= b,
                    CompareOp::Gt => a > b,
                    CompareOp::Ge => a >= b,
                    CompareOp::Eq => a == b,
                    CompareOp::Ne => a != b,
                    _ => return None,
                })
            }
            TKind::And(a, b) => truth(self.value(a)? != 0.0 && self.value(b)? != 0.0),
            TKind::Or(a, b) => truth(self.value(a)? != 0.0 || self.value(b)? != 0.0),
            TKind::IfElse(condition, yes, no) => self.value(if self.value(condition)? != 0.0 {
                yes
            } else {
                no
            })?,
            TKind::Call(function, args) => {
                let values: Option<Vec<f64>> = args.iter().map(|a| self.value(a)).collect();
                call(*function, &values?)?
            }
            TKind::Timed(timed, args) => self.timed(timed, args)?,
            TKind::Poison => return None,
        })
    }

    fn leaf(&self, leaf: &Leaf) -> Option<f64> {
        match leaf {
            Leaf::State {
                side,
                object,
                name,
                shared,
            } => {
                let element = if *shared { 0 } else { self.seen(*side)? };
                match self.states.get(&(*object, name.clone(), element)) {
                    Some(assigned) => *assigned,
                    None => self.at(self.registry.find(*object, name)?, element),
                }
            }
            Leaf::Subexpression { value, .. } => self.value(value),
            Leaf::Index(side) => {
                let first = match (&self.network.get(self.object).kind, side) {
                    (Kind::Synapses(s), Side::Pre) => s.source.start,
                    (Kind::Synapses(s), Side::Post) => s.target.start,
                    _ => 0,
                };
                Some(self.seen(*side)?.checked_sub(first)? as f64)
            }
            Leaf::Time => Some(self.time.0),
            Leaf::Dt => Some(self.time.1),
            Leaf::TimeStep => Some((self.time.0 / self.time.1).round()),
            Leaf::External(_, x) => Some(*x),
            Leaf::Local(name) => self.locals.get(name).copied().flatten(),
            Leaf::Count(_) | Leaf::Noise(_) => None,
        }
    }

    fn timed(&self, timed: &Timed, args: &[TExpr]) -> Option<f64> {
        let values: Option<Vec<f64>> = args.iter().map(|a| self.value(a)).collect();
        let values = values?;
        let row = (values.first()? / timed.dt + 1e-6).floor();
        let row = row.clamp(0.0, timed.rows as f64 - 1.0);
        let (columns, column) = match (timed.columns, values.get(1)) {
            (Some(columns), Some(column)) => (columns as f64, *column),
            _ => (1.0, 0.0),
        };
        self.at(ArrayId(timed.array), (row * columns + column) as usize)
    }

    /// The innermost part that is not finite though its operands are: where it happens.
    pub fn culprit<'e>(&self, e: &'e TExpr) -> Option<&'e TExpr> {
        let inside = match &e.kind {
            TKind::Leaf(Leaf::Subexpression { value, .. }) => self.culprit(value),
            TKind::Neg(a) | TKind::Not(a) => self.culprit(a),
            TKind::Arith(_, a, b)
            | TKind::Compare(_, a, b)
            | TKind::And(a, b)
            | TKind::Or(a, b) => self.culprit(a).or_else(|| self.culprit(b)),
            TKind::IfElse(condition, yes, no) => self.culprit(condition).or_else(|| {
                self.culprit(if self.value(condition)? != 0.0 {
                    yes
                } else {
                    no
                })
            }),
            TKind::Call(_, args) | TKind::Timed(_, args) => {
                args.iter().find_map(|a| self.culprit(a))
            }
            TKind::Number(_) | TKind::Truth(_) | TKind::Leaf(_) | TKind::Poison => None,
        };
        inside.or_else(|| self.value(e).is_some_and(|x| !x.is_finite()).then_some(e))
    }
}

fn arithmetic(op: Arith, a: f64, b: f64) -> f64 {
    match op {
        Arith::Add => a + b,
        Arith::Sub => a - b,
        Arith::Mul => a * b,
        Arith::Div => a / b,
        Arith::FloorDiv => (a / b).floor(),
        Arith::Mod => a - b * (a / b).floor(),
        Arith::Pow => a.powf(b),
    }
}

fn call(function: Function, args: &[f64]) -> Option<f64> {
    Some(match (function, args) {
        (Function::Sqrt, &[a]) => a.sqrt(),
        (Function::Abs, &[a]) => a.abs(),
        (Function::Ceil, &[a]) => a.ceil(),
        (Function::Floor, &[a]) => a.floor(),
        (Function::Int, &[a]) => a.trunc(),
        (Function::Sign, &[a]) if a == 0.0 || a.is_nan() => 0.0,
        (Function::Sign, &[a]) => a.signum(),
        (Function::Clip, &[a, low, high]) => a.max(low).min(high),
        (Function::Min, &[a, b]) => a.min(b),
        (Function::Max, &[a, b]) => a.max(b),
        (Function::Timestep, &[t, dt]) => ((t + 1e-3 * dt) / dt).trunc(),
        (other, &[a]) => dslsim_ir::lower::math(other)?.apply(a),
        _ => return None,
    })
}
