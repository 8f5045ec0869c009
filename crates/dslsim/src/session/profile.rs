//! Where time was spent: `profiling_summary()`, `net.get_profiling_info()`.

use dslsim_script::{CallArgs, Param, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span, Text};
use dslsim_units::Dim;

use super::Session;

type Told<T> = Result<T, Diagnostics>;

impl Session<'_> {
    /// The operations and their seconds, those that took longest first.
    fn profiled(&self, span: Span) -> Told<Vec<(String, f64)>> {
        if self.parts.is_empty() && !self.options.check {
            return Err(
                Diagnostic::error("no-profile", span, "no time was measured by operation")
                    .help("run with `profile=True`")
                    .into(),
            );
        }
        let mut all: Vec<(String, f64)> = self
            .parts
            .iter()
            .map(|(n, part)| (n.clone(), part.seconds))
            .collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(all)
    }

    /// `net.get_profiling_info()`: pairs of names and times.
    pub(super) fn profiling_info(&self, span: Span) -> Told<Value> {
        let all = self.profiled(span)?;
        let pair = |(name, seconds): (String, f64)| {
            Value::Tuple(vec![
                Value::Str(Text::computed(name, span)),
                Value::quantity(seconds, Dim::TIME),
            ])
        };
        Ok(Value::List(all.into_iter().map(pair).collect()))
    }

    /// `profiling_summary(show=5)`: a table as text.
    pub(super) fn profiling_summary(&self, args: &CallArgs) -> Told<Value> {
        let bound = args.bind(
            "profiling_summary",
            &[Param::optional("net"), Param::optional("show")],
        )?;
        let show = bound.int("show")?.map_or(usize::MAX, |n| n.max(0) as usize);
        let all = self.profiled(args.span)?;
        let total: f64 = all.iter().map(|(_, s)| s).sum();
        let width = all
            .iter()
            .take(show)
            .map(|(n, _)| n.len())
            .max()
            .unwrap_or(0);
        let mut text = String::from("Profiling summary\n=================");
        for (name, seconds) in all.iter().take(show) {
            let share = if total > 0.0 {
                100.0 * seconds / total
            } else {
                0.0
            };
            text.push_str(&format!(
                "\n{name:<width$}  {seconds:>8.3} s  {share:>6.2} %"
            ));
        }
        Ok(Value::Str(Text::computed(text, args.span)))
    }
}
