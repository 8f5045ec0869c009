//! Functions of the language that are no constructors: `run`, `seed`, `save`, `load`; and those that it does not have.

use dslsim_script::{CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics};
use dslsim_units::Dim;

use super::{Saved, Session};
use crate::namespace::Names;

type Told<T> = Result<T, Diagnostics>;

pub(super) const FUNCTIONS: &[&str] = &[
    "run",
    "seed",
    "save",
    "load",
    "linked_var",
    "store",
    "restore",
    "collect",
    "stop",
    "start_scope",
    "profiling_summary",
    "sweep",
    "load_sweep",
];

/// Parts of Brian2 that are not part of the language.
pub(super) const REFUSED: &[(&str, &str)] = &[
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
pub(super) const COMING: &[&str] = &[];

/// What has no effect on a model file.
pub(super) const NOTHING: &[&str] = &["set_device", "clear_cache", "scheduling_summary"];

const RUN: &[Param] = &[
    Param::required("duration"),
    Param::optional("report"),
    Param::optional("report_period"),
    Param::optional("namespace"),
    Param::optional("profile"),
    Param::optional("level"),
];

impl Session<'_> {
    pub(super) fn run_call(
        &mut self,
        ctx: &mut Context<'_>,
        args: &CallArgs,
        net: usize,
    ) -> Told<Value> {
        let bound = args.bind("run", RUN)?;
        let members = self.members(ctx, net);
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
        let mut names = self.names_of(ctx);
        if let Some(Spanned {
            value: Value::Dict(d),
            ..
        }) = bound.given("namespace")
        {
            names = Names::only(d, |v| self.external(v));
        }
        // After a mistake, an object may only be missing because it could not be made.
        if members.is_empty() && !ctx.has_errors() {
            ctx.push(
                Diagnostic::warning(
                    "nothing-to-run",
                    args.span,
                    "there is no object to simulate: `run` does nothing",
                )
                .help("make a NeuronGroup first"),
            );
        }
        let profile = self.options.profile;
        self.options.profile |= bound.flag("profile")?.unwrap_or(false);
        let outcome = self.run(ctx, net, &members, duration, &names, args.span);
        self.options.profile = profile;
        outcome?;
        Ok(Value::None)
    }

    pub(super) fn seed_call(&mut self, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("seed", &[Param::optional("seed")])?;
        let value = bound.int("seed")?;
        if let Some(x) = value
            && !(0..=i64::from(u32::MAX)).contains(&x)
        {
            return Err(Diagnostic::error(
                "wrong-value",
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
        let seed = self.options.seeded(Some(seed));
        self.seed = Some(seed);
        self.simulation.random.seed(seed);
        Ok(Value::None)
    }

    pub(super) fn save_call(&mut self, args: &CallArgs) -> Told<Value> {
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
            if let Value::Object(_) = &stored {
                stored = self.shown(value.clone())?.value;
                if let Value::Object(o) = &stored {
                    return Err(Diagnostic::error(
                        "wrong-type",
                        value.span,
                        format!("save: a {} cannot be saved", o.class),
                    )
                    .help("save numbers and arrays")
                    .into());
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
    pub(super) fn load(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("load", &[Param::required("file")])?;
        let Some(name) = bound.text("file")?.map(str::to_owned) else {
            return Err(bound.wrong("file", "the name of a file"));
        };
        let folder = self.folder_of(ctx);
        let fail = |why: String| {
            Diagnostics::from(
                Diagnostic::error(
                    "load-file",
                    bound.span_of("file"),
                    format!("cannot load `{name}`: {why}"),
                )
                .help(
                    "the path is relative to the model file, or to the folder that dslsim was started in; the format is .npy",
                ),
            )
        };
        let here = std::path::Path::new("");
        let bytes = self.files.bytes(&folder, &name);
        let bytes = bytes
            .or_else(|why| self.files.bytes(here, &name).map_err(|_| why))
            .map_err(fail)?;
        self.note_data(&bytes);
        crate::results::read_npy(&bytes)
            .map(Value::Array)
            .map_err(fail)
    }
}
