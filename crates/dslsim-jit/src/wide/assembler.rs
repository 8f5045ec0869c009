//! The few machine instructions that wide loops are made of, and their encoding.
//!
//! All vector instructions are in the EVEX form (Intel SDM volume 2, section 2.7), most of them 512 bits wide. Constants are
//! collected and put behind the code; an operand in memory may be one double for all lanes (*broadcast*).

/// A vector register, 0 to 31.
pub(super) type Zmm = u8;

/// A mask register, 1 to 7: a bit for each lane. The last one is needed by comparisons into vectors.
pub(super) type Flag = u8;
const SPARE_FLAG: Flag = 7;

/// A general register by its number.
pub(super) type Gpr = u8;

pub(super) const RAX: Gpr = 0;
pub(super) const RCX: Gpr = 1;
pub(super) const RDX: Gpr = 2;
pub(super) const RBX: Gpr = 3;
pub(super) const RSP: Gpr = 4;
pub(super) const RBP: Gpr = 5;
pub(super) const RSI: Gpr = 6;
pub(super) const RDI: Gpr = 7;
pub(super) const R8: Gpr = 8;
pub(super) const R9: Gpr = 9;
pub(super) const R10: Gpr = 10;
pub(super) const R11: Gpr = 11;
pub(super) const R12: Gpr = 12;
pub(super) const R13: Gpr = 13;
pub(super) const R14: Gpr = 14;
pub(super) const R15: Gpr = 15;

/// A place in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `[base + displacement]`
    Base(Gpr, i32),
    /// `[base + index·2^scale + displacement]`
    Indexed(Gpr, Gpr, u8, i32),
    /// A constant of 64 bits, by its number.
    Constant(usize),
    /// A constant of eight lanes: 0, 1, … 7.
    Lanes,
    /// The same as whole numbers of 32 bits.
    Counts,
}

/// The last operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Register(Zmm),
    /// All lanes.
    Memory(Place),
    /// One double for all lanes.
    Broadcast(Place),
}

/// How an instruction is encoded.
#[derive(Clone, Copy)]
struct Form {
    map: u8,
    prefix: u8,
    wide: bool,
    /// 0: 128 bits, 1: 256, 2: 512.
    length: u8,
    opcode: u8,
    /// Bytes of an operand in memory that is not broadcast: the unit of short displacements.
    unit: i32,
    /// Only the lanes of this flag are written, or of a comparison taken; 0: all.
    flag: Flag,
    /// The other lanes become zero.
    zero: bool,
}

const fn form(map: u8, prefix: u8, opcode: u8) -> Form {
    Form {
        map,
        prefix,
        wide: true,
        length: 2,
        opcode,
        unit: 64,
        flag: 0,
        zero: false,
    }
}

/// Eight lanes of 32 bits.
const fn half(map: u8, prefix: u8, opcode: u8) -> Form {
    Form {
        wide: false,
        length: 1,
        unit: 32,
        ..form(map, prefix, opcode)
    }
}

/// Instructions with two sources, all lanes, by their opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Two {
    Add = 0x58,
    Mul = 0x59,
    Sub = 0x5C,
    Min = 0x5D,
    Div = 0x5E,
    Max = 0x5F,
    And = 0xDB,
    Or = 0xEB,
    Xor = 0xEF,
}

impl Two {
    /// Whether the sources may change places, to the last bit.
    pub(super) fn commutes(self) -> bool {
        matches!(self, Two::Add | Two::Mul | Two::And | Two::Or | Two::Xor)
    }
}

/// Instructions with two flags, by their opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Logic {
    And = 0x41,
    Or = 0x45,
}

/// Comparisons, by their predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Predicate {
    Equal = 0,
    Less = 1,
    LessOrEqual = 2,
    NotEqual = 4,
}

/// A function in the making.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    bytes: Vec<u8>,
    constants: Vec<u64>,
    /// Displacements to be filled in: where they stand, where the instruction ends, what they point to.
    open: Vec<(usize, usize, Place)>,
}

impl Assembler {
    /// The number of a constant.
    pub(super) fn constant(&mut self, bits: u64) -> usize {
        self.constants
            .iter()
            .position(|c| *c == bits)
            .unwrap_or_else(|| {
                self.constants.push(bits);
                self.constants.len() - 1
            })
    }

    /// The finished function: code, then constants.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let wanted = |place: Place| self.open.iter().any(|(.., p)| *p == place);
        let (lanes, counts) = (wanted(Place::Lanes), wanted(Place::Counts));
        while !self.bytes.len().is_multiple_of(64) {
            self.bytes.push(0x90);
        }
        let lanes_at = self.bytes.len();
        if lanes {
            self.bytes
                .extend((0..8).flat_map(|k| f64::from(k).to_le_bytes()));
        }
        let counts_at = self.bytes.len();
        if counts {
            self.bytes.extend((0..8_u32).flat_map(u32::to_le_bytes));
        }
        let constants = self.bytes.len();
        self.bytes
            .extend(self.constants.iter().flat_map(|c| c.to_le_bytes()));
        for (at, end, place) in self.open {
            let target = match place {
                Place::Constant(number) => constants + 8 * number,
                Place::Counts => counts_at,
                _ => lanes_at,
            };
            let displacement = (target as i32 - end as i32).to_le_bytes();
            self.bytes[at..at + 4].copy_from_slice(&displacement);
        }
        self.bytes
    }

    /// The present place, to be jumped to.
    pub(super) fn here(&self) -> usize {
        self.bytes.len()
    }

    /// The byte behind the prefixes and the opcode, and what follows it.
    fn operand(&mut self, register: u8, place: Place, unit: i32) {
        let reg = (register & 7) << 3;
        let (base, index, displacement) = match place {
            Place::Constant(_) | Place::Lanes | Place::Counts => {
                self.bytes.push(reg | 5);
                self.open.push((self.bytes.len(), 0, place));
                self.bytes.extend([0; 4]);
                return;
            }
            Place::Base(base, displacement) => (base, None, displacement),
            Place::Indexed(base, index, scale, displacement) => {
                (base, Some((index, scale)), displacement)
            }
        };
        let short = (displacement % unit == 0)
            .then(|| i8::try_from(displacement / unit).ok())
            .flatten();
        let mode = match short {
            Some(0) if base & 7 != 5 => 0,
            Some(_) => 0x40,
            None => 0x80,
        };
        if index.is_some() || base & 7 == 4 {
            let (index, scale) = index.unwrap_or((4, 0));
            self.bytes.push(mode | reg | 4);
            self.bytes.push(scale << 6 | (index & 7) << 3 | base & 7);
        } else {
            self.bytes.push(mode | reg | base & 7);
        }
        match (mode, short) {
            (0, _) => {}
            (0x40, Some(short)) => self.bytes.push(short as u8),
            _ => self.bytes.extend(displacement.to_le_bytes()),
        }
    }

    fn vector(&mut self, form: Form, dst: u8, first: u8, last: Source, immediate: Option<u8>) {
        let bit = |number: u8, at: u8| (number >> at & 1) ^ 1;
        let (x, b, broadcast) = match last {
            Source::Register(r) => (bit(r, 4), bit(r, 3), 0),
            Source::Memory(place) | Source::Broadcast(place) => {
                let broadcast = u8::from(matches!(last, Source::Broadcast(_)));
                match place {
                    Place::Base(base, _) => (1, bit(base, 3), broadcast),
                    Place::Indexed(base, index, ..) => (bit(index, 3), bit(base, 3), broadcast),
                    Place::Constant(_) | Place::Lanes | Place::Counts => (1, 1, broadcast),
                }
            }
        };
        self.bytes.extend([
            0x62,
            bit(dst, 3) << 7 | x << 6 | b << 5 | bit(dst, 4) << 4 | form.map,
            u8::from(form.wide) << 7 | (!first & 15) << 3 | 4 | form.prefix,
            u8::from(form.zero) << 7
                | form.length << 5
                | broadcast << 4
                | bit(first, 4) << 3
                | form.flag,
            form.opcode,
        ]);
        match last {
            Source::Register(r) => self.bytes.push(0xC0 | (dst & 7) << 3 | r & 7),
            Source::Memory(place) => self.operand(dst, place, form.unit),
            Source::Broadcast(place) => self.operand(dst, place, 8),
        }
        self.bytes.extend(immediate);
        let end = self.bytes.len();
        if let Some(open) = self.open.last_mut().filter(|o| o.1 == 0) {
            open.1 = end;
        }
    }

    /// `vmovupd`
    pub(super) fn load(&mut self, dst: Zmm, from: Place) {
        self.vector(form(1, 1, 0x10), dst, 0, Source::Memory(from), None);
    }

    /// `vmovupd`
    pub(super) fn store(&mut self, to: Place, src: Zmm) {
        self.vector(form(1, 1, 0x11), src, 0, Source::Memory(to), None);
    }

    /// `vmovapd`
    pub(super) fn copy(&mut self, dst: Zmm, src: Zmm) {
        self.vector(form(1, 1, 0x28), dst, 0, Source::Register(src), None);
    }

    /// `vbroadcastsd`
    pub(super) fn broadcast(&mut self, dst: Zmm, from: Place) {
        let form = Form {
            unit: 8,
            ..form(2, 1, 0x19)
        };
        self.vector(form, dst, 0, Source::Memory(from), None);
    }

    /// `vaddpd` and the like
    pub(super) fn two(&mut self, op: Two, dst: Zmm, first: Zmm, last: Source) {
        self.vector(form(1, 1, op as u8), dst, first, last, None);
    }

    /// `vsqrtpd`
    pub(super) fn sqrt(&mut self, dst: Zmm, src: Source) {
        self.vector(form(1, 1, 0x51), dst, 0, src, None);
    }

    /// `vrndscalepd`: to the nearest (0), down (1), up (2), to zero (3).
    pub(super) fn round(&mut self, dst: Zmm, src: Source, mode: u8) {
        self.vector(form(3, 1, 0x09), dst, 0, src, Some(8 | mode));
    }

    /// `vcmppd` and `vpmovm2q`: all bits of a lane are one or zero.
    pub(super) fn compare(&mut self, predicate: Predicate, dst: Zmm, first: Zmm, last: Source) {
        self.test(predicate, SPARE_FLAG, first, last);
        self.spread_flag(dst, SPARE_FLAG);
    }

    /// `vpmovm2q`: all bits of a lane are one or zero.
    pub(super) fn spread_flag(&mut self, dst: Zmm, flag: Flag) {
        self.vector(form(2, 2, 0x38), dst, 0, Source::Register(flag), None);
    }

    /// `kmovb`: a byte from memory. `place` is a base and an index.
    pub(super) fn load_flag(&mut self, dst: Flag, place: Place) {
        let (x, b) = match place {
            Place::Indexed(base, index, ..) => (index >> 3, base >> 3),
            Place::Base(base, _) => (0, base >> 3),
            Place::Constant(_) | Place::Lanes | Place::Counts => (0, 0),
        };
        self.bytes
            .extend([0xC4, 0x80 | (x ^ 1) << 6 | (b ^ 1) << 5 | 1, 0x79, 0x90]);
        self.operand(dst, place, 1);
    }

    /// `vcmppd`: into a flag.
    pub(super) fn test(&mut self, predicate: Predicate, dst: Flag, first: Zmm, last: Source) {
        self.vector(form(1, 1, 0xC2), dst, first, last, Some(predicate as u8));
    }

    /// `vpmovq2m`: the flag of lanes whose bits are all one or zero.
    pub(super) fn flag(&mut self, dst: Flag, src: Zmm) {
        self.vector(form(2, 2, 0x39), dst, 0, Source::Register(src), None);
    }

    /// `vblendmpd`: in each lane, `flag ? x : y`.
    pub(super) fn choose(&mut self, dst: Zmm, flag: Flag, x: Source, y: Zmm) {
        let form = Form {
            flag,
            ..form(2, 1, 0x65)
        };
        self.vector(form, dst, y, x, None);
    }

    /// `vmovapd` or `vbroadcastsd`: the number where the flag holds, elsewhere 0.
    pub(super) fn where_flag(&mut self, dst: Zmm, flag: Flag, number: Source) {
        let (opcode, number) = match number {
            Source::Broadcast(place) => ((2, 0x19), Source::Memory(place)),
            other => ((1, 0x28), other),
        };
        let unit = if opcode.0 == 2 { 8 } else { 64 };
        let form = Form {
            flag,
            zero: true,
            unit,
            ..form(opcode.0, 1, opcode.1)
        };
        self.vector(form, dst, 0, number, None);
    }

    /// An instruction of flags in the VEX form: `first` where the form has a second operand.
    fn flags(&mut self, opcode: u8, dst: u8, first: Option<Flag>, last: Flag) {
        let long = u8::from(first.is_some()) << 2;
        let vvvv = (!first.unwrap_or(0) & 15) << 3;
        self.bytes
            .extend([0xC5, 0x80 | vvvv | long | 1, opcode, 0xC0 | dst << 3 | last]);
    }

    /// `kandb`, `korb`
    pub(super) fn logic(&mut self, op: Logic, dst: Flag, first: Flag, last: Flag) {
        self.flags(op as u8, dst, Some(first), last);
    }

    /// `knotb`
    pub(super) fn opposite(&mut self, dst: Flag, src: Flag) {
        self.flags(0x44, dst, None, src);
    }

    /// `kortestb`, and `jz` forward: gives what [`Assembler::land`] wants to know.
    pub(super) fn skip_unless(&mut self, flag: Flag) -> usize {
        self.flags(0x98, flag, None, flag);
        self.bytes.extend([0x0F, 0x84, 0, 0, 0, 0]);
        self.bytes.len()
    }

    /// Jumps forward arrive here.
    pub(super) fn land(&mut self, from: usize) {
        let displacement = (self.bytes.len() - from) as i32;
        self.bytes[from - 4..from].copy_from_slice(&displacement.to_le_bytes());
    }

    /// `vpbroadcastd ymm, r32`
    pub(super) fn spread_half(&mut self, dst: Zmm, from: Gpr) {
        self.vector(half(2, 1, 0x7C), dst, 0, Source::Register(from), None);
    }

    /// `vpaddd ymm` of 0, 1, … 7
    pub(super) fn count_on(&mut self, dst: Zmm) {
        let counts = Source::Memory(Place::Counts);
        self.vector(half(1, 1, 0xFE), dst, dst, counts, None);
    }

    /// `vpcmpltud`: of the lanes of a flag, those where the first whole number is less.
    pub(super) fn flag_below(&mut self, flag: Flag, first: Zmm, last: Zmm) {
        let form = Form {
            flag,
            ..half(3, 1, 0x1E)
        };
        self.vector(form, flag, first, Source::Register(last), Some(1));
    }

    /// `vpcompressd ymm`, and `vmovdqu32`: the whole numbers in the lanes of a flag, one after the other; behind them zeros.
    pub(super) fn compress(&mut self, to: Place, flag: Flag, src: Zmm) {
        let form = Form {
            flag,
            zero: true,
            ..half(2, 1, 0x8B)
        };
        self.vector(form, src, 0, Source::Register(src), None);
        self.vector(half(1, 2, 0x7F), src, 0, Source::Memory(to), None);
    }

    /// `kmovb` and `popcnt`: how many lanes a flag has.
    pub(super) fn count_flags(&mut self, dst: Gpr, flag: Flag) {
        self.flags(0x93, dst, None, flag);
        self.bytes.extend([0xF3, 0x0F, 0xB8, 0xC0 | dst << 3 | dst]);
    }

    /// `vpternlogq`: in each bit, `dst ? x : y`, into `dst`.
    pub(super) fn select(&mut self, dst: Zmm, x: Zmm, y: Source) {
        self.vector(form(3, 1, 0x25), dst, x, y, Some(0xCA));
    }

    /// `vpbroadcastq` and `vcvtqq2pd`: a whole number in all lanes.
    pub(super) fn number(&mut self, dst: Zmm, from: Gpr) {
        self.vector(form(2, 1, 0x7C), dst, 0, Source::Register(from), None);
        self.vector(form(1, 2, 0xE6), dst, 0, Source::Register(dst), None);
    }

    /// `vcvtudq2pd`: eight numbers of 32 bits.
    pub(super) fn entries(&mut self, dst: Zmm, from: Place) {
        let form = Form {
            wide: false,
            unit: 32,
            ..form(1, 2, 0x7A)
        };
        self.vector(form, dst, 0, Source::Memory(from), None);
    }

    /// `vmovsd`: one double, zero above.
    pub(super) fn low(&mut self, dst: Zmm, from: Place) {
        let form = Form {
            length: 0,
            unit: 8,
            ..form(1, 3, 0x10)
        };
        self.vector(form, dst, 0, Source::Memory(from), None);
    }

    /// `vmovhpd`: one double into the second lane.
    pub(super) fn high(&mut self, dst: Zmm, from: Place) {
        let form = Form {
            length: 0,
            unit: 8,
            ..form(1, 1, 0x16)
        };
        self.vector(form, dst, dst, Source::Memory(from), None);
    }

    /// `vinsertf64x2`: two lanes behind the two of `dst`.
    pub(super) fn join_pairs(&mut self, dst: Zmm, upper: Zmm) {
        let form = Form {
            length: 1,
            ..form(3, 1, 0x18)
        };
        self.vector(form, dst, dst, Source::Register(upper), Some(1));
    }

    /// `vinsertf64x4`: four lanes behind the four of `dst`.
    pub(super) fn join_fours(&mut self, dst: Zmm, upper: Zmm) {
        self.vector(form(3, 1, 0x1A), dst, dst, Source::Register(upper), Some(1));
    }

    /// An instruction of general registers with an operand in memory.
    fn general(&mut self, wide: bool, opcode: u8, register: Gpr, place: Place) {
        let (index, base) = match place {
            Place::Base(base, _) => (0, base),
            Place::Indexed(base, index, ..) => (index, base),
            Place::Constant(_) | Place::Lanes | Place::Counts => (0, 0),
        };
        let rex = 0x40 | u8::from(wide) << 3 | register >> 3 << 2 | index >> 3 << 1 | base >> 3;
        if rex != 0x40 {
            self.bytes.push(rex);
        }
        self.bytes.push(opcode);
        self.operand(register, place, 1);
    }

    /// `mov r64, [place]`
    pub(super) fn word(&mut self, dst: Gpr, from: Place) {
        self.general(true, 0x8B, dst, from);
    }

    /// `mov r32, [place]`: zero above.
    pub(super) fn half_word(&mut self, dst: Gpr, from: Place) {
        self.general(false, 0x8B, dst, from);
    }

    /// `lea r64, [place]`
    pub(super) fn address(&mut self, dst: Gpr, of: Place) {
        self.general(true, 0x8D, dst, of);
    }

    /// `mov r64, r64`
    pub(super) fn move_word(&mut self, dst: Gpr, src: Gpr) {
        self.words(0x8B, dst, src);
    }

    /// `shr r64, n`
    pub(super) fn shift_right(&mut self, dst: Gpr, by: u8) {
        self.bytes
            .extend([0x48 | dst >> 3, 0xC1, 0xE8 | dst & 7, by]);
    }

    /// `add r64, n` (also of negative numbers)
    pub(super) fn add_number(&mut self, dst: Gpr, number: i32) {
        self.bytes.extend([0x48 | dst >> 3, 0x81, 0xC0 | dst & 7]);
        self.bytes.extend(number.to_le_bytes());
    }

    /// `add r64, r64`
    pub(super) fn add(&mut self, dst: Gpr, src: Gpr) {
        self.words(0x03, dst, src);
    }

    /// `sub r64, r64`
    pub(super) fn subtract(&mut self, dst: Gpr, src: Gpr) {
        self.words(0x2B, dst, src);
    }

    /// An instruction of two general registers.
    fn words(&mut self, opcode: u8, dst: Gpr, src: Gpr) {
        let rex = 0x48 | dst >> 3 << 2 | src >> 3;
        self.bytes
            .extend([rex, opcode, 0xC0 | (dst & 7) << 3 | src & 7]);
    }

    /// `and r64, -n`: down to a multiple of n, a power of two up to 128.
    pub(super) fn round_down(&mut self, dst: Gpr, n: u8) {
        let mask = n.wrapping_neg();
        self.bytes
            .extend([0x48 | dst >> 3, 0x83, 0xE0 | dst & 7, mask]);
    }

    /// `cmp`, and `jb` back to a place passed before.
    pub(super) fn repeat_while_below(&mut self, x: Gpr, y: Gpr, to: usize) {
        self.repeat_while(0x82, x, y, to);
    }

    /// `cmp`, and `jge` back to a place passed before: below zero is less.
    pub(super) fn repeat_while_not_below(&mut self, x: Gpr, y: Gpr, to: usize) {
        self.repeat_while(0x8D, x, y, to);
    }

    fn repeat_while(&mut self, jump: u8, x: Gpr, y: Gpr, to: usize) {
        let rex = 0x48 | y >> 3 << 2 | x >> 3;
        self.bytes.extend([rex, 0x39, 0xC0 | (y & 7) << 3 | x & 7]);
        self.bytes.extend([0x0F, jump]);
        let displacement = to as i32 - (self.bytes.len() as i32 + 4);
        self.bytes.extend(displacement.to_le_bytes());
    }

    pub(super) fn push(&mut self, register: Gpr) {
        if register > 7 {
            self.bytes.push(0x41);
        }
        self.bytes.push(0x50 | register & 7);
    }

    pub(super) fn pop(&mut self, register: Gpr) {
        if register > 7 {
            self.bytes.push(0x41);
        }
        self.bytes.push(0x58 | register & 7);
    }

    /// `vzeroupper` and `ret`
    pub(super) fn leave(&mut self) {
        self.bytes.extend([0xC5, 0xF8, 0x77, 0xC3]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(f: impl FnOnce(&mut Assembler)) -> Vec<u8> {
        let mut a = Assembler::default();
        f(&mut a);
        a.bytes
    }

    /// The encodings of GNU `as` (`.intel_syntax`) for the instructions in the comments.
    #[test]
    fn encodings_are_those_of_an_assembler() {
        use Source::{Broadcast, Memory, Register};
        let is = |f: fn(&mut Assembler), bytes: &[u8]| assert_eq!(encoded(f), bytes);
        // vmovupd zmm17, [r9+rcx]
        is(
            |a| a.load(17, Place::Indexed(R9, RCX, 0, 0)),
            &[0x62, 0xc1, 0xfd, 0x48, 0x10, 0x0c, 0x09],
        );
        // vmovupd [r13+rcx+0x840], zmm3
        is(
            |a| a.store(Place::Indexed(R13, RCX, 0, 0x840), 3),
            &[0x62, 0xd1, 0xfd, 0x48, 0x11, 0x5c, 0x0d, 0x21],
        );
        // vmovupd zmm1, [rsp+0x40]
        is(
            |a| a.load(1, Place::Base(RSP, 0x40)),
            &[0x62, 0xf1, 0xfd, 0x48, 0x10, 0x4c, 0x24, 0x01],
        );
        // vaddpd zmm1, zmm2, zmm30
        is(
            |a| a.two(Two::Add, 1, 2, Register(30)),
            &[0x62, 0x91, 0xed, 0x48, 0x58, 0xce],
        );
        // vaddpd zmm20, zmm2, qword ptr [rsi+0x20]{1to8}
        is(
            |a| a.two(Two::Add, 20, 2, Broadcast(Place::Base(RSI, 0x20))),
            &[0x62, 0xe1, 0xed, 0x58, 0x58, 0x66, 0x04],
        );
        // vcmpltpd k7, zmm20, zmm3; vpmovm2q zmm20, k7
        is(
            |a| a.compare(Predicate::Less, 20, 20, Register(3)),
            &[
                0x62, 0xf1, 0xdd, 0x40, 0xc2, 0xfb, 0x01, 0x62, 0xe2, 0xfe, 0x48, 0x38, 0xe7,
            ],
        );
        // vpternlogq zmm20, zmm1, zmm2, 0xca
        is(
            |a| a.select(20, 1, Register(2)),
            &[0x62, 0xe3, 0xf5, 0x48, 0x25, 0xe2, 0xca],
        );
        // vrndscalepd zmm20, zmm9, 9
        is(
            |a| a.round(20, Register(9), 1),
            &[0x62, 0xc3, 0xfd, 0x48, 0x09, 0xe1, 0x09],
        );
        // vsqrtpd zmm3, zmm4
        is(
            |a| a.sqrt(3, Register(4)),
            &[0x62, 0xf1, 0xfd, 0x48, 0x51, 0xdc],
        );
        // vbroadcastsd zmm5, [rsi+8]
        is(
            |a| a.broadcast(5, Place::Base(RSI, 8)),
            &[0x62, 0xf2, 0xfd, 0x48, 0x19, 0x6e, 0x01],
        );
        // vpbroadcastq zmm6, rax; vcvtqq2pd zmm6, zmm6
        is(
            |a| a.number(6, RAX),
            &[
                0x62, 0xf2, 0xfd, 0x48, 0x7c, 0xf0, 0x62, 0xf1, 0xfe, 0x48, 0xe6, 0xf6,
            ],
        );
        // vcvtudq2pd zmm7, ymmword ptr [r9+rax]
        is(
            |a| a.entries(7, Place::Indexed(R9, RAX, 0, 0)),
            &[0x62, 0xd1, 0x7e, 0x48, 0x7a, 0x3c, 0x01],
        );
        // vmovhpd xmm16, xmm16, qword ptr [r13+rax*8]
        is(
            |a| a.high(16, Place::Indexed(R13, RAX, 3, 0)),
            &[0x62, 0xc1, 0xfd, 0x00, 0x16, 0x44, 0xc5, 0x00],
        );
        // vinsertf64x2 ymm5, ymm5, xmm6, 1; vinsertf64x4 zmm5, zmm5, ymm6, 1
        is(
            |a| a.join_pairs(5, 6),
            &[0x62, 0xf3, 0xd5, 0x28, 0x18, 0xee, 0x01],
        );
        is(
            |a| a.join_fours(5, 6),
            &[0x62, 0xf3, 0xd5, 0x48, 0x1a, 0xee, 0x01],
        );
        // vpandq, vporq, vpxorq zmm1, zmm2, zmm3
        is(
            |a| a.two(Two::And, 1, 2, Register(3)),
            &[0x62, 0xf1, 0xed, 0x48, 0xdb, 0xcb],
        );
        is(
            |a| a.two(Two::Or, 1, 2, Register(3)),
            &[0x62, 0xf1, 0xed, 0x48, 0xeb, 0xcb],
        );
        is(
            |a| a.two(Two::Xor, 1, 2, Memory(Place::Indexed(R9, RCX, 0, 0))),
            &[0x62, 0xd1, 0xed, 0x48, 0xef, 0x0c, 0x09],
        );
        // vmovapd zmm1, zmm20
        is(|a| a.copy(1, 20), &[0x62, 0xb1, 0xfd, 0x48, 0x28, 0xcc]);
        // sub rax, rcx; add rcx, rax; and rax, -64
        is(|a| a.subtract(RAX, RCX), &[0x48, 0x2b, 0xc1]);
        is(|a| a.add(RCX, RAX), &[0x48, 0x03, 0xc8]);
        is(|a| a.round_down(RAX, 64), &[0x48, 0x83, 0xe0, 0xc0]);
        // mov rax, rcx; shr rax, 3; mov eax, [r13+rbp+12]
        is(|a| a.shift_right(RAX, 3), &[0x48, 0xc1, 0xe8, 0x03]);
        is(
            |a| a.half_word(RAX, Place::Indexed(R13, RBP, 0, 12)),
            &[0x41, 0x8b, 0x44, 0x2d, 0x0c],
        );
    }

    #[test]
    fn flags_are_encoded_as_by_an_assembler() {
        use Source::{Broadcast, Register};
        let is = |f: fn(&mut Assembler), bytes: &[u8]| assert_eq!(encoded(f), bytes);
        // vcmpltpd k3, zmm20, zmm3
        is(
            |a| a.test(Predicate::Less, 3, 20, Register(3)),
            &[0x62, 0xf1, 0xdd, 0x40, 0xc2, 0xdb, 0x01],
        );
        // vpmovq2m k2, zmm20
        is(|a| a.flag(2, 20), &[0x62, 0xb2, 0xfe, 0x48, 0x39, 0xd4]);
        // vblendmpd zmm1{k3}, zmm20, qword ptr [rsi+0x20]{1to8}
        is(
            |a| a.choose(1, 3, Broadcast(Place::Base(RSI, 0x20)), 20),
            &[0x62, 0xf2, 0xdd, 0x53, 0x65, 0x4e, 0x04],
        );
        // vblendmpd zmm17{k2}, zmm2, zmm30
        is(
            |a| a.choose(17, 2, Register(30), 2),
            &[0x62, 0x82, 0xed, 0x4a, 0x65, 0xce],
        );
        // vbroadcastsd zmm5{k1}{z}, qword ptr [rsi+8]
        is(
            |a| a.where_flag(5, 1, Broadcast(Place::Base(RSI, 8))),
            &[0x62, 0xf2, 0xfd, 0xc9, 0x19, 0x6e, 0x01],
        );
        // vmovapd zmm5{k7}{z}, zmm20
        is(
            |a| a.where_flag(5, 7, Register(20)),
            &[0x62, 0xb1, 0xfd, 0xcf, 0x28, 0xec],
        );
        // kandb k1, k2, k3; korb k7, k1, k6; knotb k3, k5
        is(|a| a.logic(Logic::And, 1, 2, 3), &[0xc5, 0xed, 0x41, 0xcb]);
        is(|a| a.logic(Logic::Or, 7, 1, 6), &[0xc5, 0xf5, 0x45, 0xfe]);
        is(|a| a.opposite(3, 5), &[0xc5, 0xf9, 0x44, 0xdd]);
        // kortestb k4, k4; jz over the next byte; nop
        is(
            |a| {
                let from = a.skip_unless(4);
                a.bytes.push(0x90);
                a.land(from);
            },
            &[0xc5, 0xf9, 0x98, 0xe4, 0x0f, 0x84, 1, 0, 0, 0, 0x90],
        );
        // vpbroadcastd ymm30, eax; vpcmpltud k3{k3}, ymm30, ymm31
        is(
            |a| a.spread_half(30, RAX),
            &[0x62, 0x62, 0x7d, 0x28, 0x7c, 0xf0],
        );
        is(
            |a| a.flag_below(3, 30, 31),
            &[0x62, 0x93, 0x0d, 0x23, 0x1e, 0xdf, 0x01],
        );
        // vpaddd ymm30, ymm30, ymmword ptr [rip+…]
        is(
            |a| a.count_on(30),
            &[0x62, 0x61, 0x0d, 0x20, 0xfe, 0x35, 0, 0, 0, 0],
        );
        // vpcompressd ymm30{k3}{z}, ymm30; vmovdqu32 ymmword ptr [r15], ymm30
        is(
            |a| a.compress(Place::Base(R15, 0), 3, 30),
            &[
                0x62, 0x02, 0x7d, 0xab, 0x8b, 0xf6, 0x62, 0x41, 0x7e, 0x28, 0x7f, 0x37,
            ],
        );
        // kmovb k3, byte ptr [r13+rax]; kmovb k2, byte ptr [rbx+r9]
        is(
            |a| a.load_flag(3, Place::Indexed(R13, RAX, 0, 0)),
            &[0xc4, 0xc1, 0x79, 0x90, 0x5c, 0x05, 0x00],
        );
        is(
            |a| a.load_flag(2, Place::Indexed(RBX, R9, 0, 0)),
            &[0xc4, 0xa1, 0x79, 0x90, 0x14, 0x0b],
        );
        // kmovb eax, k3; popcnt eax, eax
        is(
            |a| a.count_flags(RAX, 3),
            &[0xc5, 0xf9, 0x93, 0xc3, 0xf3, 0x0f, 0xb8, 0xc0],
        );
    }
}
