//! `sweep(…)` and `load_sweep(…)`: sweeps of other model files, and what they have given.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use dslsim_script::{Array, CallArgs, Context, Param, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, MessageFormat, Severity, Span, render};
use dslsim_syntax::ast::Ident;

use super::Session;
use super::handles::Handle;
use crate::options::Options;
use crate::results::{relative, within};
use crate::sweep::{Checked, Contents, Grid, GridError, Outcome, Problem, Status, Sweep};

type Told<T> = Result<T, Diagnostics>;

/// The results of a sweep in a script; without contents where nothing is simulated.
#[derive(Clone, Debug)]
pub(crate) struct SweepResults {
    contents: Option<Rc<Contents>>,
    /// Names that will be there.
    names: Rc<[String]>,
}

/// Attributes that all results have.
const OWN: [&str; 4] = ["status", "seconds", "errors", "shape"];

/// Messages of the swept model that are passed on.
const PASSED_ON: usize = 8;

const SWEEP: &[Param] = &[
    Param::required("file"),
    Param::keyword("zip"),
    Param::keyword("vary_seed"),
    Param::keyword("store"),
    Param::named_rest("parameters"),
];

impl Session<'_> {
    /// `sweep('model.eq', F_i=…, F_e=…, zip=False, vary_seed=False, store='name.zarr')`
    pub(super) fn sweep_call(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("sweep", SWEEP)?;
        if self.options.point {
            return Err(Diagnostic::error(
                "nested-sweep",
                args.span,
                "this file is being swept: it cannot sweep in turn",
            )
            .help("name all parameters in one sweep")
            .into());
        }
        let Some(file) = bound.text("file")?.map(str::to_owned) else {
            if args.has_unknown() {
                return Ok(Value::Unknown(None));
            }
            return Err(bound.wrong("file", "the name of a model file"));
        };
        let zip = bound.flag("zip")?.unwrap_or(false);
        let vary_seed = bound.flag("vary_seed")?.unwrap_or(false);
        let store = bound.text("store")?.map(str::to_owned);
        let store = self.store_path(&file, store.as_deref(), bound.span_of("store"))?;
        if bound.named_rest.iter().any(|(_, v)| v.value.is_unknown()) {
            return Ok(Value::Unknown(None));
        }
        let (mut fixed, mut swept, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in &bound.named_rest {
            if value.value.is_scalar() || matches!(value.value, Value::Str(_)) {
                fixed.push((name.name.clone(), value.value.clone()));
            } else {
                let value = self.plain_value(ctx, value)?;
                swept.push((name.name.clone(), value));
                places.push((
                    name.span,
                    bound.named_rest[swept.len() + fixed.len() - 1].1.span,
                ));
            }
        }
        let grid = Grid::new(swept, zip).map_err(|e| grid_error(&e, &places, args.span))?;
        let folder = self.folder_of(ctx);
        let sweep = Sweep {
            model: folder.join(&file),
            grid,
            fixed,
            options: Options {
                settings: Vec::new(),
                values: Vec::new(),
                check: false,
                max_time: None,
                ..self.options.clone()
            },
            vary_seed,
            shard: None,
            fail_fast: false,
            deadline: self
                .options
                .max_time
                .map(|s| self.started + std::time::Duration::from_secs_f64(s.min(1e9))),
            store,
            command: format!("sweep('{file}', …)"),
        };
        let checked = sweep.check(self.files);
        self.said_of_the_swept(&checked, &bound.named_rest, bound.span_of("file"))?;
        let names: Rc<[String]> = sweep
            .grid
            .axes()
            .iter()
            .map(|a| a.name.clone())
            .chain(checked.saved.iter().cloned())
            .collect();
        if self.options.check {
            return Ok(self.refer(Handle::Sweep(SweepResults {
                contents: None,
                names,
            })));
        }
        if self.interrupted.is_some() {
            return Ok(Value::Unknown(None));
        }
        let begun = std::time::Instant::now();
        let outcome = sweep
            .run(&checked, self.progress)
            .map_err(|e| problem(&e, args.span))?;
        self.timing.run_seconds += begun.elapsed().as_secs_f64();
        self.ran = true;
        self.tell(ctx, &sweep, &outcome, args.span);
        if outcome.interrupted {
            // What is computed from a part of the points would look like a result.
            self.interrupted = Some(self.simulation.now());
            self.sweeps.push((sweep.store, outcome));
            return Ok(Value::Unknown(None));
        }
        let contents = Contents::read(&sweep.store).map_err(|e| problem(&e.into(), args.span))?;
        self.sweeps.push((sweep.store, outcome));
        Ok(self.refer(Handle::Sweep(SweepResults {
            contents: Some(Rc::new(contents)),
            names,
        })))
    }

    /// `load_sweep('results/vdp.zarr')`
    pub(super) fn load_sweep(&mut self, ctx: &mut Context<'_>, args: &CallArgs) -> Told<Value> {
        let bound = args.bind("load_sweep", &[Param::required("store")])?;
        let Some(name) = bound.text("store")?.map(str::to_owned) else {
            if args.has_unknown() {
                return Ok(Value::Unknown(None));
            }
            return Err(bound.wrong("store", "the path of a sweep's store"));
        };
        let beside = self.folder_of(ctx).join(&name);
        let path = if beside.exists() {
            beside
        } else {
            PathBuf::from(&name)
        };
        if self.options.check && !path.exists() {
            return Ok(Value::Unknown(None));
        }
        let contents = Contents::read(&path).map_err(|e| {
            Diagnostics::from(
                Diagnostic::error("load-sweep", bound.span_of("store"), e.to_string()).help(
                    "the path is relative to the model file or to the folder that dslsim was started in",
                ),
            )
        })?;
        let names = contents
            .coordinates
            .iter()
            .map(|c| c.name.clone())
            .chain(contents.values.keys().cloned())
            .collect();
        Ok(self.refer(Handle::Sweep(SweepResults {
            contents: Some(Rc::new(contents)),
            names,
        })))
    }

    /// `r.F_i`, `r.w_E`, `r.status`
    pub(super) fn sweep_attribute(&self, results: &SweepResults, name: &Ident) -> Told<Value> {
        let wanted = name.name.as_str();
        let Some(contents) = &results.contents else {
            return if OWN.contains(&wanted) || results.names.iter().any(|n| n == wanted) {
                Ok(Value::Unknown(None))
            } else {
                Err(no_such_result(results, name))
            };
        };
        if let Some(k) = contents.coordinates.iter().position(|c| c.name == wanted) {
            return Ok(contents.broadcast(k).map_or(Value::None, Value::Array));
        }
        if let Some(value) = contents.values.get(wanted) {
            return Ok(Value::Array(value.array.clone()));
        }
        let shape: Vec<usize> = contents.shape.iter().map(|n| *n as usize).collect();
        match wanted {
            "status" => {
                let numbers = contents.status.iter().map(|s| match s {
                    Status::Missing => 0,
                    Status::Done => 1,
                    Status::Failed => 2,
                });
                Ok(Value::Array(Array::ints(numbers.collect(), &shape)))
            }
            "seconds" => Ok(Value::Array(Array::floats(
                contents.seconds.clone(),
                &shape,
                dslsim_units::Dim::TIME,
            ))),
            "errors" => Ok(Value::List(
                contents
                    .errors
                    .iter()
                    .map(|e| Value::Str(dslsim_source::Text::computed(e.as_str(), name.span)))
                    .collect(),
            )),
            "shape" => Ok(Value::Tuple(
                contents
                    .shape
                    .iter()
                    .map(|n| Value::Int(*n as i64))
                    .collect(),
            )),
            // No point has been completed yet, so there is no array for it.
            _ if results.names.iter().any(|n| n == wanted) => Ok(Value::Array(Array::floats(
                vec![f64::NAN; shape.iter().product()],
                &shape,
                dslsim_units::Dim::NONE,
            ))),
            _ => Err(no_such_result(results, name)),
        }
    }

    /// A variable's values where a script gives the variable itself.
    fn plain_value(&mut self, ctx: &mut Context<'_>, value: &Spanned<Value>) -> Told<Value> {
        match &value.value {
            Value::Object(o) => {
                let read = dslsim_script::Host::view_value(self, ctx, o, value.span)?;
                Ok(read.unwrap_or_else(|| value.value.clone()))
            }
            other => Ok(other.clone()),
        }
    }

    /// Where a sweep in a model file is stored: in the folder of the run's results.
    fn store_path(&mut self, file: &str, given: Option<&str>, span: Span) -> Told<PathBuf> {
        if let Some(name) = given {
            let path = relative(name).map_err(|why| why.to_string());
            let path = path.and_then(|path| {
                within(&self.options.out, &path).map_err(|e| format!("cannot be written to: {e}"))
            });
            return path.map_err(|why| {
                Diagnostic::error("output-path", span, format!("`{name}` {why}"))
                    .help("give a name such as 'sweep.zarr'")
                    .into()
            });
        }
        let stem = Path::new(file)
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let count = self.sweep_names.entry(stem.clone()).or_insert(0);
        *count += 1;
        let name = if *count == 1 {
            format!("{stem}.zarr")
        } else {
            format!("{stem}_{count}.zarr")
        };
        within(&self.options.out, name.as_ref()).map_err(|e| {
            Diagnostic::error(
                "output-path",
                span,
                format!("the sweep cannot be stored: {e}"),
            )
            .help("remove what is there, or choose another folder with `--out`")
            .into()
        })
    }

    /// What is wrong with a swept model, told where it is swept.
    fn said_of_the_swept(
        &self,
        checked: &Checked,
        parameters: &[(Ident, Spanned<Value>)],
        file: Span,
    ) -> Told<()> {
        let mut said = Diagnostics::new();
        for d in checked.diagnostics.iter() {
            if d.severity != Severity::Error {
                continue;
            }
            let about = parameters
                .iter()
                .find(|(name, _)| d.message.contains(&format!("`{}`", name.name)));
            let told = match (d.code, about) {
                ("unknown-parameter", Some((name, _))) => {
                    Diagnostic::error("unknown-parameter", name.span, d.message.clone())
                        .help_opt(d.help.clone())
                }
                ("unreadable-file", _) => Diagnostic::error("sweep-file", file, d.message.clone())
                    .help("the path is relative to the file that sweeps"),
                _ => {
                    let line = render(
                        &d.clone().into(),
                        &checked.sources,
                        MessageFormat::Short,
                        false,
                    );
                    Diagnostic::error(
                        "swept-model",
                        file,
                        format!("the swept model is wrong: {}", line.trim_end()),
                    )
                    .help("`dslsim check` of that file shows the place")
                }
            };
            said.push(told);
            if said.len() == PASSED_ON {
                break;
            }
        }
        if said.is_empty() { Ok(()) } else { Err(said) }
    }

    /// Warns about points that have failed.
    fn tell(&self, ctx: &mut Context<'_>, sweep: &Sweep, outcome: &Outcome, span: Span) {
        if let Some(first) = outcome.failed.first() {
            ctx.push(
                Diagnostic::warning(
                    "points-failed",
                    span,
                    format!(
                        "{} of {} points failed; the first, {}: {}",
                        outcome.failed.len(),
                        outcome.points,
                        first.parameters,
                        first.failure.as_deref().unwrap_or_default()
                    ),
                )
                .help(format!(
                    "`dslsim sweep status {}` tells all",
                    sweep.store.display()
                )),
            );
        }
        for warning in &outcome.warnings {
            ctx.push(Diagnostic::warning(
                "swept-model",
                span,
                format!("from the swept model: {warning}"),
            ));
        }
    }
}

fn no_such_result(results: &SweepResults, name: &Ident) -> Diagnostics {
    let near = dslsim_script::nearest(&name.name, results.names.iter().map(String::as_str));
    let all = || format!("there are {}", results.names.join(", "));
    Diagnostic::error(
        "unknown-attribute",
        name.span,
        format!("the sweep has no `{}`", name.name),
    )
    .help(near.map_or_else(all, |n| format!("did you mean `{n}`?")))
    .into()
}

fn grid_error(error: &GridError, places: &[(Span, Span)], call: Span) -> Diagnostics {
    let place = error.axis().and_then(|k| places.get(k));
    let span = match error {
        GridError::NotAName { .. } | GridError::Twice { .. } => place.map(|p| p.0),
        _ => place.map(|p| p.1),
    };
    Diagnostic::error("sweep-grid", span.unwrap_or(call), error.to_string()).into()
}

fn problem(error: &Problem, call: Span) -> Diagnostics {
    Diagnostic::error("sweep-refused", call, error.to_string())
        .help_opt(error.help().map(str::to_owned))
        .into()
}
