//! Code memory is freed with the last kernel that uses it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by a panic, in its helpers too, and says what it has measured"
)]

mod common;

use common::{Case, numbers};
use dslsim_ir::kernel::{Binary, Fn1};
use dslsim_ir::{Backend, Domain, Inst};
use dslsim_jit::Jit;

fn case() -> Case {
    let mut case = Case::new(Domain::All);
    let a = case.array(&numbers(100, 1), true);
    let mut x = case.load(a);
    for _ in 0..20 {
        let y = case.push(Inst::Math1(Fn1::Exp, x));
        x = case.push(Inst::Binary(Binary::Sub, x, y));
    }
    case.put(a, x);
    case
}

#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<usize>()
        .unwrap()
        * 4096
}

/// `DSLSIM_CYCLES` is their number.
#[test]
#[cfg(target_os = "linux")]
fn compiling_again_and_again_does_not_leak() {
    let cycles = std::env::var("DSLSIM_CYCLES").map_or(500, |n| n.parse().unwrap());
    let case = case();
    let kernel = case.valid();
    let jit = Jit::new().unwrap();
    let cycle = || {
        let code = jit.compile(&[&kernel, &kernel]).unwrap();
        case.run(&*code[1], 0..100);
    };
    (0..50).for_each(|_| cycle());
    let before = resident();
    (0..cycles).for_each(|_| cycle());
    let after = resident();
    println!("{cycles} cycles: {before} bytes before, {after} after");
    // Two pages a cycle would be 4 MB at the least number of cycles.
    assert!(after < before + 1_000_000, "{before}, then {after} bytes");
}

#[test]
fn a_kernel_outlives_its_back_end_and_its_siblings() {
    let case = case();
    let kernel = case.valid();
    let code = {
        let jit = Jit::new().unwrap();
        jit.compile(&[&kernel, &kernel]).unwrap().swap_remove(1)
    };
    let first = case.run(&*code, 0..100);
    let second = std::thread::spawn(move || case.run(&*code, 0..100))
        .join()
        .unwrap();
    assert_eq!(first, second);
}

#[test]
fn texts() {
    let jit = Jit::new().unwrap();
    assert!(jit.listing(&case().valid()).unwrap().contains("ret"));
    assert!(dslsim_jit::describe().starts_with("Cranelift 0.135"));
}
