//! A program made ready for a run: arrays spread out, bounds checked, scalars computed; and its execution in a step.

use dslsim_ir::interp::run_prologue;
use dslsim_ir::kernel::ArrayInput;
use dslsim_ir::{
    Access, ArrayId, Domain, DrawKind, Frame, IndexId, Inst, Kernel, ScalarSource, Store,
};

use crate::clock::Tick;
use crate::error::RunError;
use crate::plan::Program;
use crate::random::Random;

/// A program with what it needs to be executed many times.
pub(crate) struct Bound<'p> {
    program: &'p Program,
    kernel: &'p Kernel,
    scalars: Vec<f64>,
    /// Scalars that change from step to step.
    clocked: Vec<(usize, Clocked)>,
    each_step: bool,
    draws: Vec<(DrawKind, ArrayId)>,
    /// Draws, and what list kernels use by position: made longer where needed.
    positional: Vec<ArrayId>,
    /// The least length of these.
    room: usize,
}

#[derive(Clone, Copy)]
enum Clocked {
    Time,
    Step,
}

impl<'p> Bound<'p> {
    /// Prepares the arrays and computes what is constant during a run. `elements` is the number of elements that lists may name.
    pub(crate) fn new(
        program: &'p Program,
        dt: f64,
        elements: usize,
        store: &mut Store,
    ) -> Result<Self, RunError> {
        let kernel = program.kernel.kernel();
        let elements = if kernel.domain == Domain::List {
            elements
        } else {
            program.len
        };
        for input in &kernel.arrays {
            if input.array.0 as usize >= store.len() {
                return Err(bounds(kernel, &input.name, input.array, 0, elements));
            }
            store.spread(input.array);
        }
        let mut bound = Bound {
            program,
            kernel,
            scalars: dslsim_ir::exec::blank_scalars(kernel),
            clocked: Vec::new(),
            each_step: !kernel.step_prologue.insts.is_empty(),
            draws: Vec::new(),
            positional: Vec::new(),
            room: 0,
        };
        bound.find_positional();
        if kernel.domain == Domain::List {
            bound.room = bound
                .positional
                .iter()
                .map(|a| store.length(*a))
                .min()
                .unwrap_or(usize::MAX);
        } else {
            bound.make_room(elements, store);
        }
        check_reach(kernel, elements, store)?;
        bound.compute_scalars(dt, store)?;
        Ok(bound)
    }

    fn find_positional(&mut self) {
        let array = |slot: dslsim_ir::kernel::Slot| {
            self.kernel.arrays.get(slot.0 as usize).map(|a| a.array)
        };
        for draw in &self.kernel.draws {
            self.draws.extend(array(draw.slot).map(|a| (draw.kind, a)));
            self.positional.extend(array(draw.slot));
        }
        if self.takes_lists() {
            for inst in &self.kernel.insts {
                if let Some((slot, Access::Position)) = access(inst) {
                    self.positional.extend(array(slot));
                }
            }
        }
        self.positional.sort_unstable();
        self.positional.dedup();
    }

    /// Lengthens the arrays that are used by position.
    fn make_room(&mut self, positions: usize, store: &mut Store) {
        for &array in &self.positional {
            if store.length(array) < positions {
                store.resize(array, positions, 0.0);
                store.spread(array);
            }
        }
        self.room = positions;
    }

    fn compute_scalars(&mut self, dt: f64, store: &Store) -> Result<(), RunError> {
        for (at, input) in self.kernel.scalars.iter().enumerate() {
            self.scalars[at] = match &input.source {
                ScalarSource::External { value, .. } => *value,
                ScalarSource::Dt => dt,
                ScalarSource::Uniform(array) => {
                    if (array.0 as usize) >= store.len() || store.length(*array) == 0 {
                        return Err(bounds(self.kernel, "shared value", *array, 0, 1));
                    }
                    store.get(*array, 0)
                }
                ScalarSource::Time => {
                    self.clocked.push((at, Clocked::Time));
                    0.0
                }
                ScalarSource::TimeStep => {
                    self.clocked.push((at, Clocked::Step));
                    0.0
                }
                ScalarSource::Derived => 0.0,
            };
        }
        self.each_step |= !self.clocked.is_empty();
        run_prologue(&self.kernel.run_prologue, &mut self.scalars);
        Ok(())
    }

    #[inline(never)]
    fn begin_step(&mut self, tick: Tick) {
        for &(at, what) in &self.clocked {
            self.scalars[at] = match what {
                Clocked::Time => tick.t,
                Clocked::Step => tick.step as f64,
            };
        }
        run_prologue(&self.kernel.step_prologue, &mut self.scalars);
    }

    /// Executes the kernel for all its elements.
    #[inline]
    pub(crate) fn all(
        &mut self,
        tick: Tick,
        store: &mut Store,
        random: &mut Random,
        emit: &mut Vec<u32>,
    ) {
        let len = self.program.len;
        if len == 0 {
            return;
        }
        if self.each_step {
            self.begin_step(tick);
        }
        for (draw, &(kind, array)) in (0..).zip(&self.draws) {
            let numbers = &mut store.all_mut(array)[..len];
            random.draw_all(kind, self.program.object, tick, draw, numbers);
        }
        self.run(store, len, &[], emit);
    }

    /// Executes the kernel for the elements of a list.
    #[inline]
    pub(crate) fn list(
        &mut self,
        list: &[u32],
        tick: Tick,
        store: &mut Store,
        random: &mut Random,
        emit: &mut Vec<u32>,
    ) {
        if list.is_empty() {
            return;
        }
        if self.each_step {
            self.begin_step(tick);
        }
        if list.len() > self.room {
            self.make_room(list.len().next_power_of_two(), store);
        }
        for (draw, &(kind, array)) in (0..).zip(&self.draws) {
            let numbers = &mut store.all_mut(array)[..list.len()];
            random.draw_list(kind, self.program.object, tick, draw, list, numbers);
        }
        self.run(store, list.len(), list, emit);
    }

    #[inline]
    fn run(&mut self, store: &mut Store, len: usize, list: &[u32], emit: &mut Vec<u32>) {
        let mut frame = Frame {
            store,
            scalars: &self.scalars,
            range: 0..len,
            list,
            emit,
        };
        let arrays: &[ArrayInput] = &self.kernel.arrays;
        let indices: &[IndexId] = &self.kernel.indices;
        self.program.code.run(arrays, indices, &mut frame);
    }

    /// Whether it is executed for lists of elements.
    pub(crate) fn takes_lists(&self) -> bool {
        self.kernel.domain == Domain::List
    }

    pub(crate) fn emits(&self) -> bool {
        self.kernel.insts.iter().any(|i| matches!(i, Inst::Emit(_)))
    }
}

fn access(inst: &Inst) -> Option<(dslsim_ir::kernel::Slot, Access)> {
    match inst {
        Inst::Load(slot, access)
        | Inst::LoadBool(slot, access)
        | Inst::Store { slot, access, .. } => Some((*slot, *access)),
        _ => None,
    }
}

fn bounds(kernel: &Kernel, name: &str, array: ArrayId, len: usize, needed: usize) -> RunError {
    RunError::Bounds {
        kernel: kernel.name.clone(),
        name: name.to_owned(),
        array,
        len,
        needed,
    }
}

/// Checks that everything a kernel can reach exists: compiled code does not look.
fn check_reach(kernel: &Kernel, elements: usize, store: &Store) -> Result<(), RunError> {
    if elements == 0 {
        return Ok(());
    }
    // One past the greatest entry of each index table.
    let mut reach = Vec::with_capacity(kernel.indices.len());
    for (at, table) in kernel.indices.iter().enumerate() {
        let used = kernel.insts.iter().any(|inst| {
            matches!(inst, Inst::Index(s) if s.0 as usize == at)
                || matches!(access(inst), Some((_, Access::Via(s))) if s.0 as usize == at)
        });
        if !used {
            reach.push(0);
            continue;
        }
        let entries = store.table(*table);
        let Some(entries) = entries.get(..elements) else {
            return Err(bounds(
                kernel,
                "index table",
                ArrayId(table.0),
                entries.len(),
                elements,
            ));
        };
        reach.push(entries.iter().copied().max().map_or(0, |m| m as usize + 1));
    }
    for inst in &kernel.insts {
        let Some((slot, access)) = access(inst) else {
            continue;
        };
        let Some(input) = kernel.arrays.get(slot.0 as usize) else {
            continue;
        };
        let needed = match access {
            Access::Position if kernel.domain == Domain::List => 0,
            Access::Element | Access::Position => elements,
            Access::Via(table) => reach.get(table.0 as usize).copied().unwrap_or(0),
            Access::Only => 1,
        };
        let len = store.length(input.array);
        if len < needed {
            return Err(bounds(kernel, &input.name, input.array, len, needed));
        }
    }
    Ok(())
}
