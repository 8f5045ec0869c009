//! A variable that is no finite number any more, told where it is computed, with what went in.

use std::collections::HashSet;
use std::rc::Rc;

use dslsim_ir::assemble::Assembled;
use dslsim_model::code::{Checked, CheckedNetwork};
use dslsim_model::expr::{Arith, Leaf, Side, TExpr, TKind, TStatement};
use dslsim_model::functions::Function;
use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{NotFinite, Origin};
use dslsim_source::{Diagnostic, Span};
use dslsim_units::{Dim, format_quantity, round_digits};

use super::element::Element;
use crate::session::Session;

/// The most values that a message shows.
const MOST_VALUES: usize = 8;

/// Where it happened.
struct Found<'a> {
    /// The equation or statement.
    span: Span,
    /// Its value, and the element for which it was computed.
    value: &'a TExpr,
    element: Element<'a>,
    /// Whether it is a differential equation.
    integrated: bool,
}

impl Session<'_> {
    /// A variable that is no finite number any more.
    pub(super) fn not_finite(
        &self,
        bad: &NotFinite,
        checked: &CheckedNetwork,
        parts: &[Assembled],
        run: Span,
    ) -> Diagnostic {
        let Some((object, name)) = self.registry.owner(bad.array) else {
            return Diagnostic::error("not-finite", run, format!("{bad}"));
        };
        let shown = self.network.get(object).shown();
        let what = word(bad.value);
        let equation = parts
            .iter()
            .filter(|p| p.object == object)
            .filter_map(|p| p.integrates.as_ref())
            .flat_map(|(_, all)| all)
            .find(|(n, _)| *n == name);
        let place = equation.map_or(run, |(_, s)| *s);
        let time = |t: f64| format_quantity((t * 1e12).round() / 1e12, Dim::TIME);
        let Some(origin) = &bad.origin else {
            return if bad.from_time < bad.to_time {
                let (from, to) = (time(bad.from_time), time(bad.to_time));
                Diagnostic::error("not-finite", place, format!("`{name}` of `{shown}` became {what}: element {}, between {from} and {to}", bad.element))
                    .help("check the equation for division by 0, logarithms and powers of negative numbers, or a time step that is too long; `--allow-nan` goes on")
            } else {
                Diagnostic::error(
                    "not-finite",
                    place,
                    format!(
                        "`{name}` of `{shown}` is {what} when the run begins: element {}, at {}",
                        bad.element,
                        time(bad.to_time)
                    ),
                )
                .help("look at what the model file assigns to it; `--allow-nan` goes on")
            };
        };
        let message = format!(
            "`{name}` of `{shown}` became {what}: element {}, in the time step from {} to {}",
            bad.element,
            time(origin.t),
            time(origin.t + origin.dt)
        );
        let Some(found) = self.computed(origin, checked, &(object, name.clone(), bad.element))
        else {
            return Diagnostic::error("not-finite", place, message).help(
                "check what computes it for division by 0, logarithms and powers of negative numbers; `--allow-nan` goes on",
            );
        };
        let mut diagnostic = Diagnostic::error("not-finite", found.span, message);
        let mut label = self.inputs(&found);
        if let Some(which) = self.synapse(&found) {
            label = format!("{which}: {label}");
        }
        diagnostic = diagnostic.label(label);
        let culprit = found.element.culprit(found.value);
        if let Some(culprit) = culprit {
            let text = reason(&found.element, culprit);
            diagnostic = diagnostic.also(culprit.span, text);
        }
        let way_out = match culprit.and_then(|c| self.way_out(&found, c)) {
            Some(text) => text,
            None if found.integrated => self.too_long(origin, parts, object, &name),
            None => "check what it computes for division by 0, logarithms and powers of negative numbers".to_owned(),
        };
        diagnostic.help(format!("{way_out}; `--allow-nan` goes on"))
    }

    /// The equation or statement that computed the variable of the element.
    fn computed<'a>(
        &'a self,
        origin: &'a Origin,
        checked: &'a CheckedNetwork,
        place: &super::element::Place,
    ) -> Option<Found<'a>> {
        let code = checked.code.iter().find(|c| c.name == origin.operation)?;
        let (object, name, element) = place;
        let own = code.object == *object;
        let time = (origin.t, origin.dt);
        let mut at = Element::new(self, &origin.before, code.object, time);
        at.element = *element;
        let found = |span, value, element, integrated| {
            Some(Found {
                span,
                value,
                element,
                integrated,
            })
        };
        let (statements, odes): (&[TStatement], &[_]) = match &code.code {
            Checked::StateUpdate { odes, .. } => (&[], odes),
            Checked::Pathway {
                statements,
                event_driven,
                ..
            } => (statements, event_driven),
            Checked::Reset { statements, .. } | Checked::Regular(statements) => (statements, &[]),
            Checked::Input { statement, .. } => (std::slice::from_ref(statement), &[]),
            Checked::Subexpressions(all) => {
                let (_, value) = all.iter().find(|(n, _)| n == name)?;
                return found(value.span, value, at, false);
            }
            Checked::Summed {
                value, presynaptic, ..
            } => {
                let side = if *presynaptic { Side::Pre } else { Side::Post };
                for k in 0..self.network.size(code.object) {
                    at.element = k;
                    let here = at.seen(side) == Some(*element);
                    if here && at.value(value).is_some_and(|x| !x.is_finite()) {
                        return found(value.span, value, at, false);
                    }
                }
                return None;
            }
            _ => return None,
        };
        let ode = odes.iter().find(|o| own && o.name == *name);
        if statements.is_empty() {
            let ode = ode?;
            return found(ode.span, &ode.rhs, at, true);
        }
        let executed: Vec<usize> = match &origin.elements {
            _ if own => vec![*element],
            Some(list) => list.iter().map(|e| *e as usize).collect(),
            None => (0..self.network.size(code.object)).collect(),
        };
        // One after the other, as far as it can be known here, until the variable is no number.
        let mut last = None;
        for k in executed {
            at.element = k;
            let writes =
                |at: &Element<'_>, s: &TStatement| at.place(&s.target).as_ref() == Some(place);
            if !statements.iter().any(|s| writes(&at, s)) {
                continue;
            }
            at.arrive(odes);
            for statement in statements {
                if writes(&at, statement) {
                    if at.value(&statement.value).is_some_and(|x| !x.is_finite()) {
                        return found(statement.span, &statement.value, at, false);
                    }
                    last = Some((at.clone(), statement));
                }
                at.execute(statement);
            }
        }
        if let Some((at, statement)) = last {
            return found(statement.span, &statement.value, at, false);
        }
        let ode = ode?;
        let mut at = Element::new(self, &origin.before, code.object, time);
        at.element = *element;
        found(ode.span, &ode.rhs, at, true)
    }

    /// The values that went in, in the order in which they are read.
    fn inputs(&self, found: &Found<'_>) -> String {
        let mut shown = Vec::new();
        let mut seen = HashSet::new();
        found.value.visit(&mut |e| {
            let TKind::Leaf(leaf) = &e.kind else { return };
            let name: Rc<str> = match leaf {
                Leaf::External(name, _) if dslsim_units::lookup(name).is_some() => return,
                _ => self.sources.slice(e.span).into(),
            };
            let value = found.element.value(e);
            if let (Some(value), false, true) = (value, name.is_empty(), seen.insert(name.clone()))
            {
                shown.push(format!("{name} = {}", quantity(value, e.dim)));
            }
        });
        let more = shown.len() > MOST_VALUES;
        shown.truncate(MOST_VALUES);
        if more {
            shown.push("…".to_owned());
        }
        if shown.is_empty() {
            return "computed here".to_owned();
        }
        format!("with {}", shown.join(", "))
    }

    /// Which synapse it was.
    fn synapse(&self, found: &Found<'_>) -> Option<String> {
        let id = found.element.object();
        let Kind::Synapses(s) = &self.network.get(id).kind else {
            return None;
        };
        let from = found.element.seen(Side::Pre)?.checked_sub(s.source.start)?;
        let to = found
            .element
            .seen(Side::Post)?
            .checked_sub(s.target.start)?;
        Some(format!("synapse {from} → {to}"))
    }

    /// What can be done about a part of an expression.
    fn way_out(&self, found: &Found<'_>, culprit: &TExpr) -> Option<String> {
        let text = |e: &TExpr| self.sources.slice(e.span).trim().to_owned();
        match &culprit.kind {
            TKind::Arith(Arith::Div | Arith::FloorDiv | Arith::Mod, above, below) => {
                if found.element.value(below) != Some(0.0) {
                    return None;
                }
                let mut exponential = false;
                below.visit(&mut |e| {
                    exponential |=
                        matches!(e.kind, TKind::Call(Function::Exp | Function::Expm1, _));
                });
                let hole = found.element.value(above) == Some(0.0);
                Some(if exponential && hole {
                    "`x/(exp(x) - 1)` has no value at x = 0 as written: write `1/exprel(x)`, which is 1 there".to_owned()
                } else {
                    format!("see that `{}` does not become 0", text(below))
                })
            }
            TKind::Arith(Arith::Pow, base, _) if found.element.value(base)? < 0.0 => {
                Some(format!("see that `{}` is not negative", text(base)))
            }
            TKind::Call(function, args) => {
                let x = text(args.first()?);
                match function {
                    Function::Log | Function::Log10 => {
                        Some(format!("see that `{x}` stays above 0"))
                    }
                    Function::Log1p => Some(format!("see that `{x}` stays above -1")),
                    Function::Sqrt => Some(format!("see that `{x}` is not negative")),
                    Function::Arcsin | Function::Arccos => {
                        Some(format!("see that `{x}` stays between -1 and 1"))
                    }
                    _ => None,
                }
            }
            TKind::Leaf(Leaf::State { name, .. }) => {
                Some(format!("look for what made `{name}` so before"))
            }
            TKind::Timed(timed, _) => Some(format!("look at the values of `{}`", timed.name)),
            _ => None,
        }
    }

    /// What can be done about a value that grows beyond all bounds, or a step that leaves where the equation has values.
    fn too_long(
        &self,
        origin: &Origin,
        parts: &[Assembled],
        object: ObjectId,
        name: &str,
    ) -> String {
        let method = parts
            .iter()
            .filter(|p| p.object == object)
            .find_map(|p| p.integrates.as_ref())
            .map_or("", |(method, _)| method.name());
        let dt = format_quantity(round_digits(origin.dt, 12), Dim::TIME);
        let shorter = format!("use a time step shorter than {dt} (`defaultclock.dt`)");
        match method {
            "exact" | "linear" | "exponential_euler" => {
                format!("see that the equation does not grow without bound, or {shorter}")
            }
            _ => format!(
                "{shorter}, or `method='exponential_euler'` if `{name}` stands in its equation only as a factor; see that it does not grow without bound"
            ),
        }
    }
}

/// A value in a message: six digits.
fn quantity(value: f64, dim: Dim) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        (if value > 0.0 { "infinity" } else { "-infinity" }).to_owned()
    } else {
        format_quantity(round_digits(value, 6), dim)
    }
}

fn word(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN (not a number)"
    } else {
        "infinite"
    }
}

/// Why a part is no finite number.
fn reason(element: &Element<'_>, culprit: &TExpr) -> String {
    let is =
        element.value(culprit).map_or(
            "not finite",
            |x| {
                if x.is_nan() { "NaN" } else { "infinite" }
            },
        );
    let shown = |e: &TExpr| {
        element
            .value(e)
            .map_or("?".to_owned(), |x| quantity(x, e.dim))
    };
    match &culprit.kind {
        TKind::Arith(Arith::Div | Arith::FloorDiv | Arith::Mod, above, below) => {
            format!("this is {is}: {} divided by {}", shown(above), shown(below))
        }
        TKind::Arith(Arith::Pow, base, exponent) => {
            format!(
                "this is {is}: {} to the power of {}",
                shown(base),
                shown(exponent)
            )
        }
        TKind::Call(function, args) => {
            let name = dslsim_model::functions::FUNCTIONS
                .iter()
                .find(|row| row.function == *function)
                .map_or("function", |row| row.name);
            let args: Vec<String> = args.iter().map(shown).collect();
            format!("this is {is}: {name}({})", args.join(", "))
        }
        TKind::Leaf(_) => format!("this was {is} before"),
        _ => format!("this is {is}"),
    }
}
