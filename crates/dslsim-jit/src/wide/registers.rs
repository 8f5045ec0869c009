//! Registers for the values of straight-line code.
//!
//! From the first operation to the last: a value gets a register when it is made and gives it back after its last use. If there
//! is none left, the value whose next use is farthest goes to a slot of the stack, or is just loaded again if that is
//! where it came from.

use super::assembler::{Flag, Zmm};
use super::code::{Code, Memory, Op, Source, Value};

/// Registers for values; the rest are for what takes more than one instruction.
const VALUES: u8 = 30;

/// For operations that need more room.
pub(super) const SPARE: [Zmm; 2] = [30, 31];

/// Registers for flags, from the first on.
const FLAGS: u8 = 6;

/// An operation with registers, or a move that was necessary.
#[derive(Clone, Copy, Debug)]
pub(super) enum Placed {
    /// Result and operands: in the order of [`Op::uses`], those that are values. The registers of flags are mask registers.
    Op(Op, Zmm, [Zmm; 3]),
    Spill(usize, Zmm),
    Reload(Zmm, usize),
    /// A value that came from memory is loaded again.
    Again(Zmm, Memory),
}

/// The code with registers.
#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) code: Vec<Placed>,
    /// Registers of the invariants that are kept, in their order.
    pub(super) kept: Vec<Zmm>,
    /// Slots of the stack.
    pub(super) slots: usize,
    /// Whether a value had to leave its register.
    pub(super) crowded: bool,
    /// Whether there were too many flags: then this is of no use.
    pub(super) too_many_flags: bool,
}

struct State<'a> {
    code: &'a Code,
    /// Where each value is used, last one first.
    uses: Vec<Vec<usize>>,
    /// Where a value can be loaded from, if it came from memory that has not been written since.
    origin: Vec<Option<Memory>>,
    register: Vec<Option<Zmm>>,
    slot: Vec<Option<usize>>,
    holder: [Option<Value>; VALUES as usize],
    /// Who holds which mask register, from the first on.
    flags: [Option<Value>; FLAGS as usize],
    /// Values that must stay during the present operation.
    locked: Vec<Value>,
    out: Allocation,
}

/// Gives registers.
pub(super) fn allocate(code: &Code) -> Allocation {
    let mut uses = vec![Vec::new(); code.values];
    for (at, op) in code.ops.iter().enumerate().rev() {
        for v in op.uses() {
            uses[v].push(at);
        }
    }
    let mut state = State {
        code,
        uses,
        origin: vec![None; code.values],
        register: vec![None; code.values],
        slot: vec![None; code.values],
        holder: [None; VALUES as usize],
        locked: code.kept.iter().map(|(_, v)| *v).collect(),
        out: Allocation {
            code: Vec::with_capacity(code.ops.len()),
            kept: Vec::new(),
            slots: 0,
            crowded: false,
            too_many_flags: false,
        },
        flags: [None; FLAGS as usize],
    };
    for (_, v) in &code.kept {
        let r = state.take(*v);
        state.out.kept.push(r);
    }
    for at in 0..code.ops.len() {
        state.place(at);
    }
    state.out
}

impl State<'_> {
    /// A register for a value; somebody else may have to leave it.
    fn take(&mut self, value: Value) -> Zmm {
        let free = self.holder.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            let next = |v: Value| self.uses[v].last().copied().unwrap_or(usize::MAX);
            let victim = (0..VALUES as usize)
                .filter(|r| self.holder[*r].is_some_and(|v| !self.locked.contains(&v)))
                .max_by_key(|r| self.holder[*r].map(next))
                // An operation has four values at most.
                .unwrap_or(0);
            self.evict(victim);
            victim
        });
        self.holder[at] = Some(value);
        self.register[value] = Some(at as Zmm);
        at as Zmm
    }

    /// A mask register.
    fn take_flag(&mut self, value: Value) -> Flag {
        let free = self.flags.iter().position(Option::is_none);
        self.out.too_many_flags |= free.is_none();
        let at = free.unwrap_or(0);
        self.flags[at] = Some(value);
        let register = at as Flag + 1;
        self.register[value] = Some(register);
        register
    }

    fn evict(&mut self, register: usize) {
        self.out.crowded = true;
        let Some(value) = self.holder[register].take() else {
            return;
        };
        self.register[value] = None;
        if self.origin[value].is_none() && self.slot[value].is_none() {
            let slot = self.out.slots;
            self.out.slots += 1;
            self.slot[value] = Some(slot);
            self.out.code.push(Placed::Spill(slot, register as Zmm));
        }
    }

    /// The register of a value that has been made.
    fn fetch(&mut self, value: Value) -> Zmm {
        if let Some(r) = self.register[value] {
            return r;
        }
        let r = self.take(value);
        self.out
            .code
            .push(match (self.slot[value], self.origin[value]) {
                (Some(slot), _) => Placed::Reload(r, slot),
                (None, Some(memory)) => Placed::Again(r, memory),
                // A value without a register is in one of the two.
                (None, None) => Placed::Reload(r, 0),
            });
        r
    }

    fn release(&mut self, value: Value, at: usize) {
        let uses = &mut self.uses[value];
        while uses.last().is_some_and(|u| *u <= at) {
            uses.pop();
        }
        let kept = self.code.kept.iter().any(|(_, v)| *v == value);
        if uses.is_empty()
            && !kept
            && let Some(r) = self.register[value].take()
        {
            match self.flags.iter_mut().find(|f| **f == Some(value)) {
                Some(flag) => *flag = None,
                None => self.holder[r as usize] = None,
            }
        }
    }

    fn place(&mut self, at: usize) {
        let op = self.code.ops[at];
        let kept = self.locked.len();
        let mut operands = [0; 3];
        let used: Vec<Value> = op.uses().collect();
        self.locked.extend(&used);
        for (k, v) in used.iter().enumerate() {
            operands[k] = self.fetch(*v);
        }
        if let Op::Store(memory, stored) = op {
            self.forget(memory, stored);
        }
        // The result of a selection is made in the register of the condition, and must not be one of the others.
        let apart = matches!(op, Op::Select(..));
        let mut result = 0;
        if let (true, Some(value)) = (apart, op.result()) {
            let condition = used[0];
            let shared = used[1..].contains(&condition);
            if self.uses[condition].first() == Some(&at)
                && !shared
                && self.code.kept.iter().all(|(_, v)| *v != condition)
            {
                self.register[condition] = None;
                self.holder[operands[0] as usize] = Some(value);
                self.register[value] = Some(operands[0]);
                result = operands[0];
            } else {
                self.locked.push(value);
                result = self.take(value);
            }
        }
        for v in &used {
            self.release(*v, at);
        }
        self.locked.truncate(kept);
        if let (false, Some(value)) = (apart, op.result()) {
            // The operands that live on stay where they are.
            self.locked.extend(&used);
            result = if op.makes_flag() {
                self.take_flag(value)
            } else {
                self.take(value)
            };
            self.locked.truncate(kept);
        }
        if let Op::Load(value, memory) = op {
            self.origin[value] = Some(memory);
        }
        self.out.code.push(Placed::Op(op, result, operands));
        if let Some(value) = op.result()
            && self.uses[value].is_empty()
        {
            self.release(value, at);
        }
    }

    /// Memory is about to be written: who came from there and is needed later can't be loaded again.
    fn forget(&mut self, memory: Memory, stored: Value) {
        for value in 0..self.origin.len() {
            if self.origin[value] != Some(memory) || value == stored {
                continue;
            }
            self.origin[value] = None;
            let later = !self.uses[value].is_empty();
            if later && self.register[value].is_none() && self.slot[value].is_none() {
                // It was dropped: load it now, while it is there.
                self.origin[value] = Some(memory);
                self.fetch(value);
                self.origin[value] = None;
            }
        }
    }
}

impl Placed {
    /// The registers of the operands of an operation, by value.
    pub(super) fn register_of(op: &Op, registers: &[Zmm; 3], source: Source) -> Option<Zmm> {
        let Source::Value(value) = source else {
            return None;
        };
        op.uses()
            .zip(registers)
            .find(|(v, _)| *v == value)
            .map(|(_, r)| *r)
    }
}
