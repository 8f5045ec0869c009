//! The statements of a pathway executed later than the spikes that caused them.
//!
//! What a postsynaptic spike does to a synapse is nobody's business until a presynaptic spike, or a look at the variables, comes to that
//! synapse. Then it can be done with the time of the spike instead of the present one: [`late`]. A row of synapses is worked on
//! where it lies side by side, not each synapse for itself somewhere in memory.

use crate::kernel::{
    Access, ArrayInput, Domain, Inst, Kernel, Level, ScalarSource, Slot, Val, ValidKernel,
};
use crate::store::ArrayId;

/// A kernel over lists with the time of each position from an array; `None` if it depends on the step in another way, or on more than
/// its own elements.
#[must_use]
pub fn late(kernel: &ValidKernel, times: ArrayId) -> Option<Kernel> {
    let kernel = kernel.kernel();
    if kernel.domain != Domain::List || !kernel.draws.is_empty() {
        return None;
    }
    let local = |inst: &Inst| match inst {
        Inst::Load(slot, access) | Inst::LoadBool(slot, access) => match access {
            Access::Element => true,
            Access::Via(_) => !written(kernel, *slot),
            Access::Position | Access::Only => false,
        },
        Inst::Store { access, .. } => *access == Access::Element,
        // Sets change from step to step.
        Inst::Emit(_) | Inst::Lookup(..) | Inst::Bit(_) => false,
        _ => true,
    };
    if !kernel.insts.iter().all(local) {
        return None;
    }
    let mut late = kernel.clone();
    late.name = format!("{} (late)", kernel.name);
    let slot = Slot(u16::try_from(late.arrays.len()).ok()?);
    late.arrays.push(ArrayInput {
        name: "time of the event".into(),
        array: times,
        written: false,
    });
    // What changes from step to step is computed for each event: the time, and what the step's prologue makes of it.
    let mut changing: Vec<(usize, Val)> = Vec::new();
    let mut insts = vec![Inst::Load(slot, Access::Position)];
    for (at, scalar) in kernel.scalars.iter().enumerate() {
        match scalar.source {
            ScalarSource::Time => changing.push((at, Val(0))),
            ScalarSource::TimeStep => return None,
            _ => {}
        }
    }
    let prologue = &kernel.step_prologue;
    let moved = append(&mut insts, &prologue.insts, &changing)?;
    for (value, scalar) in &prologue.results {
        changing.push((scalar.0 as usize, *moved.get(value.0 as usize)?));
    }
    let unknown = |(at, scalar): (usize, &crate::kernel::ScalarInput)| {
        scalar.level == Level::Step && !changing.iter().any(|(k, _)| *k == at)
    };
    if kernel.scalars.iter().enumerate().any(unknown) {
        return None;
    }
    append(&mut insts, &kernel.insts, &changing)?;
    late.insts = insts;
    late.step_prologue.insts.clear();
    late.step_prologue.results.clear();
    Some(late)
}

fn written(kernel: &Kernel, slot: Slot) -> bool {
    kernel.arrays.get(slot.0 as usize).is_none_or(|a| a.written)
}

/// Appends instructions, with values in the place of some scalars; gives where each stands now.
fn append(to: &mut Vec<Inst>, insts: &[Inst], scalars: &[(usize, Val)]) -> Option<Vec<Val>> {
    let mut now: Vec<Val> = Vec::with_capacity(insts.len());
    for inst in insts {
        let value = |at: usize| scalars.iter().find(|(k, _)| *k == at).map(|(_, v)| *v);
        let place = match inst {
            Inst::Scalar(s) => value(s.0 as usize),
            Inst::ScalarBool(s) if value(s.0 as usize).is_some() => return None,
            Inst::Lookup(..) => return None,
            _ => None,
        };
        now.push(place.unwrap_or_else(|| {
            to.push(inst.map(|v| now.get(v.0 as usize).copied().unwrap_or(v)));
            Val(to.len() as u32 - 1)
        }));
    }
    Some(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Binary, Prologue, ScalarInput, ScalarSlot};

    fn kernel(insts: &[Inst]) -> ValidKernel {
        let scalar = |source, level| ScalarInput { source, level };
        let kernel = Kernel {
            name: "post".into(),
            domain: Domain::List,
            scalars: vec![
                scalar(ScalarSource::Time, Level::Step),
                scalar(ScalarSource::Derived, Level::Step),
            ],
            arrays: vec![ArrayInput {
                name: "x".into(),
                array: ArrayId(3),
                written: true,
            }],
            indices: vec![crate::store::IndexId(0)],
            draws: Vec::new(),
            run_prologue: Prologue::default(),
            step_prologue: Prologue {
                insts: vec![
                    Inst::Scalar(ScalarSlot(0)),
                    Inst::Binary(Binary::Add, Val(0), Val(0)),
                ],
                results: vec![(Val(1), ScalarSlot(1))],
            },
            insts: insts.to_vec(),
        };
        kernel.validate().unwrap()
    }

    fn put(access: Access, value: u32) -> Inst {
        Inst::Store {
            slot: Slot(0),
            access,
            value: Val(value),
            mask: None,
        }
    }

    #[test]
    fn each_event_has_its_time() {
        let insts = [
            Inst::Scalar(ScalarSlot(1)),
            Inst::Scalar(ScalarSlot(0)),
            Inst::Binary(Binary::Mul, Val(0), Val(1)),
            put(Access::Element, 2),
        ];
        let late = late(&kernel(&insts), ArrayId(9)).unwrap();
        let expected = [
            Inst::Load(Slot(1), Access::Position),
            Inst::Binary(Binary::Add, Val(0), Val(0)),
            Inst::Binary(Binary::Mul, Val(1), Val(0)),
            put(Access::Element, 2),
        ];
        assert_eq!(late.insts, expected);
        assert!(late.step_prologue.insts.is_empty());
        assert!(late.validate().is_ok());
    }

    #[test]
    fn what_concerns_others_cannot_wait() {
        let via = Access::Via(crate::kernel::IndexSlot(0));
        let not = |insts: &[Inst]| late(&kernel(insts), ArrayId(9)).is_none();
        assert!(not(&[Inst::Const(1.0), put(via, 0)]));
        assert!(not(&[Inst::Load(Slot(0), via), put(Access::Element, 0)]));
        assert!(not(&[
            Inst::ScalarBool(ScalarSlot(1)),
            put(Access::Element, 0)
        ]));
    }
}
