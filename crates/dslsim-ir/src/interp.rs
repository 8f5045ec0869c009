//! The interpreter: a slow and obvious execution of kernels, which defines what they mean.
//!
//! For each element of the domain, in order, it executes each instruction, in order. Mathematical functions are the scalar forms
//! of `dslsim-math`, which have the same bits as the vector forms.

use std::sync::Arc;

use crate::exec::{Backend, BackendError, Code, Frame};
use crate::kernel::{
    Access, ArrayInput, Binary, Compare, Domain, Inst, Prologue, Type, Unary, Val, ValidKernel,
};
use crate::store::{ArrayId, IndexId, Store};

/// The interpreter as a back end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter;

impl Backend for Interpreter {
    fn name(&self) -> &'static str {
        "interpreter"
    }

    fn compile(&self, kernels: &[&ValidKernel]) -> Result<Vec<Arc<dyn Code>>, BackendError> {
        Ok(kernels
            .iter()
            .map(|k| Arc::new(Interpreted((*k).clone())) as Arc<dyn Code>)
            .collect())
    }
}

struct Interpreted(ValidKernel);

impl Code for Interpreted {
    fn run(&self, arrays: &[ArrayInput], indices: &[IndexId], frame: &mut Frame<'_>) {
        let kernel = self.0.kernel();
        let mut values = vec![0.0; kernel.insts.len()];
        for position in frame.range.clone() {
            let element = match kernel.domain {
                Domain::List => frame.list[position] as usize,
                Domain::All | Domain::Sequential => position,
            };
            let place = |store: &Store, access: Access| match access {
                Access::Element => element,
                Access::Position => position,
                Access::Via(table) => store.table(indices[table.0 as usize])[element] as usize,
                Access::Only => 0,
            };
            for (at, inst) in kernel.insts.iter().enumerate() {
                values[at] = match *inst {
                    Inst::Element => element as f64,
                    Inst::Index(table) => {
                        f64::from(frame.store.table(indices[table.0 as usize])[element])
                    }
                    Inst::Load(slot, access) => frame
                        .store
                        .get(arrays[slot.0 as usize].array, place(frame.store, access)),
                    Inst::LoadBool(slot, access) => truth(
                        frame
                            .store
                            .get(arrays[slot.0 as usize].array, place(frame.store, access))
                            != 0.0,
                    ),
                    Inst::Bit(slot) => {
                        let word = frame.store.get(arrays[slot.0 as usize].array, element / 64);
                        truth(word.to_bits() >> (element % 64) & 1 == 1)
                    }
                    Inst::Store {
                        slot,
                        access,
                        value,
                        mask,
                    } => {
                        if mask.is_none_or(|m| values[m.0 as usize] != 0.0) {
                            let to = place(frame.store, access);
                            frame.store.all_mut(arrays[slot.0 as usize].array)[to] =
                                values[value.0 as usize];
                        }
                        0.0
                    }
                    Inst::Lookup(slot, at) => lookup(
                        frame.store,
                        arrays[slot.0 as usize].array,
                        values[at.0 as usize],
                    ),
                    Inst::Emit(condition) => {
                        if values[condition.0 as usize] != 0.0 {
                            frame.emit.push(element as u32);
                        }
                        0.0
                    }
                    _ => pure(inst, &values, frame.scalars),
                };
            }
        }
    }
}

/// The element of a table at a computed place.
fn lookup(store: &Store, table: ArrayId, at: f64) -> f64 {
    let last = store.length(table).saturating_sub(1);
    store.get(table, (at as usize).min(last))
}

/// Executes a prologue of a kernel over `arrays`: its results become scalars. `values` is working memory.
pub fn run_prologue(
    prologue: &Prologue,
    arrays: &[ArrayInput],
    store: &Store,
    values: &mut Vec<f64>,
    scalars: &mut [f64],
) {
    values.clear();
    for inst in &prologue.insts {
        let value = match *inst {
            Inst::Lookup(slot, at) => {
                lookup(store, arrays[slot.0 as usize].array, values[at.0 as usize])
            }
            _ => pure(inst, values, scalars),
        };
        values.push(value);
    }
    for (value, slot) in &prologue.results {
        scalars[slot.0 as usize] = values[value.0 as usize];
    }
}

/// The value of an instruction over constants; `None` if it is not one.
pub fn fold(inst: &Inst, constant: impl Fn(Val) -> Option<f64>) -> Option<f64> {
    let foldable = !inst.is_effect()
        && !matches!(
            inst,
            Inst::Scalar(_)
                | Inst::ScalarBool(_)
                | Inst::Element
                | Inst::Index(_)
                | Inst::Load(..)
                | Inst::LoadBool(..)
                | Inst::Bit(_)
                | Inst::Lookup(..)
        );
    if !foldable {
        return None;
    }
    let mut operands = Vec::new();
    let mut known = true;
    let renumbered = inst.map(|v| {
        match constant(v) {
            Some(x) => operands.push(x),
            None => known = false,
        }
        Val(operands.len().max(1) as u32 - 1)
    });
    known.then(|| pure(&renumbered, &operands, &[]))
}

fn truth(b: bool) -> f64 {
    if b { 1.0 } else { 0.0 }
}

/// Python's `a % b`: the remainder with the sign of `b`.
pub fn modulo(a: f64, b: f64) -> f64 {
    let r = a % b;
    if r != 0.0 && (r < 0.0) != (b < 0.0) {
        r + b
    } else {
        r
    }
}

/// An instruction that depends on nothing but its operands. Truth values are 1.0 and 0.0.
fn pure(inst: &Inst, values: &[f64], scalars: &[f64]) -> f64 {
    let v = |x: Val| values[x.0 as usize];
    match *inst {
        Inst::Const(x) => x,
        Inst::Bool(b) => truth(b),
        Inst::Scalar(s) => scalars[s.0 as usize],
        Inst::ScalarBool(s) => truth(scalars[s.0 as usize] != 0.0),
        Inst::Unary(op, a) => match op {
            Unary::Neg => -v(a),
            Unary::Abs => v(a).abs(),
            Unary::Sqrt => v(a).sqrt(),
            Unary::Floor => v(a).floor(),
            Unary::Ceil => v(a).ceil(),
            Unary::Trunc => v(a).trunc(),
            Unary::Round => v(a).round_ties_even(),
        },
        Inst::Binary(op, a, b) => {
            let (a, b) = (v(a), v(b));
            match op {
                Binary::Add => a + b,
                Binary::Sub => a - b,
                Binary::Mul => a * b,
                Binary::Div => a / b,
                Binary::Mod => modulo(a, b),
                Binary::Min => {
                    if b < a {
                        b
                    } else {
                        a
                    }
                }
                Binary::Max => {
                    if a < b {
                        b
                    } else {
                        a
                    }
                }
            }
        }
        Inst::Math1(f, a) => f.apply(v(a)),
        Inst::Math2(f, a, b) => f.apply(v(a), v(b)),
        Inst::Math3(f, a, b, c) => f.apply(v(a), v(b), v(c)),
        Inst::Compare(op, a, b) => truth(match op {
            Compare::Lt => v(a) < v(b),
            Compare::Le => v(a) <= v(b),
            Compare::Eq => v(a) == v(b),
            Compare::Ne => v(a) != v(b),
        }),
        Inst::And(a, b) => truth(v(a) != 0.0 && v(b) != 0.0),
        Inst::Or(a, b) => truth(v(a) != 0.0 || v(b) != 0.0),
        Inst::Not(a) => truth(v(a) == 0.0),
        Inst::Select(c, a, b) => {
            if v(c) != 0.0 {
                v(a)
            } else {
                v(b)
            }
        }
        Inst::ToNum(a) => v(a),
        Inst::Element
        | Inst::Index(_)
        | Inst::Load(..)
        | Inst::LoadBool(..)
        | Inst::Bit(_)
        | Inst::Lookup(..)
        | Inst::Store { .. }
        | Inst::Emit(_) => 0.0,
    }
}

/// The type of a constant that [`fold`] has found.
pub fn constant(value: f64, ty: Type) -> Inst {
    if ty == Type::Bool {
        Inst::Bool(value != 0.0)
    } else {
        Inst::Const(value)
    }
}
