//! Constructors: `NeuronGroup(…)` and its like.

use dslsim_model::network::{
    Generator, Kind, Neurons, Object, ObjectId, Part, Pathway, Poisson, RateMonitor, Refractory,
    SpikeMonitor, StateMonitor, Synapses, rates,
};
use dslsim_model::variables::{Owner, VarKind, Variables};
use dslsim_model::words::{has_unit, nearest};
use dslsim_script::{ArrayData, Bound, CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span, Text};
use dslsim_syntax::ast::{Equation, Expr, Statement};
use dslsim_units::Dim;
use indexmap::IndexMap;

use super::Session;
use super::handles::Handle;

type Told<T> = Result<T, Diagnostics>;

/// The name of a kind of object in the language.
pub(super) fn class_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Neurons(_) => "NeuronGroup",
        Kind::Poisson(_) => "PoissonGroup",
        Kind::Generator(_) => "SpikeGeneratorGroup",
        Kind::Synapses(_) => "Synapses",
        Kind::StateMonitor(_) => "StateMonitor",
        Kind::SpikeMonitor(_) => "SpikeMonitor",
        Kind::RateMonitor(_) => "PopulationRateMonitor",
    }
}

/// The largest number of elements of a group.
const MAX_ELEMENTS: i64 = 1 << 31;

const NEURON_GROUP: &[Param] = &[
    Param::required("N"),
    Param::required("model"),
    Param::optional("method"),
    Param::optional("method_options"),
    Param::optional("threshold"),
    Param::optional("reset"),
    Param::optional("refractory"),
    Param::optional("events"),
    Param::optional("namespace"),
    Param::optional("dtype"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("order"),
    Param::optional("name"),
];

const POISSON_GROUP: &[Param] = &[
    Param::required("N"),
    Param::required("rates"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("namespace"),
    Param::optional("name"),
];

const GENERATOR: &[Param] = &[
    Param::required("N"),
    Param::required("indices"),
    Param::required("times"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("period"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("sorted"),
    Param::optional("name"),
];

const SYNAPSES: &[Param] = &[
    Param::required("source"),
    Param::optional("target"),
    Param::optional("model"),
    Param::optional("on_pre"),
    Param::optional("pre"),
    Param::optional("on_post"),
    Param::optional("post"),
    Param::optional("connect"),
    Param::optional("delay"),
    Param::optional("on_event"),
    Param::optional("multisynaptic_index"),
    Param::optional("namespace"),
    Param::optional("dtype"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("order"),
    Param::optional("method"),
    Param::optional("method_options"),
    Param::optional("name"),
];

const STATE_MONITOR: &[Param] = &[
    Param::required("source"),
    Param::required("variables"),
    Param::required("record"),
    Param::optional("dt"),
    Param::optional("clock"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("name"),
];

const SPIKE_MONITOR: &[Param] = &[
    Param::required("source"),
    Param::optional("variables"),
    Param::optional("record"),
    Param::optional("when"),
    Param::optional("order"),
    Param::optional("name"),
];

const RATE_MONITOR: &[Param] = &[Param::required("source"), Param::optional("name")];

const EQUATIONS: &[Param] = &[Param::required("eqns"), Param::named_rest("substitutions")];

/// Constructors of the language.
pub(super) const CLASSES: &[&str] = &[
    "NeuronGroup",
    "PoissonGroup",
    "SpikeGeneratorGroup",
    "Synapses",
    "StateMonitor",
    "SpikeMonitor",
    "PopulationRateMonitor",
    "Equations",
    "Network",
];

fn not_yet(function: &str, bound: &Bound, names: &[&str]) -> Told<()> {
    let mut said = Diagnostics::new();
    for name in names {
        if let Some(value) = bound.given(name)
            && value.value != Value::Bool(false)
        {
            said.push(
                Diagnostic::error(
                    "not-yet",
                    value.span,
                    format!("{function}: `{name}` is not supported yet"),
                )
                .help("leave it out"),
            );
        }
    }
    if said.is_empty() { Ok(()) } else { Err(said) }
}

impl Session<'_> {
    /// Calls a constructor.
    pub(super) fn construct(
        &mut self,
        ctx: &mut Context<'_>,
        class: &str,
        args: &CallArgs,
    ) -> Told<Value> {
        if args.has_unknown() && class != "Network" {
            return Ok(Value::Unknown(None));
        }
        let id = match class {
            "NeuronGroup" => self.neuron_group(ctx, args)?,
            "PoissonGroup" => self.poisson_group(ctx, args)?,
            "SpikeGeneratorGroup" => self.generator(args)?,
            "Synapses" => self.synapses(ctx, args)?,
            "StateMonitor" => self.state_monitor(args)?,
            "SpikeMonitor" => self.spike_monitor(args)?,
            "PopulationRateMonitor" => self.rate_monitor(args)?,
            "Equations" => {
                let bound = args.bind("Equations", EQUATIONS)?;
                if let Some((name, _)) = bound.named_rest.first() {
                    return Err(Diagnostic::error(
                        "not-yet",
                        name.span,
                        "Equations: substitution of names is not supported yet",
                    )
                    .help("write the names out")
                    .into());
                }
                let equations = self.equations(bound.given("eqns"), ctx)?;
                return Ok(self.refer(Handle::Equations(equations)));
            }
            _ => return self.make_network(args),
        };
        Ok(self.refer(Handle::Object(id)))
    }

    fn make_network(&mut self, args: &CallArgs) -> Told<Value> {
        let mut members = Vec::new();
        let mut stack: Vec<(&Value, Span)> = args
            .positional
            .iter()
            .rev()
            .map(|a| (&a.value, a.span))
            .collect();
        while let Some((value, span)) = stack.pop() {
            match value {
                Value::Object(o) => match self.handle(o) {
                    Handle::Object(id) => members.push(id),
                    _ => {
                        return Err(Diagnostic::error(
                            "wrong-type",
                            span,
                            format!("Network: a {} cannot be part of a network", o.class),
                        )
                        .into());
                    }
                },
                Value::List(v) | Value::Tuple(v) => stack.extend(v.iter().rev().map(|x| (x, span))),
                Value::Unknown(_) => {}
                other => {
                    return Err(Diagnostic::error(
                        "wrong-type",
                        span,
                        format!("Network: {} cannot be part of a network", other.describe()),
                    )
                    .help("give it objects of the model")
                    .into());
                }
            }
        }
        Ok(self.refer(Handle::Network(members)))
    }

    fn add_object(&mut self, bound: &Bound, base: &str, order: i32, kind: Kind) -> Told<ObjectId> {
        let name = match bound.text("name")? {
            Some(name) if name.ends_with('*') => {
                self.network.fresh_name(name.trim_end_matches('*'))
            }
            Some(name) => {
                if self.network.iter().any(|(_, o)| o.name == name) {
                    return Err(Diagnostic::error(
                        "name-taken",
                        bound.span_of("name"),
                        format!("another object is already named `{name}`"),
                    )
                    .into());
                }
                name.to_owned()
            }
            None => self.network.fresh_name(base),
        };
        let dt = self.time(bound, "dt")?;
        if let (Some(dt), Some(given)) = (dt, bound.given("dt"))
            && !(dt > 0.0 && dt.is_finite())
        {
            return Err(Diagnostic::error(
                "not-positive",
                given.span,
                format!("`dt` must be a positive time, not {dt} s"),
            )
            .into());
        }
        let order = bound.int("order")?.map_or(order, |o| o as i32);
        let namespace = match bound.given("namespace") {
            Some(Spanned {
                value: Value::Dict(d),
                ..
            }) => d
                .iter()
                .map(|(k, v)| (k.clone(), crate::namespace::external(v)))
                .collect(),
            Some(_) => return Err(bound.wrong("namespace", "a dict of names and values")),
            None => IndexMap::new(),
        };
        let id = self.network.add(Object {
            name,
            label: None,
            span: bound.span,
            order,
            dt,
            active: true,
            namespace,
            kind,
        });
        self.extra(id);
        Ok(id)
    }

    /// A time in seconds, if given.
    pub(super) fn time(&self, bound: &Bound, name: &str) -> Told<Option<f64>> {
        let Some(given) = bound.given(name) else {
            return Ok(None);
        };
        if given.value.is_plain_zero() {
            return Ok(Some(0.0));
        }
        match (given.value.as_f64(), given.value.dim()) {
            (Some(x), Some(Dim::TIME)) => Ok(Some(x)),
            (Some(_), Some(dim)) => Err(Diagnostic::error(
                "dimension-mismatch",
                given.span,
                format!(
                    "{}: `{name}` must be a time in second, but this is {}",
                    bound.function,
                    has_unit(dim)
                ),
            )
            .help(if dim.is_none() {
                format!(
                    "write `{name}={}*ms` or the like",
                    dslsim_units::format_quantity(given.value.as_f64().unwrap_or(1.0), dim)
                )
            } else {
                "give a time".into()
            })
            .into()),
            _ => Err(bound.wrong(name, "a time")),
        }
    }

    /// The number of elements of a group.
    fn count(&self, bound: &Bound) -> Told<usize> {
        let Some(given) = bound.given("N") else {
            return Err(bound.wrong("N", "a whole number"));
        };
        let bad = |message: String, help: &str| {
            Err(Diagnostic::error("element-count", given.span, message)
                .help(help)
                .into())
        };
        let n = match &given.value {
            Value::Int(n) => *n,
            Value::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => *x as i64,
            Value::Float(x) => {
                return bad(
                    format!(
                        "{}: N must be a whole number, not the float {x}",
                        bound.function
                    ),
                    "round it, or use `int(…)`",
                );
            }
            Value::Quantity(x, dim) => {
                return bad(
                    format!(
                        "{}: N must be a whole number, not {}",
                        bound.function,
                        dslsim_units::format_quantity(*x, *dim)
                    ),
                    "a number has no unit",
                );
            }
            Value::Str(_) => {
                return bad(
                    format!(
                        "{}: N must be a whole number, the number of elements, not a string",
                        bound.function
                    ),
                    "the number comes first, then the equations",
                );
            }
            other => match other.as_i64() {
                Some(n) => n,
                None => {
                    return bad(
                        format!(
                            "{}: N must be a whole number, not {}",
                            bound.function,
                            other.describe()
                        ),
                        "give the number of elements",
                    );
                }
            },
        };
        if n < 1 {
            return bad(
                format!("{}: N must be at least 1, not {n}", bound.function),
                "leave the group out if it has no elements",
            );
        }
        if n > MAX_ELEMENTS {
            let gib = n as f64 * 8.0 / f64::from(1 << 30);
            return bad(
                format!(
                    "{}: {n} elements are too many: each variable alone would take {gib:.0} GiB of memory",
                    bound.function
                ),
                "the largest number is 2147483648",
            );
        }
        Ok(n as usize)
    }

    /// Equations from a string, `Equations(…)`, or nothing.
    pub(super) fn equations(
        &mut self,
        given: Option<&Spanned<Value>>,
        ctx: &mut Context<'_>,
    ) -> Told<Vec<Equation>> {
        match given.map(|g| (&g.value, g.span)) {
            None => Ok(Vec::new()),
            Some((Value::Str(text), _)) => {
                let (equations, said) = dslsim_syntax::parse_equations(text);
                told(ctx, said)?;
                Ok(equations)
            }
            Some((Value::Object(o), span)) => match self.handle(o) {
                Handle::Equations(equations) => Ok(equations),
                _ => Err(Diagnostic::error(
                    "wrong-type",
                    span,
                    format!("the model must be a string of equations, not a {}", o.class),
                )
                .into()),
            },
            Some((other, span)) => Err(Diagnostic::error(
                "wrong-type",
                span,
                format!(
                    "the model must be a string of equations, not {}",
                    other.describe()
                ),
            )
            .into()),
        }
    }

    fn expression(&self, bound: &Bound, name: &str, ctx: &mut Context<'_>) -> Told<Option<Expr>> {
        let Some(given) = bound.given(name) else {
            return Ok(None);
        };
        let Value::Str(text) = &given.value else {
            return Err(bound.wrong(name, "a string"));
        };
        let (expr, said) = dslsim_syntax::parse_expression(text);
        let broken = said.has_errors();
        told(ctx, said)?;
        Ok((!broken).then_some(expr))
    }

    fn neuron_group(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("NeuronGroup", NEURON_GROUP)?;
        not_yet(
            "NeuronGroup",
            &bound,
            &["events", "method_options", "dtype", "clock"],
        )?;
        let n = self.count(&bound)?;
        let mut said = Diagnostics::new();
        let equations =
            keep(&mut said, self.equations(bound.given("model"), ctx)).unwrap_or_default();
        let variables = Variables::from_equations(&equations, Owner::Neurons, &mut said);
        let unreadable = said.has_errors();
        let method = keep(&mut said, method(&bound)).flatten();
        let threshold = keep(&mut said, self.expression(&bound, "threshold", ctx)).flatten();
        let reset = keep(&mut said, statements(&bound, "reset", ctx)).flatten();
        let refractory = keep(&mut said, self.refractory(&bound, ctx)).unwrap_or(Refractory::None);
        // What is wrong is told; unless it is the equations, the group exists all the same, so that the rest of the file can
        // be checked.
        said.into_iter().for_each(|d| ctx.push(d));
        if unreadable {
            return Err(Diagnostics::new());
        }
        if threshold.is_some()
            && bound.given("reset").is_none()
            && refractory == Refractory::None
            && bound.given("events").is_none()
        {
            let warning = Diagnostic::warning("threshold-without-reset", bound.span_of("threshold"), "the group has a threshold but neither reset nor refractory: it will spike in every step while above")
                .help("give `reset='v = …'`, or `refractory='v > …'`");
            ctx.push(warning);
        }
        let spiking = threshold.is_some() || bound.given("threshold").is_some();
        let id = self.add_object(
            &bound,
            "neurongroup",
            0,
            Kind::Neurons(Neurons {
                n,
                variables,
                method,
                threshold,
                reset,
                refractory,
                regular: Vec::new(),
            }),
        )?;
        if spiking {
            self.extra(id).spikes = Some(self.simulation.add_spikes(n as u32));
        }
        self.make_arrays(id);
        Ok(id)
    }

    /// Gives every stored variable of an object its array.
    pub(super) fn make_arrays(&mut self, id: ObjectId) {
        let stored: Vec<String> = self
            .network
            .variables(id)
            .map(|v| {
                v.iter()
                    .filter(|v| v.is_stored())
                    .map(|v| v.name.clone())
                    .collect()
            })
            .unwrap_or_default();
        let automatic = self.network.automatic(id);
        for name in stored
            .iter()
            .map(String::as_str)
            .chain(automatic.iter().map(|a| a.name))
        {
            self.registry
                .variable(&mut self.simulation.store, &self.network, id, name);
        }
    }

    fn refractory(&self, bound: &Bound, ctx: &mut Context<'_>) -> Told<Refractory> {
        let Some(given) = bound.given("refractory") else {
            return Ok(Refractory::None);
        };
        match &given.value {
            Value::Bool(false) => Ok(Refractory::None),
            Value::Str(_) => Ok(self
                .expression(bound, "refractory", ctx)?
                .map_or(Refractory::None, Refractory::Expr)),
            _ => Ok(self
                .time(bound, "refractory")?
                .map_or(Refractory::None, |t| Refractory::Time(t, given.span))),
        }
    }

    fn poisson_group(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("PoissonGroup", POISSON_GROUP)?;
        not_yet("PoissonGroup", &bound, &["clock", "when"])?;
        let n = self.count(&bound)?;
        let Some(given) = bound.given("rates") else {
            return Err(bound.wrong("rates", "a rate in hertz"));
        };
        let expr = match &given.value {
            Value::Str(_) => self.expression(&bound, "rates", ctx)?,
            _ => None,
        };
        let text = matches!(given.value, Value::Str(_));
        let kind = match expr {
            Some(expr) => VarKind::Subexpression(expr),
            None if text => return Err(Diagnostics::new()),
            None => VarKind::Parameter,
        };
        // A wrong rate is told; the group exists all the same, so that the rest of the file can be checked.
        let values = match rate_values(&bound, given, n) {
            _ if text => None,
            Ok(values) => Some(values),
            Err(said) => {
                said.into_iter().for_each(|d| ctx.push(d));
                None
            }
        };
        let id = self.add_object(
            &bound,
            "poissongroup",
            0,
            Kind::Poisson(Poisson {
                n,
                variables: rates(kind, given.span),
            }),
        )?;
        self.extra(id).spikes = Some(self.simulation.add_spikes(n as u32));
        self.make_arrays(id);
        if let (Some(values), Some(array)) = (values, self.registry.find(id, "rates")) {
            match values.as_slice() {
                [x] => self.simulation.store.fill(array, *x),
                all => self.simulation.store.assign(array, all),
            }
        }
        Ok(id)
    }

    fn generator(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("SpikeGeneratorGroup", GENERATOR)?;
        not_yet("SpikeGeneratorGroup", &bound, &["clock", "when"])?;
        let n = self.count(&bound)?;
        let indices = numbers(&bound, "indices")?;
        let (times, dim) = (
            numbers(&bound, "times")?,
            bound.given("times").and_then(|g| g.value.dim()),
        );
        if let Some(dim) = dim
            && dim != Dim::TIME
            && times.iter().any(|t| *t != 0.0)
        {
            return Err(Diagnostic::error(
                "dimension-mismatch",
                bound.span_of("times"),
                format!(
                    "SpikeGeneratorGroup: `times` must be times in second, but they are {}",
                    has_unit(dim)
                ),
            )
            .help("multiply them by `ms` or `second`")
            .into());
        }
        if indices.len() != times.len() {
            return Err(Diagnostic::error(
                "length-mismatch",
                bound.span_of("times"),
                format!(
                    "SpikeGeneratorGroup: {} indices, but {} times",
                    indices.len(),
                    times.len()
                ),
            )
            .also(
                bound.span_of("indices"),
                format!("{} indices", indices.len()),
            )
            .help("each spike needs one index and one time")
            .into());
        }
        let mut spikes = Vec::with_capacity(times.len());
        for (&index, &time) in indices.iter().zip(&times) {
            if index.fract() != 0.0 || index < 0.0 || index >= n as f64 {
                return Err(Diagnostic::error("index-out-of-range", bound.span_of("indices"), format!("SpikeGeneratorGroup: index {index} is not one of the {n} neurons (0 to {})", n - 1)).into());
            }
            if time.is_nan() || time < 0.0 || time.is_infinite() {
                return Err(Diagnostic::error(
                    "negative-time",
                    bound.span_of("times"),
                    format!("SpikeGeneratorGroup: a spike cannot be at {time} s"),
                )
                .into());
            }
            spikes.push((index as u32, time));
        }
        let period = self.time(&bound, "period")?.filter(|p| *p != 0.0);
        let span = bound.span_of("times");
        let id = self.add_object(
            &bound,
            "spikegeneratorgroup",
            0,
            Kind::Generator(Generator {
                n,
                spikes,
                span,
                period,
            }),
        )?;
        self.extra(id).spikes = Some(self.simulation.add_spikes(n as u32));
        Ok(id)
    }

    /// A group, or a part of one.
    pub(super) fn part(&self, bound: &Bound, name: &str) -> Told<Part> {
        let wrong = || bound.wrong(name, "a group of neurons");
        let Some(given) = bound.given(name) else {
            return Err(wrong());
        };
        let Value::Object(o) = &given.value else {
            return Err(wrong());
        };
        match self.handle(o) {
            Handle::Object(id)
                if !matches!(
                    self.network.get(id).kind,
                    Kind::StateMonitor(_) | Kind::SpikeMonitor(_) | Kind::RateMonitor(_)
                ) =>
            {
                Ok(Part {
                    object: id,
                    start: 0,
                    stop: self.network.size(id),
                })
            }
            Handle::Part(part) => Ok(part),
            _ => Err(wrong()),
        }
    }

    /// Refuses a source that never spikes.
    fn spiking(&self, bound: &Bound, name: &str, part: Part) -> Told<()> {
        let spikes = self
            .extras
            .get(part.object.0 as usize)
            .is_some_and(|e| e.spikes.is_some());
        if spikes {
            return Ok(());
        }
        let object = self.network.get(part.object);
        Err(Diagnostic::error(
            "no-spikes",
            bound.span_of(name),
            format!(
                "{}: `{}` has no threshold, so it never spikes",
                bound.function,
                object.shown()
            ),
        )
        .also(object.span, "created here without threshold")
        .help("give the group a `threshold='…'`")
        .into())
    }

    fn synapses(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("Synapses", SYNAPSES)?;
        not_yet(
            "Synapses",
            &bound,
            &[
                "connect",
                "multisynaptic_index",
                "dtype",
                "method_options",
                "clock",
                "on_event",
            ],
        )?;
        let source = self.part(&bound, "source")?;
        let target = if bound.given("target").is_some() {
            self.part(&bound, "target")?
        } else {
            source
        };
        let mut said = Diagnostics::new();
        let equations =
            keep(&mut said, self.equations(bound.given("model"), ctx)).unwrap_or_default();
        let variables = Variables::from_equations(&equations, Owner::Synapses, &mut said);
        let method = keep(&mut said, method(&bound)).flatten();
        let mut pathways = Vec::new();
        for (names, presynaptic, order) in [
            (["on_pre", "pre"], true, -1),
            (["on_post", "post"], false, 1),
        ] {
            for name in names {
                keep(
                    &mut said,
                    self.pathways(&bound, name, presynaptic, order, ctx),
                )
                .into_iter()
                .for_each(|p| pathways.extend(p));
            }
        }
        for p in &pathways {
            if let Err(d) = self.spiking(
                &bound,
                if p.presynaptic { "source" } else { "target" },
                if p.presynaptic { source } else { target },
            ) {
                said.extend(d);
            }
        }
        if said.has_errors() {
            return Err(said);
        }
        said.into_iter().for_each(|d| ctx.push(d));
        let delay = self.time(&bound, "delay")?;
        let count = pathways.len();
        let kind = Kind::Synapses(Synapses {
            source,
            target,
            variables,
            method,
            pathways,
            regular: Vec::new(),
            n: 0,
            connected: false,
        });
        let id = self.add_object(&bound, "synapses", 0, kind)?;
        self.make_arrays(id);
        for presynaptic in [true, false] {
            self.registry
                .table(&mut self.simulation.store, id, presynaptic);
        }
        self.extra(id).queues = (0..count).map(|_| self.simulation.add_queue()).collect();
        if let Some(delay) = delay {
            if delay < 0.0 {
                return Err(Diagnostic::error(
                    "negative-delay",
                    bound.span_of("delay"),
                    format!("a delay cannot be negative ({delay} s)"),
                )
                .into());
            }
            let array = self.delay_array(id, 0);
            self.simulation.store.fill(array, delay);
        }
        Ok(id)
    }

    /// The delays of a pathway.
    pub(super) fn delay_array(&mut self, id: ObjectId, pathway: usize) -> dslsim_ir::ArrayId {
        let n = self.network.size(id);
        self.registry.scratch(
            &mut self.simulation.store,
            id,
            &format!("delay.{pathway}"),
            n,
        )
    }

    fn pathways(
        &mut self,
        bound: &Bound,
        argument: &str,
        presynaptic: bool,
        order: i32,
        ctx: &mut Context<'_>,
    ) -> Told<Vec<Pathway>> {
        let default = if presynaptic { "pre" } else { "post" };
        let Some(given) = bound.given(argument) else {
            return Ok(Vec::new());
        };
        let single = |name: &str, text: &Text, ctx: &mut Context<'_>| -> Told<Pathway> {
            let (statements, said) = dslsim_syntax::parse_statements(text);
            told(ctx, said)?;
            Ok(Pathway {
                name: name.into(),
                presynaptic,
                statements,
                order,
                span: text.whole(),
            })
        };
        match &given.value {
            Value::Str(text) => Ok(vec![single(default, text, ctx)?]),
            Value::Dict(all) => {
                let mut pathways = Vec::new();
                for (name, value) in all {
                    let Value::Str(text) = value else {
                        return Err(bound.wrong(argument, "a dict of strings"));
                    };
                    pathways.push(single(name, text, ctx)?);
                }
                Ok(pathways)
            }
            _ => Err(bound.wrong(argument, "a string of statements")),
        }
    }

    fn state_monitor(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("StateMonitor", STATE_MONITOR)?;
        not_yet("StateMonitor", &bound, &["clock"])?;
        let source = self.part(&bound, "source")?;
        let names = self.recorded_names(&bound, source.object)?;
        let record = self.record_indices(&bound, source)?;
        let when = bound.text("when")?.unwrap_or("start").to_owned();
        if when.parse::<dslsim_runtime::Slot>().is_err() {
            return Err(Diagnostic::error("unknown-slot", bound.span_of("when"), format!("there is no slot `{when}` in a time step"))
                .help("the slots are start, groups, thresholds, synapses, resets, end, each also with before_ and after_")
                .into());
        }
        self.add_object(
            &bound,
            "statemonitor",
            0,
            Kind::StateMonitor(StateMonitor {
                source,
                variables: names,
                record,
                when,
            }),
        )
    }

    /// Names of variables to record.
    fn recorded_names(&self, bound: &Bound, source: ObjectId) -> Told<Vec<(String, Span)>> {
        let Some(given) = bound.given("variables") else {
            return Ok(Vec::new());
        };
        let all = || {
            let own = self
                .network
                .variables(source)
                .map(|v| v.names().map(str::to_owned).collect::<Vec<_>>())
                .unwrap_or_default();
            own.into_iter().map(|n| (n, given.span)).collect()
        };
        let texts: Vec<&Text> = match &given.value {
            Value::Bool(true) => return Ok(all()),
            Value::Str(text) => vec![text],
            Value::List(v) | Value::Tuple(v) => v.iter().filter_map(Value::as_text).collect(),
            _ => {
                return Err(bound.wrong(
                    "variables",
                    "the name of a variable in quotes, or a list of names",
                ));
            }
        };
        let mut said = Diagnostics::new();
        let mut names = Vec::new();
        for text in texts {
            let name = text.as_str();
            let automatic = self.network.automatic(source);
            let known = self
                .network
                .variables(source)
                .is_some_and(|v| v.get(name).is_some())
                || automatic.iter().any(|a| a.name == name);
            if known {
                names.push((name.to_owned(), text.whole()));
            } else {
                let candidates: Vec<&str> = self
                    .network
                    .variables(source)
                    .map(|v| v.names().collect())
                    .unwrap_or_default();
                let object = self.network.get(source);
                said.push(
                    Diagnostic::error(
                        "unknown-variable",
                        text.whole(),
                        format!(
                            "{}: `{}` has no variable `{name}`",
                            bound.function,
                            object.shown()
                        ),
                    )
                    .help_opt(
                        nearest(name, candidates.iter().copied())
                            .map(|n| format!("did you mean `{n}`?"))
                            .or_else(|| {
                                Some(format!("its variables are {}", candidates.join(", ")))
                            }),
                    ),
                );
            }
        }
        if said.is_empty() {
            Ok(names)
        } else {
            Err(said)
        }
    }

    fn record_indices(&mut self, bound: &Bound, source: Part) -> Told<Vec<u32>> {
        let Some(given) = bound.given("record") else {
            return Err(bound.wrong("record", "True, a number, or a list of numbers"));
        };
        if self.guessed.contains(&source.object) {
            return Ok(Vec::new());
        }
        let n = source.len() as i64;
        let list: Vec<i64> = match &given.value {
            Value::Bool(true) => (0..n).collect(),
            Value::Bool(false) => Vec::new(),
            Value::Int(k) => vec![*k],
            Value::Slice(s) => (s.low.unwrap_or(0)..s.high.unwrap_or(n).min(n))
                .step_by(s.step.unwrap_or(1).max(1) as usize)
                .collect(),
            Value::Array(a) if matches!(a.data, ArrayData::Bool(_)) => a
                .bool_vec()
                .iter()
                .enumerate()
                .filter(|(_, b)| **b)
                .map(|(k, _)| k as i64)
                .collect(),
            Value::Str(text) => {
                let text = text.clone();
                return Ok(self
                    .selected(source, &text)?
                    .into_iter()
                    .map(|k| k as u32)
                    .collect());
            }
            _ => numbers(bound, "record")?
                .iter()
                .map(|x| *x as i64)
                .collect(),
        };
        let mut record = Vec::with_capacity(list.len());
        for k in list {
            let at = if k < 0 { k + n } else { k };
            if !(0..n).contains(&at) {
                return Err(Diagnostic::error(
                    "index-out-of-range",
                    given.span,
                    format!(
                        "{}: element {k} does not exist; the group has {n} (0 to {})",
                        bound.function,
                        n - 1
                    ),
                )
                .into());
            }
            record.push((at as usize + source.start) as u32);
        }
        Ok(record)
    }

    fn spike_monitor(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("SpikeMonitor", SPIKE_MONITOR)?;
        not_yet("SpikeMonitor", &bound, &["when"])?;
        let source = self.part(&bound, "source")?;
        self.spiking(&bound, "source", source)?;
        let variables = self.recorded_names(&bound, source.object)?;
        let record = bound.flag("record")?.unwrap_or(true);
        let order = self.network.get(source.object).order + 1;
        self.add_object(
            &bound,
            "spikemonitor",
            order,
            Kind::SpikeMonitor(SpikeMonitor {
                source,
                variables,
                record,
            }),
        )
    }

    fn rate_monitor(&mut self, args: &CallArgs) -> Told<ObjectId> {
        let bound = args.bind("PopulationRateMonitor", RATE_MONITOR)?;
        let source = self.part(&bound, "source")?;
        self.spiking(&bound, "source", source)?;
        self.add_object(
            &bound,
            "ratemonitor",
            0,
            Kind::RateMonitor(RateMonitor { source }),
        )
    }
}

/// Passes warnings on; errors end the call.
pub(super) fn told(ctx: &mut Context<'_>, said: Diagnostics) -> Told<()> {
    if said.has_errors() {
        return Err(said);
    }
    said.into_iter().for_each(|d| ctx.push(d));
    Ok(())
}

/// The result, or its mistakes added to what is said.
fn keep<T>(said: &mut Diagnostics, result: Told<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(more) => {
            said.extend(more);
            None
        }
    }
}

fn method(bound: &Bound) -> Told<Option<(String, Span)>> {
    match bound.given("method") {
        None => Ok(None),
        Some(Spanned {
            value: Value::Str(text),
            ..
        }) => Ok(Some((text.as_str().to_owned(), text.whole()))),
        Some(Spanned {
            value: Value::Tuple(_) | Value::List(_),
            ..
        }) => Ok(None),
        Some(_) => Err(bound.wrong("method", "the name of an integration method")),
    }
}

fn statements(bound: &Bound, name: &str, ctx: &mut Context<'_>) -> Told<Option<Vec<Statement>>> {
    let Some(given) = bound.given(name) else {
        return Ok(None);
    };
    let Value::Str(text) = &given.value else {
        return Err(bound.wrong(name, "a string of statements"));
    };
    let (statements, said) = dslsim_syntax::parse_statements(text);
    told(ctx, said)?;
    Ok(Some(statements))
}

/// The numbers of an argument, in SI units.
pub(super) fn numbers(bound: &Bound, name: &str) -> Told<Vec<f64>> {
    let Some(given) = bound.given(name) else {
        return Err(bound.wrong(name, "numbers"));
    };
    flat(&given.value).ok_or_else(|| bound.wrong(name, "numbers"))
}

/// All numbers of a value, one after the other.
pub(super) fn flat(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Array(a) => Some(a.float_vec()),
        Value::List(v) | Value::Tuple(v) => {
            let mut all = Vec::new();
            for x in v {
                all.extend(flat(x)?);
            }
            Some(all)
        }
        other => other.as_f64().map(|x| vec![x]),
    }
}

fn rate_values(bound: &Bound, given: &Spanned<Value>, n: usize) -> Told<Vec<f64>> {
    let values = flat(&given.value)
        .ok_or_else(|| bound.wrong("rates", "a rate in hertz, an array of rates, or a string"))?;
    let dim = given.value.dim().unwrap_or(Dim::NONE);
    if dim != Dim::HERTZ && !given.value.is_plain_zero() {
        return Err(Diagnostic::error(
            "dimension-mismatch",
            given.span,
            format!(
                "{}: rates must be in hertz (Hz, 1/second), but this is {}",
                bound.function,
                has_unit(dim)
            ),
        )
        .help("multiply by `Hz`")
        .into());
    }
    if values.len() != 1 && values.len() != n {
        return Err(Diagnostic::error(
            "length-mismatch",
            given.span,
            format!("{}: {} rates for {n} sources", bound.function, values.len()),
        )
        .into());
    }
    Ok(values)
}
