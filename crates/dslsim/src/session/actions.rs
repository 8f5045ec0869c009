//! Parts of objects that have a place of their own in the time step: pathways, thresholds, resets, regular operations.
//!
//! `S.pre.order = 2`, `G.thresholder['spike'].when = 'after_groups'`, `op = G.run_regularly(…); op.active = False`. They show where
//! they stand and let it be changed; what they do is not theirs to say.

use std::rc::Rc;

use dslsim_model::network::{Kind, ObjectId};
use dslsim_script::{CallArgs, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Text};
use dslsim_syntax::ast::Ident;

use super::Session;
use super::attributes::unknown_attribute_of;
use super::construct::{known_slot, told};
use super::handles::{ActionOf, Handle};

type Told<T> = Result<T, Diagnostics>;

const ON_EVENT: &[Param] = &[
    Param::required("event"),
    Param::required("code"),
    Param::optional("when"),
    Param::optional("order"),
];

const SCHEDULE: &[Param] = &[
    Param::required("event"),
    Param::optional("when"),
    Param::optional("order"),
];

/// Where in a step something stands.
struct Place<'a> {
    when: &'a mut String,
    order: &'a mut i32,
    active: Option<&'a mut bool>,
}

impl Session<'_> {
    /// The place of a part of an object.
    fn place(&mut self, id: ObjectId, action: &ActionOf) -> Option<Place<'_>> {
        match (&mut self.network.get_mut(id).kind, action) {
            (Kind::Neurons(g), ActionOf::Regular(k)) => g.regular.get_mut(*k).map(|r| Place {
                when: &mut r.when,
                order: &mut r.order,
                active: Some(&mut r.active),
            }),
            (Kind::Synapses(s), ActionOf::Regular(k)) => s.regular.get_mut(*k).map(|r| Place {
                when: &mut r.when,
                order: &mut r.order,
                active: Some(&mut r.active),
            }),
            (Kind::Neurons(g), ActionOf::Threshold(name)) => {
                let event = g.events.iter_mut().find(|e| e.name == *name)?;
                Some(Place {
                    when: &mut event.when,
                    order: &mut event.order,
                    active: None,
                })
            }
            (Kind::Neurons(g), ActionOf::Code(name)) => {
                let event = g.events.iter_mut().find(|e| e.name == *name)?;
                event.code.as_mut().map(|c| Place {
                    when: &mut c.when,
                    order: &mut c.order,
                    active: Some(&mut c.active),
                })
            }
            _ => None,
        }
    }

    fn pathway_place(&mut self, id: ObjectId, number: usize) -> Option<Place<'_>> {
        match &mut self.network.get_mut(id).kind {
            Kind::Synapses(s) => s.pathways.get_mut(number).map(|p| Place {
                when: &mut p.when,
                order: &mut p.order,
                active: Some(&mut p.active),
            }),
            _ => None,
        }
    }

    /// A part of an object by its Brian2 name; `rest` is what follows the object's own.
    pub(super) fn named_part(&self, id: ObjectId, name: &str, rest: &str) -> Option<Handle> {
        match &self.network.get(id).kind {
            Kind::Synapses(s) => {
                if let Some(k) = s.pathways.iter().position(|p| p.name == rest) {
                    return Some(Handle::Pathway(id, k));
                }
                let k = s.regular.iter().position(|r| r.name == name)?;
                Some(Handle::Action(id, ActionOf::Regular(k)))
            }
            Kind::Neurons(g) => {
                if let Some(k) = g.regular.iter().position(|r| r.name == name) {
                    return Some(Handle::Action(id, ActionOf::Regular(k)));
                }
                for event in &g.events {
                    if let Some(part) = rest.strip_prefix(event.name.as_ref()) {
                        match part {
                            "_thresholder" => {
                                return Some(Handle::Action(
                                    id,
                                    ActionOf::Threshold(event.name.clone()),
                                ));
                            }
                            "_resetter" if event.code.is_some() => {
                                return Some(Handle::Action(
                                    id,
                                    ActionOf::Code(event.name.clone()),
                                ));
                            }
                            _ => {}
                        }
                    }
                }
                None
            }
            _ => None,
        }
    }

    fn action_name(&self, handle: &Handle) -> String {
        match handle {
            Handle::Pathway(id, number) => match &self.network.get(*id).kind {
                Kind::Synapses(s) => {
                    let own = s.pathways.get(*number).map_or("", |p| p.name.as_str());
                    format!("{}_{own}", self.network.get(*id).name)
                }
                _ => String::new(),
            },
            Handle::Action(id, action) => {
                let object = self.network.get(*id);
                match (action, &object.kind) {
                    (ActionOf::Threshold(e), _) => format!("{}_{e}_thresholder", object.name),
                    (ActionOf::Code(e), _) => format!("{}_{e}_resetter", object.name),
                    (ActionOf::Regular(k), Kind::Neurons(g)) => g
                        .regular
                        .get(*k)
                        .map(|r| r.name.clone())
                        .unwrap_or_default(),
                    (ActionOf::Regular(k), Kind::Synapses(s)) => s
                        .regular
                        .get(*k)
                        .map(|r| r.name.clone())
                        .unwrap_or_default(),
                    _ => String::new(),
                }
            }
            _ => String::new(),
        }
    }

    /// `S.pre.order`, `op.when`
    pub(super) fn action_attribute(
        &mut self,
        handle: &Handle,
        class: &str,
        name: &Ident,
    ) -> Told<Value> {
        if let (Handle::Pathway(id, number), "delay") = (handle, name.name.as_str())
            && let Kind::Synapses(s) = &self.network.get(*id).kind
            && let Some(p) = s.pathways.get(*number)
        {
            let name = super::construct::delay_name(&p.name);
            return Ok(self.refer(Handle::View {
                object: *id,
                part: None,
                name: name.as_str().into(),
            }));
        }
        let shown = self.action_name(handle);
        let text = |t: &str| Value::Str(Text::computed(t.to_owned(), name.span));
        let place = match handle {
            Handle::Pathway(id, number) => self.pathway_place(*id, *number),
            Handle::Action(id, action) => self.place(*id, action),
            _ => None,
        };
        match (name.name.as_str(), place) {
            ("name", _) => Ok(text(&shown)),
            ("when", Some(p)) => Ok(text(p.when)),
            ("order", Some(p)) => Ok(Value::Int(i64::from(*p.order))),
            ("active", Some(p)) => Ok(Value::Bool(p.active.is_none_or(|a| *a))),
            _ => Err(unknown_attribute_of(
                class,
                name,
                &["name", "when", "order", "active", "delay"],
            )),
        }
    }

    /// `S.pre.order = 2`
    pub(super) fn set_action_attribute(
        &mut self,
        handle: &Handle,
        class: &str,
        name: &Ident,
        value: &Spanned<Value>,
    ) -> Told<()> {
        let place = match handle {
            Handle::Pathway(id, number) => self.pathway_place(*id, *number),
            Handle::Action(id, action) => self.place(*id, action),
            _ => None,
        };
        let wrong = |what: &str| {
            Diagnostics::from(Diagnostic::error(
                "wrong-type",
                value.span,
                format!(
                    "`{}` must be {what}, not {}",
                    name.name,
                    value.value.describe()
                ),
            ))
        };
        match (name.name.as_str(), place) {
            ("when", Some(p)) => {
                let text = value
                    .value
                    .as_text()
                    .ok_or_else(|| wrong("the name of a slot"))?;
                *p.when = known_slot(text.as_str(), value.span)?;
                Ok(())
            }
            ("order", Some(p)) => {
                let order = value.value.as_i64().and_then(|o| i32::try_from(o).ok());
                *p.order = order.ok_or_else(|| wrong("a whole number"))?;
                Ok(())
            }
            (
                "active",
                Some(Place {
                    active: Some(a), ..
                }),
            ) => {
                *a = value
                    .value
                    .as_bool()
                    .ok_or_else(|| wrong("True or False"))?;
                Ok(())
            }
            _ => Err(unknown_attribute_of(
                class,
                name,
                &["when", "order", "active", "delay"],
            )),
        }
    }

    /// `G.run_on_event('name', '…')`
    pub(super) fn run_on_event(
        &mut self,
        ctx: &mut dslsim_script::Context<'_>,
        id: ObjectId,
        args: &CallArgs,
    ) -> Told<Value> {
        let bound = args.bind("run_on_event", ON_EVENT)?;
        let name = self.event_named(&bound, id)?;
        let Some(Spanned {
            value: Value::Str(text),
            ..
        }) = bound.given("code")
        else {
            return Err(bound.wrong("code", "a string of statements"));
        };
        let (statements, said) = dslsim_syntax::parse_statements(text);
        told(ctx, said)?;
        let when = self.slot(&bound, "when", "after_resets")?;
        let own = self.network.get(id).order;
        let order = bound.int("order")?.map_or(own, |o| o as i32);
        if let Kind::Neurons(g) = &mut self.network.get_mut(id).kind
            && let Some(event) = g.events.iter_mut().find(|e| e.name == name)
        {
            if event.code.is_some() {
                return Err(Diagnostic::error(
                    "event-code-twice",
                    bound.span_of("event"),
                    format!("the event `{name}` already does something"),
                )
                .help("put all statements into one string")
                .into());
            }
            event.code = Some(dslsim_model::network::EventCode {
                statements,
                when,
                order,
                active: true,
            });
        }
        Ok(self.refer(Handle::Action(id, ActionOf::Code(name))))
    }

    /// `G.set_event_schedule('name', when='…')`
    pub(super) fn set_event_schedule(&mut self, id: ObjectId, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("set_event_schedule", SCHEDULE)?;
        let name = self.event_named(&bound, id)?;
        let when = self.slot(&bound, "when", "after_thresholds")?;
        let own = self.network.get(id).order;
        let order = bound.int("order")?.map_or(own, |o| o as i32);
        if let Some(place) = self.place(id, &ActionOf::Threshold(name)) {
            *place.when = when;
            *place.order = order;
        }
        Ok(Value::None)
    }

    /// The event that an argument names.
    fn event_named(&self, bound: &dslsim_script::Bound, id: ObjectId) -> Told<Rc<str>> {
        let Some(name) = bound.text("event")? else {
            return Err(bound.wrong("event", "the name of an event"));
        };
        self.happening(bound, "event", self.whole(id), name)?;
        Ok(name.into())
    }

    /// `G.thresholder['spike']`, `G.resetter['spike']`
    pub(super) fn event_actions(&mut self, id: ObjectId, attribute: &str) -> Option<Value> {
        if !matches!(attribute, "events" | "thresholder" | "resetter") {
            return None;
        }
        let Kind::Neurons(g) = &self.network.get(id).kind else {
            return None;
        };
        if attribute == "events" {
            let condition = |e: &dslsim_model::network::Event| {
                let text = e.condition.as_ref().map(dslsim_syntax::print_expr);
                Value::Str(Text::computed(text.unwrap_or_default(), e.span))
            };
            let all = g.events.iter().map(|e| (e.name.to_string(), condition(e)));
            return Some(Value::Dict(all.collect()));
        }
        let names: Vec<(Rc<str>, bool)> = g
            .events
            .iter()
            .map(|e| (e.name.clone(), e.code.is_some()))
            .collect();
        let mut all = indexmap::IndexMap::new();
        for (name, has_code) in names {
            let action = match attribute {
                "thresholder" => ActionOf::Threshold(name.clone()),
                "resetter" if has_code => ActionOf::Code(name.clone()),
                "resetter" => continue,
                _ => return None,
            };
            all.insert(name.to_string(), self.refer(Handle::Action(id, action)));
        }
        Some(Value::Dict(all))
    }
}
