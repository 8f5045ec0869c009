//! Statements, and how they are divided into kernels.
//!
//! Brian2's numpy target executes one statement after the other, each for all elements. For one element alone that is the same as
//! executing all statements for it, which is what a kernel does. It is not the same where a statement reads what an earlier
//! one has written through an index (`g_post += w; w = g_post`), or where the law of a random number depends on what was
//! computed before (`poisson(lam)`). There the statements are divided: a *stage* is a kernel of its own, executed for all elements
//! before the next one. What later statements need of it stands in arrays: variables in their own, temporary variables by
//! position.
//!
//! Code that reads a neuron's variable and then writes it (`v_post = a*v_post + w`) has no meaning statement by statement; Brian2
//! executes it synapse by synapse, and so does one kernel ([`Lower::one_by_one`]).

use std::collections::HashSet;

use dslsim_model::expr::{Leaf, Side, TExpr, TKind, TStatement, Target};
use dslsim_model::functions::Function;
use dslsim_model::network::ObjectId;
use dslsim_model::variables::VarType;

use crate::builder::Builder;
use crate::kernel::{Access, DrawKind, Type, Val};
use crate::lower::{Lower, Place};
use crate::store::ArrayId;

impl Lower<'_> {
    /// Executes statements on the current values.
    pub fn statements(&mut self, statements: &[TStatement]) {
        self.one_by_one |= depends_on_order(statements);
        for s in statements {
            if !self.one_by_one && self.reads_written(&s.value) {
                self.divide();
            }
            let only = match &s.target {
                Target::State {
                    side,
                    object,
                    unless_refractory: true,
                    ..
                } if self.layout.draws_in_order() => Some((*side, *object)),
                _ => None,
            };
            self.draw_before(&s.value, only);
            self.statement(s);
            self.drawn.clear();
        }
    }

    fn statement(&mut self, s: &TStatement) {
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
                self.assign(place, *shared, s.ty, value);
            }
        }
    }

    /// Gives a variable a new value, to be written at the end.
    pub fn assign(&mut self, place: Place, shared: bool, ty: VarType, value: Val) {
        self.values.insert(place.clone(), value);
        if !self.written.iter().any(|(p, ..)| *p == place) {
            self.written.push((place, shared, ty));
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

    /// Draws the random numbers of an expression that have to be drawn before the kernel with that expression is executed: those
    /// whose law depends on something, and all before them.
    pub fn prepare(&mut self, e: &TExpr) {
        self.draw_before(e, None);
    }

    /// The same. `only`: whose refractory neurons draw nothing; that too must be known before.
    fn draw_before(&mut self, e: &TExpr, only: Option<(Side, ObjectId)>) {
        let mut calls: Vec<TExpr> = Vec::new();
        e.visit_operands_first(&mut |e| {
            if let Some(DrawKind::Uniform | DrawKind::Normal | DrawKind::Poisson) = law(e) {
                calls.push(e.clone());
            }
        });
        let last = match only {
            Some(_) => calls.len(),
            None => calls
                .iter()
                .rposition(|c| law(c) == Some(DrawKind::Poisson))
                .map_or(0, |last| last + 1),
        };
        let mut places: Option<ArrayId> = None;
        for call in calls.into_iter().take(last) {
            let Some(kind) = law(&call).filter(|_| !self.drawn.contains_key(&call.span)) else {
                continue;
            };
            let array = self.own("draw");
            let mean = match &call.kind {
                TKind::Call(Function::Poisson, args) => args.first().map(|mean| {
                    let mean = self.expr(mean);
                    let mean = self.number(mean);
                    self.keep("mean", mean)
                }),
                _ => None,
            };
            let first = places.is_none();
            if let (Some((side, object)), true) = (only, first) {
                let free = self.variable(
                    side,
                    object,
                    &"not_refractory".into(),
                    false,
                    VarType::Boolean,
                );
                places = Some(self.keep("where", free));
            }
            if mean.is_some() || places.is_some() && first {
                self.divide();
            }
            self.b.draw_given(kind, array, mean, places);
            self.drawn.insert(call.span, array);
        }
    }

    /// The number of events of each element, before a statement that adds them to a variable.
    pub(crate) fn draw_events(&mut self, kind: DrawKind, target: &Target) -> Val {
        let array = self.own("draw");
        let only = match target {
            Target::State {
                side,
                object,
                unless_refractory: true,
                ..
            } if self.layout.draws_in_order() => {
                let free = self.variable(
                    *side,
                    *object,
                    &"not_refractory".into(),
                    false,
                    VarType::Boolean,
                );
                let only = self.keep("where", free);
                self.divide();
                Some(only)
            }
            _ => None,
        };
        self.b.draw_given(kind, array, None, only)
    }

    /// Writes a value by position, for what comes after this stage.
    fn keep(&mut self, what: &str, value: Val) -> ArrayId {
        let array = self.own(what);
        let slot = self.b.slot(what, array);
        self.b.store(slot, Access::Position, value, None);
        array
    }

    /// Ends a stage: what was assigned is written, and everything is read anew.
    pub(crate) fn divide(&mut self) {
        self.store_written();
        let mut kept: Vec<_> = std::mem::take(&mut self.locals).into_iter().collect();
        kept.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        let mut arrays = Vec::with_capacity(kept.len());
        for (name, value) in kept {
            let array = self.own("kept");
            let slot = self.b.slot(&name, array);
            self.b.store(slot, Access::Position, value, None);
            arrays.push((name, array, self.b.ty(value)));
        }
        let strict = self.b.is_strict();
        let stage = std::mem::replace(&mut self.b, Builder::new(strict));
        let name = format!("{} (part {})", self.name, self.stages.len() + 1);
        self.stages.push(stage.finish(&name, self.domain));
        self.values.clear();
        self.steady.clear();
        for (name, array, ty) in arrays {
            let slot = self.b.slot(&name, array);
            let value = self.b.load(slot, Access::Position, ty);
            self.locals.insert(name, value);
        }
    }

    /// Whether an expression reads, through an index, what has been written.
    fn reads_written(&self, e: &TExpr) -> bool {
        let mut found = false;
        e.visit(&mut |e| {
            if let TKind::Leaf(Leaf::State {
                side, object, name, ..
            }) = &e.kind
            {
                found |= self.written.iter().any(|((s, o, n), ..)| {
                    (*side != Side::Own || *s != Side::Own) && o == object && n == name
                });
            }
        });
        found
    }
}

/// The law of a random number.
fn law(e: &TExpr) -> Option<DrawKind> {
    match &e.kind {
        TKind::Call(Function::Rand, _) => Some(DrawKind::Uniform),
        TKind::Call(Function::Randn, _) => Some(DrawKind::Normal),
        TKind::Call(Function::Poisson, _) => Some(DrawKind::Poisson),
        _ => None,
    }
}

/// Whether Brian2's numpy target executes these statements for one synapse after the other: one of them writes a variable of a
/// neuron that it or an earlier one reads.
fn depends_on_order(statements: &[TStatement]) -> bool {
    let mut used: HashSet<(Side, ObjectId, std::rc::Rc<str>)> = HashSet::new();
    statements.iter().any(|s| {
        let operand = match &s.value.kind {
            TKind::Arith(_, _, right) if s.update => right,
            _ => &s.value,
        };
        operand.visit(&mut |e| {
            if let TKind::Leaf(Leaf::State {
                side, object, name, ..
            }) = &e.kind
                && *side != Side::Own
            {
                used.insert((*side, *object, name.clone()));
            }
        });
        matches!(&s.target, Target::State { side, object, name, .. }
            if used.contains(&(*side, *object, name.clone())))
    })
}
