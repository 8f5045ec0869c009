//! Each instruction and each way of access, by hand.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod common;

use common::{Case, numbers};
use dslsim_ir::kernel::{Binary, Compare, Fn1, Fn2, Fn3, Unary, Val};
use dslsim_ir::{Access, Domain, Inst};
use dslsim_jit::Jit;

const N: usize = 83;
const RANGES: [std::ops::Range<usize>; 6] = [0..N, 0..0, 0..1, 8..39, 16..81, 40..48];

fn each_domain(build: impl Fn(&mut Case)) {
    for domain in [Domain::All, Domain::Sequential, Domain::List] {
        let mut case = Case::new(domain);
        case.list = (0..N as u32).map(|k| (k * 37) % N as u32).collect();
        build(&mut case);
        case.check(&RANGES);
    }
}

#[test]
fn unary() {
    each_domain(|case| {
        for (k, op) in [
            Unary::Neg,
            Unary::Abs,
            Unary::Sqrt,
            Unary::Floor,
            Unary::Ceil,
            Unary::Trunc,
        ]
        .into_iter()
        .enumerate()
        {
            let a = case.array(&numbers(N, k as u64), true);
            let x = case.load(a);
            let y = case.push(Inst::Unary(op, x));
            case.put(a, y);
        }
    });
}

#[test]
fn binary_and_comparisons() {
    each_domain(|case| {
        let a = case.array(&numbers(N, 1), false);
        let b = case.array(&numbers(N, 2), false);
        let (x, y) = (case.load(a), case.load(b));
        let ops = [
            Binary::Add,
            Binary::Sub,
            Binary::Mul,
            Binary::Div,
            Binary::Mod,
            Binary::Min,
            Binary::Max,
        ];
        for op in ops {
            let to = case.array(&[0.0; N], true);
            let z = case.push(Inst::Binary(op, x, y));
            case.put(to, z);
        }
        for op in [Compare::Lt, Compare::Le, Compare::Eq, Compare::Ne] {
            let to = case.array(&[0.0; N], true);
            let z = case.push(Inst::Compare(op, x, y));
            case.put(to, z);
        }
    });
}

#[test]
fn logic_and_selection() {
    each_domain(|case| {
        let a = case.array(&numbers(N, 3), false);
        let b = case.array(&numbers(N, 4), false);
        let flag = case.array(
            &numbers(N, 5)
                .iter()
                .map(|x| f64::from(*x > 0.0))
                .collect::<Vec<_>>(),
            true,
        );
        let s = case.scalar(1.0);
        let (x, y) = (case.load(a), case.load(b));
        let p = case.push(Inst::Compare(Compare::Lt, x, y));
        let q = case.push(Inst::LoadBool(flag, Access::Element));
        let r = case.push(Inst::ScalarBool(s));
        let t = case.push(Inst::Bool(false));
        let and = case.push(Inst::And(p, q));
        let or = case.push(Inst::Or(and, t));
        let not = case.push(Inst::Not(or));
        let both = case.push(Inst::Select(r, not, q));
        let n = case.push(Inst::Select(both, x, y));
        let m = case.push(Inst::ToNum(both));
        for v in [n, m, and, or, not] {
            let to = case.array(&[3.0; N], true);
            case.put(to, v);
        }
        case.push(Inst::Store {
            slot: flag,
            access: Access::Element,
            value: both,
            mask: Some(q),
        });
        let again = case.push(Inst::LoadBool(flag, Access::Element));
        let again = case.push(Inst::Not(again));
        let to = case.array(&[3.0; N], true);
        case.put(to, again);
    });
}

/// Comparisons whose results are chosen between, while those of others decide; and more of them at once than there are registers for.
#[test]
fn truth_values_of_both_kinds() {
    each_domain(|case| {
        let a = case.array(&numbers(N, 8), false);
        let b = case.array(&numbers(N, 9), false);
        let (x, y) = (case.load(a), case.load(b));
        let decides = case.push(Inst::Compare(Compare::Lt, x, y));
        let one = case.push(Inst::Compare(Compare::Ne, x, y));
        let other = case.push(Inst::Compare(Compare::Le, y, x));
        let chosen = case.push(Inst::Select(decides, one, other));
        let number = case.push(Inst::Select(decides, y, x));
        for v in [chosen, number] {
            let to = case.array(&[3.0; N], true);
            case.put(to, v);
        }
        let many: Vec<Val> = (0..9)
            .map(|k| {
                let limit = case.push(Inst::Const(f64::from(k) * 0.25 - 1.0));
                case.push(Inst::Compare(Compare::Lt, limit, x))
            })
            .collect();
        for p in many {
            let to = case.array(&[3.0; N], true);
            let n = case.push(Inst::Select(p, x, y));
            case.put(to, n);
        }
    });
}

#[test]
fn functions() {
    each_domain(|case| {
        let a = case.array(&numbers(N, 6), false);
        let b = case.array(&numbers(N, 7), false);
        let (x, y) = (case.load(a), case.load(b));
        let sum = case.push(Inst::Binary(Binary::Add, x, y));
        for f in Fn1::ALL {
            for v in [x, sum] {
                let to = case.array(&[0.0; N], true);
                let z = case.push(Inst::Math1(f, v));
                case.put(to, z);
            }
        }
        let s = case.scalar(0.9957);
        let s = case.push(Inst::Scalar(s));
        let c = case.push(Inst::Const(2.0));
        let only = case.array(&[-1.5], false);
        let only = case.push(Inst::Load(only, Access::Only));
        for e in [s, c, y, sum, only] {
            let to = case.array(&[0.0; N], true);
            let z = case.push(Inst::Math2(Fn2::Pow, x, e));
            case.put(to, z);
        }
        for (u, v, w) in [(x, y, sum), (sum, s, c), (c, x, x)] {
            let z = case.push(Inst::Math3(Fn3::ExpEuler, u, v, w));
            let again = case.push(Inst::Math1(Fn1::Exp, z));
            let more = case.push(Inst::Binary(Binary::Sub, again, z));
            let last = case.push(Inst::Math1(Fn1::Tanh, more));
            for v in [z, last] {
                let to = case.array(&[0.0; N], true);
                case.put(to, v);
            }
        }
    });
}

#[test]
fn functions_in_place() {
    each_domain(|case| {
        let a = case.array(&numbers(N, 8), true);
        let b = case.array(&numbers(N, 9), true);
        let (x, y) = (case.load(a), case.load(b));
        let p = case.push(Inst::Math1(Fn1::Exp, x));
        let q = case.push(Inst::Math3(Fn3::ExpEuler, x, y, p));
        // Both results go to arrays whose old contents others need: a swap.
        case.put(a, q);
        case.put(b, x);
        let to = case.array(&[0.0; N], true);
        let sum = case.push(Inst::Binary(Binary::Add, x, p));
        let sum = case.push(Inst::Math1(Fn1::Log, sum));
        case.put(to, sum);
        let z = case.push(Inst::Load(to, Access::Element));
        case.put(to, z);
    });
}

#[test]
fn copies_and_swaps() {
    each_domain(|case| {
        let a = case.array(&numbers(N, 15), true);
        let b = case.array(&numbers(N, 16), true);
        let c = case.array(&numbers(N, 17), true);
        let (x, y) = (case.load(a), case.load(b));
        case.put(a, y);
        case.put(b, x);
        // Computed after the stores, from what the arrays held before.
        let p = case.push(Inst::Unary(Unary::Floor, x));
        let q = case.push(Inst::Math1(Fn1::Exp, p));
        let q = case.push(Inst::Binary(Binary::Div, q, x));
        case.put(c, q);
    });
}

#[test]
fn access() {
    each_domain(|case| {
        let element = case.push(Inst::Element);
        let values = case.array(&numbers(11, 10), false);
        let table = case.table(&(0..N as u32).map(|k| k * 5 % 11).collect::<Vec<_>>());
        let index = case.push(Inst::Index(table));
        let gathered = case.push(Inst::Load(values, Access::Via(table)));
        let truth = case.push(Inst::LoadBool(values, Access::Via(table)));
        let only = case.array(&[3.5], false);
        let only = case.push(Inst::Load(only, Access::Only));
        let draw = case.array(&numbers(N, 11), false);
        let draw = case.push(Inst::Load(draw, Access::Position));
        for v in [element, index, gathered, only, draw, truth] {
            let to = case.array(&[0.0; N], true);
            case.put(to, v);
        }
        let emit = case.push(Inst::Compare(Compare::Lt, draw, only));
        case.push(Inst::Emit(emit));
    });
}

#[test]
fn memory_order() {
    each_domain(|case| {
        let a = case.array(&numbers(N, 12), true);
        let b = case.array(&numbers(N, 13), true);
        let x = case.load(a);
        let y = case.load(b);
        let p = case.push(Inst::Compare(Compare::Lt, x, y));
        case.push(Inst::Store {
            slot: a,
            access: Access::Element,
            value: y,
            mask: Some(p),
        });
        let z = case.load(a);
        let z = case.push(Inst::Binary(Binary::Mul, z, z));
        case.put(a, z);
        case.push(Inst::Store {
            slot: b,
            access: Access::Element,
            value: p,
            mask: Some(p),
        });
        let w = case.push(Inst::LoadBool(b, Access::Element));
        case.push(Inst::Store {
            slot: b,
            access: Access::Element,
            value: x,
            mask: Some(w),
        });
        case.push(Inst::Emit(w));
    });
}

#[test]
fn scatter() {
    for domain in [Domain::Sequential, Domain::List] {
        let mut case = Case::new(domain);
        case.list = (0..N as u32).rev().collect();
        let table = case.table(&(0..N as u32).map(|k| k * k % 7).collect::<Vec<_>>());
        let sums = case.array(&[0.1; 7], true);
        let total = case.array(&[0.0], true);
        let w = case.array(
            &numbers(N, 14)
                .iter()
                .map(|x| if x.is_finite() { *x } else { 1.0 })
                .collect::<Vec<_>>(),
            false,
        );
        let w = case.load(w);
        let old = case.push(Inst::Load(sums, Access::Via(table)));
        let new = case.push(Inst::Binary(Binary::Add, old, w));
        let zero = case.push(Inst::Const(0.0));
        let positive = case.push(Inst::Compare(Compare::Lt, zero, w));
        case.push(Inst::Store {
            slot: sums,
            access: Access::Via(table),
            value: new,
            mask: Some(positive),
        });
        let old = case.push(Inst::Load(total, Access::Only));
        let new = case.push(Inst::Binary(Binary::Add, old, w));
        case.push(Inst::Store {
            slot: total,
            access: Access::Only,
            value: new,
            mask: None,
        });
        let position = case.array(&[0.0; N], true);
        case.push(Inst::Store {
            slot: position,
            access: Access::Position,
            value: new,
            mask: None,
        });
        case.check(&RANGES);
    }
}

#[test]
fn uniform_arrays_are_spread() {
    let mut case = Case::new(Domain::All);
    let a = case.array(&[1.0; N], true);
    let id = case.kernel.arrays[0].array;
    case.store.fill(id, 2.0);
    let x = case.load(a);
    let one = case.push(Inst::Element);
    let sum: Val = case.push(Inst::Binary(Binary::Add, x, one));
    case.put(a, sum);
    case.check(&RANGES);
}

/// More values at once than there are registers: computed ones, loaded ones, and selections among them.
#[test]
fn many_values_at_once() {
    each_domain(|case| {
        const COUNT: usize = 45;
        let slots: Vec<_> = (0..COUNT)
            .map(|k| case.array(&numbers(N, k as u64), k % 3 == 0))
            .collect();
        let limit = case.scalar(0.25);
        let limit = case.push(Inst::Scalar(limit));
        let loaded: Vec<Val> = slots.iter().map(|s| case.load(*s)).collect();
        let squares: Vec<Val> = loaded
            .iter()
            .map(|v| case.push(Inst::Binary(Binary::Mul, *v, *v)))
            .collect();
        let masks: Vec<Val> = squares
            .iter()
            .map(|v| case.push(Inst::Compare(Compare::Lt, *v, limit)))
            .collect();
        // Every value is used again, the first made last.
        let mut sum = case.push(Inst::Const(1.0));
        for k in (0..COUNT).rev() {
            let other = loaded[(k * 7) % COUNT];
            let chosen = case.push(Inst::Select(masks[k], squares[k], other));
            sum = case.push(Inst::Binary(Binary::Add, sum, chosen));
            if k % 3 == 0 {
                case.put(slots[k], sum);
            }
        }
        let last = case.array(&[0.0; N], true);
        let inverse = case.push(Inst::Binary(Binary::Div, sum, squares[0]));
        case.put(last, inverse);
        if case.kernel.domain == Domain::All && dslsim_math::level() == dslsim_math::Level::V512 {
            let listing = Jit::new().unwrap().listing(&case.valid()).unwrap();
            assert!(listing.contains("stack[0] = "), "{listing}");
        }
    });
}
