//! Random well-typed kernels: the interpreter and machine code of every kind leave the same bits.
//!
//! `DSLSIM_KERNELS` is the number of kernels; a long run is
//! `DSLSIM_KERNELS=1000000 cargo test --release -p dslsim-jit --test random`.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

mod common;

use common::{CHUNKS, Case, jits, numbers};
use dslsim_ir::interp::run_prologue;
use dslsim_ir::kernel::{
    Binary, Compare, Fn1, Fn2, Fn3, IndexSlot, ScalarSlot, Slot, Type, Unary, Val,
};
use dslsim_ir::{Access, Domain, Inst};
use proptest::prelude::*;

/// A choice made by proptest, read in whatever way the kernel needs it.
type Choice = (u8, u16, u16, u16);

struct Random {
    case: Case,
    types: Vec<Type>,
    /// Whether instructions go to the prologue: about scalars only.
    ahead: bool,
    emitted: bool,
    /// Element arrays that are written, that are not, arrays of neurons, and one of a single element.
    written: Vec<Slot>,
    fixed: Vec<Slot>,
    far: Vec<Slot>,
    only: Slot,
    tables: Vec<IndexSlot>,
    scalars: Vec<ScalarSlot>,
}

fn pick<T: Copy>(list: &[T], choice: u16) -> T {
    list[choice as usize % list.len()]
}

impl Random {
    fn new(domain: Domain, n: usize, spare: usize, seed: u64) -> Self {
        let mut case = Case::new(domain);
        let long = n + spare;
        case.list = (0..n as u32)
            .map(|k| (u64::from(k) * (seed | 1) % n as u64) as u32)
            .collect();
        let written = (0..4)
            .map(|k| case.array(&numbers(long, seed + k), true))
            .collect();
        let fixed = (0..3)
            .map(|k| case.array(&numbers(long, seed + 10 + k), false))
            .collect();
        let far = (0..2)
            .map(|k| case.array(&numbers(13, seed + 20 + k), domain != Domain::All))
            .collect();
        let only = case.array(&numbers(1, seed + 30), domain != Domain::All);
        let tables = (0..2).map(|k| {
            case.table(
                &(0..long as u64)
                    .map(|e| ((e * 7 + seed % 100 + k) % 13) as u32)
                    .collect::<Vec<_>>(),
            )
        });
        let tables = tables.collect();
        let scalars = numbers(4, seed + 40)
            .into_iter()
            .map(|x| case.scalar(x))
            .collect();
        Self {
            case,
            types: Vec::new(),
            ahead: false,
            emitted: false,
            written,
            fixed,
            far,
            only,
            tables,
            scalars,
        }
    }

    fn push(&mut self, inst: Inst, ty: Type) -> Val {
        self.types.push(ty);
        if self.ahead {
            let prologue = &mut self.case.kernel.step_prologue.insts;
            prologue.push(inst);
            Val(prologue.len() as u32 - 1)
        } else {
            self.case.push(inst)
        }
    }

    /// A prologue: its results become scalars, and the kernel computes the same once more.
    fn prologue(&mut self, choices: &[Choice]) {
        self.ahead = true;
        for choice in choices {
            self.step(*choice);
        }
        self.ahead = false;
        let prologue = self.case.kernel.step_prologue.insts.clone();
        for k in 0..prologue.len() as u32 {
            let slot = self.case.scalar(0.0);
            self.scalars.push(slot);
            self.case.kernel.step_prologue.results.push((Val(k), slot));
        }
        run_prologue(
            &self.case.kernel.step_prologue,
            &self.case.kernel.arrays,
            &self.case.store,
            &mut Vec::new(),
            &mut self.case.scalars,
        );
        for inst in prologue {
            self.case.push(inst);
        }
    }

    /// A value of the type; a fresh one if there is none yet.
    fn value(&mut self, ty: Type, choice: u16) -> Val {
        let fitting: Vec<u32> = (0..self.types.len() as u32)
            .filter(|k| self.types[*k as usize] == ty)
            .collect();
        // Mostly one of the last, so that chains become long.
        let (count, choice) = (fitting.len(), choice as usize);
        let back = if choice % 3 == 0 {
            choice / 3 % count.max(1)
        } else {
            choice / 3 % count.clamp(1, 5)
        };
        if count > 0 {
            return Val(fitting[count - 1 - back]);
        }
        match ty {
            Type::Bool if self.ahead => self.push(Inst::Bool(choice % 2 == 0), Type::Bool),
            _ if self.ahead => self.push(Inst::Scalar(self.scalars[choice % 4]), Type::Num),
            Type::Bool => self.push(Inst::LoadBool(self.fixed[0], Access::Element), Type::Bool),
            _ => self.push(Inst::Load(self.fixed[1], Access::Element), Type::Num),
        }
    }

    fn place(&self, (_, a, b, _): Choice) -> (Slot, Access) {
        let near: Vec<Slot> = self.written.iter().chain(&self.fixed).copied().collect();
        match a % 10 {
            0 | 1 => (pick(&self.far, b), Access::Via(pick(&self.tables, a / 10))),
            2 => (self.only, Access::Only),
            3 => (pick(&near, b), Access::Position),
            _ => (pick(&near, b), Access::Element),
        }
    }

    fn target(&self, choice: Choice) -> (Slot, Access) {
        let (slot, access) = self.place(choice);
        if self.case.kernel.arrays[slot.0 as usize].written {
            (slot, access)
        } else {
            (pick(&self.written, choice.2), Access::Element)
        }
    }

    fn step(&mut self, choice: Choice) {
        use Type::{Bool, Num};
        let (mut op, a, b, c) = choice;
        op %= 32;
        if self.ahead && matches!(op, 3..=8 | 25 | 27..) {
            // About elements: a constant instead.
            op = 0;
        }
        match op {
            0 => {
                let constant = Inst::Const(numbers(1, u64::from(a))[0]);
                let inst = match b % 4 {
                    0 if !self.ahead => Inst::Element,
                    1 => Inst::Const(pick(&[0.75, -3.0, 0.0, -0.0, 2.0, 1.0], c)),
                    _ => constant,
                };
                self.push(inst, Num);
            }
            1 => {
                let s = pick(&self.scalars, a);
                self.push(Inst::Scalar(s), Num);
            }
            2 => {
                let s = pick(&self.scalars, a);
                self.push(
                    pick(&[Inst::ScalarBool(s), Inst::Bool(b % 2 == 0)], c),
                    Bool,
                );
            }
            3 => {
                let table = pick(&self.tables, a);
                self.push(Inst::Index(table), Num);
            }
            4..=7 => {
                let (slot, access) = self.place(choice);
                self.push(Inst::Load(slot, access), Num);
            }
            8 => {
                let (slot, access) = self.place(choice);
                // Sets are not written.
                let inst = match c % 4 {
                    0 => Inst::Bit(pick(&self.fixed, b)),
                    _ => Inst::LoadBool(slot, access),
                };
                self.push(inst, Bool);
            }
            9 => {
                let x = self.value(Num, a);
                let ops = [
                    Unary::Neg,
                    Unary::Abs,
                    Unary::Sqrt,
                    Unary::Floor,
                    Unary::Ceil,
                    Unary::Trunc,
                    Unary::Round,
                ];
                self.push(Inst::Unary(pick(&ops, b), x), Num);
            }
            10..=14 => {
                let (x, y) = (self.value(Num, a), self.value(Num, b));
                let ops = [
                    Binary::Add,
                    Binary::Sub,
                    Binary::Mul,
                    Binary::Div,
                    Binary::Mod,
                    Binary::Min,
                    Binary::Max,
                ];
                self.push(Inst::Binary(pick(&ops, c), x, y), Num);
            }
            15..=17 => {
                let x = self.value(Num, a);
                self.push(Inst::Math1(pick(&Fn1::ALL, b), x), Num);
            }
            18 => {
                let (x, y) = (self.value(Num, a), self.value(Num, b));
                self.push(Inst::Math2(Fn2::Pow, x, y), Num);
            }
            19 => {
                let (x, y, z) = (self.value(Num, a), self.value(Num, b), self.value(Num, c));
                self.push(Inst::Math3(Fn3::ExpEuler, x, y, z), Num);
            }
            20 | 21 => {
                let (x, y) = (self.value(Num, a), self.value(Num, b));
                self.push(
                    Inst::Compare(
                        pick(&[Compare::Lt, Compare::Le, Compare::Eq, Compare::Ne], c),
                        x,
                        y,
                    ),
                    Bool,
                );
            }
            22 => {
                let (x, y) = (self.value(Bool, a), self.value(Bool, b));
                self.push(
                    pick(&[Inst::And(x, y), Inst::Or(x, y), Inst::Not(x)], c),
                    Bool,
                );
            }
            23 => {
                let ty = pick(&[Num, Bool], a);
                let (p, x, y) = (self.value(Bool, b), self.value(ty, c), self.value(ty, a));
                self.push(Inst::Select(p, x, y), ty);
            }
            26 => {
                // Tables are not written.
                let x = self.value(Num, a);
                let table = pick(&self.fixed, b);
                self.push(Inst::Lookup(table, x), Num);
            }
            24 => {
                let x = self.value(Bool, a);
                self.push(Inst::ToNum(x), Num);
            }
            25 if !self.emitted => {
                self.emitted = true;
                let x = self.value(Bool, a);
                self.push(Inst::Emit(x), Type::Unit);
            }
            _ => {
                let (slot, access) = self.target(choice);
                let value = self.value(pick(&[Num, Num, Bool], c), c);
                let mask = (c % 3 == 0).then(|| self.value(Bool, b));
                self.push(
                    Inst::Store {
                        slot,
                        access,
                        value,
                        mask,
                    },
                    Type::Unit,
                );
            }
        }
    }
}

fn kernels() -> u32 {
    std::env::var("DSLSIM_KERNELS").map_or(6_000, |n| n.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: kernels(), max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn same_bits(
        ahead in prop::collection::vec(any::<Choice>(), 0..8),
        choices in prop::collection::vec(any::<Choice>(), 1..60),
        domain in prop::sample::select(vec![Domain::All, Domain::All, Domain::All, Domain::Sequential, Domain::List]),
        n in 1_usize..300,
        spare in 0_usize..20,
        cut in any::<(u16, u16)>(),
        chunks in any::<[u8; 4]>(),
        seed in any::<u32>(),
    ) {
        let mut random = Random::new(domain, n, spare, u64::from(seed));
        random.prologue(&ahead);
        for choice in choices {
            random.step(choice);
        }
        // Something that depends on the last values.
        for slot in random.written.clone() {
            random.step((27, 3, slot.0, 1));
            random.step((10, slot.0, 1, slot.0));
        }
        let (scalar, vector) = jits().split_at(1);
        let anywhere = cut.0 as usize % n;
        let part = |start: usize| start..start + 1 + cut.1 as usize % (n - start);
        random.case.check_with(scalar, &[0..n, part(anywhere)]);
        // Each level with one size of strips. Only kernels over all elements differ, and their ranges begin at whole groups.
        if domain == Domain::All {
            let some = vector.chunks(CHUNKS.len()).zip(chunks);
            let some = some.map(|(level, k)| &level[k as usize % level.len()]);
            random.case.check_with(some, &[0..n, part(anywhere / 8 * 8)]);
        }
    }
}
