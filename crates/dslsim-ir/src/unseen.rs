//! Arrays that a kernel sets anew each time, and the kernel without that.
//!
//! Where nobody looks at such an array before the kernel is executed once more, it need not be written: `not_refractory`, if only the
//! state update itself and the threshold joined with it ask for it.

use crate::kernel::{
    Access, Compare, Domain, Inst, Kernel, Prologue, ScalarSource, Slot, Type, Val, ValidKernel,
};
use crate::store::ArrayId;

/// The arrays that the kernel sets at every element, whatever was there before.
#[must_use]
pub fn set_anew(kernel: &ValidKernel) -> Vec<ArrayId> {
    let kernel = kernel.kernel();
    if kernel.domain != Domain::All {
        return Vec::new();
    }
    let slots = (0..kernel.arrays.len()).filter_map(|k| u16::try_from(k).ok().map(Slot));
    slots
        .filter(|slot| is_set_anew(kernel, *slot))
        .filter_map(|slot| kernel.arrays.get(slot.0 as usize).map(|a| a.array))
        .collect()
}

fn is_set_anew(kernel: &Kernel, slot: Slot) -> bool {
    let mut set = false;
    for inst in &kernel.insts {
        match *inst {
            Inst::Store {
                slot: s,
                access,
                mask,
                ..
            } if s == slot => {
                if access != Access::Element || mask.is_some() {
                    return false;
                }
                set = true;
            }
            Inst::Load(s, access) | Inst::LoadBool(s, access)
                if s == slot && (!set || access != Access::Element) =>
            {
                return false;
            }
            Inst::Lookup(s, _) | Inst::Bit(s) if s == slot => return false,
            _ => {}
        }
    }
    let drawn =
        |d: &crate::kernel::Draw| d.slot == slot || d.mean == Some(slot) || d.only == Some(slot);
    set && !kernel.draws.iter().any(drawn)
}

/// Whether the kernel may look at what an array held before.
#[must_use]
pub fn looks_at(kernel: &Kernel, array: ArrayId) -> bool {
    let named = |slot: Slot| {
        kernel
            .arrays
            .get(slot.0 as usize)
            .is_none_or(|a| a.array == array)
    };
    let reads = |inst: &Inst| match *inst {
        Inst::Load(slot, _) | Inst::LoadBool(slot, _) | Inst::Bit(slot) | Inst::Lookup(slot, _) => {
            named(slot)
        }
        _ => false,
    };
    let prologue = |p: &Prologue| p.insts.iter().any(reads);
    kernel.insts.iter().any(reads)
        || prologue(&kernel.run_prologue)
        || prologue(&kernel.step_prologue)
        || kernel
            .scalars
            .iter()
            .any(|s| matches!(s.source, ScalarSource::Uniform(a) if a == array))
        || kernel
            .draws
            .iter()
            .any(|d| d.mean.is_some_and(named) || d.only.is_some_and(named))
}

/// The kernel without its stores to these arrays, which it sets anew.
#[must_use]
pub fn without(kernel: &ValidKernel, arrays: &[ArrayId]) -> Kernel {
    let (types, kernel) = (kernel.types(), kernel.kernel());
    let gone = |slot: Slot| {
        let input = kernel.arrays.get(slot.0 as usize);
        input.is_some_and(|a| arrays.contains(&a.array))
    };
    let mut insts: Vec<Inst> = Vec::with_capacity(kernel.insts.len());
    // Where each value stands now; stores have none.
    let mut now: Vec<Val> = Vec::with_capacity(kernel.insts.len());
    // What these arrays would hold.
    let mut held: Vec<(Slot, Val, Type)> = Vec::new();
    let last = |insts: &Vec<Inst>| Val(insts.len() as u32 - 1);
    for inst in &kernel.insts {
        let moved = inst.map(|v| now.get(v.0 as usize).copied().unwrap_or(v));
        let of = |slot: Slot| held.iter().find(|(s, ..)| *s == slot).copied();
        let value = match (*inst, moved) {
            (
                Inst::Store {
                    slot, value: old, ..
                },
                Inst::Store { value, .. },
            ) if gone(slot) => {
                let ty = types.get(old.0 as usize).copied().unwrap_or(Type::Num);
                held.retain(|(s, ..)| *s != slot);
                held.push((slot, value, ty));
                value
            }
            (Inst::Load(slot, _), _) if let Some((_, value, ty)) = of(slot) => match ty {
                Type::Bool => {
                    insts.push(Inst::ToNum(value));
                    last(&insts)
                }
                _ => value,
            },
            (Inst::LoadBool(slot, _), _) if let Some((_, value, ty)) = of(slot) => match ty {
                Type::Bool => value,
                _ => {
                    insts.push(Inst::Const(0.0));
                    let zero = last(&insts);
                    insts.push(Inst::Compare(Compare::Ne, value, zero));
                    last(&insts)
                }
            },
            _ => {
                insts.push(moved);
                last(&insts)
            }
        };
        now.push(value);
    }
    let mut lean = kernel.clone();
    lean.insts = insts;
    for input in &mut lean.arrays {
        input.written &= !arrays.contains(&input.array);
    }
    lean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ArrayInput, Binary};

    const LOAD: fn(u16) -> Inst = |slot| Inst::Load(Slot(slot), Access::Element);
    const TRUTH: fn(u16) -> Inst = |slot| Inst::LoadBool(Slot(slot), Access::Element);

    fn put(slot: u16, value: u32, mask: Option<u32>) -> Inst {
        Inst::Store {
            slot: Slot(slot),
            access: Access::Element,
            value: Val(value),
            mask: mask.map(Val),
        }
    }

    fn kernel(insts: &[Inst]) -> ValidKernel {
        let array = |k: u32| ArrayInput {
            name: String::new(),
            array: ArrayId(10 + k),
            written: true,
        };
        let kernel = Kernel {
            name: String::new(),
            domain: Domain::All,
            scalars: Vec::new(),
            arrays: vec![array(0), array(1)],
            indices: Vec::new(),
            draws: Vec::new(),
            run_prologue: Prologue::default(),
            step_prologue: Prologue::default(),
            insts: insts.to_vec(),
        };
        kernel.validate().unwrap()
    }

    #[test]
    fn what_is_looked_at_first_or_written_here_and_there_is_not_set_anew() {
        let set = |insts: &[Inst]| set_anew(&kernel(insts));
        assert_eq!(set(&[LOAD(0), put(1, 0, None)]), [ArrayId(11)]);
        assert_eq!(set(&[LOAD(0), put(1, 0, None), LOAD(1)]), [ArrayId(11)]);
        assert_eq!(set(&[LOAD(1), put(1, 0, None)]), []);
        let masked = [LOAD(0), TRUTH(0), put(1, 0, Some(1))];
        assert_eq!(set(&masked), []);
    }

    #[test]
    fn who_asks_for_what_is_not_stored_gets_the_value() {
        let test = Inst::Compare(Compare::Lt, Val(0), Val(1));
        let insts = [
            LOAD(0),
            Inst::Const(2.0),
            test,
            put(1, 2, None),
            TRUTH(1),
            LOAD(1),
            Inst::Binary(Binary::Add, Val(0), Val(5)),
            put(0, 6, None),
            Inst::Emit(Val(4)),
        ];
        let lean = without(&kernel(&insts), &[ArrayId(11)]);
        assert!(!lean.arrays[1].written && lean.arrays[0].written);
        let expected = [
            LOAD(0),
            Inst::Const(2.0),
            test,
            Inst::ToNum(Val(2)),
            Inst::Binary(Binary::Add, Val(0), Val(3)),
            put(0, 4, None),
            Inst::Emit(Val(2)),
        ];
        assert_eq!(lean.insts, expected);
        assert!(looks_at(&lean, ArrayId(10)) && !looks_at(&lean, ArrayId(11)));
        assert!(lean.validate().is_ok());
    }
}
