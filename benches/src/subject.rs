//! What is measured: updates of the models, each in several forms.

use std::sync::Arc;

use dslsim::{Backend, Interpreter, Jit, JitOptions, Level};
use dslsim_ir::kernel::{IndexSlot, ScalarSlot, Slot, Val};
use dslsim_ir::{Access, Code, Inst, Kernel, Memo};

use crate::capture::{Captured, kernels};
use crate::measure::{Variant, now};

/// After so many steps the state is set back: it must not decay to nothing.
const STEPS: usize = 200;

/// An update of one model: one kernel or a few, one after the other.
pub struct Subject {
    /// Shown to people.
    pub name: String,
    /// Its kernels.
    pub parts: Vec<Captured>,
    /// The same, operations as written.
    pub strict: Vec<Captured>,
}

/// The updates that have a hand-written counterpart.
///
/// # Errors
/// If a model does not run, or does not have the kernels that it should have.
pub fn subjects() -> Result<Vec<Subject>, String> {
    let short = [("duration", "0.3*second"), ("n_inputs", "100")];
    let vdp = |runs: &str, strict| {
        kernels(
            "vdp",
            &[&short[..], &[("runs", runs)]].concat(),
            2500,
            strict,
        )
    };
    let hh = |strict| {
        kernels(
            "hh_statistics",
            &[&short[..], &[("warmup", "0.3*second")]].concat(),
            2500,
            strict,
        )
    };
    let subject = |name: &str,
                   parts: &[&str],
                   loose: &[Captured],
                   strict: &[Captured]|
     -> Result<Subject, String> {
        Ok(Subject {
            name: name.into(),
            parts: pick(loose, parts)?,
            strict: pick(strict, parts)?,
        })
    };
    let synapse = ["synapses_subexpression_update", "synapses_stateupdater"];
    let neuron = ["neurongroup_stateupdater"];
    let (small, small_strict) = (vdp("100", false)?, vdp("100", true)?);
    Ok(vec![
        subject(
            "VDP synapse, n = 200",
            &synapse,
            &vdp("200", false)?,
            &vdp("200", true)?,
        )?,
        subject("VDP synapse, n = 100", &synapse, &small, &small_strict)?,
        subject("HH neuron, n = 100", &neuron, &hh(false)?, &hh(true)?)?,
        subject(
            "LIF neuron with threshold, n = 100",
            &["neurongroup_stateupdater", "neurongroup_spike_thresholder"],
            &small,
            &small_strict,
        )?,
    ])
}

fn pick(all: &[Captured], names: &[&str]) -> Result<Vec<Captured>, String> {
    let one = |name: &&str| {
        let found = all
            .iter()
            .find(|c| c.kernel.kernel().name.starts_with(*name));
        let have: Vec<_> = all
            .iter()
            .map(|c| c.kernel.kernel().name.as_str())
            .collect();
        found
            .cloned()
            .ok_or_else(|| format!("there is no kernel {name} among {have:?}"))
    };
    names.iter().map(one).collect()
}

impl Subject {
    /// Number of elements.
    pub fn n(&self) -> usize {
        self.parts.first().map_or(0, |p| p.n)
    }

    /// All forms, the hand-written one first where there is one.
    ///
    /// # Errors
    /// If a back end fails, or the hand-written form does not agree with the machine code.
    pub fn variants(&self) -> Result<Vec<Variant<'static>>, String> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        if let Some(v) = by_hand::variant(self)? {
            all.push(v);
        }
        let jit = |level, vector| {
            Jit::with_options(JitOptions {
                level: Some(level),
                vector,
                ..JitOptions::default()
            })
            .map_err(|e| e.to_string())
        };
        let best = dslsim_math::level();
        let levels: Vec<Level> = [Level::V512, Level::V256, Level::V128, Level::Portable]
            .into_iter()
            .filter(|l| l.is_supported())
            .collect();
        for level in levels {
            all.push(timed(
                format!("JIT, {level:?}"),
                &self.parts,
                &jit(level, true)?,
                1,
            )?);
        }
        all.push(timed(
            format!("JIT, {best:?}, strict"),
            &self.strict,
            &jit(best, true)?,
            1,
        )?);
        if let [a, b] = self.parts.as_slice() {
            all.push(timed(
                "  its first kernel alone".into(),
                std::slice::from_ref(a),
                &jit(best, true)?,
                1,
            )?);
            all.push(timed(
                "  its second kernel alone".into(),
                std::slice::from_ref(b),
                &jit(best, true)?,
                1,
            )?);
            for (name, keep) in [
                ("  both as one kernel", true),
                ("  both as one, without stores between", false),
            ] {
                all.push(timed(
                    name.into(),
                    &[fused(a, b, keep)?],
                    &jit(best, true)?,
                    1,
                )?);
            }
        }
        all.push(timed(
            "JIT, scalar loop".into(),
            &self.parts,
            &jit(best, false)?,
            4,
        )?);
        all.push(timed("interpreter".into(), &self.parts, &Interpreter, 50)?);
        Ok(all)
    }

    /// Executes some steps; gives the values of a variable.
    pub fn state_after(&self, steps: usize, name: &str) -> Result<Vec<f64>, String> {
        let code = compiled(&self.parts, &Jit::new().map_err(|e| e.to_string())?)?;
        let Some(first) = self.parts.first() else {
            return Ok(Vec::new());
        };
        let mut store = first.store.clone();
        let mut memos = vec![Memo::default(); self.parts.len()];
        for _ in 0..steps {
            for ((part, code), memo) in self.parts.iter().zip(&code).zip(&mut memos) {
                part.run(&**code, &mut store, &mut Vec::new(), memo);
            }
        }
        let array = self
            .parts
            .iter()
            .find_map(|p| p.array(name))
            .ok_or_else(|| format!("there is no {name}"))?;
        Ok(store.to_vec(array))
    }
}

fn compiled(parts: &[Captured], backend: &dyn Backend) -> Result<Vec<Arc<dyn Code>>, String> {
    let kernels: Vec<_> = parts.iter().map(|p| &p.kernel).collect();
    backend.compile(&kernels).map_err(|e| e.to_string())
}

/// `slower`: how many times fewer steps a sample has.
fn timed(
    name: String,
    parts: &[Captured],
    backend: &dyn Backend,
    slower: usize,
) -> Result<Variant<'static>, String> {
    let code = compiled(parts, backend)?;
    let parts = parts.to_vec();
    let first = parts.first().ok_or("a subject without kernels")?;
    let (n, begin) = (first.n, first.store.clone());
    let run = move |repetitions: usize| {
        let (mut seconds, mut left) = (0.0, repetitions);
        let mut emit = Vec::with_capacity(n);
        let mut memos = vec![Memo::default(); parts.len()];
        while left > 0 {
            let steps = left.min(STEPS);
            left -= steps;
            let mut store = begin.clone();
            // The first step fetches the copy into the cache.
            for step in 0..=steps {
                if step == 1 {
                    seconds -= now();
                }
                for ((part, code), memo) in parts.iter().zip(&code).zip(&mut memos) {
                    emit.clear();
                    part.run(&**code, &mut store, &mut emit, memo);
                }
            }
            seconds += now();
        }
        seconds
    };
    Ok(Variant {
        name,
        units: n,
        repetitions: (STEPS / slower).max(1),
        run: Box::new(run),
    })
}

/// Two kernels over the same elements as one; what the first stores, the second takes directly.
fn fused(a: &Captured, b: &Captured, keep_stores: bool) -> Result<Captured, String> {
    let (first, second) = (a.kernel.kernel(), b.kernel.kernel());
    let mut kernel = Kernel {
        name: format!("{} and {}", first.name, second.name),
        ..first.clone()
    };
    let mut slots = Vec::new();
    for array in &second.arrays {
        let at = kernel
            .arrays
            .iter()
            .position(|x| x.array == array.array)
            .unwrap_or_else(|| {
                kernel.arrays.push(array.clone());
                kernel.arrays.len() - 1
            });
        kernel.arrays[at].written |= array.written;
        slots.push(Slot(at as u16));
    }
    let mut tables = Vec::new();
    for table in &second.indices {
        let at = kernel
            .indices
            .iter()
            .position(|x| x == table)
            .unwrap_or_else(|| {
                kernel.indices.push(*table);
                kernel.indices.len() - 1
            });
        tables.push(IndexSlot(at as u16));
    }
    let shift = kernel.scalars.len() as u16;
    kernel.scalars.extend(second.scalars.iter().cloned());
    let mut stored = Vec::new();
    for inst in &mut kernel.insts {
        if let Inst::Store {
            slot,
            access: Access::Element,
            value,
            mask: None,
        } = *inst
        {
            stored.push((slot, value));
            if !keep_stores {
                *inst = Inst::Const(0.0);
            }
        }
    }
    let access = |access| match access {
        Access::Via(t) => Access::Via(tables[t.0 as usize]),
        other => other,
    };
    let mut values: Vec<Val> = Vec::new();
    for inst in &second.insts {
        let moved = match inst.map(|v| values[v.0 as usize]) {
            Inst::Scalar(s) => Inst::Scalar(ScalarSlot(s.0 + shift)),
            Inst::ScalarBool(s) => Inst::ScalarBool(ScalarSlot(s.0 + shift)),
            Inst::Index(t) => Inst::Index(tables[t.0 as usize]),
            Inst::Load(s, x) => {
                let slot = slots[s.0 as usize];
                if let (Access::Element, Some((_, value))) =
                    (x, stored.iter().find(|(k, _)| *k == slot))
                {
                    values.push(*value);
                    continue;
                }
                Inst::Load(slot, access(x))
            }
            Inst::LoadBool(s, x) => Inst::LoadBool(slots[s.0 as usize], access(x)),
            Inst::Store {
                slot,
                access: x,
                value,
                mask,
            } => Inst::Store {
                slot: slots[slot.0 as usize],
                access: access(x),
                value,
                mask,
            },
            other => other,
        };
        values.push(Val(kernel.insts.len() as u32));
        kernel.insts.push(moved);
    }
    Ok(Captured {
        kernel: kernel.validate().map_err(|e| e.to_string())?,
        store: a.store.clone(),
        scalars: [&a.scalars[..], &b.scalars[..]].concat(),
        n: a.n,
    })
}

#[cfg(target_arch = "x86_64")]
mod by_hand {
    use super::{STEPS, Subject};
    use crate::ceiling::{Lines, hh::Hh, lif::Lif, vdp::Factors, vdp::Vdp};
    use crate::measure::{Variant, now};

    /// A hand-written update in the state of its subject.
    trait Update: Clone + 'static {
        fn step(&mut self);
        /// Its variables by the model's names.
        fn variables(&self) -> Vec<(&'static str, &Lines)>;
    }

    #[derive(Clone)]
    struct Synapses(Vdp, Vec<f64>, Factors);
    impl Update for Synapses {
        fn step(&mut self) {
            // SAFETY: made only where `available`.
            unsafe { self.0.step(&self.1, &self.2) }
        }
        fn variables(&self) -> Vec<(&'static str, &Lines)> {
            let s = &self.0;
            vec![
                ("glutamate", &s.glutamate),
                ("v_NMDA_rise", &s.nmda_rise),
                ("v_NMDA", &s.nmda),
                ("VDCC_rise", &s.vdcc_rise),
                ("VDCC", &s.vdcc),
                ("w", &s.w),
            ]
        }
    }

    impl Update for Hh {
        fn step(&mut self) {
            // SAFETY: made only where `available`.
            unsafe { Hh::step(self) }
        }
        fn variables(&self) -> Vec<(&'static str, &Lines)> {
            vec![
                ("v", &self.v),
                ("m", &self.m),
                ("n", &self.n),
                ("h", &self.h),
                ("g_syn_i", &self.g_i),
                ("g_syn_e", &self.g_e),
                ("not_refractory", &self.not_refractory),
            ]
        }
    }

    #[derive(Clone)]
    struct Neurons(Lif, Lines, u64, Vec<u32>);
    impl Update for Neurons {
        fn step(&mut self) {
            self.3.clear();
            // SAFETY: made only where `available`.
            unsafe { self.0.step(&self.1, self.2, &mut self.3) }
        }
        fn variables(&self) -> Vec<(&'static str, &Lines)> {
            // Time stands still in this measurement, and voltages are reset elsewhere: only these are the same.
            vec![("g_syn_i", &self.0.g_i), ("g_syn_e", &self.0.g_e)]
        }
    }

    pub(super) fn variant(subject: &Subject) -> Result<Option<Variant<'static>>, String> {
        if !crate::ceiling::available() {
            return Ok(None);
        }
        let value = |name: &str| Lines::of(&subject.state_after(0, name).unwrap_or_default());
        let made = if subject.name.starts_with("VDP") {
            let first = subject.parts.first().ok_or("no kernel")?;
            let mut synapses = Vdp::new(&first.table(), first.values("v").len());
            synapses.glutamate = value("glutamate");
            synapses.nmda_rise = value("v_NMDA_rise");
            synapses.nmda = value("v_NMDA");
            synapses.vdcc_rise = value("VDCC_rise");
            synapses.vdcc = value("VDCC");
            synapses.w = value("w");
            checked(
                subject,
                Synapses(synapses, first.values("v"), Factors::of_the_model()),
            )?
        } else if subject.name.starts_with("HH") {
            let neurons = Hh {
                v: value("v"),
                m: value("m"),
                n: value("n"),
                h: value("h"),
                g_i: value("g_syn_i"),
                g_e: value("g_syn_e"),
                not_refractory: value("not_refractory"),
            };
            checked(subject, neurons)?
        } else {
            let mut neurons = Lif::new(subject.n());
            (neurons.v, neurons.g_i, neurons.g_e) =
                (value("v"), value("g_syn_i"), value("g_syn_e"));
            checked(
                subject,
                Neurons(neurons, value("random"), 0, Vec::with_capacity(subject.n())),
            )?
        };
        Ok(Some(made))
    }

    /// The variant, after a comparison with the machine code.
    fn checked<U: Update>(subject: &Subject, begin: U) -> Result<Variant<'static>, String> {
        let mut update = begin.clone();
        (0..50).for_each(|_| update.step());
        for (name, lines) in update.variables() {
            for (k, (a, b)) in lines
                .all()
                .iter()
                .zip(subject.state_after(50, name)?)
                .enumerate()
            {
                if (a - b).abs() > 1e-12 * b.abs().max(1e-300) {
                    return Err(format!(
                        "{}: {name}[{k}] is {a:e} by hand and {b:e} by the JIT",
                        subject.name
                    ));
                }
            }
        }
        let run = move |repetitions: usize| {
            let (mut seconds, mut left) = (0.0, repetitions);
            while left > 0 {
                let steps = left.min(STEPS);
                left -= steps;
                let mut update = begin.clone();
                update.step();
                seconds -= now();
                (0..steps).for_each(|_| update.step());
                seconds += now();
            }
            seconds
        };
        Ok(Variant {
            name: "by hand, AVX-512".into(),
            units: subject.n(),
            repetitions: STEPS,
            run: Box::new(run),
        })
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::subjects;
    use crate::ceiling::{available, run::vdp};

    /// Making the variants compares the hand-written one with the machine code.
    #[test]
    fn the_updates_by_hand_agree_with_the_machine_code() -> Result<(), String> {
        for subject in subjects()? {
            subject.variants()?;
        }
        Ok(())
    }

    #[test]
    fn the_run_by_hand_is_that_of_the_model() {
        if available() {
            // SAFETY: available.
            let outcome = unsafe { vdp(20_000, 51.0) };
            let rate = outcome.rate.iter().sum::<f64>() / outcome.rate.len() as f64;
            assert!((30.0..36.0).contains(&rate), "{rate}");
            assert!((outcome.weights[0] - outcome.weights[1]).abs() < 1e-9);
        }
    }
}
