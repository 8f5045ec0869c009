//! Kernels by hand, and the comparison of machine code with the interpreter.

#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use dslsim_ir::interp::Interpreter;
use dslsim_ir::kernel::{ArrayInput, IndexSlot, ScalarInput, ScalarSlot, Slot, Val};
use dslsim_ir::store::ArrayId;
use dslsim_ir::{
    Access, Backend, Code, Domain, Frame, Inst, Kernel, Level, ScalarSource, Store, ValidKernel,
};
use dslsim_jit::{Jit, JitOptions};

/// A kernel under construction, with the data it runs on.
pub struct Case {
    pub kernel: Kernel,
    pub store: Store,
    pub scalars: Vec<f64>,
    pub list: Vec<u32>,
}

/// What is left after a run.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    arrays: Vec<Vec<u64>>,
    emitted: Vec<u32>,
}

impl Case {
    pub fn new(domain: Domain) -> Self {
        let kernel = Kernel {
            name: "test".into(),
            domain,
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
            list: Vec::new(),
        }
    }

    pub fn array(&mut self, values: &[f64], written: bool) -> Slot {
        let array = self.store.add(values.len(), 0.0);
        self.store.all_mut(array).copy_from_slice(values);
        self.kernel.arrays.push(ArrayInput {
            name: format!("a{}", array.0),
            array,
            written,
        });
        Slot(self.kernel.arrays.len() as u16 - 1)
    }

    pub fn table(&mut self, entries: &[u32]) -> IndexSlot {
        let table = self.store.add_table(entries);
        self.kernel.indices.push(table);
        IndexSlot(self.kernel.indices.len() as u16 - 1)
    }

    pub fn scalar(&mut self, value: f64) -> ScalarSlot {
        self.scalars.push(value);
        self.kernel.scalars.push(ScalarInput {
            source: ScalarSource::Derived,
            level: Level::Run,
        });
        ScalarSlot(self.scalars.len() as u16 - 1)
    }

    pub fn push(&mut self, inst: Inst) -> Val {
        self.kernel.insts.push(inst);
        Val(self.kernel.insts.len() as u32 - 1)
    }

    pub fn load(&mut self, slot: Slot) -> Val {
        self.push(Inst::Load(slot, Access::Element))
    }

    pub fn put(&mut self, slot: Slot, value: Val) {
        self.push(Inst::Store {
            slot,
            access: Access::Element,
            value,
            mask: None,
        });
    }

    pub fn valid(&self) -> ValidKernel {
        self.kernel.clone().validate().unwrap()
    }

    pub fn compile(&self, backend: &dyn Backend) -> Arc<dyn Code> {
        backend.compile(&[&self.valid()]).unwrap().remove(0)
    }

    pub fn run(&self, code: &dyn Code, range: Range<usize>) -> Outcome {
        let mut store = self.store.clone();
        let mut emit = vec![77];
        let mut each: Vec<u32> = self.list.clone();
        each.sort_unstable();
        each.dedup();
        let mut memo = dslsim_ir::Memo {
            distinct: each.len() == self.list.len(),
            ..Default::default()
        };
        // Twice: the second run sees the results of the first, and goes backward if it can.
        for backward in [false, true] {
            memo.backward = backward;
            let mut frame = Frame {
                store: &mut store,
                scalars: &self.scalars,
                range: range.clone(),
                list: &self.list,
                emit: &mut emit,
                memo: &mut memo,
            };
            code.run(&self.kernel.arrays, &self.kernel.indices, &mut frame);
        }
        let bits = |x: &f64| {
            if x.is_nan() {
                f64::NAN.to_bits()
            } else {
                x.to_bits()
            }
        };
        let arrays = (0..store.len())
            .map(|k| store.to_vec(ArrayId(k as u32)).iter().map(bits).collect())
            .collect();
        Outcome {
            arrays,
            emitted: emit,
        }
    }

    /// Compares the interpreter with machine code of every kind.
    pub fn check(&self, ranges: &[Range<usize>]) {
        self.check_with(jits(), ranges);
    }

    /// Compares the interpreter with machine code of these kinds.
    pub fn check_with<'a>(&self, jits: impl IntoIterator<Item = &'a Jit>, ranges: &[Range<usize>]) {
        let specification = self.compile(&Interpreter);
        let expected: Vec<Outcome> = ranges
            .iter()
            .map(|range| self.run(&*specification, range.clone()))
            .collect();
        for jit in jits {
            let code = self.compile(jit);
            for (range, expected) in ranges.iter().zip(&expected) {
                let found = self.run(&*code, range.clone());
                assert!(
                    *expected == found,
                    "{:?}\n{range:?}\n{}\n{expected:x?}\n{found:x?}",
                    jit.options(),
                    self.kernel
                );
            }
        }
    }
}

/// The sizes of strips that are tried; not only powers of two.
pub const CHUNKS: [usize; 4] = [8, 24, 64, 256];

/// Machine code of every kind that this machine has: first scalar loops, then for each level one for each of [`CHUNKS`].
pub fn jits() -> &'static [Jit] {
    static JITS: OnceLock<Vec<Jit>> = OnceLock::new();
    JITS.get_or_init(|| {
        let with = |options| Jit::with_options(options).unwrap();
        let mut all = vec![with(JitOptions {
            vector: false,
            ..JitOptions::default()
        })];
        for level in dslsim_math::Level::ALL
            .into_iter()
            .filter(|l| l.is_supported())
        {
            all.extend(CHUNKS.map(|chunk| {
                with(JitOptions {
                    level: Some(level),
                    chunk,
                    vector: true,
                })
            }));
        }
        all
    })
}

/// Numbers of all sorts: special ones, of usual size, small integers and halves, subnormal, any bits.
pub fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        5e-324,
        f64::MIN_POSITIVE,
        f64::MAX,
        1e308,
        0.5,
        -2.5,
        3.0,
    ];
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..n)
        .map(|_| {
            let (kind, x) = (next() >> 11, next());
            match kind % 16 {
                0 | 1 => special[(kind / 16 % special.len() as u64) as usize],
                2 => f64::from((x >> 40) as u32 % 41) / 2.0 - 10.0,
                3 => f64::from_bits(x & 0x800F_FFFF_FFFF_FFFF),
                4 => f64::from_bits(x),
                _ => ((x >> 11) as f64 / (1u64 << 53) as f64 - 0.4) * 8.0,
            }
        })
        .collect()
}
