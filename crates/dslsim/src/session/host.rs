//! The script's questions, handed to where they are answered.

use std::sync::Arc;

use dslsim_model::network::{Kind, ObjectId, Part, Regular};
use dslsim_model::words::nearest;
use dslsim_script::{
    Array, ArrayData, CallArgs, Context, Host, IndexValue, ObjectRef, Param, Random, Spanned, Value,
};
use dslsim_source::{Diagnostic, Diagnostics, FileId, Span};
use dslsim_syntax::ast::{AssignOp, Ident};
use dslsim_units::Dim;

use super::construct::{CLASSES, told};
use super::handles::Handle;
use super::{Saved, Session};
use crate::namespace::Names;

type Told<T> = Result<T, Diagnostics>;

const FUNCTIONS: &[&str] = &["run", "seed", "save", "load"];

/// Parts of Brian2 that are not part of the language.
const REFUSED: &[(&str, &str)] = &[
    (
        "SpatialNeuron",
        "use several groups joined by synapses, one for each compartment",
    ),
    (
        "Morphology",
        "multicompartment models are not part of the language",
    ),
    (
        "Cylinder",
        "multicompartment models are not part of the language",
    ),
    (
        "Soma",
        "multicompartment models are not part of the language",
    ),
    (
        "Section",
        "multicompartment models are not part of the language",
    ),
    (
        "network_operation",
        "use `run_regularly` with a string of statements",
    ),
    (
        "NetworkOperation",
        "use `run_regularly` with a string of statements",
    ),
    ("Function", "write the formula as a subexpression"),
    ("implementation", "write the formula as a subexpression"),
];

/// Parts that are to come.
const COMING: &[&str] = &[
    "TimedArray",
    "PoissonInput",
    "EventMonitor",
    "linked_var",
    "store",
    "restore",
    "sweep",
    "figure",
    "subplot",
    "subplots",
    "plot",
    "scatter",
    "hist",
    "imshow",
    "savefig",
    "show",
    "xlabel",
    "ylabel",
    "title",
    "legend",
    "brian_plot",
];

/// What has no effect on a model file.
const NOTHING: &[&str] = &[
    "start_scope",
    "set_device",
    "clear_cache",
    "profiling_summary",
    "scheduling_summary",
];

const RUN: &[Param] = &[
    Param::required("duration"),
    Param::optional("report"),
    Param::optional("report_period"),
    Param::optional("namespace"),
    Param::optional("profile"),
    Param::optional("level"),
];
const REGULAR: &[Param] = &[
    Param::required("code"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("name"),
    Param::optional("codeobj_class"),
];
const SET_STATES: &[Param] = &[
    Param::required("values"),
    Param::optional("units"),
    Param::optional("format"),
    Param::optional("level"),
];
const GET_STATES: &[Param] = &[
    Param::optional("vars"),
    Param::optional("units"),
    Param::optional("format"),
    Param::optional("subexpressions"),
    Param::optional("level"),
];

impl Host for Session<'_> {
    fn is_function(&self, name: &str) -> bool {
        CLASSES.contains(&name)
            || FUNCTIONS.contains(&name)
            || NOTHING.contains(&name)
            || COMING.contains(&name)
            || REFUSED.iter().any(|(n, _)| *n == name)
    }

    fn function_names(&self) -> Vec<String> {
        CLASSES
            .iter()
            .chain(FUNCTIONS)
            .map(|s| (*s).to_owned())
            .collect()
    }

    fn call(&mut self, ctx: &mut Context<'_>, function: &str, args: CallArgs) -> Told<Value> {
        self.names = Names::of(ctx);
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
        match function {
            "run" => {
                let members = self.all_objects();
                self.run_call(ctx, &args, &members)
            }
            "seed" => self.seed_call(&args),
            "save" => self.save_call(&args),
            "load" => self.load(ctx, &args),
            _ => Ok(Value::None),
        }
    }

    fn get_attribute(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        name: &Ident,
    ) -> Told<Value> {
        self.names = Names::of(ctx);
        match self.handle(object) {
            Handle::DefaultClock => self.clock_attribute(name),
            Handle::Network(_) => match name.name.as_str() {
                "t" => Ok(Value::quantity(self.simulation.now(), Dim::TIME)),
                _ => Err(unknown_member(object, name, &["t", "run", "add", "remove"])),
            },
            Handle::Recorded(id, row) => {
                match self.recorded_element(id, row, &name.name, name.span)? {
                    Some(value) => Ok(value),
                    None => Err(self.unknown_attribute(id, &name.name, name.span)),
                }
            }
            Handle::Equations(_) | Handle::View { .. } => Err(unknown_member(object, name, &[])),
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
        self.names = Names::of(ctx);
        match self.handle(object) {
            Handle::DefaultClock => self.set_clock(name, &value),
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
        self.names = Names::of(ctx);
        match self.handle(object) {
            Handle::Network(members) => self.network_method(ctx, object, &members, name, &args),
            Handle::Object(id) => self.object_method(ctx, id, name, &args),
            Handle::Part(part) => self.part_method(part, name, &args),
            _ => Err(unknown_member(object, name, &[])),
        }
    }

    fn get_item(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        index: Vec<Spanned<IndexValue>>,
        span: Span,
    ) -> Told<Value> {
        self.names = Names::of(ctx);
        match self.handle(object) {
            Handle::Object(id) if matches!(self.network.get(id).kind, Kind::StateMonitor(_)) => {
                match index.as_slice() {
                    [
                        Spanned {
                            value: IndexValue::Int(k),
                            span,
                        },
                    ] => {
                        let row = self.recorded_row(id, *k, *span)?;
                        Ok(self.refer(Handle::Recorded(id, row)))
                    }
                    _ => Err(Diagnostic::error(
                        "wrong-type",
                        span,
                        "a recording is indexed by the number of one element",
                    )
                    .into()),
                }
            }
            Handle::Object(id) => self.subgroup(self.whole(id), &index, span),
            Handle::Part(part) => self.subgroup(part, &index, span),
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
                let base = base.to_owned();
                let part = part.unwrap_or_else(|| self.whole(object));
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
        self.names = Names::of(ctx);
        if index.iter().any(|i| i.value == IndexValue::Unknown) {
            return Ok(());
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
        self.names = Names::of(ctx);
        match self.handle(object) {
            Handle::View { object, part, name } => self.view(object, part, &name, span).map(Some),
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

    fn length(&mut self, _: &mut Context<'_>, object: &ObjectRef, _: Span) -> Told<Option<Value>> {
        Ok(match self.handle(object) {
            Handle::Object(id) => Some(Value::Int(self.network.size(id) as i64)),
            Handle::Part(part) => Some(Value::Int(part.len() as i64)),
            Handle::Network(members) => Some(Value::Int(members.len() as i64)),
            _ => None,
        })
    }

    fn show(&self, object: &ObjectRef) -> String {
        match self.handle(object) {
            Handle::Object(id) => format!("<{} '{}'>", object.class, self.network.get(id).name),
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

    fn constant_object(&self, name: &str) -> Option<Value> {
        (name == "defaultclock").then(|| {
            Value::Object(ObjectRef {
                class: "Clock".into(),
                id: u32::MAX,
                part: 0,
            })
        })
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
        self.simulation.random.script(kind, &mut numbers);
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

fn unknown_member(object: &ObjectRef, name: &Ident, known: &[&str]) -> Diagnostics {
    Diagnostic::error(
        "unknown-attribute",
        name.span,
        format!("a {} has no attribute `{}`", object.class, name.name),
    )
    .help_opt(nearest(&name.name, known.iter().copied()).map(|n| format!("did you mean `{n}`?")))
    .into()
}

impl Session<'_> {
    /// All objects of the magic network.
    pub(super) fn all_objects(&self) -> Vec<ObjectId> {
        self.network.iter().map(|(id, _)| id).collect()
    }

    fn clock_attribute(&self, name: &Ident) -> Told<Value> {
        let clock = self.simulation.clock(self.clock);
        match name.name.as_str() {
            "dt" => Ok(Value::quantity(
                clock.map_or(1e-4, dslsim_runtime::Clock::dt),
                Dim::TIME,
            )),
            "t" => Ok(Value::quantity(
                clock.map_or(0.0, dslsim_runtime::Clock::t),
                Dim::TIME,
            )),
            _ => Err(Diagnostic::error(
                "unknown-attribute",
                name.span,
                format!("`defaultclock` has no attribute `{}`", name.name),
            )
            .help("it has `dt` and `t`")
            .into()),
        }
    }

    fn set_clock(&mut self, name: &Ident, value: &Spanned<Value>) -> Told<()> {
        if name.name != "dt" {
            return Err(Diagnostic::error(
                "unknown-attribute",
                name.span,
                format!("`{}` of `defaultclock` cannot be set", name.name),
            )
            .help("only `dt` can")
            .into());
        }
        let (Some(dt), dim) = (value.value.as_f64(), value.value.dim()) else {
            return Err(Diagnostic::error(
                "wrong-type",
                value.span,
                "`dt` must be a time in second",
            )
            .into());
        };
        if dim != Some(Dim::TIME) && dt != 0.0 {
            return Err(Diagnostic::error(
                "dimension-mismatch",
                value.span,
                format!(
                    "`dt` must be a time in second, but this is {}",
                    dslsim_model::words::has_unit(dim.unwrap_or_default())
                ),
            )
            .help("multiply it by `ms`")
            .into());
        }
        self.simulation.set_dt(self.clock, dt).map_err(|e| {
            Diagnostic::error("time-step", value.span, format!("`dt` cannot be set: {e}"))
                .help("`dt` must be positive: `defaultclock.dt = 0.1*ms`")
                .into()
        })
    }

    fn object_attribute(&mut self, id: ObjectId, part: Option<Part>, name: &Ident) -> Told<Value> {
        let text = name.name.as_str();
        if let Some(value) = self.monitor_attribute(id, text, name.span)? {
            return Ok(value);
        }
        let (base, _) = self.unit_free(id, text);
        if self.known(id, base).is_some() && !matches!(base, "t" | "dt") {
            return Ok(self.refer(Handle::View {
                object: id,
                part,
                name: text.into(),
            }));
        }
        match text {
            "N" if self.options.check && self.guessed.contains(&id) => {
                Ok(Value::Unknown(Some(Dim::NONE)))
            }
            "N" => Ok(Value::Int(
                part.map_or_else(|| self.network.size(id), |p| p.len()) as i64,
            )),
            "name" => Ok(Value::Str(dslsim_source::Text::computed(
                self.network.get(id).name.clone(),
                name.span,
            ))),
            "order" => Ok(Value::Int(i64::from(self.network.get(id).order))),
            "active" => Ok(Value::Bool(self.network.get(id).active)),
            "t" => Ok(Value::quantity(self.simulation.now(), Dim::TIME)),
            "dt" => Ok(Value::quantity(self.object_dt(id), Dim::TIME)),
            _ => Err(self.unknown_attribute(id, text, name.span)),
        }
    }

    fn object_method(
        &mut self,
        ctx: &mut Context<'_>,
        id: ObjectId,
        name: &Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        if let Some(value) = self.monitor_method(id, &name.name, args, name.span)? {
            return Ok(value);
        }
        match (name.name.as_str(), &self.network.get(id).kind) {
            ("connect", Kind::Synapses(_)) => self.connect(ctx, id, args).map(|()| Value::None),
            ("run_regularly", Kind::Neurons(_) | Kind::Synapses(_)) => {
                self.run_regularly(ctx, id, args)
            }
            (
                "set_states" | "get_states",
                Kind::Neurons(_) | Kind::Synapses(_) | Kind::Poisson(_),
            ) => self.states(id, None, name, args),
            (text, kind) => {
                let class = super::construct::class_of(kind);
                let known: &[&str] = match kind {
                    Kind::Synapses(_) => &["connect", "set_states", "get_states", "run_regularly"],
                    Kind::Neurons(_) => &["set_states", "get_states", "run_regularly"],
                    Kind::RateMonitor(_) => &["smooth_rate", "binned_rate"],
                    Kind::SpikeMonitor(_) => &["spike_trains", "values"],
                    _ => &[],
                };
                let d = Diagnostic::error(
                    "unknown-method",
                    name.span,
                    format!("a {class} has no method `{text}`"),
                );
                Err(d
                    .help_opt(
                        nearest(text, known.iter().copied())
                            .map(|n| format!("did you mean `{n}`?")),
                    )
                    .into())
            }
        }
    }

    fn part_method(&mut self, part: Part, name: &Ident, args: &CallArgs) -> Told<Value> {
        match name.name.as_str() {
            "set_states" | "get_states" => self.states(part.object, Some(part), name, args),
            text => Err(Diagnostic::error(
                "unknown-method",
                name.span,
                format!("a Subgroup has no method `{text}`"),
            )
            .into()),
        }
    }

    fn states(
        &mut self,
        id: ObjectId,
        part: Option<Part>,
        name: &Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        if name.name == "set_states" {
            let bound = args.bind("set_states", SET_STATES)?;
            if bound
                .get("values")
                .is_some_and(|v| matches!(v.value, Value::Unknown(_)))
            {
                return Ok(Value::None);
            }
            let Some(Spanned {
                value: Value::Dict(values),
                span,
            }) = bound.given("values")
            else {
                return Err(bound.wrong("values", "a dict of names and values"));
            };
            let units = bound.flag("units")?.unwrap_or(true);
            let mut said = Diagnostics::new();
            for (key, value) in values {
                let key = if units {
                    key.clone()
                } else {
                    format!("{key}_")
                };
                if let Err(d) = self.set(
                    id,
                    part,
                    &key,
                    None,
                    AssignOp::Set,
                    &Spanned {
                        value: value.clone(),
                        span: *span,
                    },
                    *span,
                ) {
                    said.extend(d);
                }
            }
            return if said.is_empty() {
                Ok(Value::None)
            } else {
                Err(said)
            };
        }
        let bound = args.bind("get_states", GET_STATES)?;
        let units = bound.flag("units")?.unwrap_or(true);
        let names: Vec<String> = match bound.given("vars").map(|v| &v.value) {
            Some(Value::Str(t)) => vec![t.as_str().to_owned()],
            Some(Value::List(v) | Value::Tuple(v)) => v
                .iter()
                .filter_map(|x| x.as_text().map(|t| t.as_str().to_owned()))
                .collect(),
            _ => self
                .attribute_names(id)
                .into_iter()
                .filter(|n| self.known(id, n).is_some_and(|k| !k.computed))
                .collect(),
        };
        let mut all = indexmap::IndexMap::new();
        for key in names {
            let asked = if units {
                key.clone()
            } else {
                format!("{key}_")
            };
            all.insert(key, self.view(id, part, &asked, name.span)?);
        }
        Ok(Value::Dict(all))
    }

    fn run_regularly(
        &mut self,
        ctx: &mut Context<'_>,
        id: ObjectId,
        args: &CallArgs,
    ) -> Told<Value> {
        let bound = args.bind("run_regularly", REGULAR)?;
        let Some(Spanned {
            value: Value::Str(text),
            ..
        }) = bound.given("code")
        else {
            return Err(bound.wrong("code", "a string of statements"));
        };
        let (statements, said) = dslsim_syntax::parse_statements(text);
        told(ctx, said)?;
        let dt = self.time(&bound, "dt")?;
        let when = bound.text("when")?.unwrap_or("start").to_owned();
        if when.parse::<dslsim_runtime::Slot>().is_err() {
            return Err(Diagnostic::error("unknown-slot", bound.span_of("when"), format!("there is no slot `{when}` in a time step")).help("the slots are start, groups, thresholds, synapses, resets, end, each also with before_ and after_").into());
        }
        let order = bound.int("order")?.unwrap_or(0) as i32;
        let object = self.network.get_mut(id);
        let base = format!("{}_run_regularly", object.name);
        if let Kind::Neurons(dslsim_model::network::Neurons { regular, .. })
        | Kind::Synapses(dslsim_model::network::Synapses { regular, .. }) = &mut object.kind
        {
            let count = regular.len();
            let name = if count == 0 {
                base
            } else {
                format!("{base}_{count}")
            };
            regular.push(Regular {
                name,
                statements,
                dt,
                when,
                order,
            });
        }
        Ok(Value::None)
    }

    fn network_method(
        &mut self,
        ctx: &mut Context<'_>,
        object: &ObjectRef,
        members: &[ObjectId],
        name: &Ident,
        args: &CallArgs,
    ) -> Told<Value> {
        match name.name.as_str() {
            "run" => self.run_call(ctx, args, members),
            "add" | "remove" => {
                let mut list = members.to_vec();
                for a in &args.positional {
                    if let Value::Object(o) = &a.value
                        && let Handle::Object(id) = self.handle(o)
                    {
                        list.retain(|m| *m != id);
                        if name.name == "add" {
                            list.push(id);
                        }
                    }
                }
                if let Some(h) = self.handles.get_mut(object.id as usize) {
                    *h = Handle::Network(list);
                }
                Ok(Value::None)
            }
            _ => Err(unknown_member(object, name, &["run", "add", "remove"])),
        }
    }

    fn run_call(
        &mut self,
        ctx: &mut Context<'_>,
        args: &CallArgs,
        members: &[ObjectId],
    ) -> Told<Value> {
        let bound = args.bind("run", RUN)?;
        if args.has_unknown() {
            return Ok(Value::None);
        }
        let Some(given) = bound.given("duration") else {
            return Err(bound.wrong("duration", "a time"));
        };
        let duration = match self.time(&bound, "duration") {
            Ok(Some(d)) => d,
            Ok(None) => return Err(bound.wrong("duration", "a time")),
            Err(e) => return Err(e),
        };
        if duration < 0.0 || !duration.is_finite() {
            return Err(Diagnostic::error(
                "negative-duration",
                given.span,
                format!(
                    "run: the duration cannot be {} (negative or not a number)",
                    dslsim_units::format_quantity(duration, Dim::TIME)
                ),
            )
            .help("give a positive time")
            .into());
        }
        let mut names = Names::of(ctx);
        if let Some(Spanned {
            value: Value::Dict(d),
            ..
        }) = bound.given("namespace")
        {
            names = Names::only(d);
        }
        if members.is_empty() {
            ctx.push(
                Diagnostic::warning(
                    "nothing-to-run",
                    args.span,
                    "there is no object to simulate: `run` does nothing",
                )
                .help("make a NeuronGroup first"),
            );
        }
        self.run(ctx, members, duration, &names, args.span)?;
        Ok(Value::None)
    }

    fn seed_call(&mut self, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("seed", &[Param::optional("seed")])?;
        let value = bound.int("seed")?;
        if let Some(x) = value
            && !(0..=i64::from(u32::MAX)).contains(&x)
        {
            return Err(Diagnostic::error(
                "seed",
                bound.span_of("seed"),
                format!("a seed must be between 0 and 4294967295, not {x}"),
            )
            .into());
        }
        let seed = value.map_or_else(
            || {
                std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .map_or(1, |d| u64::from(d.subsec_nanos()))
            },
            |x| x as u64,
        );
        let seed = self.options.seed.unwrap_or(seed);
        self.seed = Some(seed);
        self.simulation.random.seed(seed);
        Ok(Value::None)
    }

    fn save_call(&mut self, args: &CallArgs) -> Told<Value> {
        if let Some(first) = args.positional.first() {
            return Err(Diagnostic::error(
                "save-without-name",
                first.span,
                "save: every value needs a name (a keyword)",
            )
            .help("write `save(name=value)`")
            .into());
        }
        for (name, value) in &args.named {
            if self.saved.contains_key(&name.name) {
                return Err(Diagnostic::error(
                    "saved-twice",
                    name.span,
                    format!("`{}` is saved twice", name.name),
                )
                .help("choose another name")
                .into());
            }
            let mut stored = value.value.clone();
            if let Value::Object(o) = &stored {
                match self.handle(o) {
                    Handle::View { object, part, name } => {
                        stored = self.view(object, part, &name, value.span)?
                    }
                    _ => {
                        return Err(Diagnostic::error(
                            "wrong-type",
                            value.span,
                            format!("save: a {} cannot be saved", o.class),
                        )
                        .help("save numbers and arrays")
                        .into());
                    }
                }
            }
            if matches!(
                stored,
                Value::Str(_)
                    | Value::Dict(_)
                    | Value::None
                    | Value::Function(_)
                    | Value::Module(_)
            ) {
                return Err(Diagnostic::error(
                    "wrong-type",
                    value.span,
                    format!("save: {} cannot be saved", stored.describe()),
                )
                .help("save numbers and arrays")
                .into());
            }
            self.saved.insert(
                name.name.clone(),
                Saved {
                    value: stored,
                    span: value.span,
                },
            );
        }
        Ok(Value::None)
    }

    /// `load('x.npy')`, numpy's `np.load`
    fn load(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("load", &[Param::required("file")])?;
        let Some(name) = bound.text("file")?.map(str::to_owned) else {
            return Err(bound.wrong("file", "the name of a file"));
        };
        let from = ctx.file();
        let folder = self
            .paths
            .iter()
            .find(|(_, f)| **f == from)
            .and_then(|(p, _)| p.parent().map(std::path::Path::to_path_buf))
            .unwrap_or_default();
        let fail = |why: String| {
            Diagnostics::from(
                Diagnostic::error(
                    "load-file",
                    bound.span_of("file"),
                    format!("cannot load `{name}`: {why}"),
                )
                .help("the path is relative to the model file; the format is .npy"),
            )
        };
        let bytes = self.files.bytes(&folder, &name).map_err(fail)?;
        crate::results::read_npy(&bytes)
            .map(Value::Array)
            .map_err(fail)
    }

    /// `G[3:7]`, `G[5]`
    fn subgroup(&mut self, part: Part, index: &[Spanned<IndexValue>], span: Span) -> Told<Value> {
        let n = part.len() as i64;
        let shown = self.network.get(part.object).shown().to_owned();
        let [one] = index else {
            return Err(
                Diagnostic::error("too-many-indices", span, "a group has one index").into(),
            );
        };
        let gap = || {
            Diagnostics::from(
                Diagnostic::error(
                    "not-contiguous",
                    one.span,
                    format!(
                        "a part of `{shown}` must be contiguous (consecutive elements, no step)"
                    ),
                )
                .help("use a condition on `i` in the equations or in `record='…'`"),
            )
        };
        let range = |low: i64, high: i64| -> Told<Part> {
            if low < 0 || high > n || low >= high {
                return Err(Diagnostic::error("subgroup-range", one.span, format!("`{shown}` has {n} elements (0 to {}), so the part {low}:{high} does not exist", n - 1)).into());
            }
            Ok(Part {
                object: part.object,
                start: part.start + low as usize,
                stop: part.start + high as usize,
            })
        };
        let wrap = |k: i64| if k < 0 { k + n } else { k };
        let found = match &one.value {
            IndexValue::Int(k) => range(wrap(*k), wrap(*k) + 1)?,
            IndexValue::Slice(s) => {
                if s.step.is_some_and(|k| k != 1) {
                    return Err(gap());
                }
                range(s.low.map_or(0, wrap), s.high.map_or(n, wrap))?
            }
            IndexValue::Array(Array {
                data: ArrayData::I64(a),
                ..
            }) => {
                let list: Vec<i64> = a.iter().copied().collect();
                if !list.windows(2).all(|w| w[1] == w[0] + 1) || list.is_empty() {
                    return Err(gap());
                }
                range(list[0], list[list.len() - 1] + 1)?
            }
            IndexValue::Unknown => return Ok(Value::Unknown(None)),
            _ => {
                return Err(Diagnostic::error(
                    "wrong-type",
                    one.span,
                    "a part of a group is given by a slice, a number or consecutive numbers",
                )
                .into());
            }
        };
        Ok(self.refer(Handle::Part(found)))
    }
}
