//! The strip emitter: kernels over all elements as loops of vectors and calls of vector routines.
//!
//! The range is cut into strips of at most `chunk` elements, whose intermediate values stay in the first-level cache. A strip
//! is worked through in a few loops of arithmetic; between them stand calls of vector routines. A loop takes eight
//! lanes at once where the processor has them ([`crate::wide`]), otherwise two, which is what Cranelift knows. Three steps: [`graph`] resolves memory, [`schedule`] orders the work, [`emit`] writes it down for Cranelift.

mod buffers;
mod emit;
pub(crate) mod graph;
mod lifetimes;
pub(crate) mod schedule;
mod turn;
mod value;

use dslsim_ir::ValidKernel;
use dslsim_math::Level;

use crate::abi::Layout;
use crate::wide::{self, Order};
use schedule::{Segment, Step};

pub(crate) use emit::emit;

/// A kernel that is ready to be emitted.
pub(crate) struct Plan {
    pub(crate) graph: graph::Graph,
    pub(crate) schedule: schedule::Schedule,
}

/// Plans a kernel over all elements; `None` if it must be done one element after the other.
pub(crate) fn plan(kernel: &ValidKernel, level: Level) -> Option<Plan> {
    let graph = graph::build(kernel)?;
    // Loops of eight lanes emit by themselves.
    let in_loop = level == Level::V512 && graph.emit.is_some();
    let schedule = schedule::schedule(&graph, in_loop);
    let mut plan = Plan { graph, schedule };
    if in_loop && !plan.emits_in_wide_loop() {
        plan.schedule = schedule::schedule(&plan.graph, false);
    }
    Some(plan)
}

impl Plan {
    /// Whether the loop that emits can be made by [`crate::wide`].
    fn emits_in_wide_loop(&self) -> bool {
        let emits = |s: &&Segment| s.steps.iter().any(|s| matches!(s, Step::Emit(_)));
        let segment = self.schedule.segments.iter().find(emits);
        segment.is_some_and(|s| self.is_wide(s))
    }

    fn is_wide(&self, segment: &Segment) -> bool {
        let mut layout = Layout::default();
        wide::segment(self, segment, 0, Order::Forward, &mut layout, false).is_some()
    }

    /// Whether it is one loop of [`crate::wide`] and nothing else, which can also be made from the last element to the first.
    pub(crate) fn goes_backward(&self, level: Level) -> bool {
        match &self.schedule.segments[..] {
            [only] => {
                let alone = only.between.is_empty() && self.schedule.buffers == 0;
                level == Level::V512 && alone && !only.steps.is_empty() && self.is_wide(only)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plan;
    use dslsim_ir::kernel::{ArrayInput, Binary, Fn1, Slot, Val};
    use dslsim_ir::store::ArrayId;
    use dslsim_ir::{Access, Domain, Inst, Kernel};
    use dslsim_math::Level;

    const X: Inst = Inst::Load(Slot(0), Access::Element);

    fn put(slot: u16, value: u32) -> Inst {
        Inst::Store {
            slot: Slot(slot),
            access: Access::Element,
            value: Val(value),
            mask: None,
        }
    }

    /// Loops, calls and buffers of a kernel over two arrays.
    fn shape(insts: &[Inst]) -> (usize, usize, usize) {
        let array = |k| ArrayInput {
            name: String::new(),
            array: ArrayId(k),
            written: true,
        };
        let kernel = Kernel {
            name: String::new(),
            domain: Domain::All,
            scalars: Vec::new(),
            arrays: vec![array(0), array(1)],
            indices: Vec::new(),
            draws: Vec::new(),
            run_prologue: Default::default(),
            step_prologue: Default::default(),
            insts: insts.to_vec(),
        };
        let plan = plan(&kernel.validate().unwrap(), Level::V256).unwrap();
        let segments = &plan.schedule.segments;
        let loops = segments.iter().filter(|s| !s.steps.is_empty()).count();
        let calls = segments.iter().map(|s| s.between.len()).sum();
        (loops, calls, plan.schedule.buffers)
    }

    #[test]
    fn arithmetic_is_one_loop() {
        let sum = Inst::Binary(Binary::Add, Val(0), Val(0));
        assert_eq!(shape(&[X, sum, put(0, 1)]), (1, 0, 0));
        assert_eq!(shape(&[X, put(0, 0)]), (0, 0, 0));
    }

    #[test]
    fn calls_work_on_arrays_where_they_can() {
        let exp = |v| Inst::Math1(Fn1::Exp, Val(v));
        assert_eq!(shape(&[X, exp(0), put(0, 1)]), (0, 1, 0));
        // The first result needs a buffer, and the second goes to the array.
        assert_eq!(shape(&[X, exp(0), exp(1), put(1, 2)]), (0, 2, 1));
    }

    #[test]
    fn independent_calls_share_a_boundary() {
        let insts = [
            X,
            Inst::Const(2.0),
            Inst::Binary(Binary::Div, Val(0), Val(1)),
            Inst::Math1(Fn1::Exp, Val(2)),
            Inst::Math1(Fn1::Sin, Val(0)),
            Inst::Binary(Binary::Add, Val(3), Val(4)),
            put(0, 5),
        ];
        assert_eq!(shape(&insts), (2, 2, 2));
    }

    #[test]
    fn only_the_last_value_is_written() {
        let exp = Inst::Math1(Fn1::Exp, Val(0));
        assert_eq!(shape(&[X, exp, put(0, 1), put(0, 0)]), (0, 0, 0));
    }
}
