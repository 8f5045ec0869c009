//! From code with registers to the bytes of a function.

use dslsim_ir::kernel::{IndexSlot, Slot};

use super::assembler::{
    Assembler, Flag, Gpr, Place, R8, R9, R10, R11, R12, R13, R14, R15, RAX, RBP, RBX, RCX, RDI,
    RDX, RSI, RSP, Source as Operand, Zmm,
};
use super::code::{self, Code, Invariant, Memory, Op, Source};
use super::listing::listing;
use super::registers::{Allocation, Placed, SPARE, allocate};
use crate::abi::{Layout, Pointer};
use crate::strip::Plan;
use crate::strip::schedule::Segment;

/// Where the parameters are (System V).
const POINTERS: Gpr = RDI;
const SCALARS: Gpr = RSI;
const SCRATCH: Gpr = RDX;
const AT: Gpr = RCX;
const END: Gpr = R8;
/// Backward, there is no scratch memory, and its register is for the first byte offset.
const FIRST: Gpr = SCRATCH;

/// Where the next emitted number goes: comes in a register that is needed for something else, and leaves in `RAX`.
const OUT: Gpr = R15;
const OUT_COMES_IN: Gpr = R9;

/// Registers for the addresses of arrays; others are fetched when they are needed. The last one is `OUT` where something is emitted.
const BASES: [Gpr; 7] = [R11, RBX, RBP, R12, R13, R14, R15];

/// Those that a function must leave as they were.
const SAVED: [Gpr; 6] = [RBX, RBP, R12, R13, R14, R15];

/// At most so many invariants are kept in registers.
const KEPT: usize = 20;

/// A loop.
pub(crate) struct Loop {
    /// Machine code, with its constants.
    pub bytes: Vec<u8>,
    /// Whether it takes and gives the place of the next emitted number.
    pub emits: bool,
    /// What it does, if that was wanted.
    pub listing: Option<String>,
}

/// In which order a loop takes its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Forward,
    /// From the last eight to the first; there must be no scratch memory.
    Backward,
}

/// The loop of a segment; `None` if it does what only the two-lane loop can. `stride` is the distance of
/// scratch buffers in bytes.
pub(crate) fn segment(
    plan: &Plan,
    segment: &Segment,
    stride: i32,
    order: Order,
    layout: &mut Layout,
    listed: bool,
) -> Option<Loop> {
    let mut plain = code::build(plan, segment, layout, &[], true)?;
    let with_flags = !allocate(&plain).too_many_flags;
    if !with_flags {
        plain = code::build(plan, segment, layout, &[], false)?;
    }
    let wanted = plain.invariants();
    let mut keep = wanted.len().min(KEPT);
    // As many as leave room for everything else.
    let (code, registers) = loop {
        let code = code::build(plan, segment, layout, &wanted[..keep], with_flags)?;
        let registers = allocate(&code);
        if keep == 0 || !registers.crowded {
            break (code, registers);
        }
        keep = keep.saturating_sub(4);
    };
    Some(Loop {
        listing: listed.then(|| listing(&code, &registers)),
        emits: code.emits,
        bytes: Writer::new(&code, &registers, stride, layout).function(order),
    })
}

struct Writer<'a> {
    asm: Assembler,
    code: &'a Code,
    registers: &'a Allocation,
    stride: i32,
    layout: &'a mut Layout,
    bases: Vec<(Pointer, Gpr)>,
}

impl<'a> Writer<'a> {
    fn new(
        code: &'a Code,
        registers: &'a Allocation,
        stride: i32,
        layout: &'a mut Layout,
    ) -> Writer<'a> {
        let mut used: Vec<(Pointer, usize)> = Vec::new();
        let mut note = |pointer: Pointer| match used.iter_mut().find(|(p, _)| *p == pointer) {
            Some((_, n)) => *n += 1,
            None => used.push((pointer, 1)),
        };
        let mut memory = |m: Memory| {
            if let Memory::Array(slot) = m {
                note(Pointer::Array(slot));
            }
        };
        for placed in &registers.code {
            match *placed {
                Placed::Again(_, m) | Placed::Op(Op::Load(_, m) | Op::Store(m, _), ..) => memory(m),
                Placed::Op(op, ..) => {
                    if let Some(Source::Memory(m)) = op.source() {
                        memory(m);
                    }
                }
                Placed::Spill(..) | Placed::Reload(..) => {}
            }
        }
        for placed in &registers.code {
            let Placed::Op(op, ..) = placed else { continue };
            match (*op, op.source()) {
                (Op::Broadcast(_, Invariant::Only(slot)), _)
                | (_, Some(Source::Invariant(Invariant::Only(slot)))) => {
                    note(Pointer::Array(slot));
                }
                (Op::Entries(_, index), _) => note(Pointer::Table(index)),
                (Op::Bits(_, slot), _) => note(Pointer::Array(slot)),
                (Op::Gather(_, slot, index), _) => {
                    note(Pointer::Array(slot));
                    note(Pointer::Table(index));
                }
                _ => {}
            }
        }
        used.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let bases = used.into_iter().map(|(p, _)| p).zip(BASES);
        let bases = bases.filter(|(_, r)| !(code.emits && *r == OUT)).collect();
        Writer {
            asm: Assembler::default(),
            code,
            registers,
            stride,
            layout,
            bases,
        }
    }

    fn function(mut self, order: Order) -> Vec<u8> {
        let saved: Vec<Gpr> = SAVED
            .into_iter()
            .filter(|r| self.bases.iter().any(|(_, b)| b == r) || (self.code.emits && *r == OUT))
            .collect();
        for r in &saved {
            self.asm.push(*r);
        }
        if self.code.emits {
            self.asm.move_word(OUT, OUT_COMES_IN);
        }
        let frame = 64 * self.registers.slots as i32;
        if frame > 0 {
            self.asm.add_number(RSP, -frame);
        }
        for (pointer, register) in self.bases.clone() {
            let offset = self.layout.pointer(pointer);
            self.asm.word(register, Place::Base(POINTERS, offset));
        }
        for (k, (invariant, _)) in self.code.kept.iter().enumerate() {
            let place = self.invariant(*invariant);
            self.asm.broadcast(self.registers.kept[k], place);
        }
        if order == Order::Backward {
            self.go_to_last();
        }
        let head = self.asm.here();
        for placed in &self.registers.code {
            match *placed {
                Placed::Op(op, result, operands) => self.op(op, result, operands),
                Placed::Spill(slot, r) => self.asm.store(Place::Base(RSP, 64 * slot as i32), r),
                Placed::Reload(r, slot) => self.asm.load(r, Place::Base(RSP, 64 * slot as i32)),
                Placed::Again(r, memory) => {
                    let place = self.memory(memory);
                    self.asm.load(r, place);
                }
            }
        }
        match order {
            Order::Forward => {
                self.asm.add_number(AT, 64);
                self.asm.repeat_while_below(AT, END, head);
            }
            Order::Backward => {
                self.asm.add_number(AT, -64);
                self.asm.repeat_while_not_below(AT, FIRST, head);
            }
        }
        if frame > 0 {
            self.asm.add_number(RSP, frame);
        }
        if self.code.emits {
            self.asm.move_word(RAX, OUT);
        }
        for r in saved.iter().rev() {
            self.asm.pop(*r);
        }
        self.asm.leave();
        self.asm.finish()
    }

    /// To the last group of eight; `FIRST` is where the first one was.
    fn go_to_last(&mut self) {
        self.asm.move_word(FIRST, AT);
        self.asm.move_word(RAX, END);
        self.asm.subtract(RAX, AT);
        self.asm.add_number(RAX, -1);
        self.asm.round_down(RAX, 64);
        self.asm.add(AT, RAX);
    }

    /// A register with an address of the table of pointers: `temporary`, unless it has one of its own.
    fn base(&mut self, pointer: Pointer, temporary: Gpr) -> Gpr {
        if let Some((_, r)) = self.bases.iter().find(|(p, _)| *p == pointer) {
            return *r;
        }
        let offset = self.layout.pointer(pointer);
        self.asm.word(temporary, Place::Base(POINTERS, offset));
        temporary
    }

    fn memory(&mut self, memory: Memory) -> Place {
        match memory {
            Memory::Array(slot) => {
                let base = self.base(Pointer::Array(slot), R9);
                Place::Indexed(base, AT, 0, 0)
            }
            Memory::Scratch(buffer) => Place::Indexed(SCRATCH, AT, 0, buffer as i32 * self.stride),
        }
    }

    fn invariant(&mut self, invariant: Invariant) -> Place {
        match invariant {
            Invariant::Const(bits) => Place::Constant(self.asm.constant(bits)),
            Invariant::Scalar(offset) => Place::Base(SCALARS, offset),
            Invariant::Only(slot) => Place::Base(self.base(Pointer::Array(slot), R9), 0),
        }
    }

    fn op(&mut self, op: Op, result: Zmm, registers: [Zmm; 3]) {
        let last = op.source().map(|source| match source {
            Source::Memory(memory) => Operand::Memory(self.memory(memory)),
            Source::Invariant(invariant) => Operand::Broadcast(self.invariant(invariant)),
            Source::Value(_) => {
                Operand::Register(Placed::register_of(&op, &registers, source).unwrap_or(0))
            }
        });
        let last = last.unwrap_or(Operand::Register(0));
        match op {
            Op::Load(_, memory) => {
                let place = self.memory(memory);
                self.asm.load(result, place);
            }
            Op::Broadcast(_, invariant) => {
                let place = self.invariant(invariant);
                self.asm.broadcast(result, place);
            }
            Op::Two(two, ..) => self.asm.two(two, result, registers[0], last),
            Op::Sqrt(..) => self.asm.sqrt(result, last),
            Op::Round(_, _, mode) => self.asm.round(result, last, mode),
            Op::Compare(predicate, ..) => {
                self.asm.compare(predicate, result, registers[0], last);
            }
            Op::Select(..) => {
                if result != registers[0] {
                    self.asm.copy(result, registers[0]);
                }
                self.asm.select(result, registers[1], last);
            }
            Op::Element(_) => {
                self.asm.move_word(RAX, AT);
                self.asm.shift_right(RAX, 3);
                self.asm.number(result, RAX);
                let lanes = Operand::Memory(Place::Lanes);
                self.asm
                    .two(super::assembler::Two::Add, result, result, lanes);
            }
            Op::Entries(_, index) => {
                let place = self.entries(index);
                self.asm.entries(result, place);
            }
            Op::Gather(_, slot, index) => self.gather(result, slot, index),
            Op::Test(predicate, ..) => {
                self.asm.test(predicate, result, registers[0], last);
            }
            Op::Logic(logic, ..) => self.asm.logic(logic, result, registers[0], registers[1]),
            Op::Opposite(..) => self.asm.opposite(result, registers[0]),
            Op::Flag(..) => self.asm.flag(result, registers[0]),
            Op::Spread(..) => self.asm.spread_flag(result, registers[0]),
            Op::Bits(_, slot) => {
                let base = self.base(Pointer::Array(slot), R9);
                self.asm.move_word(RAX, AT);
                self.asm.shift_right(RAX, 6);
                self.asm.load_flag(result, Place::Indexed(base, RAX, 0, 0));
            }
            Op::Choose(..) => self.asm.choose(result, registers[0], last, registers[1]),
            Op::Where(..) => self.asm.where_flag(result, registers[0], last),
            Op::Store(memory, _) => {
                let place = self.memory(memory);
                self.asm.store(place, registers[0]);
            }
            Op::Emit(_) => self.emit(registers[0]),
        }
    }

    /// Appends the numbers of the elements in the lanes of a flag, as far as they are in the range; eight numbers are written in any
    /// case. Uses `RAX` and the spare vectors; the flag keeps the lanes that are in the range.
    fn emit(&mut self, flag: Flag) {
        let [numbers, end] = SPARE;
        let behind = self.asm.skip_unless(flag);
        self.asm.move_word(RAX, AT);
        self.asm.shift_right(RAX, 3);
        self.asm.spread_half(numbers, RAX);
        self.asm.count_on(numbers);
        self.asm.move_word(RAX, END);
        self.asm.shift_right(RAX, 3);
        self.asm.spread_half(end, RAX);
        self.asm.flag_below(flag, numbers, end);
        self.asm.compress(Place::Base(OUT, 0), flag, numbers);
        self.asm.count_flags(RAX, flag);
        self.asm.address(OUT, Place::Indexed(OUT, RAX, 2, 0));
        self.asm.land(behind);
    }

    /// The entries of an index table: four bytes where an array has eight. Uses `RAX`, and `R9`.
    fn entries(&mut self, index: IndexSlot) -> Place {
        let base = self.base(Pointer::Table(index), R9);
        self.asm.move_word(RAX, AT);
        self.asm.shift_right(RAX, 1);
        Place::Indexed(base, RAX, 0, 0)
    }

    /// Eight loads: faster than the instruction for it.
    fn gather(&mut self, result: Zmm, slot: Slot, index: IndexSlot) {
        let place = self.entries(index);
        self.asm.address(R10, place);
        let base = self.base(Pointer::Array(slot), R9);
        let [second, third] = SPARE;
        for (k, pair) in [result, second, second, third].into_iter().enumerate() {
            let entry = |lane: usize| Place::Base(R10, 4 * (2 * k + lane) as i32);
            self.asm.half_word(RAX, entry(0));
            self.asm.low(pair, Place::Indexed(base, RAX, 3, 0));
            self.asm.half_word(RAX, entry(1));
            self.asm.high(pair, Place::Indexed(base, RAX, 3, 0));
            if k == 1 {
                self.asm.join_pairs(result, second);
            }
        }
        self.asm.join_pairs(second, third);
        self.asm.join_fours(result, second);
    }
}
