//! Small kernels made by hand, executed by the interpreter.
#![allow(dead_code, clippy::unwrap_used)]

use std::sync::Arc;

use dslsim_ir::interp::Interpreter;
use dslsim_ir::kernel::{
    ArrayInput, Binary, Compare, Draw, Level, Prologue, ScalarInput, ScalarSlot, Slot as ArraySlot,
    Val,
};
use dslsim_ir::{Access, ArrayId, Backend, Domain, DrawKind, IndexId, Inst, Kernel, ScalarSource};
use dslsim_runtime::*;

pub const DT: f64 = 1e-4;

/// Builds a kernel.
pub struct K(pub Kernel);

impl K {
    pub fn new(name: &str, domain: Domain) -> K {
        K(Kernel {
            name: name.to_owned(),
            domain,
            scalars: Vec::new(),
            arrays: Vec::new(),
            indices: Vec::new(),
            draws: Vec::new(),
            run_prologue: Prologue::default(),
            step_prologue: Prologue::default(),
            insts: Vec::new(),
        })
    }

    pub fn slot(&mut self, array: ArrayId, written: bool) -> ArraySlot {
        if let Some(at) = self.0.arrays.iter().position(|a| a.array == array) {
            self.0.arrays[at].written |= written;
            return ArraySlot(at as u16);
        }
        self.0.arrays.push(ArrayInput {
            name: format!("a{}", array.0),
            array,
            written,
        });
        ArraySlot(self.0.arrays.len() as u16 - 1)
    }

    pub fn inst(&mut self, inst: Inst) -> Val {
        self.0.insts.push(inst);
        Val(self.0.insts.len() as u32 - 1)
    }

    pub fn load(&mut self, array: ArrayId, access: Access) -> Val {
        let slot = self.slot(array, false);
        self.inst(Inst::Load(slot, access))
    }

    pub fn store(&mut self, array: ArrayId, access: Access, value: Val, mask: Option<Val>) {
        let slot = self.slot(array, true);
        self.inst(Inst::Store {
            slot,
            access,
            value,
            mask,
        });
    }

    pub fn num(&mut self, x: f64) -> Val {
        self.inst(Inst::Const(x))
    }

    pub fn op(&mut self, op: Binary, a: Val, b: Val) -> Val {
        self.inst(Inst::Binary(op, a, b))
    }

    pub fn cmp(&mut self, op: Compare, a: Val, b: Val) -> Val {
        self.inst(Inst::Compare(op, a, b))
    }

    pub fn scalar_slot(&mut self, source: ScalarSource, level: Level) -> ScalarSlot {
        self.0.scalars.push(ScalarInput { source, level });
        ScalarSlot(self.0.scalars.len() as u16 - 1)
    }

    pub fn scalar(&mut self, source: ScalarSource) -> Val {
        let level = match source {
            ScalarSource::Time | ScalarSource::TimeStep => Level::Step,
            _ => Level::Run,
        };
        let slot = self.scalar_slot(source, level);
        self.inst(Inst::Scalar(slot))
    }

    pub fn draw(&mut self, kind: DrawKind, scratch: ArrayId) -> Val {
        let slot = self.slot(scratch, false);
        self.0.draws.push(Draw {
            kind,
            slot,
            mean: None,
            only: None,
        });
        self.inst(Inst::Load(slot, Access::Position))
    }

    pub fn via(&mut self, table: IndexId) -> Access {
        self.0.indices.push(table);
        Access::Via(dslsim_ir::kernel::IndexSlot(
            self.0.indices.len() as u16 - 1,
        ))
    }

    /// `array[at] += x`
    pub fn add(&mut self, array: ArrayId, access: Access, x: f64) {
        let old = self.load(array, access);
        let x = self.num(x);
        let new = self.op(Binary::Add, old, x);
        self.store(array, access, new, None);
    }

    pub fn program(self, len: usize, object: u32) -> Program {
        let kernel = self.0.validate().unwrap();
        let code = Interpreter.compile(&[&kernel]).unwrap().remove(0);
        Program {
            kernel: Arc::new(kernel),
            code,
            stages: Vec::new(),
            again: None,
            one_by_one: false,
            len,
            object,
        }
    }
}

/// A simulation and a plan that are built together.
pub struct Net {
    pub sim: Simulation,
    pub plan: Plan,
    pub clock: ClockId,
    objects: u32,
}

impl Net {
    pub fn new(random: Random) -> Net {
        let mut sim = Simulation::new(random);
        let clock = sim.add_clock(DT).unwrap();
        Net {
            sim,
            plan: Plan::new(),
            clock,
            objects: 0,
        }
    }

    pub fn program(&mut self, k: K, len: usize) -> ProgramId {
        self.objects += 1;
        self.plan.add(k.program(len, self.objects))
    }

    pub fn op(&mut self, when: Slot, order: i32, name: &str, action: Action) {
        let clock = self.clock;
        self.plan.operations.push(Operation {
            when,
            order,
            name: name.to_owned(),
            clock,
            action,
        });
    }

    pub fn kernel(&mut self, when: Slot, name: &str, k: K, len: usize) {
        let program = self.program(k, len);
        self.op(when, 0, name, Action::Kernel { program });
    }

    pub fn threshold(&mut self, k: K, n: u32) -> SpikesId {
        let spikes = self.sim.add_spikes(n);
        let program = self.program(k, n as usize);
        self.op(
            Slot::Thresholds,
            0,
            "thresholder",
            Action::Threshold { program, spikes },
        );
        spikes
    }

    /// Neurons that spike at given steps.
    pub fn given(&mut self, n: u32, spikes: &[(u32, u64)]) -> SpikesId {
        let indices: Vec<i64> = spikes.iter().map(|s| i64::from(s.0)).collect();
        let times: Vec<f64> = spikes.iter().map(|s| s.1 as f64 * DT).collect();
        let schedule = self
            .sim
            .add_generator(Generator::new(n, &indices, &times, DT, None).unwrap());
        let spikes = self.sim.add_spikes(n);
        self.op(
            Slot::Thresholds,
            0,
            "spikegenerator",
            Action::Generator { spikes, schedule },
        );
        spikes
    }

    pub fn poisson(&mut self, n: u32, rates: Rates) -> SpikesId {
        let spikes = self.sim.add_spikes(n);
        self.objects += 1;
        let object = self.objects;
        self.op(
            Slot::Thresholds,
            0,
            "poissongroup",
            Action::Poisson {
                spikes,
                n,
                rates,
                object,
            },
        );
        spikes
    }

    pub fn record_spikes(
        &mut self,
        spikes: SpikesId,
        first: u32,
        last: u32,
        columns: Vec<Column>,
    ) -> MonitorId {
        let monitor = self.sim.add_monitor(Monitor::Spikes(SpikeMonitor::new(
            last - first,
            true,
            columns,
        )));
        let action = Action::RecordSpikes {
            monitor,
            spikes,
            first,
            last,
            program: None,
        };
        self.op(Slot::Thresholds, 1, "spikemonitor", action);
        monitor
    }

    pub fn record(&mut self, array: ArrayId, elements: Vec<u32>) -> MonitorId {
        let column = Column {
            array,
            at: At::Element,
        };
        let monitor = self
            .sim
            .add_monitor(Monitor::State(StateMonitor::new(vec![column], elements)));
        self.op(
            Slot::Start,
            0,
            "statemonitor",
            Action::RecordState {
                monitor,
                program: None,
            },
        );
        monitor
    }

    pub fn run(&mut self, steps: u64) -> Outcome {
        self.sim
            .run(&mut self.plan, steps as f64 * DT, &mut Silent)
            .unwrap()
    }

    pub fn state(&self, monitor: MonitorId) -> &StateMonitor {
        self.sim
            .monitor(monitor)
            .and_then(Monitor::as_state)
            .unwrap()
    }

    pub fn spikes(&self, monitor: MonitorId) -> &SpikeMonitor {
        self.sim
            .monitor(monitor)
            .and_then(Monitor::as_spikes)
            .unwrap()
    }
}

/// Times as step numbers.
pub fn steps(t: &[f64]) -> Vec<u64> {
    t.iter().map(|t| (t / DT).round() as u64).collect()
}
