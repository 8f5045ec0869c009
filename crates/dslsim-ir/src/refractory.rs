//! Who is refractory, as a set of bits that changes only where somebody spikes or recovers.
//!
//! A state update with a refractory time finds out for each neuron and in each step whether its last spike is long enough ago. With a time that
//! is the same for all and does not change, that becomes true at a known step after the spike, and stays true until the next one. So
//! whoever executes the kernels can keep a set, ask [`Refractory::check`] about those few whose time has come, and execute
//! [`Refractory::with_set`] for all, which reads a bit where the state update reads a time and calculates.

use crate::kernel::{
    Access, ArrayInput, Binary, Compare, Domain, Inst, Kernel, Level, ScalarSlot, ScalarSource,
    Slot, Unary, Val,
};
use crate::store::ArrayId;

/// What a state update says about refractoriness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refractory {
    /// The array of the times of the last spikes.
    pub last: ArrayId,
    /// The number of steps that a neuron is refractory after a spike; fixed during a run.
    pub steps: ScalarSlot,
    /// Where it stands whether a neuron is not refractory.
    condition: Val,
}

/// Finds `steps <= timestep(t - last, dt)` behind a flag that the kernel sets anew; `None` if the flag has another reason.
#[must_use]
pub fn find(kernel: &Kernel, flag: ArrayId) -> Option<Refractory> {
    let inst = |v: Val| kernel.insts.get(v.0 as usize).copied();
    let level = |v: Val| match inst(v)? {
        Inst::Scalar(s) => Some((s, kernel.scalars.get(s.0 as usize)?)),
        _ => None,
    };
    let fixed = |v: Val| level(v).filter(|(_, s)| s.level == Level::Run);
    let condition = kernel.insts.iter().find_map(|inst| match *inst {
        Inst::Store { slot, value, .. } => {
            let array = kernel.arrays.get(slot.0 as usize)?.array;
            (array == flag).then_some(value)
        }
        _ => None,
    })?;
    let Inst::Compare(Compare::Le, steps, since) = inst(condition)? else {
        return None;
    };
    let (steps, _) = fixed(steps)?;
    let Inst::Unary(Unary::Trunc, since) = inst(since)? else {
        return None;
    };
    let Inst::Binary(Binary::Mul | Binary::Div, since, dt) = inst(since)? else {
        return None;
    };
    let Inst::Binary(Binary::Add, since, tolerance) = inst(since)? else {
        return None;
    };
    let Inst::Binary(Binary::Sub, now, last) = inst(since)? else {
        return None;
    };
    let (Some(_), Some(_)) = (fixed(dt), fixed(tolerance)) else {
        return None;
    };
    let (Some((_, now)), Inst::Load(last, Access::Element)) = (level(now), inst(last)?) else {
        return None;
    };
    let last = kernel.arrays.get(last.0 as usize)?;
    (now.source == ScalarSource::Time && !last.written).then_some(Refractory {
        last: last.array,
        steps,
        condition,
    })
}

impl Refractory {
    /// Over lists: emits the neurons that are not refractory.
    #[must_use]
    pub fn check(&self, kernel: &Kernel) -> Kernel {
        let mut needed = vec![false; kernel.insts.len()];
        if let Some(needed) = needed.get_mut(self.condition.0 as usize) {
            *needed = true;
        }
        for (at, inst) in kernel.insts.iter().enumerate().rev() {
            if needed[at] {
                inst.operands(|v| needed[v.0 as usize] = true);
            }
        }
        let mut insts: Vec<Inst> = Vec::new();
        let mut now = vec![Val(0); kernel.insts.len()];
        for (at, inst) in kernel
            .insts
            .iter()
            .enumerate()
            .filter(|(at, _)| needed[*at])
        {
            now[at] = Val(insts.len() as u32);
            insts.push(inst.map(|v| now[v.0 as usize]));
        }
        insts.push(Inst::Emit(Val(insts.len() as u32 - 1)));
        let mut check = kernel.clone();
        check.name = format!("{} (refractory)", kernel.name);
        check.domain = Domain::List;
        check.draws.clear();
        check.insts = insts;
        for input in &mut check.arrays {
            input.written = false;
        }
        check
    }

    /// The kernel with a set instead of the times; `None` if it has too many arrays.
    #[must_use]
    pub fn with_set(&self, kernel: &Kernel, set: ArrayId) -> Option<Kernel> {
        let mut with_set = kernel.clone();
        let slot = Slot(u16::try_from(kernel.arrays.len()).ok()?);
        with_set.arrays.push(ArrayInput {
            name: "not refractory".into(),
            array: set,
            written: false,
        });
        *with_set.insts.get_mut(self.condition.0 as usize)? = Inst::Bit(slot);
        Some(with_set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Prologue, ScalarInput};

    const VAL: fn(u32) -> Val = Val;

    /// A state update that sets a flag, with the instruction that decides.
    fn update(decides: Inst) -> Kernel {
        let scalar = |source, level| ScalarInput { source, level };
        let array = |k: u32, written| ArrayInput {
            name: String::new(),
            array: ArrayId(k),
            written,
        };
        Kernel {
            name: "update".into(),
            domain: Domain::All,
            scalars: vec![
                scalar(ScalarSource::Time, Level::Step),
                scalar(ScalarSource::Derived, Level::Run),
                scalar(ScalarSource::Derived, Level::Run),
                scalar(ScalarSource::Derived, Level::Run),
            ],
            arrays: vec![array(5, false), array(6, true)],
            indices: Vec::new(),
            draws: Vec::new(),
            run_prologue: Prologue::default(),
            step_prologue: Prologue::default(),
            insts: vec![
                Inst::Load(Slot(0), Access::Element),
                Inst::Scalar(ScalarSlot(0)),
                Inst::Binary(Binary::Sub, VAL(1), VAL(0)),
                Inst::Scalar(ScalarSlot(1)),
                Inst::Binary(Binary::Add, VAL(2), VAL(3)),
                Inst::Scalar(ScalarSlot(2)),
                Inst::Binary(Binary::Mul, VAL(4), VAL(5)),
                Inst::Unary(Unary::Trunc, VAL(6)),
                Inst::Scalar(ScalarSlot(3)),
                decides,
                Inst::Store {
                    slot: Slot(1),
                    access: Access::Element,
                    value: VAL(9),
                    mask: None,
                },
            ],
        }
    }

    #[test]
    fn a_fixed_time_is_found() {
        let kernel = update(Inst::Compare(Compare::Le, VAL(8), VAL(7)));
        let found = find(&kernel, ArrayId(6)).unwrap();
        assert_eq!((found.last, found.steps), (ArrayId(5), ScalarSlot(3)));
        let check = found.check(&kernel);
        assert_eq!(check.insts.last(), Some(&Inst::Emit(VAL(9))));
        assert!(check.validate().is_ok());
        let with_set = found.with_set(&kernel, ArrayId(7)).unwrap();
        assert_eq!(with_set.insts[9], Inst::Bit(Slot(2)));
        assert!(with_set.validate().is_ok());
    }

    #[test]
    fn other_reasons_are_not() {
        let less = update(Inst::Compare(Compare::Lt, VAL(8), VAL(7)));
        assert_eq!(find(&less, ArrayId(6)), None);
        let right = update(Inst::Compare(Compare::Le, VAL(8), VAL(7)));
        assert_eq!(find(&right, ArrayId(5)), None);
        let mut changes = right.clone();
        changes.scalars[3].level = Level::Step;
        assert_eq!(find(&changes, ArrayId(6)), None);
        let mut written = right;
        written.arrays[0].written = true;
        assert_eq!(find(&written, ArrayId(6)), None);
    }
}
