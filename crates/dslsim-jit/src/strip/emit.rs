//! From a plan to Cranelift's instructions.
//!
//! Here are the loop over strips, the calls, and the frames of the loops; what stands inside a loop is in [`super::turn`].

use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::FunctionBuilder;
use dslsim_ir::BackendError;
use dslsim_math::Level;

use super::Plan;
use super::graph::{Call, Id, Node};
use super::schedule::{Between, Home, Segment, Step, arguments};
use super::turn::{Turn, UNROLL};
use crate::abi::{Layout, Pointer, Splat};
use crate::emission::{Loop, Parameters, state, table};
use crate::module::Functions;
use crate::routines::Slice;
use crate::wide::{self, Order};

/// Emits a plan into a function whose entry block is the current one. Backward only what [`Plan::goes_backward`].
pub(crate) fn emit(
    b: &mut FunctionBuilder<'_>,
    plan: &Plan,
    level: Level,
    chunk: usize,
    order: Order,
    layout: &mut Layout,
    functions: &mut Functions<'_>,
) -> Result<(), BackendError> {
    let parameters = Parameters::of(b)?;
    // A line more per buffer: room for the last group, and neighbours do not lie a power of two apart.
    let stride = chunk + 8;
    layout.group = if level == Level::V512 { 8 } else { 2 * UNROLL };
    layout.emits = plan.graph.emit.is_some();
    layout.scratch = plan.schedule.buffers * stride;
    let calls = plan.schedule.segments.iter().any(|s| !s.between.is_empty());
    let mut emitter = Emitter {
        plan,
        level,
        parameters,
        stride: 8 * stride as i64,
        order,
        layout,
        functions,
    };
    if !calls {
        let strip = Strip::new(b, parameters, parameters.start, parameters.end);
        let mut out = parameters.emitted;
        for segment in &plan.schedule.segments {
            out = emitter.steps(b, segment, strip, out)?;
        }
        emitter.leave(b, out);
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
        out = emitter.steps(b, segment, strip, out)?;
    }
    let out = head
        .finish(b, chunk as i64, parameters.end, Some(out))
        .unwrap_or(out);
    emitter.leave(b, out);
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
        Strip {
            first,
            from,
            to,
            scratch,
        }
    }
}

struct Emitter<'a, 'f> {
    plan: &'a Plan,
    level: Level,
    parameters: Parameters,
    /// Bytes of a scratch buffer.
    stride: i64,
    order: Order,
    layout: &'a mut Layout,
    functions: &'a mut Functions<'f>,
}

fn lost() -> BackendError {
    BackendError("a value of a kernel is not where it should be".into())
}

impl Emitter<'_, '_> {
    fn base(&mut self, b: &mut FunctionBuilder<'_>, pointer: Pointer) -> Value {
        let at = self.layout.pointer(pointer);
        b.ins()
            .load(types::I64, table(), self.parameters.pointers, at)
    }

    /// Where a value in memory begins in this strip.
    fn memory(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        id: Id,
        strip: Strip,
    ) -> Result<Value, BackendError> {
        let slot = match (self.plan.graph.nodes[id], self.plan.schedule.home[id]) {
            (Node::Load(slot), _) | (_, Home::Array(slot)) => slot,
            (_, Home::Scratch(buffer)) => {
                return Ok(b
                    .ins()
                    .iadd_imm_s(self.parameters.extra, buffer as i64 * self.stride));
            }
            (_, Home::None) => return Err(lost()),
        };
        self.layout.touch(slot, false);
        let base = self.base(b, Pointer::Array(slot));
        Ok(b.ins().iadd(base, strip.from))
    }

    fn call(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        id: Id,
        strip: Strip,
        length: Value,
    ) -> Result<(), BackendError> {
        let Node::Call(call) = self.plan.graph.nodes[id] else {
            return Err(lost());
        };
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
                Ok(b.ins()
                    .load(types::F64, table(), self.parameters.scalars, at))
            }
            Node::LoadOnly(slot) => {
                let base = self.base(b, Pointer::Array(slot));
                Ok(b.ins().load(types::F64, state(), base, 0))
            }
            _ => Err(lost()),
        }
    }

    /// Appends the marked elements of a strip to the emitted list; gives its new end.
    fn compact(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        mask: Id,
        strip: Strip,
        length: Value,
        out: Value,
    ) -> Result<Value, BackendError> {
        let from = self.memory(b, mask, strip)?;
        let first = b.ins().ireduce(types::I32, strip.first);
        let count = Slice::Compact
            .call(b, self.level, &[from, length, first, out])
            .ok_or_else(lost)?;
        let bytes = b.ins().ishl_imm_u(count, 2);
        Ok(b.ins().iadd(out, bytes))
    }

    /// Gives the number of emitted elements, from the place behind the last one.
    fn leave(&self, b: &mut FunctionBuilder<'_>, out: Value) {
        let bytes = b.ins().isub(out, self.parameters.emitted);
        let count = b.ins().ushr_imm_u(bytes, 2);
        b.ins().return_(&[count]);
    }

    /// The loop of a segment; gives the new end of the emitted list.
    fn steps(
        &mut self,
        b: &mut FunctionBuilder<'_>,
        segment: &Segment,
        strip: Strip,
        out: Value,
    ) -> Result<Value, BackendError> {
        if segment.steps.is_empty() {
            return Ok(out);
        }
        if self.level == Level::V512
            && let Some(code) = wide::segment(
                self.plan,
                segment,
                self.stride as i32,
                self.order,
                self.layout,
                self.functions.listing.is_some(),
            )
        {
            let function = self.functions.define(b.func, &code)?;
            let Parameters {
                pointers, scalars, ..
            } = self.parameters;
            let mut arguments = vec![pointers, scalars, strip.scratch, strip.from, strip.to];
            if code.emits {
                arguments.push(out);
            }
            let call = b.ins().call(function, &arguments);
            return Ok(b
                .func
                .dfg
                .inst_results(call)
                .first()
                .copied()
                .unwrap_or(out));
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
                // Only loops of eight lanes are given this.
                Step::Emit(_) => return Err(lost()),
                Step::Store(..) => {
                    // All values first: one store may overwrite what another one's value is loaded from.
                    let count = rest
                        .iter()
                        .take_while(|s| matches!(s, Step::Store(..)))
                        .count();
                    let (stores, after) = rest.split_at(count);
                    turn.store_all(b, stores);
                    rest = after;
                }
            }
            turn.step += 1;
        }
        head.finish(b, 16 * UNROLL as i64, strip.to, None);
        Ok(out)
    }
}
