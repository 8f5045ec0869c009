//! From a plan to Cranelift's instructions.
//!
//! All values are `F64X2`, masks too. A loop takes [`UNROLL`] vectors at once, each operation for all of them before the
//! next one: Cranelift's optimiser is off and keeps this order. Addresses are `base + byte offset`, with the
//! base addresses loaded before each loop. Loads stand where they are used, so that they become operands; a
//! loaded value is used again only if that is within a few steps, lest registers run out.

use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::FunctionBuilder;
use dslsim_ir::BackendError;
use dslsim_math::Level;

use super::Plan;
use super::graph::{Call, Id, Node};
use super::schedule::{Between, Home, Segment, Step, arguments};
use super::value::Lanes;
use crate::abi::{Layout, Pointer, Splat};
use crate::emission::{Loop, Parameters, state, table};
use crate::routines::Slice;

/// Vectors per turn of a loop.
pub(super) const UNROLL: usize = 2;

/// For how many steps a loaded value is kept in a register.
const KEEP: usize = 8;

/// A value for all vectors of a turn.
pub(super) type Group = [Value; UNROLL];

/// Emits a plan into a function whose entry block is the current one.
pub(crate) fn emit(b: &mut FunctionBuilder<'_>, plan: &Plan, level: Level, chunk: usize, layout: &mut Layout) -> Result<(), BackendError> {
    let parameters = Parameters::of(b)?;
    // A line more per buffer: room for the last group, and neighbours do not lie a power of two apart.
    let stride = chunk + 8;
    layout.group = 2 * UNROLL;
    layout.emits = plan.graph.emit.is_some();
    layout.scratch = plan.schedule.buffers * stride;
    let calls = plan.schedule.segments.iter().any(|s| !s.between.is_empty());
    let mut emitter = Emitter { plan, level, parameters, stride: 8 * stride as i64, layout };
    if !calls {
        let strip = Strip::new(b, parameters, parameters.start, parameters.end);
        for segment in &plan.schedule.segments {
            emitter.steps(b, segment, strip);
        }
        let none = b.ins().iconst(types::I64, 0);
        b.ins().return_(&[none]);
        return Ok(());
    }
    let head = Loop::begin(b, parameters.start, Some(parameters.emitted));
    let length = b.ins().iconst(types::I64, chunk as i64);
    let rest = b.ins().isub(parameters.end, head.at);
    let length = b.ins().umin(rest, length);
    let end = b.ins().iadd(head.at, length);
    let strip = Strip::new(b, parameters, head.at, end);
    let mut out = head.carried.unwrap_or(parameters.emitted);
    for segment in &plan.schedule.segments {
        for between in &segment.between {
            match *between {
                Between::Call(id) => emitter.call(b, id, strip, length)?,
                Between::Emit(mask) => out = emitter.compact(b, mask, strip, length, out)?,
            }
        }
        emitter.steps(b, segment, strip);
    }
    let out = head.finish(b, chunk as i64, parameters.end, Some(out)).unwrap_or(out);
    let bytes = b.ins().isub(out, parameters.emitted);
    let count = b.ins().ushr_imm_u(bytes, 2);
    b.ins().return_(&[count]);
    Ok(())
}

/// A strip: its first element, and where it begins and ends as byte offsets in arrays.
#[derive(Clone, Copy)]
struct Strip {
    first: Value,
    from: Value,
    to: Value,
    /// The scratch memory, less `from`: so scratch and arrays have one offset.
    scratch: Value,
}

impl Strip {
    fn new(b: &mut FunctionBuilder<'_>, parameters: Parameters, first: Value, end: Value) -> Strip {
        let from = b.ins().ishl_imm_u(first, 3);
        let to = b.ins().ishl_imm_u(end, 3);
        let scratch = b.ins().isub(parameters.extra, from);
        Strip { first, from, to, scratch }
    }
}

struct Emitter<'a> {
    plan: &'a Plan,
    level: Level,
    parameters: Parameters,
    /// Bytes of a scratch buffer.
    stride: i64,
    layout: &'a mut Layout,
}

fn lost() -> BackendError {
    BackendError("a value of a kernel is not where it should be".into())
}

impl Emitter<'_> {
    fn base(&mut self, b: &mut FunctionBuilder<'_>, pointer: Pointer) -> Value {
        let at = self.layout.pointer(pointer);
        b.ins().load(types::I64, table(), self.parameters.pointers, at)
    }

    /// Where a value in memory begins in this strip.
    fn memory(&mut self, b: &mut FunctionBuilder<'_>, id: Id, strip: Strip) -> Result<Value, BackendError> {
        let slot = match (self.plan.graph.nodes[id], self.plan.schedule.home[id]) {
            (Node::Load(slot), _) | (_, Home::Array(slot)) => slot,
            (_, Home::Scratch(buffer)) => return Ok(b.ins().iadd_imm_s(self.parameters.extra, buffer as i64 * self.stride)),
            (_, Home::None) => return Err(lost()),
        };
        self.layout.touch(slot, false);
        let base = self.base(b, Pointer::Array(slot));
        Ok(b.ins().iadd(base, strip.from))
    }

    fn call(&mut self, b: &mut FunctionBuilder<'_>, id: Id, strip: Strip, length: Value) -> Result<(), BackendError> {
        let Node::Call(call) = self.plan.graph.nodes[id] else { return Err(lost()) };
        let mut values = vec![self.memory(b, id, strip)?];
        let arguments = arguments(&self.plan.graph, call);
        for a in &arguments {
            values.push(self.memory(b, *a, strip)?);
        }
        if let Home::Array(slot) = self.plan.schedule.home[id] {
            self.layout.touch(slot, true);
        }
        let routine = match call {
            Call::Fn1(f, _) => Slice::Fn1(f),
            Call::Fn2(f, _, y) if arguments.len() == 1 => {
                values.push(self.invariant(b, y)?);
                Slice::Fn2Uniform(f)
            }
            Call::Fn2(f, ..) => Slice::Fn2(f),
            Call::Fn3(f, ..) => Slice::Fn3(f),
            Call::Mod(..) => Slice::Mod,
        };
        values.push(length);
        routine.call(b, self.level, &values);
        Ok(())
    }

    /// A number that is the same for all elements.
    fn invariant(&mut self, b: &mut FunctionBuilder<'_>, id: Id) -> Result<Value, BackendError> {
        match self.plan.graph.nodes[id] {
            Node::Const(bits) => Ok(b.ins().f64const(f64::from_bits(bits))),
            Node::Scalar(slot) => {
                let at = self.layout.splat(Splat::Num(slot));
                Ok(b.ins().load(types::F64, table(), self.parameters.scalars, at))
            }
            Node::LoadOnly(slot) => {
                let base = self.base(b, Pointer::Array(slot));
                Ok(b.ins().load(types::F64, state(), base, 0))
            }
            _ => Err(lost()),
        }
    }

    /// Appends the marked elements of a strip to the emitted list; gives its new end.
    fn compact(&mut self, b: &mut FunctionBuilder<'_>, mask: Id, strip: Strip, length: Value, out: Value) -> Result<Value, BackendError> {
        let from = self.memory(b, mask, strip)?;
        let first = b.ins().ireduce(types::I32, strip.first);
        let count = Slice::Compact.call(b, self.level, &[from, length, first, out]).ok_or_else(lost)?;
        let bytes = b.ins().ishl_imm_u(count, 2);
        Ok(b.ins().iadd(out, bytes))
    }

    /// The loop of a segment.
    fn steps(&mut self, b: &mut FunctionBuilder<'_>, segment: &Segment, strip: Strip) {
        if segment.steps.is_empty() {
            return;
        }
        let head = Loop::begin(b, strip.from, None);
        let mut turn = Turn {
            plan: self.plan,
            layout: self.layout,
            parameters: self.parameters,
            stride: self.stride,
            scratch: strip.scratch,
            entry: head.entry,
            at: head.at,
            bases: Vec::new(),
            cache: vec![None; self.plan.graph.nodes.len()],
            step: 0,
        };
        let mut rest = segment.steps.as_slice();
        while let [first, others @ ..] = rest {
            match *first {
                Step::Compute(id) => {
                    turn.compute(b, id);
                    rest = others;
                }
                Step::Store(..) => {
                    // All values first: one store may overwrite what another one's value is loaded from.
                    let count = rest.iter().take_while(|s| matches!(s, Step::Store(..))).count();
                    let (stores, after) = rest.split_at(count);
                    turn.store_all(b, stores);
                    rest = after;
                }
            }
            turn.step += 1;
        }
        head.finish(b, 16 * UNROLL as i64, strip.to, None);
    }
}

/// One turn of a loop: the values of a group of elements.
struct Turn<'a> {
    plan: &'a Plan,
    layout: &'a mut Layout,
    parameters: Parameters,
    stride: i64,
    scratch: Value,
    /// The jump into the loop: base addresses are loaded before it.
    entry: cranelift_codegen::ir::Inst,
    /// The byte offset of the group.
    at: Value,
    bases: Vec<(Pointer, Value)>,
    /// Values at hand, and the step until which they may be used.
    cache: Vec<Option<(Group, usize)>>,
    step: usize,
}

impl Turn<'_> {
    fn base(&mut self, b: &mut FunctionBuilder<'_>, pointer: Pointer) -> Value {
        if let Some((_, base)) = self.bases.iter().find(|(p, _)| *p == pointer) {
            return *base;
        }
        let offset = self.layout.pointer(pointer);
        let base = crate::emission::load_before(b, self.entry, self.parameters.pointers, offset);
        self.bases.push((pointer, base));
        base
    }

    fn compute(&mut self, b: &mut FunctionBuilder<'_>, id: Id) {
        let value = self.operation(b, id);
        let until = if self.plan.schedule.free[id] { self.step } else { usize::MAX };
        self.cache[id] = Some((value, until));
        if let Home::Scratch(buffer) = self.plan.schedule.home[id] {
            let at = b.ins().iadd(self.scratch, self.at);
            let offset = buffer as i64 * self.stride;
            for (k, v) in value.into_iter().enumerate() {
                b.ins().store(state().with_aligned(), v, at, offset as i32 + 16 * k as i32);
            }
        }
    }

    fn store_all(&mut self, b: &mut FunctionBuilder<'_>, stores: &[Step]) {
        let mut values = Vec::with_capacity(stores.len());
        for step in stores {
            if let Step::Store(slot, id) = *step {
                values.push((slot, self.get(b, id)));
            }
        }
        for (slot, value) in values {
            self.layout.touch(slot, true);
            let base = self.base(b, Pointer::Array(slot));
            let at = b.ins().iadd(base, self.at);
            for (k, v) in value.into_iter().enumerate() {
                b.ins().store(state().with_aligned(), v, at, 16 * k as i32);
            }
        }
    }

    /// A value, from a register or from memory, or computed again.
    fn get(&mut self, b: &mut FunctionBuilder<'_>, id: Id) -> Group {
        if let Some((value, until)) = self.cache[id]
            && self.step <= until
        {
            return value;
        }
        let value = match self.plan.schedule.home[id] {
            _ if self.plan.schedule.free[id] => self.operation(b, id),
            Home::Array(slot) => self.load(b, slot),
            Home::Scratch(buffer) => {
                let at = b.ins().iadd(self.scratch, self.at);
                let offset = buffer as i64 * self.stride;
                group(|k| b.ins().load(types::F64X2, state().with_aligned(), at, offset as i32 + 16 * k as i32))
            }
            // Only what this loop has computed has no home.
            Home::None => self.operation(b, id),
        };
        self.cache[id] = Some((value, self.step + KEEP));
        value
    }

    fn load(&mut self, b: &mut FunctionBuilder<'_>, slot: dslsim_ir::kernel::Slot) -> Group {
        self.layout.touch(slot, false);
        let base = self.base(b, Pointer::Array(slot));
        let at = b.ins().iadd(base, self.at);
        group(|k| b.ins().load(types::F64X2, state().with_aligned(), at, 16 * k as i32))
    }

    fn splat(&mut self, b: &mut FunctionBuilder<'_>, splat: Splat) -> Group {
        let offset = self.layout.splat(splat);
        group(|_| b.ins().load(types::F64X2, table(), self.parameters.scalars, offset))
    }

    /// The entries of an index table, two for each vector.
    fn entries(&mut self, b: &mut FunctionBuilder<'_>, index: dslsim_ir::kernel::IndexSlot) -> [[Value; 2]; UNROLL] {
        let base = self.base(b, Pointer::Table(index));
        let half = b.ins().ushr_imm_u(self.at, 1);
        let at = b.ins().iadd(base, half);
        std::array::from_fn(|k| std::array::from_fn(|j| b.ins().uload32(table(), at, 8 * k as i32 + 4 * j as i32)))
    }

    fn operation(&mut self, b: &mut FunctionBuilder<'_>, id: Id) -> Group {
        match self.plan.graph.nodes[id] {
            Node::Const(bits) => group(|_| b.constant([bits; 2])),
            Node::Mask(truth) => group(|_| b.constant([if truth { u64::MAX } else { 0 }; 2])),
            Node::Scalar(slot) => self.splat(b, Splat::Num(slot)),
            Node::ScalarMask(slot) => self.splat(b, Splat::Mask(slot)),
            Node::Element => {
                let element = b.ins().ushr_imm_u(self.at, 3);
                let element = b.ins().fcvt_from_sint(types::F64, element);
                let both = b.ins().splat(types::F64X2, element);
                group(|k| {
                    let offset = b.constant([(2 * k) as f64, (2 * k + 1) as f64].map(f64::to_bits));
                    b.ins().fadd(both, offset)
                })
            }
            Node::Index(index) => self.entries(b, index).map(|pair| {
                let pair = pair.map(|entry| b.ins().fcvt_from_sint(types::F64, entry));
                b.pair(pair)
            }),
            Node::Load(slot) => self.load(b, slot),
            Node::LoadOnly(slot) => {
                let base = self.base(b, Pointer::Array(slot));
                let number = b.ins().load(types::F64, state(), base, 0);
                let both = b.ins().splat(types::F64X2, number);
                group(|_| both)
            }
            Node::Gather(slot, index) => {
                let base = self.base(b, Pointer::Array(slot));
                self.entries(b, index).map(|pair| {
                    let pair = pair.map(|entry| {
                        let offset = b.ins().ishl_imm_u(entry, 3);
                        let at = b.ins().iadd(base, offset);
                        b.ins().load(types::F64, state(), at, 0)
                    });
                    b.pair(pair)
                })
            }
            Node::Unary(op, a) => self.get(b, a).map(|a| b.unary(op, a)),
            Node::Binary(op, x, y) => self.each(b, x, y, |b, x, y| b.binary(op, x, y)),
            Node::Compare(op, x, y) => self.each(b, x, y, |b, x, y| b.compare(op, x, y)),
            Node::And(x, y) => self.each(b, x, y, |b, x, y| b.ins().band(x, y)),
            Node::Or(x, y) => self.each(b, x, y, |b, x, y| b.ins().bor(x, y)),
            Node::Not(a) => self.get(b, a).map(|a| b.ins().bnot(a)),
            Node::Select(c, x, y) => {
                let (c, x, y) = (self.get(b, c), self.get(b, x), self.get(b, y));
                group(|k| b.ins().bitselect(c[k], x[k], y[k]))
            }
            Node::ToNum(a) => self.get(b, a).map(|a| {
                let one = b.constant([1.0f64.to_bits(); 2]);
                b.ins().band(a, one)
            }),
            Node::IsTrue(a) => self.get(b, a).map(|a| b.is_true(a)),
            // Calls always have a home, so nobody asks for this; zero keeps the function total.
            Node::Call(_) => group(|_| b.constant([0; 2])),
        }
    }

    fn each(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        x: Id,
        y: Id,
        op: impl Fn(&mut FunctionBuilder<'_>, Value, Value) -> Value,
    ) -> Group {
        let (x, y) = (self.get(b, x), self.get(b, y));
        group(|k| op(b, x[k], y[k]))
    }
}

fn group(f: impl FnMut(usize) -> Value) -> Group {
    std::array::from_fn(f)
}
