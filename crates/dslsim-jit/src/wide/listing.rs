//! A loop as text, for people.

use std::fmt::Write as _;

use super::assembler::Zmm;
use super::code::{Code, Invariant, Memory, Op, Source};
use super::registers::{Allocation, Placed};

/// One line for each operation; `a3` is an array, `t1` an index table, `scratch2` a buffer of the scratch memory.
pub(super) fn listing(code: &Code, registers: &Allocation) -> String {
    let mut out = String::from("loop of eight lanes (AVX-512):\n");
    for ((invariant, _), r) in code.kept.iter().zip(&registers.kept) {
        let _ = writeln!(out, "  zmm{r} = {}", spread(*invariant));
    }
    out.push_str("  for each eight elements:\n");
    for placed in &registers.code {
        let line = match *placed {
            Placed::Spill(slot, r) => format!("stack[{slot}] = zmm{r}"),
            Placed::Reload(r, slot) => format!("zmm{r} = stack[{slot}]"),
            Placed::Again(r, memory) => format!("zmm{r} = {}", place(memory)),
            Placed::Op(op, result, operands) => operation(&op, result, operands),
        };
        let _ = writeln!(out, "    {line}");
    }
    out
}

fn place(memory: Memory) -> String {
    match memory {
        Memory::Array(slot) => format!("a{}", slot.0),
        Memory::Scratch(buffer) => format!("scratch{buffer}"),
    }
}

fn spread(invariant: Invariant) -> String {
    match invariant {
        Invariant::Const(bits) => match f64::from_bits(bits) {
            number if number.is_nan() => format!("{bits:#x}"),
            number => format!("{number:?}"),
        },
        Invariant::Scalar(offset) => format!("scalar{}", offset / 16),
        Invariant::Only(slot) => format!("a{}[0]", slot.0),
    }
}

fn operation(op: &Op, result: Zmm, operands: [Zmm; 3]) -> String {
    let [first, second, _] = operands;
    let last = op.source().map_or_else(String::new, |source| match source {
        Source::Memory(memory) => place(memory),
        Source::Invariant(invariant) => spread(invariant),
        Source::Value(_) => Placed::register_of(op, &operands, source)
            .map_or_else(String::new, |r| format!("zmm{r}")),
    });
    match *op {
        Op::Load(_, memory) => format!("zmm{result} = {}", place(memory)),
        Op::Broadcast(_, invariant) => format!("zmm{result} = {}", spread(invariant)),
        Op::Two(two, ..) => {
            let name = format!("{two:?}").to_lowercase();
            format!("zmm{result} = {name} zmm{first}, {last}")
        }
        Op::Sqrt(..) => format!("zmm{result} = sqrt {last}"),
        Op::Round(_, _, mode) => {
            let name = ["nearest", "floor", "ceil", "trunc"][usize::from(mode & 3)];
            format!("zmm{result} = {name} {last}")
        }
        Op::Compare(predicate, ..) => {
            format!("zmm{result} = {predicate:?} zmm{first}, {last}").replace("Or", " or ")
        }
        Op::Select(..) => format!("zmm{result} = zmm{first} ? zmm{second} : {last}"),
        Op::Element(_) => format!("zmm{result} = element"),
        Op::Entries(_, index) => format!("zmm{result} = t{}", index.0),
        Op::Gather(_, slot, index) => format!("zmm{result} = a{}[t{}]", slot.0, index.0),
        Op::Test(predicate, ..) => {
            format!("k{result} = {predicate:?} zmm{first}, {last}").replace("Or", " or ")
        }
        Op::Logic(logic, ..) => {
            let name = format!("{logic:?}").to_lowercase();
            format!("k{result} = {name} k{first}, k{second}")
        }
        Op::Opposite(..) => format!("k{result} = not k{first}"),
        Op::Flag(..) => format!("k{result} = zmm{first}"),
        Op::Spread(..) => format!("zmm{result} = k{first}"),
        Op::Bits(_, slot) => format!("k{result} = bits of a{}", slot.0),
        Op::Choose(..) => format!("zmm{result} = k{first} ? {last} : zmm{second}"),
        Op::Where(..) => format!("zmm{result} = k{first} ? {last} : 0"),
        Op::Emit(_) => format!("emit k{first}"),
        Op::Store(memory, _) => format!("{} = zmm{first}", place(memory)),
    }
}
