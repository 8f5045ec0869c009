//! Two kernels executed one after the other, as one: each element goes through both while it is at hand.

use crate::kernel::{Access, Domain, IndexSlot, Inst, Kernel, Prologue, ScalarSlot, Slot, Val};

/// The kernel that does what `first` and then `second` do; `None` if that is not the same element by element.
///
/// Both are over all elements, of the same number. What `second` reads of other elements, or of tables, `first` does not write;
/// and `second` draws no random numbers, so that they are drawn in the same order. The instructions stay as they are, and with
/// them the results.
#[must_use]
pub fn join(first: &Kernel, second: &Kernel) -> Option<Kernel> {
    let over_all = |k: &Kernel| k.domain == Domain::All;
    let emits = |k: &Kernel| k.insts.iter().any(|i| matches!(i, Inst::Emit(_)));
    if !over_all(first) || !over_all(second) || !second.draws.is_empty() || emits(first) {
        return None;
    }
    let mut joined = first.clone();
    joined.name = format!("{} + {}", first.name, second.name);
    let mut slots = Vec::with_capacity(second.arrays.len());
    for input in &second.arrays {
        let at = joined.arrays.iter().position(|a| a.array == input.array);
        let at = at.unwrap_or_else(|| {
            joined.arrays.push(input.clone());
            joined.arrays.len() - 1
        });
        let known = &mut joined.arrays[at];
        known.written |= input.written;
        slots.push(Slot(u16::try_from(at).ok()?));
    }
    let mut indices = Vec::with_capacity(second.indices.len());
    for table in &second.indices {
        let at = joined.indices.iter().position(|t| t == table);
        let at = at.unwrap_or_else(|| {
            joined.indices.push(*table);
            joined.indices.len() - 1
        });
        indices.push(IndexSlot(u16::try_from(at).ok()?));
    }
    let scalars = u16::try_from(joined.scalars.len()).ok()?;
    u16::try_from(joined.scalars.len() + second.scalars.len()).ok()?;
    joined.scalars.extend(second.scalars.iter().cloned());
    let moved = Moved {
        slots,
        indices,
        scalars,
    };
    let crosses = |inst: &Inst| {
        let (Inst::Load(slot, access)
        | Inst::LoadBool(slot, access)
        | Inst::Store { slot, access, .. }) = inst
        else {
            return false;
        };
        *access != Access::Element && written(&joined, moved.slot(*slot))
    };
    if second.insts.iter().any(crosses) {
        return None;
    }
    moved.append_prologue(&mut joined.run_prologue, &second.run_prologue);
    moved.append_prologue(&mut joined.step_prologue, &second.step_prologue);
    moved.append(&mut joined.insts, &second.insts);
    // A table that one of them writes cannot be looked up at other places than the element's.
    let lookups = joined
        .insts
        .iter()
        .chain(&joined.run_prologue.insts)
        .chain(&joined.step_prologue.insts);
    let mut tables = lookups.filter_map(|i| match i {
        Inst::Lookup(slot, _) => Some(*slot),
        _ => None,
    });
    if tables.any(|slot| written(&joined, slot)) {
        return None;
    }
    Some(joined)
}

fn written(kernel: &Kernel, slot: Slot) -> bool {
    kernel.arrays.get(slot.0 as usize).is_none_or(|a| a.written)
}

/// Where the inputs of the second kernel are in the joined one.
struct Moved {
    slots: Vec<Slot>,
    indices: Vec<IndexSlot>,
    /// Its scalars stand behind this many.
    scalars: u16,
}

impl Moved {
    fn slot(&self, slot: Slot) -> Slot {
        self.slots.get(slot.0 as usize).copied().unwrap_or(slot)
    }

    fn index(&self, table: IndexSlot) -> IndexSlot {
        self.indices.get(table.0 as usize).copied().unwrap_or(table)
    }

    fn scalar(&self, scalar: ScalarSlot) -> ScalarSlot {
        ScalarSlot(scalar.0 + self.scalars)
    }

    fn access(&self, access: Access) -> Access {
        match access {
            Access::Via(table) => Access::Via(self.index(table)),
            other => other,
        }
    }

    fn append(&self, to: &mut Vec<Inst>, insts: &[Inst]) {
        let before = to.len() as u32;
        to.extend(insts.iter().map(|inst| {
            let inst = inst.map(|v| Val(v.0 + before));
            match inst {
                Inst::Scalar(s) => Inst::Scalar(self.scalar(s)),
                Inst::ScalarBool(s) => Inst::ScalarBool(self.scalar(s)),
                Inst::Index(t) => Inst::Index(self.index(t)),
                Inst::Load(s, a) => Inst::Load(self.slot(s), self.access(a)),
                Inst::LoadBool(s, a) => Inst::LoadBool(self.slot(s), self.access(a)),
                Inst::Bit(s) => Inst::Bit(self.slot(s)),
                Inst::Lookup(s, v) => Inst::Lookup(self.slot(s), v),
                Inst::Store {
                    slot,
                    access,
                    value,
                    mask,
                } => Inst::Store {
                    slot: self.slot(slot),
                    access: self.access(access),
                    value,
                    mask,
                },
                other => other,
            }
        }));
    }

    fn append_prologue(&self, to: &mut Prologue, prologue: &Prologue) {
        let before = to.insts.len() as u32;
        self.append(&mut to.insts, &prologue.insts);
        let results = prologue.results.iter();
        to.results
            .extend(results.map(|(v, s)| (Val(v.0 + before), self.scalar(*s))));
    }
}

#[cfg(test)]
mod tests {
    use super::join;
    use crate::kernel::{
        Access, ArrayInput, Binary, Compare, Domain, IndexSlot, Inst, Kernel, Slot, Val,
    };
    use crate::store::{ArrayId, IndexId};

    fn kernel(arrays: &[(u32, bool)], indices: &[u32], insts: &[Inst]) -> Kernel {
        Kernel {
            name: "k".into(),
            domain: Domain::All,
            scalars: Vec::new(),
            arrays: arrays
                .iter()
                .map(|(k, written)| ArrayInput {
                    name: String::new(),
                    array: ArrayId(*k),
                    written: *written,
                })
                .collect(),
            indices: indices.iter().map(|k| IndexId(*k)).collect(),
            draws: Vec::new(),
            run_prologue: Default::default(),
            step_prologue: Default::default(),
            insts: insts.to_vec(),
        }
    }

    /// Doubles array 7.
    fn doubling() -> Kernel {
        let x = Inst::Load(Slot(0), Access::Element);
        let sum = Inst::Binary(Binary::Add, Val(0), Val(0));
        let put = Inst::Store {
            slot: Slot(0),
            access: Access::Element,
            value: Val(1),
            mask: None,
        };
        kernel(&[(7, true)], &[], &[x, sum, put])
    }

    /// Emits where array 7, read in some way, is above 1.
    fn above(access: Access) -> Kernel {
        let x = Inst::Load(Slot(1), access);
        let test = Inst::Compare(Compare::Lt, Val(1), Val(0));
        let insts = [x, Inst::Const(1.0), test, Inst::Emit(Val(2))];
        kernel(&[(3, false), (7, false)], &[5], &insts)
    }

    #[test]
    fn the_second_goes_on_where_the_first_ends() {
        let joined = join(&doubling(), &above(Access::Element)).unwrap();
        let arrays: Vec<_> = joined
            .arrays
            .iter()
            .map(|a| (a.array.0, a.written))
            .collect();
        assert_eq!(arrays, [(7, true), (3, false)]);
        assert_eq!(joined.insts[3], Inst::Load(Slot(0), Access::Element));
        assert_eq!(joined.insts[6], Inst::Emit(Val(5)));
        assert!(joined.validate().is_ok());
    }

    #[test]
    fn not_if_other_elements_are_read() {
        assert_eq!(join(&doubling(), &above(Access::Via(IndexSlot(0)))), None);
        // The other way round, the elements would be read before all are written.
        assert_eq!(join(&above(Access::Element), &doubling()), None);
    }
}
