//! The script's questions, handed to where they are answered.

use std::sync::Arc;

use dslsim_model::network::Kind;
use dslsim_script::{CallArgs, Context, Host, IndexValue, ObjectRef, Random, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, FileId, Span};
use dslsim_syntax::ast::{AssignOp, Ident};
use dslsim_units::Dim;

use super::Session;
use super::attributes::unknown_member;
use super::choice::{chosen_index, is_everything};
use super::construct::CLASSES;
use super::functions::{COMING, FUNCTIONS, NOTHING, REFUSED};
use super::handles::{DEFAULT_CLOCK, Handle, MAGIC_NETWORK, PREFERENCES};
use super::networks::MAGIC;
use crate::pictures::Pictures;

type Told<T> = Result<T, Diagnostics>;

impl Host for Session<'_> {
    fn is_function(&self, name: &str) -> bool {
        CLASSES.contains(&name)
            || FUNCTIONS.contains(&name)
            || NOTHING.contains(&name)
            || COMING.contains(&name)
            || REFUSED.iter().any(|(n, _)| *n == name)
            || Pictures::is_function(name)
    }

    fn function_names(&self) -> Vec<String> {
        CLASSES
            .iter()
            .chain(FUNCTIONS)
            .map(|s| (*s).to_owned())
            .chain(Pictures::names().map(str::to_owned))
            .collect()
    }

    fn call(&mut self, ctx: &mut Context<'_>, function: &str, args: CallArgs) -> Told<Value> {
        self.names = self.names_of(ctx);
        let args = match function {
            "linked_var" | "save" => args,
            _ => self.shown_args(args)?,
        };
        if let Some((name, instead)) = REFUSED.iter().find(|(n, _)| *n == function) {
            return Err(Diagnostic::error(
                "not-supported",
                args.span,
                format!("`{name}` is not supported: it is not part of the language"),
            )
            .help(*instead)
            .into());
        }
        if COMING.contains(&function) {
            return Err(Diagnostic::error(
                "not-yet",
                args.span,
                format!("`{function}` is not supported yet"),
            )
            .into());
        }
        if CLASSES.contains(&function) {
            return self.construct(ctx, function, &args);
        }
        if Pictures::is_function(function) {
            return match function {
                "brian_plot" => self.brian_plot(&args),
                _ => self.pictures.call(function, &args),
            };
        }
        match function {
            "run" => self.run_call(ctx, &args, MAGIC),
            "store" => self.store_call(ctx, &args, MAGIC),
            "restore" => self.restore_call(ctx, &args, MAGIC),
            "collect" => {
                args.bind("collect", &[dslsim_script::Param::optional("level")])?;
                let all = self.visible(ctx);
                Ok(Value::List(
                    all.into_iter()
                        .map(|id| self.refer(Handle::Object(id)))
                        .collect(),
                ))
            }
            "start_scope" => {
                args.bind("start_scope", &[])?;
                self.start_scope();
                Ok(Value::None)
            }
            "profiling_summary" => self.profiling_summary(&args),
            "seed" => self.seed_call(&args),
            "save" => self.save_call(&args),
            "load" => self.load(ctx, &args),
            "sweep" => self.sweep_call(ctx, &args),
            "load_sweep" => self.load_sweep(ctx, &args),
            "linked_var" => self.linked_var(&args),
            _ => Ok(Value::None),
        }
    }

    fn get_attribute(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        name: &Ident,
    ) -> Told<Value> {
        self.names = self.names_of(ctx);
        if Pictures::owns(object) {
            return self.pictures.attribute(object, name);
        }
        match self.handle(object) {
            Handle::DefaultClock => self.clock_attribute(name),
            Handle::Preferences => Ok(Value::Object(object.clone())),
            Handle::Network(net) => self.network_attribute(ctx, object, net, name),
            Handle::Sweep(results) => self.sweep_attribute(&results, name),
            Handle::Recorded(id, rows, single) => {
                match self.recorded_rows(id, &rows, single, &name.name, name.span)? {
                    Some(value) => Ok(value),
                    None => Err(self.unknown_attribute(id, &name.name, name.span)),
                }
            }
            handle @ (Handle::Pathway(..) | Handle::Action(..)) => {
                self.action_attribute(&handle, &object.class, name)
            }
            Handle::Chosen(id, elements) => self.chosen_attribute(id, &elements, name),
            Handle::Timed(timed, dim) => self.timed_attribute(&timed, dim, object, name),
            Handle::Equations(equations) => self.equations_attribute(&equations, name),
            Handle::View { .. } | Handle::Series { .. } | Handle::Link(_) => {
                Err(unknown_member(object, name, &[]))
            }
            Handle::Object(id) => self.object_attribute(id, None, name),
            Handle::Part(part) => self.object_attribute(part.object, Some(part), name),
        }
    }

    fn set_attribute(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        name: &Ident,
        op: AssignOp,
        value: Spanned<Value>,
    ) -> Told<()> {
        self.names = self.names_of(ctx);
        let value = self.shown(value)?;
        if Pictures::owns(object) {
            return self.pictures.set_attribute(object, name, op, &value);
        }
        match self.handle(object) {
            Handle::DefaultClock => self.set_clock(name, &value),
            Handle::Preferences => Ok(()),
            Handle::Object(id) if name.name == "active" => {
                self.network.get_mut(id).active = value.value.as_bool().unwrap_or(true);
                Ok(())
            }
            Handle::Object(id) => self.set(id, None, &name.name, None, op, &value, name.span),
            Handle::Part(part) => self.set(
                part.object,
                Some(part),
                &name.name,
                None,
                op,
                &value,
                name.span,
            ),
            Handle::Network(net) => self.set_network_attribute(object, net, name, &value),
            handle @ (Handle::Pathway(..) | Handle::Action(..)) => {
                if let (Handle::Pathway(id, number), "delay") = (&handle, name.name.as_str()) {
                    let delay = self.delay_variable(*id, *number);
                    return self.set(*id, None, &delay, None, op, &value, name.span);
                }
                self.set_action_attribute(&handle, &object.class, name, &value)
            }
            Handle::Chosen(id, elements) => {
                let chosen = [chosen_index(&elements, name.span)];
                self.set(id, None, &name.name, Some(&chosen), op, &value, name.span)
            }
            _ => Err(Diagnostic::error(
                "read-only",
                name.span,
                format!("`{}` of a {} cannot be set", name.name, object.class),
            )
            .into()),
        }
    }

    fn call_method(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        name: &Ident,
        args: CallArgs,
    ) -> Told<Value> {
        self.names = self.names_of(ctx);
        let args = self.shown_args(args)?;
        if Pictures::owns(object) {
            return self.pictures.method(object, name, &args);
        }
        match self.handle(object) {
            Handle::Network(net) => self.network_method(ctx, object, net, name, &args),
            Handle::Equations(equations) => self.equations_method(ctx, &equations, name, &args),
            Handle::Object(id) => self.object_method(ctx, id, name, &args),
            Handle::Part(part) => self.part_method(part, name, &args),
            _ => Err(unknown_member(object, name, &[])),
        }
    }

    fn call_object(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        args: CallArgs,
    ) -> Told<Value> {
        self.names = self.names_of(ctx);
        if Pictures::owns(object) {
            return self.pictures.call_object(object, &args);
        }
        match self.handle(object) {
            Handle::Timed(timed, dim) => self.call_timed(&timed, dim, &args),
            _ => Err(Diagnostic::error(
                "not-callable",
                args.span,
                format!("a {} cannot be called", object.class),
            )
            .into()),
        }
    }

    fn get_item(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        index: Vec<Spanned<IndexValue>>,
        span: Span,
    ) -> Told<Value> {
        self.names = self.names_of(ctx);
        if Pictures::owns(object) {
            return self.pictures.item(object, &index, span);
        }
        match self.handle(object) {
            Handle::Object(id) if matches!(self.network.get(id).kind, Kind::StateMonitor(_)) => {
                self.rows_of_recording(id, &index, span)
            }
            Handle::Object(id) if matches!(self.network.get(id).kind, Kind::Synapses(_)) => {
                self.choose(id, &index, span)
            }
            Handle::Network(net) => match index.as_slice() {
                [
                    Spanned {
                        value: IndexValue::Str(name),
                        span,
                    },
                ] => self.network_item(ctx, net, name.as_str(), *span),
                _ => Err(Diagnostic::error(
                    "wrong-type",
                    span,
                    "a network is indexed by the name of an object",
                )
                .into()),
            },
            Handle::Object(id) => self.subgroup(self.whole(id), &index, span),
            Handle::Part(part) => self.subgroup(part, &index, span),
            Handle::Series {
                monitor,
                name,
                length,
            } => self.series_item(monitor, &name, length, &index, span),
            Handle::View { object, part, name } => {
                let (base, plain) = self.unit_free(object, &name);
                let Some(known) = self.known(object, base) else {
                    return Err(self.unknown_attribute(object, &name, span));
                };
                let dim = if plain { Dim::NONE } else { known.dim };
                if self.options.check && (self.ran || self.guessed.contains(&object))
                    || index.iter().any(|i| i.value == IndexValue::Unknown)
                {
                    return Ok(Value::Unknown(Some(dim)));
                }
                // `G.v[:]` shows the variable as it is when it is looked at, like `G.v`.
                if part.is_none() && !known.shared && is_everything(&index) {
                    return Ok(self.refer(Handle::View { object, part, name }));
                }
                let base = base.to_owned();
                let part = part.unwrap_or_else(|| self.whole(object));
                if known.shared {
                    return self.view(object, Some(part), &name, span);
                }
                let (elements, single) = self.elements(object, part, &index, span)?;
                let mut values = self.read(object, &base, &elements, span)?;
                if base == "i" && part.start > 0 {
                    values.iter_mut().for_each(|x| *x -= part.start as f64);
                }
                let array = Self::as_array(values, known.ty, dim);
                Ok(if single {
                    array.get(0)
                } else {
                    Value::Array(array)
                })
            }
            _ => Err(Diagnostic::error(
                "not-indexable",
                span,
                format!("a {} has no parts", object.class),
            )
            .into()),
        }
    }

    fn set_item(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        index: Vec<Spanned<IndexValue>>,
        op: AssignOp,
        value: Spanned<Value>,
        span: Span,
    ) -> Told<()> {
        self.names = self.names_of(ctx);
        if index.iter().any(|i| i.value == IndexValue::Unknown) {
            return Ok(());
        }
        let value = self.shown(value)?;
        if Pictures::owns(object) {
            return self.pictures.set_item(object, &index, &value, span);
        }
        match self.handle(object) {
            Handle::View { object, part, name } => {
                self.set(object, part, &name, Some(&index), op, &value, span)
            }
            _ => Err(Diagnostic::error(
                "not-indexable",
                span,
                format!("parts of a {} cannot be set", object.class),
            )
            .into()),
        }
    }

    fn view_value(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        span: Span,
    ) -> Told<Option<Value>> {
        self.names = self.names_of(ctx);
        if Pictures::owns(object) {
            return Ok(None);
        }
        match self.handle(object) {
            Handle::View { object, part, name } => self.view(object, part, &name, span).map(Some),
            Handle::Series {
                monitor,
                name,
                length,
            } => self.series(monitor, &name, length, span).map(Some),
            _ => Ok(None),
        }
    }

    fn operator(
        &mut self,
        ctx: &mut Context<'_>,
        op: dslsim_syntax::ast::BinaryOp,
        left: &Spanned<Value>,
        right: &Spanned<Value>,
    ) -> Told<Option<Value>> {
        if op != dslsim_syntax::ast::BinaryOp::Add {
            return Ok(None);
        }
        let mut all = self.equations(Some(left), ctx)?;
        all.extend(self.equations(Some(right), ctx)?);
        Ok(Some(self.refer(Handle::Equations(all))))
    }

    fn contains(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        item: &Spanned<Value>,
    ) -> Told<Option<bool>> {
        let net = match (self.handle(object), &item.value) {
            (Handle::Network(net), _) => net,
            (Handle::Equations(equations), Value::Str(name)) => {
                return Ok(Some(equations.iter().any(|e| e.name.name == name.as_str())));
            }
            _ => return Ok(None),
        };
        let members = self.members(ctx, net);
        Ok(match &item.value {
            Value::Str(name) => Some(self.named_member(&members, name.as_str()).is_some()),
            Value::Object(o) => match self.handle(o) {
                Handle::Object(id) => Some(members.contains(&id)),
                _ => None,
            },
            _ => None,
        })
    }

    fn items(
        &mut self,
        _: &mut Context<'_>,
        object: &ObjectRef,
        _: Span,
    ) -> Told<Option<Vec<Value>>> {
        Ok(Pictures::owns(object)
            .then(|| self.pictures.members(object))
            .flatten())
    }

    fn length(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        _: Span,
    ) -> Told<Option<Value>> {
        if Pictures::owns(object) {
            return Ok(self.pictures.length(object).map(|n| Value::Int(n as i64)));
        }
        Ok(match self.handle(object) {
            Handle::Object(id) => Some(Value::Int(self.network.size(id) as i64)),
            Handle::Equations(equations) => Some(Value::Int(equations.len() as i64)),
            Handle::Part(part) => Some(Value::Int(part.len() as i64)),
            Handle::Chosen(_, elements) => Some(Value::Int(elements.len() as i64)),
            Handle::Network(net) => Some(Value::Int(self.members(ctx, net).len() as i64)),
            _ => None,
        })
    }

    fn show(&self, object: &ObjectRef) -> String {
        match self.handle(object) {
            Handle::Object(id) => format!("<{} '{}'>", object.class, self.network.get(id).name),
            Handle::Equations(equations) => Self::show_equations(&equations),
            _ => format!("<{}>", object.class),
        }
    }

    fn bound(&mut self, name: &str, object: &ObjectRef, _: Span) -> Diagnostics {
        if let Handle::Object(id) = self.handle(object) {
            let object = self.network.get_mut(id);
            if object.label.is_none() {
                object.label = Some(name.to_owned());
            }
        }
        Diagnostics::new()
    }

    fn keeps_name(&self, object: &ObjectRef) -> bool {
        matches!(self.handle(object), Handle::Object(_) | Handle::Network(_))
    }

    fn unknown_member(&self, module: &str, name: &str) -> Option<(String, String)> {
        Pictures::unknown(module, name)
    }

    fn constant_object(&self, name: &str) -> Option<Value> {
        if let Some(value) = Pictures::constant(name) {
            return Some(value);
        }
        let (class, id) = match name {
            "defaultclock" => ("Clock", DEFAULT_CLOCK),
            "magic_network" => ("Network", MAGIC_NETWORK),
            "prefs" => ("preferences", PREFERENCES),
            _ => return None,
        };
        Some(Value::Object(ObjectRef {
            class: class.into(),
            id,
            part: 0,
        }))
    }

    fn read_file(
        &mut self,
        name: &str,
        from: FileId,
        span: Span,
    ) -> Result<(FileId, Arc<str>), Diagnostic> {
        let folder = self
            .paths
            .iter()
            .find(|(_, f)| **f == from)
            .and_then(|(p, _)| p.parent().map(std::path::Path::to_path_buf))
            .unwrap_or_default();
        let (path, text) = self.files.read(&folder, name).map_err(|why| {
            Diagnostic::error("include-file", span, format!("cannot read `{name}`: {why}"))
                .help("the path is relative to the file that includes it")
        })?;
        if let Some(id) = self.paths.get(&path) {
            return Ok((*id, self.sources.text(*id)));
        }
        let text: Arc<str> = text.into();
        let id = self
            .sources
            .add(path.to_string_lossy().into_owned(), text.clone());
        self.paths.insert(path, id);
        Ok((id, text))
    }

    fn random(&mut self, kind: Random, n: usize) -> Vec<f64> {
        let mut numbers = vec![0.0; n];
        let kind = match kind {
            Random::Uniform => dslsim_ir::DrawKind::Uniform,
            Random::Normal => dslsim_ir::DrawKind::Normal,
        };
        self.simulation.random.script(kind, &[], 0.0, &mut numbers);
        numbers
    }

    fn print(&mut self, text: &str) {
        self.progress.print(text);
    }

    fn is_variable(&self, name: &str) -> bool {
        self.network.iter().any(|(id, _)| {
            self.network
                .variables(id)
                .is_some_and(|v| v.get(name).is_some())
        })
    }
}
