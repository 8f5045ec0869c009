//! `store(…)` and `restore(…)`: the whole state of a network, in memory or in a file.
//!
//! A snapshot holds, for each object by its Brian2 name, all stored variables, synapses and their delays, spikes of the present step
//! and in flight, given spikes, and recordings; further the time, the clock, and the random streams, which come back only if
//! asked for, as in Brian2. It does not hold equations: the model must have the same objects, with the same variables, or the snapshot is
//! refused and nothing changes. A file is an `.npz` archive of arrays in
//! the folder of results; it appears complete or not at all, and may hold several snapshots.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{Numbers, State, Unfit};
use dslsim_script::{Bound, CallArgs, Context, Param, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};

use super::construct::class_of;
use super::monitors::unreadable;
use super::{Extra, Session};
use crate::results::{atomically, prepared, read_snapshots, relative, within, write_snapshots};

type Told<T> = Result<T, Diagnostics>;

const STORE: &[Param] = &[
    Param::optional("name"),
    Param::optional("filename"),
    Param::optional("level"),
];

const RESTORE: &[Param] = &[
    Param::optional("name"),
    Param::optional("filename"),
    Param::optional("restore_random_state"),
    Param::optional("level"),
];

/// The state of a network at some moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// What each object is, in words that can be compared; by its Brian2 name.
    pub objects: BTreeMap<String, String>,
    /// The numbers.
    pub state: State,
}

/// Snapshots in memory, by network and name.
pub(super) type Snapshots = BTreeMap<(usize, String), Snapshot>;

impl Session<'_> {
    pub(super) fn store_call(
        &mut self,
        ctx: &mut Context<'_>,
        args: &CallArgs,
        net: usize,
    ) -> Told<Value> {
        let bound = args.bind("store", STORE)?;
        let name = bound.text("name")?.unwrap_or("default").to_owned();
        let file = bound.text("filename")?.map(str::to_owned);
        let place = file.as_deref().map(relative).transpose();
        let place = place.map_err(|why| {
            let file = file.as_deref().unwrap_or_default();
            Diagnostic::error(
                "output-path",
                bound.span_of("filename"),
                format!("store: `{file}` {why}"),
            )
            .help(
                "snapshots are written with the results of the run: give a name such as 'warm.npz'",
            )
        })?;
        let members = self.members(ctx, net);
        if self.options.check || ctx.has_errors() {
            self.snapshots.insert((net, name), Snapshot::default());
            return Ok(Value::None);
        }
        self.enter(net, &members);
        let snapshot = self.snapshot(&members, args.span)?;
        match place {
            None => {
                self.snapshots.insert((net, name), snapshot);
            }
            Some(place) => self.store_file(&bound, &place, &name, snapshot)?,
        }
        Ok(Value::None)
    }

    pub(super) fn restore_call(
        &mut self,
        ctx: &mut Context<'_>,
        args: &CallArgs,
        net: usize,
    ) -> Told<Value> {
        let bound = args.bind("restore", RESTORE)?;
        let name = bound.text("name")?.unwrap_or("default").to_owned();
        let random = bound.flag("restore_random_state")?.unwrap_or(false);
        let members = self.members(ctx, net);
        let snapshot = match bound.text("filename")? {
            Some(_) if self.options.check => return Ok(Value::None),
            Some(file) => {
                let file = file.to_owned();
                let snapshot = self.read_snapshot(ctx, &bound, &file, &name)?;
                for (key, numbers) in &snapshot.state.0 {
                    self.note_data(key.as_bytes());
                    match numbers {
                        Numbers::Floats(all) => self.note_data(bytemuck::cast_slice(all)),
                        Numbers::Whole(all) => self.note_data(bytemuck::cast_slice(all)),
                    }
                }
                snapshot
            }
            None => match self.snapshots.get(&(net, name.clone())) {
                Some(snapshot) => snapshot.clone(),
                None => return Err(self.unknown_snapshot(&bound, args.span, net, &name)),
            },
        };
        if self.options.check || ctx.has_errors() {
            return Ok(Value::None);
        }
        self.same_objects(&members, &snapshot, args.span)?;
        // What does not fit is found on a copy, so that a refused snapshot changes nothing.
        let before = (
            self.simulation.clone(),
            self.network.clone(),
            self.extras.clone(),
        );
        if let Err(Unfit(what)) = self.bring_back(net, &members, &snapshot.state, random) {
            (self.simulation, self.network, self.extras) = before;
            let d = Diagnostic::error(
                "snapshot-does-not-fit",
                args.span,
                format!("restore: `{what}` of the snapshot is missing or does not fit the model"),
            );
            let d = if what.starts_with(".random") {
                d.help("it was stored with the other random stream (`--rng`)")
            } else {
                d.help("the model must be the one that stored it")
            };
            return Err(d.into());
        }
        Ok(Value::None)
    }

    fn unknown_snapshot(&self, bound: &Bound, call: Span, net: usize, name: &str) -> Diagnostics {
        let known: Vec<&str> = self
            .snapshots
            .keys()
            .filter(|(n, _)| *n == net)
            .map(|(_, name)| name.as_str())
            .collect();
        let span = if bound.given("name").is_some() {
            bound.span_of("name")
        } else {
            call
        };
        let message = format!("there is no snapshot named `{name}` to restore");
        let help = if known.is_empty() {
            "call `store()` before".to_owned()
        } else {
            format!("the snapshots of this network are {}", known.join(", "))
        };
        Diagnostic::error("unknown-snapshot", span, message)
            .help(help)
            .into()
    }

    /// What an object is, in words that two snapshots must share.
    fn signature(&self, id: ObjectId) -> String {
        let kind = &self.network.get(id).kind;
        let mut words = class_of(kind).to_owned();
        if !matches!(kind, Kind::Synapses(_)) && self.network.size(id) > 0 {
            words.push_str(&format!(" of {} elements", self.network.size(id)));
        }
        if let Some(variables) = self.network.variables(id) {
            let all: Vec<String> = variables
                .iter()
                .filter(|v| v.is_stored())
                .map(|v| format!("{} : {}", v.name, dslsim_model::words::unit(v.dim)))
                .collect();
            words.push_str(&format!(" with {}", all.join(", ")));
        }
        match kind {
            Kind::StateMonitor(m) => {
                let names: Vec<&str> = m.variables.iter().map(|(n, _)| n.as_str()).collect();
                words.push_str(&format!(
                    " of {} in {} elements",
                    names.join(", "),
                    m.record.len()
                ));
            }
            Kind::SpikeMonitor(m) => {
                let names: Vec<&str> = m.variables.iter().map(|(n, _)| n.as_str()).collect();
                words.push_str(&format!(
                    " of {} elements, {}",
                    m.source.len(),
                    names.join(", ")
                ));
            }
            _ => {}
        }
        words
    }

    fn same_objects(&self, members: &[ObjectId], snapshot: &Snapshot, span: Span) -> Told<()> {
        let refuse = |message: String| {
            Diagnostics::from(
                Diagnostic::error("snapshot-does-not-fit", span, message)
                    .help("the network must have the objects that it had when it was stored, with the same names"),
            )
        };
        for id in members {
            let name = &self.network.get(*id).name;
            let shown = self.network.get(*id).shown();
            match snapshot.objects.get(name) {
                None => {
                    return Err(refuse(format!(
                        "restore: the snapshot does not contain `{shown}` ({name})"
                    )));
                }
                Some(was) if *was != self.signature(*id) => {
                    return Err(refuse(format!(
                        "restore: `{shown}` ({name}) was a {was} when it was stored, now it is a {}",
                        self.signature(*id)
                    )));
                }
                Some(_) => {}
            }
        }
        let present = |name: &String| members.iter().any(|id| self.network.get(*id).name == *name);
        match snapshot.objects.keys().find(|name| !present(name)) {
            Some(name) => Err(refuse(format!(
                "restore: the snapshot contains `{name}`, which the network does not have"
            ))),
            None => Ok(()),
        }
    }

    /// The variables of an object that are stored, by name.
    fn stored_variables(&self, id: ObjectId) -> Vec<(String, dslsim_ir::ArrayId)> {
        let mut all: Vec<(String, dslsim_ir::ArrayId)> = self
            .registry
            .variables()
            .filter(|(owner, ..)| *owner == id)
            .map(|(_, name, array)| (name.to_string(), array))
            .collect();
        all.sort();
        all
    }

    fn snapshot(&self, members: &[ObjectId], span: Span) -> Told<Snapshot> {
        let mut state = State::default();
        let mut objects = BTreeMap::new();
        let sim = &self.simulation;
        for id in members {
            let object = self.network.get(*id);
            let name = &object.name;
            objects.insert(name.clone(), self.signature(*id));
            for (variable, array) in self.stored_variables(*id) {
                sim.save_array(array, &format!("{name}.{variable}"), &mut state);
            }
            let nothing = Extra::default();
            let extra = self.extras.get(id.0 as usize).unwrap_or(&nothing);
            for (event, spikes) in &extra.events {
                sim.save_spikes(*spikes, &format!("{name}#{event}"), &mut state);
            }
            if let Some(monitor) = extra.monitor {
                let key = format!("{name}#recorded");
                sim.save_monitor(monitor, &key, &mut state)
                    .map_err(|e| unreadable(&e, span))?;
            }
            let wide = |all: &[u32]| all.iter().map(|k| u64::from(*k)).collect();
            match &object.kind {
                Kind::Synapses(s) => {
                    state.put_whole(format!("{name}#i"), wide(self.pairs(*id).0));
                    state.put_whole(format!("{name}#j"), wide(self.pairs(*id).1));
                    for (pathway, queue) in s.pathways.iter().zip(&extra.queues) {
                        sim.save_queue(*queue, &format!("{name}#{}", pathway.name), &mut state);
                    }
                }
                Kind::Generator(g) => {
                    let (i, t): (Vec<u32>, Vec<f64>) = g.spikes.iter().copied().unzip();
                    state.put_whole(format!("{name}#i"), wide(&i));
                    state.put(format!("{name}#t"), t);
                    state.put(format!("{name}#period"), g.period.into_iter().collect());
                }
                _ => {}
            }
            state.put_whole(format!("{name}#ran"), vec![u64::from(extra.ran)]);
        }
        state.put(".time".into(), vec![sim.now()]);
        sim.save_clock(self.clock, ".clock", &mut state);
        sim.save_random(".random", &mut state);
        Ok(Snapshot { objects, state })
    }

    fn bring_back(
        &mut self,
        net: usize,
        members: &[ObjectId],
        state: &State,
        random: bool,
    ) -> Result<(), Unfit> {
        let [time] = *state.floats(".time")? else {
            return Err(Unfit(".time".into()));
        };
        for id in members {
            let name = self.network.get(*id).name.clone();
            for (variable, array) in self.stored_variables(*id) {
                self.simulation
                    .load_array(array, &format!("{name}.{variable}"), state)?;
            }
            let extra = self.extra(*id);
            let (events, recording) = (extra.events.clone(), extra.monitor);
            for (event, spikes) in &events {
                self.simulation
                    .load_spikes(*spikes, &format!("{name}#{event}"), random, state)?;
            }
            if let Some(monitor) = recording {
                let key = format!("{name}#recorded");
                // A monitor that had recorded nothing yet was not there.
                if state.floats(&format!("{key}.t")).is_ok() {
                    self.simulation.load_monitor(monitor, &key, state)?;
                } else if let Some(monitor) = self.simulation.monitor_mut(monitor) {
                    monitor.clear();
                }
            }
            self.bring_back_parts(*id, &name, state)?;
            self.extra(*id).ran = state.whole(&format!("{name}#ran"))? == [1];
        }
        if random {
            self.simulation.load_random(".random", state)?;
        }
        self.simulation.go_to(time);
        self.simulation
            .load_clock(self.clock, ".clock", random, state)?;
        self.networks[net].time = time;
        Ok(())
    }

    /// Synapses and given spikes.
    fn bring_back_parts(&mut self, id: ObjectId, name: &str, state: &State) -> Result<(), Unfit> {
        let (i_name, j_name) = (format!("{name}#i"), format!("{name}#j"));
        match &mut self.network.get_mut(id).kind {
            Kind::Synapses(s) => {
                let (i, j) = (state.small(&i_name)?, state.small(&j_name)?);
                let inside = i.iter().all(|k| (*k as usize) < s.source.stop)
                    && j.iter().all(|k| (*k as usize) < s.target.stop);
                if i.len() != j.len() || !inside {
                    return Err(Unfit(i_name));
                }
                s.n = i.len();
                let n = i.len() as u32;
                let names: Vec<String> = s.pathways.iter().map(|p| p.name.clone()).collect();
                let queues = self.extra(id).queues.clone();
                self.give_pairs(id, (i, j));
                self.extra(id).counted = false;
                for (pathway, queue) in names.iter().zip(queues) {
                    self.simulation
                        .load_queue(queue, &format!("{name}#{pathway}"), n, state)?;
                }
            }
            Kind::Generator(g) => {
                let (i, t) = (state.small(&i_name)?, state.floats(&format!("{name}#t"))?);
                if i.len() != t.len() || i.iter().any(|k| *k as usize >= g.n) {
                    return Err(Unfit(i_name));
                }
                g.spikes = i.into_iter().zip(t.iter().copied()).collect();
                g.period = state.floats(&format!("{name}#period"))?.first().copied();
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn folder_of(&self, ctx: &Context<'_>) -> PathBuf {
        let from = ctx.file();
        self.paths
            .iter()
            .find(|(_, f)| **f == from)
            .and_then(|(p, _)| p.parent().map(Path::to_path_buf))
            .unwrap_or_default()
    }

    /// Adds a snapshot to a file in the folder of results.
    fn store_file(&self, bound: &Bound, place: &Path, name: &str, snapshot: Snapshot) -> Told<()> {
        let fail = |why: String| {
            let message = format!("cannot store into `{}`: {why}", place.display());
            Diagnostics::from(
                Diagnostic::error("store-file", bound.span_of("filename"), message)
                    .help("snapshots are written with the results of the run; `--out` chooses another folder"),
            )
        };
        if self.options.point {
            return Err(fail(
                "the points of a sweep write no files of their own".into(),
            ));
        }
        let path = prepared(&self.options.out, place).map_err(|e| fail(e.to_string()))?;
        let mut all = match fs::read(&path) {
            Ok(bytes) => read_snapshots(&bytes)
                .map_err(|e| fail(format!("it exists, and is no file of snapshots ({e})")))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(e) => return Err(fail(e.to_string())),
        };
        all.insert(name.to_owned(), snapshot);
        let bytes = write_snapshots(&all).map_err(|e| fail(e.to_string()))?;
        atomically(&path, |file| file.write_all(&bytes)).map_err(|e| fail(e.to_string()))
    }

    /// A snapshot in a file: among the results if there is one, else beside the model.
    fn read_snapshot(
        &self,
        ctx: &Context<'_>,
        bound: &Bound,
        file: &str,
        name: &str,
    ) -> Told<Snapshot> {
        let fail = |why: String| {
            Diagnostics::from(
                Diagnostic::error(
                    "restore-file",
                    bound.span_of("filename"),
                    format!("cannot restore from `{file}`: {why}"),
                )
                .help("the path is relative to the folder of results, else to the model file; `store(…, filename=…)` makes such files"),
            )
        };
        let stored = relative(file)
            .ok()
            .and_then(|place| within(&self.options.out, &place).ok())
            .filter(|path| path.is_file());
        let bytes = match stored {
            Some(path) => fs::read(path).map_err(|e| fail(e.to_string()))?,
            None => self.files.bytes(&self.folder_of(ctx), file).map_err(fail)?,
        };
        let mut all = read_snapshots(&bytes).map_err(fail)?;
        all.remove(name).ok_or_else(|| {
            let names: Vec<&str> = all.keys().map(String::as_str).collect();
            fail(format!(
                "it has no snapshot `{name}`; it has {}",
                names.join(", ")
            ))
        })
    }
}
