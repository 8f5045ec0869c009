//! Calls of the functions of the table: number of arguments, their units, the unit of the result.

use std::rc::Rc;

use dslsim_source::{Diagnostic, Span};
use dslsim_units::Dim;

use super::Typer;
use crate::expr::{TExpr, TKind, Timed};
use crate::functions::{self, Function, Row, Units};
use crate::scope::External;
use crate::variables::VarType;
use crate::words::{has_unit, nearest, unit};

impl<'a, 'd> Typer<'a, 'd> {
    pub(super) fn call(
        &mut self,
        name: &str,
        name_span: Span,
        args: &[dslsim_syntax::ast::Arg],
        span: Span,
    ) -> TExpr {
        let Some(row) = functions::lookup(name) else {
            if let Some(External::Timed { timed, dim }) = self.external(name) {
                return self.timed(timed, dim, name_span, args, span);
            }
            args.iter().for_each(|a| {
                self.expr(&a.value);
            });
            if self.is_unknown(name) {
                // What it should have been is told where it failed.
                return TExpr::poison(span);
            }
            let known = functions::FUNCTIONS.iter().map(|r| r.name);
            let near = functions::habit(name).or_else(|| nearest(name, known));
            let d = Diagnostic::error(
                "unknown-function",
                name_span,
                format!("there is no function `{name}`"),
            );
            self.say(match near {
                Some(near) => d.help(format!("did you mean `{near}`?")),
                None => d.help("`dslsim functions` lists them"),
            });
            return TExpr::poison(span);
        };
        if let Some(named) = args.iter().find(|a| a.name.is_some()) {
            self.say(
                Diagnostic::error(
                    "keyword-argument",
                    named.span,
                    "functions in expressions have no keyword arguments",
                )
                .help("give the values in order"),
            );
            return TExpr::poison(span);
        }
        let typed: Vec<TExpr> = args.iter().map(|a| self.expr(&a.value)).collect();
        if typed.len() != row.arity {
            let count = |n: usize| {
                if n == 1 {
                    "1 argument".to_owned()
                } else {
                    format!("{n} arguments")
                }
            };
            self.say(
                Diagnostic::error(
                    "argument-count",
                    name_span,
                    format!(
                        "`{name}` takes {}, but {} given",
                        count(row.arity),
                        match typed.len() {
                            0 => "none is".to_owned(),
                            1 => "1 is".to_owned(),
                            n => format!("{n} are"),
                        }
                    ),
                )
                .help(row.about),
            );
            return TExpr::poison(span);
        }
        if typed.iter().any(TExpr::is_poison) {
            return TExpr::poison(span);
        }
        if matches!(
            row.function,
            Function::Rand | Function::Randn | Function::Poisson
        ) && !self.allowed.random
        {
            self.say(
                Diagnostic::error(
                    "random-in-subexpression",
                    span,
                    format!("`{name}()` in a subexpression would give another number at each use"),
                )
                .help("add the flag `(constant over dt)`: drawn once per step"),
            );
            return TExpr::poison(span);
        }
        let Some(dim) = self.call_unit(row, &typed) else {
            return TExpr::poison(span);
        };
        let ty = row.result.unwrap_or_else(|| {
            typed
                .iter()
                .map(|a| a.ty)
                .max()
                .unwrap_or(VarType::Float)
                .max(VarType::Integer)
        });
        TExpr {
            kind: TKind::Call(row.function, typed),
            ty,
            dim,
            span,
        }
    }

    /// `I(t)`, `I(t, i)`
    fn timed(
        &mut self,
        timed: Rc<Timed>,
        dim: Dim,
        name_span: Span,
        args: &[dslsim_syntax::ast::Arg],
        span: Span,
    ) -> TExpr {
        let typed: Vec<TExpr> = args.iter().map(|a| self.expr(&a.value)).collect();
        let name = &timed.name;
        let (count, form) = match timed.columns {
            None => (1, format!("{name}(t)")),
            Some(_) => (2, format!("{name}(t, i)")),
        };
        if typed.len() != count || args.iter().any(|a| a.name.is_some()) {
            self.say(
                Diagnostic::error(
                    "argument-count",
                    name_span,
                    format!(
                        "the timed array `{name}` has {}, so it takes {}",
                        if count == 1 {
                            "one dimension"
                        } else {
                            "two dimensions"
                        },
                        if count == 1 {
                            "a time"
                        } else {
                            "a time and a column"
                        },
                    ),
                )
                .help(format!("write `{form}`")),
            );
            return TExpr::poison(span);
        }
        if typed.iter().any(TExpr::is_poison) {
            return TExpr::poison(span);
        }
        if let Some(t) = typed.first()
            && t.dim != Dim::TIME
            && !t.is_zero()
        {
            self.say(
                Diagnostic::error(
                    "dimension-mismatch",
                    t.span,
                    format!(
                        "the argument of the timed array `{name}` must be a time in second, but this is {}",
                        has_unit(t.dim)
                    ),
                )
                .label(unit(t.dim))
                .help(format!("write `{form}`")),
            );
            return TExpr::poison(span);
        }
        if let Some(i) = typed.get(1)
            && (i.ty != VarType::Integer || !i.dim.is_none())
        {
            self.say(
                Diagnostic::error(
                    "type-mismatch",
                    i.span,
                    format!("the column of the timed array `{name}` must be an integer"),
                )
                .help("write `i`, or `int(…)`"),
            );
            return TExpr::poison(span);
        }
        TExpr {
            kind: TKind::Timed(timed, typed),
            ty: VarType::Float,
            dim,
            span,
        }
    }

    fn call_unit(&mut self, row: &Row, args: &[TExpr]) -> Option<Dim> {
        let wrong_type = args
            .iter()
            .find(|a| a.ty == VarType::Boolean && row.function != Function::Int);
        if let Some(a) = wrong_type {
            self.boolean_arithmetic(a, a.span);
            return None;
        }
        match row.units {
            Units::Pure | Units::Time => {
                let want = if row.units == Units::Time {
                    Dim::TIME
                } else {
                    Dim::NONE
                };
                let wrong = args.iter().find(|a| a.dim != want && !a.is_zero());
                if let Some(a) = wrong {
                    let needs = if want.is_none() {
                        "a pure number (dimensionless)"
                    } else {
                        "a time in second"
                    };
                    self.say(
                        Diagnostic::error(
                            "dimension-mismatch",
                            a.span,
                            format!(
                                "the argument of `{}` must be {needs}, but this is {}",
                                row.name,
                                has_unit(a.dim)
                            ),
                        )
                        .label(unit(a.dim))
                        .help_opt(
                            want.is_none()
                                .then(|| format!("divide it by a quantity in {}", unit(a.dim))),
                        ),
                    );
                    return None;
                }
                Some(Dim::NONE)
            }
            Units::Root => args.first().map(|a| a.dim.sqrt()),
            Units::Drop => Some(Dim::NONE),
            Units::Same => {
                let dim = args
                    .iter()
                    .find(|a| !a.is_zero())
                    .map_or(Dim::NONE, |a| a.dim);
                for a in args {
                    if a.dim != dim && !a.is_zero() {
                        self.say(
                            Diagnostic::error("dimension-mismatch", a.span, format!("the arguments of `{}` need the same unit, but the first is {} and this is {}", row.name, has_unit(dim), has_unit(a.dim)))
                                .label(unit(a.dim)),
                        );
                        return None;
                    }
                }
                Some(dim)
            }
        }
    }
}
