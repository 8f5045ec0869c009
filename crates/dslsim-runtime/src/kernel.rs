//! A program made ready for a run: arrays spread out, bounds checked, scalars computed; and its execution in a step.

use std::ops::Range;

use dslsim_ir::interp::run_prologue;
use dslsim_ir::kernel::{ArrayInput, ScalarSlot};
use dslsim_ir::{
    Access, ArrayId, Code, Domain, Frame, IndexId, Inst, Kernel, Memo, Piece, ScalarSource, Shard,
    Store,
};
use dslsim_threads::{Gauge, Way};

use crate::clock::Tick;
use crate::error::RunError;
use crate::plan::Program;
use crate::random::{Draw, Given, Law, Random};
use crate::threads;

/// A program with what it needs to be executed many times.
pub(crate) struct Bound<'p> {
    /// Executed before.
    stages: Vec<Bound<'p>>,
    /// Executed after, for emitted elements, until there is none.
    again: Option<Box<Bound<'p>>>,
    /// The emitted elements, and those emitted next.
    emitted: (Vec<u32>, Vec<u32>),
    code: &'p dyn Code,
    /// Number of elements, if not for lists.
    len: usize,
    /// Its number in the counter-based stream, and the number of its first draw.
    object: u32,
    first_draw: u32,
    one_by_one: bool,
    dt: f64,
    kernel: &'p Kernel,
    scalars: Vec<f64>,
    /// Scalars that change from step to step.
    clocked: Vec<(usize, Clocked)>,
    each_step: bool,
    draws: Vec<BoundDraw>,
    /// Working memory: values of prologues, means of Poisson numbers.
    values: Vec<f64>,
    means: Vec<f64>,
    only: Vec<f64>,
    /// Draws, and what list kernels use by position: made longer where needed.
    positional: Vec<ArrayId>,
    /// The least length of these.
    room: usize,
    /// How it is divided among threads.
    divided: Option<Box<Divided>>,
    /// Whether every other execution goes backward.
    to_and_fro: bool,
    memo: Memo,
}

/// Elements from which on a kernel begins where it ended before: what it used last is still in the first-level cache.
const TO_AND_FRO: usize = 1000;

/// A kernel over all elements that several threads can work on.
struct Divided {
    threads: usize,
    parts: Vec<Vec<Range<usize>>>,
    gauge: Gauge,
    /// For its random numbers.
    draws: Gauge,
}

struct BoundDraw {
    law: Law,
    array: ArrayId,
    mean: Option<ArrayId>,
    only: Option<ArrayId>,
}

/// The scalars of a kernel in several steps.
pub(crate) struct Scalars(Vec<Vec<f64>>);

impl Scalars {
    /// Those of a step.
    pub(crate) fn at(&self, step: usize) -> &[f64] {
        self.0.get(step).or(self.0.last()).map_or(&[], |s| s)
    }
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
        let mut stages = Vec::with_capacity(program.stages.len());
        let mut first_draw = 0;
        for (kernel, code) in &program.stages {
            let stage = Bound::one(
                (kernel.kernel(), &**code),
                program,
                first_draw,
                dt,
                elements,
                store,
            )?;
            first_draw += stage.draws.len() as u32;
            stages.push(stage);
        }
        let again = match &program.again {
            Some((kernel, code)) => Some(Box::new(Bound::one(
                (kernel.kernel(), &**code),
                program,
                first_draw,
                dt,
                program.len,
                store,
            )?)),
            None => None,
        };
        let kernel = (program.kernel.kernel(), &*program.code);
        Ok(Bound {
            stages,
            again,
            ..Bound::one(kernel, program, first_draw, dt, elements, store)?
        })
    }

    fn one(
        (kernel, code): (&'p Kernel, &'p dyn Code),
        program: &Program,
        first_draw: u32,
        dt: f64,
        elements: usize,
        store: &mut Store,
    ) -> Result<Self, RunError> {
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
            stages: Vec::new(),
            again: None,
            emitted: (Vec::new(), Vec::new()),
            code,
            len: program.len,
            object: program.object,
            first_draw,
            one_by_one: program.one_by_one,
            dt,
            values: Vec::new(),
            means: Vec::new(),
            only: Vec::new(),
            kernel,
            scalars: dslsim_ir::exec::blank_scalars(kernel),
            clocked: Vec::new(),
            each_step: !kernel.step_prologue.insts.is_empty(),
            draws: Vec::new(),
            positional: Vec::new(),
            room: 0,
            divided: None,
            to_and_fro: kernel.domain == Domain::All && program.len >= TO_AND_FRO,
            memo: Memo::default(),
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
            let (mean, only) = (draw.mean.and_then(array), draw.only.and_then(array));
            self.draws.extend(array(draw.slot).map(|array| BoundDraw {
                law: Law::new(draw.kind, self.dt),
                array,
                mean,
                only,
            }));
            self.positional.extend(array(draw.slot));
            self.positional.extend(mean);
            self.positional.extend(only);
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
        let clocked = self.clocked.iter().map(|(at, _)| ScalarSlot(*at as u16));
        let computed = self.kernel.step_prologue.results.iter().map(|(_, s)| *s);
        self.memo.changing = clocked.chain(computed).collect();
        run_prologue(
            &self.kernel.run_prologue,
            &self.kernel.arrays,
            store,
            &mut self.values,
            &mut self.scalars,
        );
        Ok(())
    }

    #[inline(never)]
    fn begin_step(&mut self, tick: Tick, store: &Store) {
        self.memo.changed = true;
        for &(at, what) in &self.clocked {
            self.scalars[at] = match what {
                Clocked::Time => tick.t,
                Clocked::Step => tick.step as f64,
            };
        }
        run_prologue(
            &self.kernel.step_prologue,
            &self.kernel.arrays,
            store,
            &mut self.values,
            &mut self.scalars,
        );
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
        let len = self.len;
        if len == 0 {
            return;
        }
        for stage in &mut self.stages {
            stage.all(tick, store, random, emit);
        }
        if self.each_step {
            self.begin_step(tick, store);
        }
        if !self.draws.is_empty() {
            self.draw(tick, None, len, store, random);
        }
        if self.again.is_some() {
            self.until_done(tick, len, store, random);
        } else {
            self.run(store, len, &[], emit);
        }
    }

    /// Executes the kernel for all elements, and the other one for those that are emitted until there is none.
    fn until_done(&mut self, tick: Tick, len: usize, store: &mut Store, random: &mut Random) {
        let (mut todo, mut next) = std::mem::take(&mut self.emitted);
        todo.clear();
        self.run(store, len, &[], &mut todo);
        if let Some(again) = &mut self.again {
            while !todo.is_empty() {
                next.clear();
                again.together(&todo, tick, store, random, &mut next);
                std::mem::swap(&mut todo, &mut next);
            }
        }
        self.emitted = (todo, next);
    }

    /// Fills the draws.
    fn draw(
        &mut self,
        tick: Tick,
        list: Option<&[u32]>,
        len: usize,
        store: &mut Store,
        random: &mut Random,
    ) {
        for (number, draw) in (self.first_draw..).zip(&self.draws) {
            let array = draw.array;
            for (from, to) in [(draw.mean, &mut self.means), (draw.only, &mut self.only)] {
                to.clear();
                if let Some(from) = from {
                    to.extend_from_slice(&store.all_mut(from)[..len]);
                }
            }
            let draw = Draw {
                law: &draw.law,
                object: self.object,
                step: tick.executed,
                number,
                list,
                first: 0,
            };
            let given = Given {
                means: &self.means,
                only: &self.only,
            };
            let numbers = &mut store.all_mut(array)[..len];
            let Some(divided) = self.divided.as_mut().filter(|_| list.is_none()) else {
                random.draw(draw, given, numbers);
                continue;
            };
            match divided.draws.begin(len) {
                Way::Together if !random.is_brian2() => {
                    let size = len.div_ceil(divided.threads).next_multiple_of(8);
                    random.draw_together(draw, given.means, size, numbers);
                }
                _ => random.draw(draw, given, numbers),
            }
            divided.draws.end(len);
        }
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
        if self.one_by_one && random.is_brian2() {
            for element in list.chunks(1) {
                self.together(element, tick, store, random, emit);
            }
        } else {
            self.together(list, tick, store, random, emit);
        }
    }

    #[inline]
    fn together(
        &mut self,
        list: &[u32],
        tick: Tick,
        store: &mut Store,
        random: &mut Random,
        emit: &mut Vec<u32>,
    ) {
        for stage in &mut self.stages {
            stage.together(list, tick, store, random, emit);
        }
        if self.each_step {
            self.begin_step(tick, store);
        }
        self.make_room_for(list.len(), store);
        if !self.draws.is_empty() {
            self.draw(tick, Some(list), list.len(), store, random);
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
            memo: &mut self.memo,
        };
        let arrays: &[ArrayInput] = &self.kernel.arrays;
        let indices: &[IndexId] = &self.kernel.indices;
        let way = match &mut self.divided {
            Some(divided) => divided.gauge.begin(len),
            None => Way::Alone,
        };
        if way == Way::Alone && self.to_and_fro {
            frame.memo.backward = !frame.memo.backward;
        }
        let Some(divided) = &mut self.divided else {
            self.code.run(arrays, indices, &mut frame);
            return;
        };
        match way {
            Way::Alone => self.code.run(arrays, indices, &mut frame),
            Way::Together => self
                .code
                .run_parts(arrays, indices, &mut frame, &divided.parts),
        }
        divided.gauge.end(len);
    }

    /// Divides the work on all elements, if there is enough of it.
    pub(crate) fn divide(&mut self, threads: usize) {
        self.stages.iter_mut().for_each(|s| s.divide(threads));
        self.divided = None;
        if threads > 1 && threads::divisible(self.kernel) {
            let parts = threads::parts(self.len, threads);
            if parts.len() > 1 {
                self.divided = Some(Box::new(Divided {
                    threads,
                    parts,
                    gauge: Gauge::of_short_work(),
                    draws: Gauge::of_short_work(),
                }));
            }
        }
    }

    /// The kernels that are executed one after the other: this one is the last.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Bound<'p>> {
        self.stages.iter().chain(std::iter::once(self))
    }

    /// Whether its kernels can be executed in a part of the store, as far as the code is concerned.
    pub(crate) fn runs_in_parts(&self) -> bool {
        self.again.is_none() && self.chain().all(|b| b.code.runs_in_parts())
    }

    /// A scalar, as it is now.
    pub(crate) fn scalar(&self, slot: ScalarSlot) -> Option<f64> {
        self.scalars.get(slot.0 as usize).copied()
    }

    /// Number of elements, if not for lists.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The arrays of its random numbers, and of what they are drawn with.
    pub(crate) fn drawn(&self) -> impl Iterator<Item = (ArrayId, Option<ArrayId>)> {
        self.draws.iter().map(|d| (d.array, d.mean))
    }

    /// The scalars of each kernel of the chain at each of these steps: one set, if they do not change.
    pub(crate) fn scalars_at(&mut self, ticks: &[Tick], store: &Store, to: &mut Vec<Scalars>) {
        for stage in &mut self.stages {
            stage.scalars_at(ticks, store, to);
        }
        let mut sets = Vec::new();
        if self.each_step {
            for tick in ticks {
                self.begin_step(*tick, store);
                sets.push(self.scalars.clone());
            }
        } else {
            sets.push(self.scalars.clone());
        }
        to.push(Scalars(sets));
    }

    /// What the back end remembers of the chain's kernels in a part: nothing yet.
    pub(crate) fn memos(&self) -> Vec<Memo> {
        let memo = |b: &Bound<'_>| Memo {
            changing: b.memo.changing.clone(),
            distinct: b.memo.distinct,
            ..Memo::default()
        };
        self.chain().map(memo).collect()
    }

    /// Executes this kernel, not those before it, in a part of the store, for all elements of `range` or the elements of `list`.
    pub(crate) fn in_part(
        &self,
        shard: &mut Shard<'_>,
        random: &Random,
        tick: Tick,
        range: Range<usize>,
        piece: Piece<'_>,
    ) {
        for (number, draw) in (self.first_draw..).zip(&self.draws) {
            let means = draw.mean.map(|m| shard.elements(m, range.clone()).to_vec());
            let numbers = shard.elements_mut(draw.array, range.clone());
            let draw = Draw {
                law: &draw.law,
                object: self.object,
                step: tick.executed,
                number,
                list: None,
                first: range.start as u32,
            };
            random.draw_part(draw, means.as_deref().unwrap_or(&[]), numbers);
        }
        piece.memo.changed = self.each_step;
        self.code
            .run_in(&self.kernel.arrays, &self.kernel.indices, shard, piece);
    }

    /// Executes the kernel over ranges of its domain, in parts that several threads can work on.
    pub(crate) fn ranges(
        &mut self,
        list: &[u32],
        parts: &[Vec<Range<usize>>],
        tick: Tick,
        store: &mut Store,
        emit: &mut Vec<u32>,
    ) {
        if self.each_step {
            self.begin_step(tick, store);
        }
        let mut frame = Frame {
            store,
            scalars: &self.scalars,
            range: 0..0,
            list,
            emit,
            memo: &mut self.memo,
        };
        self.code
            .run_parts(&self.kernel.arrays, &self.kernel.indices, &mut frame, parts);
    }

    /// Whether it is one kernel without random numbers, that looks at elements and not at positions.
    pub(crate) fn is_plain(&self) -> bool {
        self.stages.is_empty()
            && self.again.is_none()
            && self.draws.is_empty()
            && self.positional.is_empty()
    }

    /// Whether it is one kernel over lists without random numbers.
    pub(crate) fn can_be_late(&self) -> bool {
        let alone = self.stages.is_empty() && self.again.is_none();
        alone && self.draws.is_empty() && self.takes_lists()
    }

    /// Lengthens what it uses by position, if need be.
    pub(crate) fn make_room_for(&mut self, positions: usize, store: &mut Store) {
        if positions > self.room {
            self.make_room(positions.next_power_of_two(), store);
        }
    }

    /// Says that no element stands twice in a range of the lists to come.
    pub(crate) fn expect_distinct(&mut self) {
        self.memo.distinct = true;
    }

    pub(crate) fn kernel(&self) -> &'p Kernel {
        self.kernel
    }

    /// Whether it is executed for lists of elements.
    pub(crate) fn takes_lists(&self) -> bool {
        self.kernel.domain == Domain::List
    }

    pub(crate) fn emits(&self) -> bool {
        self.kernel.insts.iter().any(|i| matches!(i, Inst::Emit(_)))
    }
}

pub(crate) fn access(inst: &Inst) -> Option<(dslsim_ir::kernel::Slot, Access)> {
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
        if entries.len() == elements {
            reach.push(store.table_end(*table));
            continue;
        }
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
            if let Inst::Bit(slot) = inst
                && let Some(input) = kernel.arrays.get(slot.0 as usize)
                && store.length(input.array) < elements.div_ceil(64)
            {
                let (len, needed) = (store.length(input.array), elements.div_ceil(64));
                return Err(bounds(kernel, &input.name, input.array, len, needed));
            }
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
