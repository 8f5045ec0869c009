//! Kernels over lists and ranges whose elements only add to what they share: calculated for many elements at once, with the bits of one
//! element after the other.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Case, jits, numbers};
use dslsim_ir::kernel::{Binary, Compare, Fn1, Fn2, IndexSlot, Slot, Val};
use dslsim_ir::{Access, Domain, Inst, dense};
use proptest::prelude::*;

/// Neurons that the synapses reach.
const NEURONS: usize = 37;

struct Pathway {
    case: Case,
    own: [Slot; 3],
    fixed: Slot,
    sums: [Slot; 2],
    table: IndexSlot,
    numbers: Vec<Val>,
}

impl Pathway {
    fn new(domain: Domain, n: usize, seed: u64) -> Pathway {
        let mut case = Case::new(domain);
        // Most elements, from somewhere in the middle on.
        let mut list: Vec<u32> = (0..n as u32)
            .filter(|k| *k == 0 || !(u64::from(*k) * (seed | 1)).is_multiple_of(5))
            .collect();
        let middle = list.len() / 2;
        list.rotate_left(middle);
        case.list = list;
        let mut array = |k: u64, len: usize| case.array(&numbers(len, seed + k), true);
        let own = [array(0, n), array(1, n), array(2, n)];
        let sums = [array(3, NEURONS), array(4, NEURONS)];
        let fixed = case.array(&numbers(NEURONS, seed + 5), false);
        let entries: Vec<u32> = (0..n as u64)
            .map(|k| (k.wrapping_mul(seed | 1) >> 3) as u32 % NEURONS as u32)
            .collect();
        let table = case.table(&entries);
        Pathway {
            case,
            own,
            fixed,
            sums,
            table,
            numbers: Vec::new(),
        }
    }

    fn value(&self, choice: u8) -> Val {
        self.numbers[choice as usize % self.numbers.len()]
    }

    fn number(&mut self, inst: Inst) {
        let value = self.case.push(inst);
        self.numbers.push(value);
    }

    fn test(&mut self, a: u8, b: u8) -> Val {
        let (a, b) = (self.value(a), self.value(b));
        self.case.push(Inst::Compare(Compare::Lt, a, b))
    }

    fn step(&mut self, (op, a, b, c): (u8, u8, u8, u8)) {
        let (x, y) = (self.value(a), self.value(b));
        let own = self.own[c as usize % 3];
        match op % 10 {
            0 => self.number(Inst::Load(own, Access::Element)),
            1 => self.number(Inst::Load(self.fixed, Access::Via(self.table))),
            2 | 3 => {
                let ops = [
                    Binary::Add,
                    Binary::Mul,
                    Binary::Sub,
                    Binary::Max,
                    Binary::Mod,
                ];
                self.number(Inst::Binary(ops[c as usize % 5], x, y));
            }
            4 => self.number(Inst::Math1(
                [Fn1::Exp, Fn1::Sin, Fn1::Tanh][c as usize % 3],
                x,
            )),
            5 => self.number(Inst::Math2(Fn2::Pow, x, y)),
            6 => {
                let condition = self.test(a, c);
                self.number(Inst::Select(condition, x, y));
            }
            _ => {
                let mask = (b % 3 == 0).then(|| self.test(b, c));
                self.case.push(Inst::Store {
                    slot: own,
                    access: Access::Element,
                    value: x,
                    mask,
                });
            }
        }
    }

    /// `sum[table] += x`, in one of the ways to write it.
    fn sum(&mut self, which: usize, (op, a, b, c): (u8, u8, u8, u8)) {
        let (slot, access) = (self.sums[which], Access::Via(self.table));
        let x = self.value(a);
        let old = self.case.push(Inst::Load(slot, access));
        let new = self.case.push(match op % 3 {
            0 => Inst::Binary(Binary::Add, old, x),
            1 => Inst::Binary(Binary::Add, x, old),
            _ => Inst::Binary(Binary::Sub, old, x),
        });
        let value = if b % 2 == 0 {
            new
        } else {
            let condition = self.test(b, c);
            self.case.push(Inst::Select(condition, new, old))
        };
        let mask = (c % 3 == 0).then(|| self.test(c, a));
        self.case.push(Inst::Store {
            slot,
            access,
            value,
            mask,
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn many_at_once_are_the_same_as_one_after_the_other(
        steps in prop::collection::vec(any::<(u8, u8, u8, u8)>(), 1..25),
        sums in prop::collection::vec(any::<(u8, u8, u8, u8)>(), 0..3),
        domain in prop::sample::select(vec![Domain::Sequential, Domain::List]),
        n in 1_usize..700,
        cut in any::<(u16, u16)>(),
        seed in any::<u32>(),
    ) {
        let mut pathway = Pathway::new(domain, n, u64::from(seed));
        pathway.number(Inst::Load(pathway.own[0], Access::Element));
        pathway.number(Inst::Const(0.75));
        pathway.number(Inst::Math1(Fn1::Exp, Val(0)));
        for step in steps {
            pathway.step(step);
        }
        for (which, sum) in sums.into_iter().enumerate() {
            pathway.sum(which, sum);
        }
        let case = pathway.case;
        prop_assert!(dense::split(&case.valid()).is_some(), "{}", case.kernel);
        let len = if domain == Domain::List { case.list.len() } else { n };
        let start = cut.0 as usize % len;
        let part = start..start + 1 + cut.1 as usize % (len - start);
        case.check_with(jits(), &[0..len, part]);
    }
}

/// The store of a kernel `x[table] = f(x[table])` and the like.
fn depends(change: impl Fn(&mut Case, Slot, Access, Val) -> Val) -> bool {
    let mut case = Case::new(Domain::List);
    let (own, shared) = (case.array(&[1.0; 20], true), case.array(&[1.0; 5], true));
    let table = case.table(&[0; 20]);
    let x = case.load(own);
    let exp = case.push(Inst::Math1(Fn1::Exp, x));
    case.put(own, exp);
    let access = Access::Via(table);
    let value = change(&mut case, shared, access, exp);
    case.push(Inst::Store {
        slot: shared,
        access,
        value,
        mask: None,
    });
    dense::split(&case.valid()).is_none()
}

#[test]
fn elements_that_depend_on_each_other_stay_apart() {
    assert!(!depends(|case, shared, access, exp| {
        let old = case.push(Inst::Load(shared, access));
        case.push(Inst::Binary(Binary::Add, old, exp))
    }));
    // x = exp
    assert!(depends(|_, _, _, exp| exp));
    // x = x * exp
    assert!(depends(|case, shared, access, exp| {
        let old = case.push(Inst::Load(shared, access));
        case.push(Inst::Binary(Binary::Mul, old, exp))
    }));
    // x = exp - x
    assert!(depends(|case, shared, access, exp| {
        let old = case.push(Inst::Load(shared, access));
        case.push(Inst::Binary(Binary::Sub, exp, old))
    }));
    // x = x + x
    assert!(depends(|case, shared, access, _| {
        let old = case.push(Inst::Load(shared, access));
        case.push(Inst::Binary(Binary::Add, old, old))
    }));
    // x = x + exp, and somebody else uses the old x
    assert!(depends(|case, shared, access, exp| {
        let old = case.push(Inst::Load(shared, access));
        case.put(Slot(0), old);
        case.push(Inst::Binary(Binary::Add, old, exp))
    }));
}
