//! Kernels over lists or ranges of synapses in three parts: fetch, calculate, put back.
//!
//! A kernel over a list is executed for one element after the other, because several synapses may add to one neuron. But all that it
//! calculates is most often the synapse's own business, and only a sum reaches the neuron. Then the values of some elements can be
//! fetched into *buffers*, all of them be calculated at once by a kernel over positions in the buffers ([`Dense::body`]), and what has changed
//! be put back, sums in the order of the elements. The results are the same to the bit, if no element stands twice among them.

use crate::kernel::{
    Access, ArrayInput, Binary, Domain, IndexSlot, Inst, Kernel, Prologue, Slot, Type, Val,
    ValidKernel,
};
use crate::store::ArrayId;

/// Where the numbers of a buffer come from: an array of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The element itself.
    Element(Slot),
    /// The position in the list.
    Position(Slot),
    /// What an index table names.
    Via(Slot, IndexSlot),
}

/// Where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// To the element itself.
    Element(Slot),
    /// Added to what an index table names.
    Add(Slot, IndexSlot),
    /// Subtracted from it.
    Subtract(Slot, IndexSlot),
}

/// Numbers for some elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffer {
    /// Before.
    pub from: Option<Fetched>,
    /// After.
    pub to: Option<Put>,
}

/// A kernel in three parts.
#[derive(Clone, Debug)]
pub struct Dense {
    /// Over all positions; its arrays are the buffers, in their order. Scalars are those of the whole kernel.
    pub body: ValidKernel,
    /// The buffers.
    pub buffers: Vec<Buffer>,
}

/// A sum at what an index table names.
#[derive(Clone, Copy)]
struct Sum {
    store: usize,
    put: Put,
    addend: Val,
    /// Only where these hold.
    conditions: [Option<Val>; 2],
}

/// Divides a kernel over a list or a range; `None` if its elements depend on each other in another way, or if it has no functions that
/// are worth it.
#[must_use]
pub fn split(kernel: &ValidKernel) -> Option<Dense> {
    let types = kernel.types();
    let kernel = kernel.kernel();
    let over_list = match kernel.domain {
        Domain::All => return None,
        Domain::Sequential => false,
        Domain::List => true,
    };
    let works = |i: &Inst| {
        matches!(
            i,
            Inst::Math1(..) | Inst::Math2(..) | Inst::Math3(..) | Inst::Binary(Binary::Mod, ..)
        )
    };
    if !kernel.draws.is_empty() || !kernel.insts.iter().any(works) {
        return None;
    }
    let mut split = Split::new(kernel);
    split.find_sums()?;
    for (at, inst) in kernel.insts.iter().enumerate() {
        split.add(at, inst, types, over_list)?;
    }
    split.finish()
}

struct Split<'a> {
    kernel: &'a Kernel,
    sums: Vec<Sum>,
    /// Instructions that have become part of a sum.
    gone: Vec<bool>,
    buffers: Vec<Buffer>,
    /// The array and the way to it that a buffer stands for; none, for sums.
    places: Vec<Option<(Slot, Access)>>,
    insts: Vec<Inst>,
    /// Where each value stands now.
    now: Vec<Val>,
}

impl<'a> Split<'a> {
    fn new(kernel: &'a Kernel) -> Self {
        Split {
            kernel,
            sums: Vec::new(),
            gone: vec![false; kernel.insts.len()],
            buffers: Vec::new(),
            places: Vec::new(),
            insts: Vec::new(),
            now: Vec::with_capacity(kernel.insts.len()),
        }
    }

    fn inst(&self, v: Val) -> Option<Inst> {
        self.kernel.insts.get(v.0 as usize).copied()
    }

    /// Finds the stores through index tables, which all have to be sums.
    fn find_sums(&mut self) -> Option<()> {
        for (store, inst) in self.kernel.insts.iter().enumerate() {
            if let Inst::Store {
                slot,
                access: Access::Via(table),
                value,
                mask,
            } = *inst
            {
                let sum = self.sum(store, slot, table, value, mask)?;
                self.sums.push(sum);
            }
        }
        Some(())
    }

    /// `x[table] = x[table] + addend`, perhaps only under a condition. Nobody else looks at `x`.
    fn sum(
        &mut self,
        store: usize,
        slot: Slot,
        table: IndexSlot,
        value: Val,
        mask: Option<Val>,
    ) -> Option<Sum> {
        let mut reads = self.kernel.insts.iter().enumerate().filter(|(_, i)| {
            matches!(i, Inst::Load(s, _) | Inst::LoadBool(s, _) | Inst::Lookup(s, _) | Inst::Store { slot: s, .. } if *s == slot)
        });
        let (old, read) = reads.next()?;
        let same = *read == Inst::Load(slot, Access::Via(table));
        if !same || reads.next()?.0 != store || reads.next().is_some() {
            return None;
        }
        let old = Val(old as u32);
        let (new, condition) = match self.inst(value)? {
            Inst::Select(condition, new, other) if other == old => (new, Some(condition)),
            _ => (value, None),
        };
        let (put, addend) = match self.inst(new)? {
            Inst::Binary(Binary::Add, a, b) if a == old => (Put::Add(slot, table), b),
            Inst::Binary(Binary::Add, a, b) if b == old => (Put::Add(slot, table), a),
            Inst::Binary(Binary::Sub, a, b) if a == old => (Put::Subtract(slot, table), b),
            _ => return None,
        };
        // What becomes part of the sum is used for nothing else.
        let parts = [old, new, value];
        for (at, inst) in self.kernel.insts.iter().enumerate() {
            let inside = at == store || parts.contains(&Val(at as u32));
            let mut uses = false;
            inst.operands(|v| uses |= parts.contains(&v));
            if uses && !inside {
                return None;
            }
        }
        if parts.contains(&addend) || condition.is_some_and(|c| parts.contains(&c)) {
            return None;
        }
        for part in parts {
            self.gone[part.0 as usize] = true;
        }
        Some(Sum {
            store,
            put,
            addend,
            conditions: [condition, mask],
        })
    }

    fn push(&mut self, inst: Inst) -> Val {
        self.insts.push(inst);
        Val(self.insts.len() as u32 - 1)
    }

    fn moved(&self, v: Val) -> Val {
        self.now.get(v.0 as usize).copied().unwrap_or(v)
    }

    /// The buffer of an array, by the way to it.
    fn buffer(&mut self, slot: Slot, access: Access, from: Fetched) -> Option<Slot> {
        let at = self.places.iter().position(|p| *p == Some((slot, access)));
        let at = at.unwrap_or_else(|| {
            self.places.push(Some((slot, access)));
            self.buffers.push(Buffer {
                from: Some(from),
                to: None,
            });
            self.buffers.len() - 1
        });
        u16::try_from(at).ok().map(Slot)
    }

    fn add(&mut self, at: usize, inst: &Inst, types: &[Type], over_list: bool) -> Option<()> {
        if let Some(sum) = self.sums.iter().find(|s| s.store == at).copied() {
            let value = self.addend(sum, types)?;
            let buffer = Slot(u16::try_from(self.buffers.len()).ok()?);
            self.buffers.push(Buffer {
                from: None,
                to: Some(sum.put),
            });
            self.places.push(None);
            let put = self.push(Inst::Store {
                slot: buffer,
                access: Access::Element,
                value,
                mask: None,
            });
            self.now.push(put);
            return Some(());
        }
        if self.gone[at] {
            // Nobody asks for it.
            self.now.push(Val(0));
            return Some(());
        }
        let new = match *inst {
            Inst::Load(slot, access) | Inst::LoadBool(slot, access) => {
                let from = match access {
                    Access::Element => Fetched::Element(slot),
                    Access::Position if over_list => Fetched::Position(slot),
                    Access::Via(table) => Fetched::Via(slot, table),
                    Access::Position | Access::Only => return None,
                };
                let buffer = self.buffer(slot, access, from)?;
                match inst {
                    Inst::LoadBool(..) => Inst::LoadBool(buffer, Access::Element),
                    _ => Inst::Load(buffer, Access::Element),
                }
            }
            Inst::Store {
                slot,
                access: Access::Element,
                value,
                mask,
            } => {
                let buffer = self.buffer(slot, Access::Element, Fetched::Element(slot))?;
                self.buffers[buffer.0 as usize].to = Some(Put::Element(slot));
                Inst::Store {
                    slot: buffer,
                    access: Access::Element,
                    value: self.moved(value),
                    mask: mask.map(|m| self.moved(m)),
                }
            }
            Inst::Store { .. }
            | Inst::Element
            | Inst::Index(_)
            | Inst::Bit(_)
            | Inst::Lookup(..)
            | Inst::Emit(_) => return None,
            ref other => other.map(|v| self.moved(v)),
        };
        let new = self.push(new);
        self.now.push(new);
        Some(())
    }

    /// What is added; where nothing is, a zero of the sign that changes no number.
    fn addend(&mut self, sum: Sum, types: &[Type]) -> Option<Val> {
        if types.get(sum.addend.0 as usize) != Some(&Type::Num) {
            return None;
        }
        let addend = self.moved(sum.addend);
        let conditions = sum.conditions.map(|c| c.map(|c| self.moved(c)));
        let condition = match conditions {
            [None, None] => return Some(addend),
            [Some(one), Some(other)] => self.push(Inst::And(one, other)),
            [Some(one), None] | [None, Some(one)] => one,
        };
        let zero = match sum.put {
            Put::Add(..) => -0.0,
            _ => 0.0,
        };
        let zero = self.push(Inst::Const(zero));
        Some(self.push(Inst::Select(condition, addend, zero)))
    }

    fn finish(mut self) -> Option<Dense> {
        // An array that is written is reached in one way only.
        for (at, buffer) in self.buffers.iter().enumerate() {
            let Some(Put::Element(slot)) = buffer.to else {
                continue;
            };
            let again = |(k, p): (usize, &Option<(Slot, Access)>)| {
                k != at && p.is_some_and(|(s, _)| s == slot)
            };
            if self.places.iter().enumerate().any(again) {
                return None;
            }
        }
        // What is set anew need not be fetched.
        for (at, buffer) in self.buffers.iter_mut().enumerate() {
            let of = |slot: Slot| slot.0 as usize == at;
            let first = self.insts.iter().find(|inst| match inst {
                Inst::Load(slot, _) | Inst::LoadBool(slot, _) => of(*slot),
                Inst::Store { slot, .. } => of(*slot),
                _ => false,
            });
            if let Some(Inst::Store { mask: None, .. }) = first {
                buffer.from = None;
            }
        }
        let array = |(k, buffer): (usize, &Buffer)| ArrayInput {
            name: format!("buffer {k}"),
            array: ArrayId(k as u32),
            written: buffer.to.is_some(),
        };
        let body = Kernel {
            name: format!("{} (buffers)", self.kernel.name),
            domain: Domain::All,
            scalars: self.kernel.scalars.clone(),
            arrays: self.buffers.iter().enumerate().map(array).collect(),
            indices: Vec::new(),
            draws: Vec::new(),
            // The whole kernel's have computed its scalars.
            run_prologue: Prologue::default(),
            step_prologue: Prologue::default(),
            insts: self.insts,
        };
        Some(Dense {
            body: body.validate().ok()?,
            buffers: self.buffers,
        })
    }
}
