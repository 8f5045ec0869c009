//! Networks: which objects a `run` simulates, in which order of slots, and at which time they have arrived.
//!
//! The first network is Brian2's magic one: the objects that the script's names show when `run` is called. Each network has a time of
//! its own. The magic network begins anew, at 0, when none of its objects has been simulated before (after `start_scope()`, or when
//! names have been bound to new objects). Unlike in Brian2, objects may be added between runs and may move to another network.

use std::collections::HashSet;

use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::Slot;
use dslsim_script::{CallArgs, Context, ObjectRef, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span, Text};
use dslsim_syntax::ast::Ident;
use dslsim_units::Dim;

use super::Session;
use super::attributes::unknown_member;
use super::handles::Handle;

type Told<T> = Result<T, Diagnostics>;

/// The network of all visible objects.
pub(super) const MAGIC: usize = 0;

const SLOTS: [&str; 6] = ["start", "groups", "thresholds", "synapses", "resets", "end"];

const NETWORK: &[Param] = &[Param::rest("objs"), Param::keyword("name")];

const MEMBERS: &[&str] = &[
    "t",
    "name",
    "objects",
    "schedule",
    "run",
    "add",
    "remove",
    "store",
    "restore",
    "stop",
    "get_states",
    "set_states",
    "get_profiling_info",
];

/// A network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Net {
    /// `network`, `network_1`, or the user's name.
    pub name: String,
    /// What is simulated; not used for the magic network.
    pub members: Vec<ObjectId>,
    /// Where the last run ended, in seconds.
    pub time: f64,
    /// The order of the slots, if it is not the usual one.
    pub schedule: Option<Vec<String>>,
}

impl Net {
    /// The slots of a step in their order; `None`: the usual one.
    pub(crate) fn slots(&self) -> Option<Vec<Slot>> {
        let names = self.schedule.as_ref()?;
        let mut all = Vec::new();
        for name in names {
            for full in [
                format!("before_{name}"),
                name.clone(),
                format!("after_{name}"),
            ] {
                all.extend(full.parse::<Slot>());
            }
        }
        Some(all)
    }
}

impl Session<'_> {
    /// `Network(…)`
    pub(super) fn make_network(&mut self, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("Network", NETWORK)?;
        let mut members = Vec::new();
        for given in &bound.rest {
            self.objects_in(given, "Network", &mut members)?;
        }
        let name = match bound.text("name")? {
            Some(name) => name.to_owned(),
            None => {
                let taken = |n: &str| self.networks.iter().any(|net| net.name == n);
                let mut name = "network".to_owned();
                let mut k = 0;
                while taken(&name) {
                    k += 1;
                    name = format!("network_{k}");
                }
                name
            }
        };
        self.networks.push(Net {
            name,
            members,
            ..Net::default()
        });
        let number = self.networks.len() - 1;
        Ok(self.refer(Handle::Network(number)))
    }

    /// The objects that a value holds: an object, or lists and dicts of objects.
    fn objects_in(
        &self,
        given: &Spanned<Value>,
        function: &str,
        found: &mut Vec<ObjectId>,
    ) -> Told<()> {
        let refuse = |what: String| {
            Diagnostics::from(
                Diagnostic::error(
                    "wrong-type",
                    given.span,
                    format!("{function}: {what} cannot be part of a network"),
                )
                .help("give it objects of the model"),
            )
        };
        let mut stack: Vec<&Value> = vec![&given.value];
        while let Some(value) = stack.pop() {
            match value {
                Value::Object(o) => match self.handle(o) {
                    Handle::Object(id) if !found.contains(&id) => found.push(id),
                    // Parts of objects come with them.
                    Handle::Object(_) | Handle::Pathway(..) | Handle::Action(..) => {}
                    Handle::Network(k) => {
                        for id in &self.networks[k].members {
                            if !found.contains(id) {
                                found.push(*id);
                            }
                        }
                    }
                    _ => return Err(refuse(format!("a {}", o.class))),
                },
                Value::List(v) | Value::Tuple(v) => stack.extend(v.iter().rev()),
                Value::Dict(d) => stack.extend(d.values().rev()),
                Value::Unknown(_) => {}
                other => return Err(refuse(other.describe())),
            }
        }
        Ok(())
    }

    /// `start_scope()`: the objects made so far are not part of the magic network any more.
    pub(super) fn start_scope(&mut self) {
        self.scope = self.network.len() as u32;
    }

    /// The objects of the magic network: those that names of the script lead to, and those that never had a name. An object
    /// whose name has been bound to another one is gone, and what depends on it.
    pub(super) fn visible(&self, ctx: &Context<'_>) -> Vec<ObjectId> {
        let mut seen: HashSet<ObjectId> = HashSet::new();
        let mut stack: Vec<&Value> = ctx.globals().map(|(_, b)| &b.value).collect();
        while let Some(value) = stack.pop() {
            match value {
                Value::Object(o) => match self.handle(o) {
                    Handle::Object(id)
                    | Handle::View { object: id, .. }
                    | Handle::Recorded(id, ..)
                    | Handle::Chosen(id, _)
                    | Handle::Pathway(id, _)
                    | Handle::Action(id, _) => {
                        seen.insert(id);
                    }
                    Handle::Part(part) => {
                        seen.insert(part.object);
                    }
                    Handle::Network(k) => seen.extend(&self.networks[k].members),
                    _ => {}
                },
                Value::List(v) | Value::Tuple(v) => stack.extend(v),
                Value::Dict(d) => stack.extend(d.values()),
                _ => {}
            }
        }
        let mut gone: HashSet<ObjectId> = HashSet::new();
        let mut all = Vec::new();
        for (id, object) in self.network.iter() {
            let hidden = object.label.is_some() && !seen.contains(&id);
            let needs = self.network.needs(id);
            if id.0 < self.scope || hidden || needs.iter().any(|n| gone.contains(n)) {
                gone.insert(id);
            } else {
                all.push(id);
            }
        }
        all
    }

    /// The members of a network at this moment.
    pub(super) fn members(&self, ctx: &Context<'_>, net: usize) -> Vec<ObjectId> {
        if net == MAGIC {
            self.visible(ctx)
        } else {
            self.networks[net].members.clone()
        }
    }

    /// Goes to the time of a network.
    pub(super) fn enter(&mut self, net: usize, members: &[ObjectId]) {
        if net == MAGIC {
            let monitor = |id: &ObjectId| {
                matches!(
                    self.network.get(*id).kind,
                    Kind::StateMonitor(_) | Kind::SpikeMonitor(_) | Kind::RateMonitor(_)
                )
            };
            let known = members.iter().any(|id| self.extras[id.0 as usize].ran);
            if !known && members.iter().any(|id| !monitor(id)) {
                self.networks[MAGIC].time = 0.0;
            }
        }
        let time = self.networks[net].time;
        if self.simulation.now() != time {
            self.simulation.go_to(time);
        }
    }

    /// `net.t`, `net.objects`, …
    pub(super) fn network_attribute(
        &mut self,
        ctx: &Context<'_>,
        object: &ObjectRef,
        net: usize,
        name: &Ident,
    ) -> Told<Value> {
        let text = |t: &str| Value::Str(Text::computed(t.to_owned(), name.span));
        match name.name.as_str() {
            "t" if self.options.check && self.ran => Ok(Value::Unknown(Some(Dim::TIME))),
            "t" => Ok(Value::quantity(self.networks[net].time, Dim::TIME)),
            "t_" => Ok(Value::Float(self.networks[net].time)),
            "name" => Ok(text(&self.networks[net].name)),
            "objects" => {
                let members = self.members(ctx, net);
                Ok(Value::List(
                    members
                        .into_iter()
                        .map(|id| self.refer(Handle::Object(id)))
                        .collect(),
                ))
            }
            "schedule" => {
                let own = self.networks[net].schedule.clone();
                let names = own.unwrap_or_else(|| SLOTS.iter().map(|s| (*s).to_owned()).collect());
                Ok(Value::List(names.iter().map(|n| text(n)).collect()))
            }
            _ => Err(unknown_member(object, name, MEMBERS)),
        }
    }

    /// `net.schedule = […]`
    pub(super) fn set_network_attribute(
        &mut self,
        object: &ObjectRef,
        net: usize,
        name: &Ident,
        value: &Spanned<Value>,
    ) -> Told<()> {
        if name.name != "schedule" {
            return Err(match MEMBERS.contains(&name.name.as_str()) {
                true => Diagnostic::error(
                    "read-only",
                    name.span,
                    format!("`{}` of a network cannot be set", name.name),
                )
                .into(),
                false => unknown_member(object, name, MEMBERS),
            });
        }
        let schedule = match &value.value {
            Value::None => None,
            Value::List(v) | Value::Tuple(v) if v.iter().all(|s| s.as_text().is_some()) => Some(
                v.iter()
                    .filter_map(|s| s.as_text().map(|t| t.as_str().to_owned()))
                    .collect::<Vec<String>>(),
            ),
            _ => {
                return Err(Diagnostic::error(
                    "wrong-type",
                    value.span,
                    "a schedule is a list of the names of slots, or None",
                )
                .into());
            }
        };
        for (k, slot) in schedule.iter().flatten().enumerate() {
            let d = if !SLOTS.contains(&slot.as_str()) {
                let d = Diagnostic::error(
                    "unknown-slot",
                    value.span,
                    format!("there is no slot `{slot}` in a time step"),
                );
                d.help(format!(
                    "a schedule orders the slots {}; each has its before_ and after_",
                    SLOTS.join(", ")
                ))
            } else if schedule.iter().flatten().take(k).any(|s| s == slot) {
                Diagnostic::error(
                    "slot-twice",
                    value.span,
                    format!("the slot `{slot}` stands twice in the schedule"),
                )
            } else {
                continue;
            };
            return Err(d.into());
        }
        self.networks[net].schedule = schedule;
        Ok(())
    }

    /// `net['name']`
    pub(super) fn network_item(
        &mut self,
        ctx: &Context<'_>,
        net: usize,
        name: &str,
        span: Span,
    ) -> Told<Value> {
        let members = self.members(ctx, net);
        let found = self.named_member(&members, name);
        match found {
            Some(handle) => Ok(self.refer(handle)),
            None => {
                let names: Vec<&str> = members
                    .iter()
                    .map(|id| self.network.get(*id).name.as_str())
                    .collect();
                Err(Diagnostic::error(
                    "unknown-object",
                    span,
                    format!("the network has no object named `{name}`"),
                )
                .help(
                    match dslsim_model::words::nearest(name, names.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("its objects are {}", names.join(", ")),
                    },
                )
                .into())
            }
        }
    }

    /// An object, or a part of one, by its Brian2 name.
    pub(super) fn named_member(&self, members: &[ObjectId], name: &str) -> Option<Handle> {
        for id in members {
            let object = self.network.get(*id);
            if object.name == name {
                return Some(Handle::Object(*id));
            }
            let Some(rest) = name.strip_prefix(&format!("{}_", object.name)) else {
                continue;
            };
            if let Some(handle) = self.named_part(*id, name, rest) {
                return Some(handle);
            }
        }
        None
    }

    /// `net.run(…)` and its like.
    pub(super) fn network_method(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        net: usize,
        name: &Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        match name.name.as_str() {
            "run" => self.run_call(ctx, args, net),
            "store" => self.store_call(ctx, args, net),
            "restore" => self.restore_call(ctx, args, net),
            "stop" => {
                args.bind("stop", &[])?;
                Ok(Value::None)
            }
            "get_states" => self.network_states(ctx, net, args),
            "set_states" => self.set_network_states(ctx, net, args),
            "get_profiling_info" => {
                args.bind("get_profiling_info", &[])?;
                self.profiling_info(args.span)
            }
            "add" | "remove" if net == MAGIC => Err(Diagnostic::error(
                "magic-network",
                name.span,
                "the magic network cannot be changed: it holds the objects that names lead to",
            )
            .help("make a network of your own: `net = Network(…)`")
            .into()),
            "add" | "remove" => {
                let bound = args.bind(&name.name, &[Param::rest("objs")])?;
                let mut list = Vec::new();
                for given in &bound.rest {
                    self.objects_in(given, &name.name, &mut list)?;
                }
                let members = &mut self.networks[net].members;
                for id in list {
                    let there = members.contains(&id);
                    if name.name == "add" && !there {
                        members.push(id);
                    } else if name.name == "remove" {
                        members.retain(|m| *m != id);
                    }
                }
                Ok(Value::None)
            }
            _ => Err(unknown_member(object, name, MEMBERS)),
        }
    }

    /// The states of all groups: `net.get_states()`.
    fn network_states(
        &mut self,
        ctx: &mut Context<'_>,
        net: usize,
        args: &CallArgs,
    ) -> Told<Value> {
        let mut all = indexmap::IndexMap::new();
        for id in self.members(ctx, net) {
            let object = self.network.get(id);
            if !matches!(
                object.kind,
                Kind::Neurons(_) | Kind::Synapses(_) | Kind::Poisson(_)
            ) {
                continue;
            }
            let key = object.name.clone();
            let name = Ident {
                name: "get_states".into(),
                span: args.span,
            };
            all.insert(key, self.states(id, None, &name, args)?);
        }
        Ok(Value::Dict(all))
    }

    /// `net.set_states({...})`
    fn set_network_states(
        &mut self,
        ctx: &mut Context<'_>,
        net: usize,
        args: &CallArgs,
    ) -> Told<Value> {
        let Some(Spanned {
            value: Value::Dict(all),
            span,
        }) = args.positional.first().cloned()
        else {
            return Err(Diagnostic::error(
                "wrong-type",
                args.span,
                "set_states of a network takes a dict of names of objects and dicts of values",
            )
            .into());
        };
        let members = self.members(ctx, net);
        for (key, values) in all {
            let Some(Handle::Object(id)) = self.named_member(&members, &key) else {
                self.network_item(ctx, net, &key, span)?;
                continue;
            };
            let name = Ident {
                name: "set_states".into(),
                span: args.span,
            };
            let mut own = args.clone();
            own.positional = vec![Spanned::new(values, span)];
            self.states(id, None, &name, &own)?;
        }
        Ok(Value::None)
    }
}
