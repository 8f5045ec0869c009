//! The scalar emitter: one loop over the range, one element at a time, the instructions in their order.
//!
//! It takes every kernel. Numbers are `F64` values, truth values are `I8` values 0 or 1. Pointers are loaded before the loop;
//! scalars are loaded where they are used, from a table that is in the cache. Loads and stores stand in the order of
//! the kernel, so that several elements of a list may write to one place.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;
use dslsim_ir::BackendError;
use dslsim_ir::kernel::{
    Access, Binary, Compare, Domain, IndexSlot, Inst, Slot, Type, Unary, Val, ValidKernel,
};

use crate::abi::{Layout, Pointer};
use crate::emission::{Loop, Parameters, state};
use crate::routines::Scalar;

/// Emits a kernel into a function whose entry block is the current one.
pub(crate) fn emit(
    b: &mut FunctionBuilder<'_>,
    kernel: &ValidKernel,
    layout: &mut Layout,
) -> Result<(), BackendError> {
    let parameters = Parameters::of(b)?;
    let insts = &kernel.kernel().insts;
    layout.group = 1;
    layout.emits = insts.iter().any(|i| matches!(i, Inst::Emit(_)));
    let bases = bases(b, kernel, layout, parameters);
    let zero = layout.emits.then(|| b.ins().iconst(types::I64, 0));
    let head = Loop::begin(b, parameters.start, zero);
    let position = head.at;
    let element = match kernel.kernel().domain {
        Domain::List => {
            let at = scaled(b, parameters.extra, position, 2);
            b.ins().uload32(state(), at, 0)
        }
        Domain::All | Domain::Sequential => position,
    };
    let mut body = Body {
        parameters,
        bases,
        types: kernel.types(),
        position,
        element,
        count: head.carried,
        entries: Vec::new(),
        values: Vec::new(),
    };
    for inst in insts {
        let value = body.inst(b, inst).unwrap_or(element);
        body.values.push(value);
    }
    let count = body.count;
    let count = head.finish(b, 1, parameters.end, count);
    let result = count.unwrap_or_else(|| b.ins().iconst(types::I64, 0));
    b.ins().return_(&[result]);
    Ok(())
}

/// The base addresses of arrays and tables, by their place in the pointer table.
fn bases(
    b: &mut FunctionBuilder<'_>,
    kernel: &ValidKernel,
    layout: &mut Layout,
    parameters: Parameters,
) -> Vec<(Pointer, Value)> {
    let listed = kernel.kernel().domain == Domain::List;
    for inst in &kernel.kernel().insts {
        let (slot, access, written) = match *inst {
            Inst::Load(slot, access) | Inst::LoadBool(slot, access) => (slot, access, false),
            Inst::Store { slot, access, .. } => (slot, access, true),
            Inst::Index(table) => {
                layout.pointer(Pointer::Table(table));
                continue;
            }
            Inst::Bit(slot) => {
                layout.pointer(Pointer::Array(slot));
                layout.set(slot);
                continue;
            }
            Inst::Lookup(slot, _) => {
                layout.pointer(Pointer::Array(slot));
                layout.pointer(Pointer::Last(slot));
                continue;
            }
            _ => continue,
        };
        layout.pointer(Pointer::Array(slot));
        match access {
            Access::Via(table) => {
                layout.pointer(Pointer::Table(table));
            }
            Access::Position => layout.touch(slot, written),
            Access::Element if !listed => layout.touch(slot, written),
            Access::Element => layout.list(slot),
            Access::Only => {}
        }
    }
    let pointers = layout.pointers.iter().enumerate();
    pointers
        .map(|(k, p)| {
            (
                *p,
                b.ins()
                    .load(types::I64, state(), parameters.pointers, 8 * k as i32),
            )
        })
        .collect()
}

/// `base + index * 2^shift`
fn scaled(b: &mut FunctionBuilder<'_>, base: Value, index: Value, shift: i64) -> Value {
    let offset = b.ins().ishl_imm_u(index, shift);
    b.ins().iadd(base, offset)
}

struct Body<'a> {
    parameters: Parameters,
    bases: Vec<(Pointer, Value)>,
    types: &'a [Type],
    position: Value,
    element: Value,
    count: Option<Value>,
    entries: Vec<(IndexSlot, Value)>,
    values: Vec<Value>,
}

impl Body<'_> {
    fn value(&self, v: Val) -> Value {
        self.values[v.0 as usize]
    }

    fn base(&self, pointer: Pointer) -> Value {
        // `bases` has collected the pointers of all instructions.
        self.bases
            .iter()
            .find(|(p, _)| *p == pointer)
            .map_or(self.parameters.pointers, |(_, v)| *v)
    }

    /// An entry of an index table: loaded once, for nobody writes tables.
    fn entry(&mut self, b: &mut FunctionBuilder<'_>, table: IndexSlot) -> Value {
        if let Some((_, entry)) = self.entries.iter().find(|(t, _)| *t == table) {
            return *entry;
        }
        let at = scaled(b, self.base(Pointer::Table(table)), self.element, 2);
        let entry = b.ins().uload32(state(), at, 0);
        self.entries.push((table, entry));
        entry
    }

    fn address(&mut self, b: &mut FunctionBuilder<'_>, slot: Slot, access: Access) -> Value {
        let base = self.base(Pointer::Array(slot));
        let index = match access {
            Access::Element => self.element,
            Access::Position => self.position,
            Access::Via(table) => self.entry(b, table),
            Access::Only => return base,
        };
        scaled(b, base, index, 3)
    }

    fn load(&mut self, b: &mut FunctionBuilder<'_>, slot: Slot, access: Access) -> Value {
        let at = self.address(b, slot, access);
        b.ins().load(types::F64, state(), at, 0)
    }

    fn truth(&self, b: &mut FunctionBuilder<'_>, number: Value) -> Value {
        let zero = b.ins().f64const(0.0);
        b.ins().fcmp(FloatCC::NotEqual, number, zero)
    }

    fn number(&self, b: &mut FunctionBuilder<'_>, truth: Value) -> Value {
        let wide = b.ins().uextend(types::I64, truth);
        b.ins().fcvt_from_sint(types::F64, wide)
    }

    fn inst(&mut self, b: &mut FunctionBuilder<'_>, inst: &Inst) -> Option<Value> {
        Some(match *inst {
            Inst::Const(x) => b.ins().f64const(x),
            Inst::Bool(x) => b.ins().iconst(types::I8, i64::from(x)),
            Inst::Scalar(s) => b.ins().load(
                types::F64,
                state(),
                self.parameters.scalars,
                8 * i32::from(s.0),
            ),
            Inst::ScalarBool(s) => {
                let number = b.ins().load(
                    types::F64,
                    state(),
                    self.parameters.scalars,
                    8 * i32::from(s.0),
                );
                self.truth(b, number)
            }
            Inst::Element => b.ins().fcvt_from_sint(types::F64, self.element),
            Inst::Index(table) => {
                let entry = self.entry(b, table);
                b.ins().fcvt_from_sint(types::F64, entry)
            }
            Inst::Load(slot, access) => self.load(b, slot, access),
            Inst::LoadBool(slot, access) => {
                let number = self.load(b, slot, access);
                self.truth(b, number)
            }
            Inst::Bit(slot) => {
                // Words lie in memory with their low bytes first, on all processors that there is code for.
                let byte = b.ins().ushr_imm_u(self.element, 3);
                let at = b.ins().iadd(self.base(Pointer::Array(slot)), byte);
                let byte = b.ins().uload8(types::I64, state(), at, 0);
                let bit = b.ins().band_imm_u(self.element, 7);
                let bit = b.ins().ushr(byte, bit);
                let bit = b.ins().band_imm_u(bit, 1);
                b.ins().ireduce(types::I8, bit)
            }
            Inst::Lookup(slot, at) => {
                let base = self.base(Pointer::Array(slot));
                let last = self.base(Pointer::Last(slot));
                looked_up(b, base, last, self.value(at))
            }
            Inst::Unary(op, a) => unary(b, op, self.value(a)),
            Inst::Binary(op, x, y) => binary(b, op, self.value(x), self.value(y))?,
            Inst::Math1(f, x) => Scalar::Fn1(f).call(b, &[self.value(x)])?,
            Inst::Math2(f, x, y) => Scalar::Fn2(f).call(b, &[self.value(x), self.value(y)])?,
            Inst::Math3(f, x, y, z) => {
                Scalar::Fn3(f).call(b, &[self.value(x), self.value(y), self.value(z)])?
            }
            Inst::Compare(op, x, y) => b.ins().fcmp(condition(op), self.value(x), self.value(y)),
            Inst::And(x, y) => b.ins().band(self.value(x), self.value(y)),
            Inst::Or(x, y) => b.ins().bor(self.value(x), self.value(y)),
            Inst::Not(x) => b.ins().icmp_imm_u(IntCC::Equal, self.value(x), 0),
            Inst::Select(c, x, y) => select(b, self.value(c), self.value(x), self.value(y)),
            Inst::ToNum(x) => self.number(b, self.value(x)),
            Inst::Store {
                slot,
                access,
                value,
                mask,
            } => {
                self.store(b, slot, access, value, mask);
                return None;
            }
            Inst::Emit(condition) => {
                let count = self.count?;
                // Written in any case: the place is free, and the count says whether it stays.
                let at = scaled(b, self.parameters.emitted, count, 2);
                b.ins().istore32(state(), self.element, at, 0);
                let one = b.ins().uextend(types::I64, self.value(condition));
                self.count = Some(b.ins().iadd(count, one));
                return None;
            }
        })
    }

    fn store(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        slot: Slot,
        access: Access,
        value: Val,
        mask: Option<Val>,
    ) {
        // Before the branch: what is computed in it is not there behind it.
        let at = self.address(b, slot, access);
        let done = mask.map(|mask| {
            let write = b.create_block();
            let done = b.create_block();
            b.ins().brif(self.value(mask), write, &[], done, &[]);
            b.seal_block(write);
            b.switch_to_block(write);
            done
        });
        let number = match self.types.get(value.0 as usize) {
            Some(Type::Bool) => self.number(b, self.value(value)),
            _ => self.value(value),
        };
        b.ins().store(state(), number, at, 0);
        if let Some(done) = done {
            b.ins().jump(done, &[]);
            b.seal_block(done);
            b.switch_to_block(done);
        }
    }
}

/// The element of a table at a computed place: towards zero, at most the last; NaN is the first.
pub(crate) fn looked_up(
    b: &mut FunctionBuilder<'_>,
    base: Value,
    last: Value,
    place: Value,
) -> Value {
    let index = b.ins().fcvt_to_uint_sat(types::I64, place);
    let index = b.ins().umin(index, last);
    let at = scaled(b, base, index, 3);
    b.ins().load(types::F64, state(), at, 0)
}

/// Cranelift's names: `Equal` and the orders are false for NaN, `NotEqual` is true.
fn condition(op: Compare) -> FloatCC {
    match op {
        Compare::Lt => FloatCC::LessThan,
        Compare::Le => FloatCC::LessThanOrEqual,
        Compare::Eq => FloatCC::Equal,
        Compare::Ne => FloatCC::NotEqual,
    }
}

/// One value or the other. Numbers are chosen as integers of 64 bits: for these there is an instruction, for floating-point numbers
/// there would be a jump, and whether a neuron is refractory nobody can foresee.
fn select(b: &mut FunctionBuilder<'_>, condition: Value, x: Value, y: Value) -> Value {
    if b.func.dfg.value_type(x) != types::F64 {
        return b.ins().select(condition, x, y);
    }
    let x = b.ins().bitcast(types::I64, MemFlagsData::new(), x);
    let y = b.ins().bitcast(types::I64, MemFlagsData::new(), y);
    let chosen = b.ins().select(condition, x, y);
    b.ins().bitcast(types::F64, MemFlagsData::new(), chosen)
}

fn unary(b: &mut FunctionBuilder<'_>, op: Unary, a: Value) -> Value {
    match op {
        Unary::Neg => b.ins().fneg(a),
        Unary::Abs => b.ins().fabs(a),
        Unary::Sqrt => b.ins().sqrt(a),
        Unary::Floor => b.ins().floor(a),
        Unary::Ceil => b.ins().ceil(a),
        Unary::Trunc => b.ins().trunc(a),
        Unary::Round => b.ins().nearest(a),
    }
}

fn binary(b: &mut FunctionBuilder<'_>, op: Binary, x: Value, y: Value) -> Option<Value> {
    Some(match op {
        Binary::Add => b.ins().fadd(x, y),
        Binary::Sub => b.ins().fsub(x, y),
        Binary::Mul => b.ins().fmul(x, y),
        Binary::Div => b.ins().fdiv(x, y),
        Binary::Mod => return Scalar::Mod.call(b, &[x, y]),
        Binary::Min => {
            let less = b.ins().fcmp(FloatCC::LessThan, y, x);
            b.ins().select(less, y, x)
        }
        Binary::Max => {
            let less = b.ins().fcmp(FloatCC::LessThan, x, y);
            b.ins().select(less, y, x)
        }
    })
}
