//! Nanoseconds per element and step of two kernels of the notebook, in several forms; and what compiling them costs.
//!
//! `cargo run --release -p dslsim-jit --example speed [-- listing | NAME]`

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::sync::Arc;
use std::time::Instant;

use dslsim_ir::kernel::{
    ArrayInput, Binary, Compare, Fn1, Fn2, Fn3, IndexSlot, ScalarInput, ScalarSlot, Slot, Val,
};
use dslsim_ir::{
    Access, Backend, Code, Domain, Frame, Inst, Kernel, Level, ScalarSource, Store, ValidKernel,
};
use dslsim_jit::{Jit, JitOptions};
use dslsim_math::Level as Vectors;

struct Bench {
    kernel: Kernel,
    store: Store,
    scalars: Vec<f64>,
    n: usize,
}

impl Bench {
    fn new(name: &str, n: usize) -> Self {
        let kernel = Kernel {
            name: name.into(),
            domain: Domain::All,
            scalars: Vec::new(),
            arrays: Vec::new(),
            indices: Vec::new(),
            draws: Vec::new(),
            run_prologue: Default::default(),
            step_prologue: Default::default(),
            insts: Vec::new(),
        };
        Self {
            kernel,
            store: Store::new(),
            scalars: Vec::new(),
            n,
        }
    }

    fn push(&mut self, inst: Inst) -> Val {
        self.kernel.insts.push(inst);
        Val(self.kernel.insts.len() as u32 - 1)
    }

    fn slot(&mut self, values: impl Fn(usize) -> f64, n: usize, written: bool) -> Slot {
        let array = self.store.add(n, 0.0);
        self.store
            .all_mut(array)
            .iter_mut()
            .enumerate()
            .for_each(|(k, x)| *x = values(k));
        self.kernel.arrays.push(ArrayInput {
            name: String::new(),
            array,
            written,
        });
        Slot(self.kernel.arrays.len() as u16 - 1)
    }

    fn state(&mut self, values: impl Fn(usize) -> f64) -> (Slot, Val) {
        let slot = self.slot(values, self.n, true);
        (slot, self.push(Inst::Load(slot, Access::Element)))
    }

    fn s(&mut self, value: f64) -> Val {
        self.scalars.push(value);
        self.kernel.scalars.push(ScalarInput {
            source: ScalarSource::Derived,
            level: Level::Run,
        });
        self.push(Inst::Scalar(ScalarSlot(self.scalars.len() as u16 - 1)))
    }

    fn c(&mut self, x: f64) -> Val {
        self.push(Inst::Const(x))
    }

    fn op(&mut self, op: Binary, x: Val, y: Val) -> Val {
        self.push(Inst::Binary(op, x, y))
    }

    fn add(&mut self, x: Val, y: Val) -> Val {
        self.op(Binary::Add, x, y)
    }

    fn sub(&mut self, x: Val, y: Val) -> Val {
        self.op(Binary::Sub, x, y)
    }

    fn mul(&mut self, x: Val, y: Val) -> Val {
        self.op(Binary::Mul, x, y)
    }

    fn clip(&mut self, x: Val, low: Val, high: Val) -> Val {
        let x = self.op(Binary::Min, x, high);
        self.op(Binary::Max, x, low)
    }

    fn put(&mut self, slot: Slot, value: Val) {
        self.push(Inst::Store {
            slot,
            access: Access::Element,
            value,
            mask: None,
        });
    }

    fn valid(&self) -> ValidKernel {
        self.kernel.clone().validate().unwrap()
    }

    fn run(&self, code: &Arc<dyn Code>, store: &mut Store, steps: usize) -> f64 {
        let mut emit = Vec::new();
        let mut memo = dslsim_ir::Memo::default();
        let start = Instant::now();
        for _ in 0..steps {
            let mut frame = Frame {
                store,
                scalars: &self.scalars,
                range: 0..self.n,
                list: &[],
                emit: &mut emit,
                memo: &mut memo,
            };
            code.run(&self.kernel.arrays, &self.kernel.indices, &mut frame);
            emit.clear();
        }
        start.elapsed().as_secs_f64() * 1e9 / (steps * self.n) as f64
    }
}

/// The VDP synapse: `dt/tau` and the like are scalars, `v` comes from the neuron through a table.
fn vdp(n: usize) -> Bench {
    let mut b = Bench::new("vdp", n);
    let (glutamate, g) = b.state(|k| 0.5 + k as f64 / 1000.0);
    let (v_nmda_rise, vr) = b.state(|_| 0.2);
    let (v_nmda, vn) = b.state(|k| 0.3 + k as f64 / 2000.0);
    let (vdcc_rise, cr) = b.state(|_| 0.25);
    let (vdcc, vd) = b.state(|k| 0.35 + k as f64 / 3000.0);
    let (w, x) = b.state(|_| 1.0);
    let neurons = b.slot(|k| -0.06 + k as f64 * 2e-4, 100, false);
    let table = b
        .store
        .add_table(&(0..n as u32).map(|k| k % 100).collect::<Vec<_>>());
    b.kernel.indices.push(table);
    let v = b.push(Inst::Load(neurons, Access::Via(IndexSlot(0))));
    let (zero, hundred) = (b.c(0.0), b.c(100.0));
    // 1/(1+exp(k*(-(v-theta)))) is logistic(k*(v-theta))
    let sigmoid = |b: &mut Bench, k: f64, theta: f64| {
        let (k, theta) = (b.s(k), b.s(theta));
        let d = b.sub(v, theta);
        let d = b.mul(k, d);
        b.push(Inst::Math1(Fn1::Logistic, d))
    };
    let ltp = sigmoid(&mut b, 800.0, -0.04);
    let ltd = sigmoid(&mut b, 1000.0, -0.05);
    let exponent = b.s(0.9957);
    let p = b.push(Inst::Math2(Fn2::Pow, vd, exponent));
    let q = b.push(Inst::Math2(Fn2::Pow, vn, exponent));
    let positive = b.push(Inst::Compare(Compare::Lt, zero, g));
    let positive = b.push(Inst::ToNum(positive));
    let q = b.mul(q, positive);
    let ca = b.add(p, q);
    // VDCC += (VDCC_amp*VDCC_rise - VDCC)*dt/tau and the same for NMDA
    let fall = |b: &mut Bench, amp: f64, rise: Val, x: Val, rate: f64| {
        let (amp, rate) = (b.s(amp), b.s(rate));
        let d = b.mul(amp, rise);
        let d = b.sub(d, x);
        let d = b.mul(d, rate);
        b.add(x, d)
    };
    let vdcc_new = fall(&mut b, 1.1, cr, vd, 0.01);
    let nmda_new = fall(&mut b, 1.2, vr, vn, 0.02);
    let rise = |b: &mut Bench, sigmoid: Val, x: Val, rise: Val, rate: f64| {
        let d = b.sub(sigmoid, x);
        let d = b.clip(d, zero, hundred);
        let d = b.sub(d, rise);
        let d = b.clip(d, zero, hundred);
        let d = b.sub(d, rise);
        let rate = b.s(rate);
        let d = b.mul(d, rate);
        b.add(rise, d)
    };
    let vdcc_rise_new = rise(&mut b, ltd, vd, cr, 0.05);
    let nmda_rise_new = rise(&mut b, ltp, vn, vr, 0.04);
    let decay = b.s(-0.01);
    let d = b.mul(decay, g);
    let g_new = b.add(d, g);
    let (eta, ltp_amp, ltd_amp) = (b.s(1e-7), b.s(1.5), b.s(1.7));
    let (wmin, wmax) = (b.s(0.0), b.s(10.0));
    let left = b.mul(vn, ltp_amp);
    let right = b.mul(vd, ltd_amp);
    let difference = b.sub(left, right);
    let d = b.mul(eta, ca);
    let d = b.mul(d, g);
    let d = b.mul(d, difference);
    let (low, high) = (b.sub(wmin, x), b.sub(wmax, x));
    let d = b.clip(d, low, high);
    let w_new = b.add(x, d);
    let stores = [
        (vdcc, vdcc_new),
        (vdcc_rise, vdcc_rise_new),
        (glutamate, g_new),
        (v_nmda, nmda_new),
        (v_nmda_rise, nmda_rise_new),
        (w, w_new),
    ];
    for (slot, value) in stores {
        b.put(slot, value);
    }
    b
}

/// The Hodgkin-Huxley neuron of the notebook with exponential Euler; voltages in mV, times in ms.
fn hh(n: usize) -> Bench {
    let mut b = Bench::new("hh", n);
    let (v_at, v) = b.state(|k| -70.0 + k as f64 * 0.3);
    let (m_at, m) = b.state(|_| 0.1);
    let (n_at, nn) = b.state(|_| 0.3);
    let (h_at, h) = b.state(|_| 0.6);
    let (gi_at, gi) = b.state(|k| 0.01 * k as f64);
    let (ge_at, ge) = b.state(|k| 0.005 * k as f64);
    let scaled = |b: &mut Bench, offset: f64, factor: f64, f: Fn1| {
        let (offset, factor) = (b.c(offset), b.c(factor));
        let d = b.sub(offset, v);
        let d = b.mul(d, factor);
        b.push(Inst::Math1(f, d))
    };
    let vt = -63.0;
    let am = scaled(&mut b, 13.0 + vt, 0.25, Fn1::Exprel);
    let bm = scaled(&mut b, vt + 40.0, -0.2, Fn1::Exprel);
    let an = scaled(&mut b, 15.0 + vt, 0.2, Fn1::Exprel);
    let bn = scaled(&mut b, 10.0 + vt, 1.0 / 40.0, Fn1::Exp);
    let ah = scaled(&mut b, 17.0 + vt, 1.0 / 18.0, Fn1::Exp);
    let bh = scaled(&mut b, 40.0 + vt, -0.2, Fn1::Logistic);
    let rate = |b: &mut Bench, k: f64, x: Val, divide: bool| {
        let k = b.c(k);
        if divide {
            b.op(Binary::Div, k, x)
        } else {
            b.mul(k, x)
        }
    };
    let am = rate(&mut b, 1.28, am, true);
    let bm = rate(&mut b, 1.4, bm, true);
    let an = rate(&mut b, 0.16, an, true);
    let bn = rate(&mut b, 0.5, bn, false);
    let ah = rate(&mut b, 0.128, ah, false);
    let bh = rate(&mut b, 4.0, bh, false);
    let dt = b.s(-0.05);
    let gate = |b: &mut Bench, x: Val, alpha: Val, beta: Val| {
        let sum = b.add(alpha, beta);
        let ba = b.op(Binary::Div, alpha, sum);
        let ba = b.push(Inst::Unary(dslsim_ir::kernel::Unary::Neg, ba));
        let adt = b.mul(sum, dt);
        b.push(Inst::Math3(Fn3::ExpEuler, x, ba, adt))
    };
    let m_new = gate(&mut b, m, am, bm);
    let n_new = gate(&mut b, nn, an, bn);
    let h_new = gate(&mut b, h, ah, bh);
    let (gl, el, gna, ena, gk, ek, ei) = (
        b.c(0.05),
        b.c(-65.0),
        b.c(100.0),
        b.c(50.0),
        b.c(30.0),
        b.c(-90.0),
        b.c(-80.0),
    );
    let m3 = b.mul(m, m);
    let m3 = b.mul(m3, m);
    let na = b.mul(gna, m3);
    let na = b.mul(na, h);
    let n2 = b.mul(nn, nn);
    let n4 = b.mul(n2, n2);
    let k = b.mul(gk, n4);
    let a = b.add(gl, na);
    let a = b.add(a, k);
    let a = b.add(a, gi);
    let a = b.add(a, ge);
    let c = b.mul(gl, el);
    let d = b.mul(na, ena);
    let c = b.add(c, d);
    let d = b.mul(k, ek);
    let c = b.add(c, d);
    let d = b.mul(gi, ei);
    let c = b.add(c, d);
    let ba = b.op(Binary::Div, c, a);
    let ba = b.push(Inst::Unary(dslsim_ir::kernel::Unary::Neg, ba));
    let adt = b.mul(a, dt);
    let v_new = b.push(Inst::Math3(Fn3::ExpEuler, v, ba, adt));
    let decay = b.s(0.995);
    let gi_new = b.mul(gi, decay);
    let ge_new = b.mul(ge, decay);
    for (slot, value) in [
        (v_at, v_new),
        (m_at, m_new),
        (n_at, n_new),
        (h_at, h_new),
        (gi_at, gi_new),
        (ge_at, ge_new),
    ] {
        b.put(slot, value);
    }
    b
}

/// A kernel of twenty arrays and no work: what a call costs.
fn call() -> Bench {
    let mut b = Bench::new("call_of_20_arrays", 8);
    for _ in 0..20 {
        let (slot, x) = b.state(|k| k as f64);
        let s = b.s(1.0);
        let x = b.mul(x, s);
        b.put(slot, x);
    }
    b
}

/// `g[target] += w`, `glutamate += A` over a list.
fn pre(n: usize) -> Bench {
    let mut b = Bench::new("on_pre", n);
    b.kernel.domain = Domain::Sequential;
    let (glutamate, g) = b.state(|_| 0.0);
    let a = b.s(0.1);
    let g = b.add(g, a);
    b.put(glutamate, g);
    let (_, w) = b.state(|_| 0.3);
    let table = b
        .store
        .add_table(&(0..n as u32).map(|k| k * 7 % 100).collect::<Vec<_>>());
    b.kernel.indices.push(table);
    let far = b.slot(|_| 0.0, 100, true);
    let old = b.push(Inst::Load(far, Access::Via(IndexSlot(0))));
    let new = b.add(old, w);
    b.push(Inst::Store {
        slot: far,
        access: Access::Via(IndexSlot(0)),
        value: new,
        mask: None,
    });
    b
}

fn main() {
    let listing = std::env::args().any(|a| a == "listing");
    println!("{}", dslsim_jit::describe());
    let usual = JitOptions::default();
    let forms = [
        (
            "avx512",
            JitOptions {
                level: Some(Vectors::V512),
                ..usual
            },
        ),
        (
            "avx512, chunk 64",
            JitOptions {
                level: Some(Vectors::V512),
                chunk: 64,
                ..usual
            },
        ),
        (
            "avx2",
            JitOptions {
                level: Some(Vectors::V256),
                ..usual
            },
        ),
        (
            "128",
            JitOptions {
                level: Some(Vectors::V128),
                ..usual
            },
        ),
        (
            "scalar loop",
            JitOptions {
                vector: false,
                ..usual
            },
        ),
    ];
    let only = std::env::args().nth(1).unwrap_or_default();
    let all = [vdp(200), hh(100), vdp(20_000), hh(20_000), call(), pre(100)];
    for bench in all
        .into_iter()
        .filter(|b| only == "listing" || b.kernel.name.contains(&only))
    {
        let kernel = bench.valid();
        let jits: Vec<Jit> = forms
            .iter()
            .map(|(_, o)| Jit::with_options(*o).unwrap())
            .collect();
        if listing && bench.n < 1000 {
            println!(
                "{}\n{}",
                bench.kernel.name,
                jits[0].listing(&kernel).unwrap()
            );
        }
        let codes: Vec<Arc<dyn Code>> = jits
            .iter()
            .map(|j| j.compile(&[&kernel]).unwrap().remove(0))
            .collect();
        let steps = (40_000 / bench.n).max(1);
        let mut samples = vec![Vec::new(); codes.len()];
        for _ in 0..101 {
            for (code, samples) in codes.iter().zip(&mut samples) {
                let mut store = bench.store.clone();
                bench.run(code, &mut store, 2);
                samples.push(bench.run(code, &mut store, steps));
            }
        }
        println!("{} n={}", bench.kernel.name, bench.n);
        for ((name, _), samples) in forms.iter().zip(&mut samples) {
            samples.sort_by(f64::total_cmp);
            println!(
                "  {name:18} median {:6.2}  p10 {:6.2} ns per element",
                samples[50], samples[10]
            );
        }
        let mut times: Vec<f64> = (0..25)
            .map(|_| {
                let start = Instant::now();
                let code = jits[0].compile(&[&kernel]).unwrap();
                let time = start.elapsed().as_secs_f64() * 1e3;
                drop(code);
                time
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!(
            "  compile            median {:6.2}  lowest {:.2} ms",
            times[12], times[0]
        );
    }
}
