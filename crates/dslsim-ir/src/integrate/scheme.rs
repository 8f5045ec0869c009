//! Explicit schemes, as short texts.
//!
//! A scheme says with Brian2's notation (`ExplicitStateUpdater`) how the new value follows from the old one: `f(x,t)` is the drift,
//! `g(x,t)*dW` the noise, `x` stands for all variables at once. Adding a scheme is adding a row to [`SCHEMES`].
//! `rkf45` is Fehlberg's pair (Computing 6 (1970) 61–71): the fifth-order value, and its difference from the fourth-order one.
//! Sources: Brian2's documentation, "Numerical integration"; Kloeden and Platen 1992 for the stochastic ones. In
//! `heun` the drift is plain Euler, and `milstein` uses `dW**2` (Stratonovich), as Brian2's do.

use std::rc::Rc;

use dslsim_model::code::Ode;
use dslsim_model::expr::Side;
use dslsim_model::variables::VarType;
use dslsim_source::{FileId, Text};
use dslsim_syntax::ast::{BinaryOp, Expr, ExprKind};

use super::linear::{Dependence, split};
use super::{Inapplicable, Method, noises, old_state, set_state};
use crate::kernel::{Access, DrawKind, Type, Unary, Val};
use crate::lower::Lower;

/// What noise a scheme can treat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// None.
    None,
    /// With a factor that depends neither on the state nor on time.
    Additive,
    /// Any, but at most one for each equation and none shared.
    Diagonal,
    /// Any.
    General,
}

/// A scheme.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// Its method.
    pub method: Method,
    /// What noise it can treat.
    pub noise: Noise,
    /// Its statements; they give `x_new`, and an adaptive method's `error`.
    pub text: &'static str,
}

/// All explicit schemes.
pub const SCHEMES: &[Scheme] = &[
    Scheme {
        method: Method::Euler,
        noise: Noise::Additive,
        text: "x_new = x + dt*f(x,t) + g(x,t)*dW",
    },
    Scheme {
        method: Method::Rk2,
        noise: Noise::None,
        text: "k = dt*f(x,t)\nx_new = x + dt*f(x + k/2, t + dt/2)",
    },
    Scheme {
        method: Method::Rk4,
        noise: Noise::None,
        text: "k1 = dt*f(x,t)\nk2 = dt*f(x + k1/2, t + dt/2)\nk3 = dt*f(x + k2/2, t + dt/2)\nk4 = dt*f(x + k3, t + dt)\nx_new = x + (k1 + 2*k2 + 2*k3 + k4)/6",
    },
    Scheme {
        method: Method::Heun,
        noise: Noise::General,
        text: "s = x + g(x,t)*dW\nx_new = x + dt*f(x,t) + 0.5*(g(x,t)*dW + g(s,t + dt)*dW)",
    },
    Scheme {
        method: Method::Milstein,
        noise: Noise::Diagonal,
        text: "s = x + dt*f(x,t) + dt**0.5*g(x,t)\nk = 1/(2*dt**0.5)*(g(s,t) - g(x,t))*dW**2\nx_new = x + dt*f(x,t) + g(x,t)*dW + k",
    },
    Scheme {
        method: Method::Rkf45,
        noise: Noise::None,
        text: "\
k1 = dt*f(x,t)
k2 = dt*f(x + k1/4, t + dt/4)
k3 = dt*f(x + (3*k1 + 9*k2)/32, t + 3*dt/8)
k4 = dt*f(x + (1932*k1 - 7200*k2 + 7296*k3)/2197, t + 12*dt/13)
k5 = dt*f(x + 439*k1/216 - 8*k2 + 3680*k3/513 - 845*k4/4104, t + dt)
k6 = dt*f(x - 8*k1/27 + 2*k2 - 3544*k3/2565 + 1859*k4/4104 - 11*k5/40, t + dt/2)
error = k1/360 - 128*k3/4275 - 2197*k4/75240 + k5/50 + 2*k6/55
x_new = x + 16*k1/135 + 6656*k3/12825 + 28561*k4/56430 - 9*k5/50 + 2*k6/55",
    },
];

/// The scheme of a method.
pub fn find(method: Method) -> &'static Scheme {
    SCHEMES
        .iter()
        .find(|s| s.method == method)
        .unwrap_or(&SCHEMES[0])
}

/// For each variable, for each noise: what the noise is multiplied with.
type Amplitudes = Vec<Vec<Option<Val>>>;

/// A quantity of a scheme.
#[derive(Clone, Debug)]
enum Quantity {
    /// The same for all variables.
    One(Val),
    /// One value for each variable.
    Each(Vec<Val>),
    /// Noise amplitudes: for each variable, for each noise.
    Amplitudes(Amplitudes),
}

struct Stepper<'l, 'a> {
    lower: &'l mut Lower<'a>,
    odes: &'l [Ode],
    scheme: &'static Scheme,
    noises: Vec<Rc<str>>,
    /// Placeholders for `xi`, to split right-hand sides.
    symbols: Vec<Val>,
    /// `sqrt(dt)*randn()` of each noise.
    increments: Vec<Val>,
    names: Vec<(String, Quantity)>,
}

/// New values after a step.
pub(crate) fn step(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    scheme: &'static Scheme,
) -> Result<Vec<Val>, Inapplicable> {
    let names = results(lower, odes, scheme, None)?;
    result(&names, "x_new").ok_or_else(|| internal(odes))
}

/// New values, and their errors, after a step from a time on and of a length that are values of the kernel; without noise.
pub(crate) fn step_and_error(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    scheme: &'static Scheme,
    from: Val,
    length: Val,
) -> Result<(Vec<Val>, Vec<Val>), Inapplicable> {
    let names = results(lower, odes, scheme, Some((from, length)))?;
    match (result(&names, "x_new"), result(&names, "error")) {
        (Some(new), Some(error)) => Ok((new, error)),
        _ => Err(internal(odes)),
    }
}

fn results(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    scheme: &'static Scheme,
    span: Option<(Val, Val)>,
) -> Result<Vec<(String, Quantity)>, Inapplicable> {
    let names = noises(odes);
    let root = if names.is_empty() {
        None
    } else {
        let dt = lower.dt();
        Some(lower.b.unary(Unary::Sqrt, dt))
    };
    let (mut symbols, mut increments) = (Vec::new(), Vec::new());
    for (number, name) in names.iter().enumerate() {
        let draw = lower.draw(DrawKind::Normal);
        // Right-hand sides are split with a symbol for the noise that nothing else depends on: a state that has been
        // moved by the noise is not noise.
        let array = lower
            .layout
            .scratch(lower.object, &format!("noise.symbol{number}"));
        let slot = lower.b.slot(name, array);
        let symbol = lower.b.load(slot, Access::Position, Type::Num);
        lower.noise.insert(name.clone(), symbol);
        symbols.push(symbol);
        increments.push(root.map_or(draw, |root| lower.b.mul(draw, root)));
    }
    let old = old_state(lower, odes);
    let (t, dt) = span.unwrap_or((lower.t(), lower.dt()));
    let known = vec![
        ("x".to_owned(), Quantity::Each(old.clone())),
        ("t".to_owned(), Quantity::One(t)),
        ("dt".to_owned(), Quantity::One(dt)),
    ];
    let mut stepper = Stepper {
        lower,
        odes,
        scheme,
        noises: names,
        symbols,
        increments,
        names: known,
    };
    if span.is_none() {
        stepper.check(&old)?;
    }
    let (statements, _) =
        dslsim_syntax::parse_statements(&Text::verbatim(FileId::default(), 0, scheme.text));
    for statement in &statements {
        let value = stepper.expr(&statement.value)?;
        stepper.names.push((statement.target.name.clone(), value));
    }
    set_state(stepper.lower, odes, &old);
    stepper.lower.time = None;
    Ok(stepper.names)
}

/// A result of a scheme.
fn result(names: &[(String, Quantity)], name: &str) -> Option<Vec<Val>> {
    match names.iter().rev().find(|(n, _)| n == name) {
        Some((_, Quantity::Each(values))) => Some(values.clone()),
        _ => None,
    }
}

fn internal(odes: &[Ode]) -> Inapplicable {
    Inapplicable {
        why: "its scheme is not understood".into(),
        span: odes.first().map_or_else(Default::default, |o| o.span),
        instead: "another method",
    }
}

impl Stepper<'_, '_> {
    /// Drift and noise amplitudes at a state and time.
    fn rates(&mut self, state: &[Val], time: Val) -> Result<(Vec<Val>, Amplitudes), Inapplicable> {
        set_state(self.lower, self.odes, state);
        self.lower.time = Some(time);
        let (mut drift, mut amplitudes) = (Vec::new(), Vec::new());
        let mut dependence = Dependence::default();
        for ode in self.odes {
            let rhs = self.lower.expr(&ode.rhs);
            let rhs = self.held(ode, rhs);
            let linear =
                split(&mut self.lower.b, &mut dependence, rhs, &self.symbols).map_err(|_| {
                    Inapplicable {
                        why: format!(
                            "the noise in the equation of `{}` is not a plain factor",
                            ode.name
                        ),
                        span: ode.rhs.span,
                        instead: "terms of the form `amplitude*xi`",
                    }
                })?;
            drift.push(match linear.rest {
                Some(v) => v,
                None => self.lower.b.num(0.0),
            });
            amplitudes.push(linear.coefficients);
        }
        Ok((drift, amplitudes))
    }

    /// A right-hand side, zero where an adaptive step must not move the variable: otherwise it would judge the error of a
    /// motion that does not take place.
    fn held(&mut self, ode: &Ode, rhs: Val) -> Val {
        if !ode.unless_refractory || self.scheme.method != Method::Rkf45 {
            return rhs;
        }
        let active = self.lower.variable(
            Side::Own,
            self.lower.object,
            &"not_refractory".into(),
            false,
            VarType::Boolean,
        );
        let zero = self.lower.b.num(0.0);
        self.lower.b.select(active, rhs, zero)
    }

    /// Whether the scheme can treat the noise of these equations.
    fn check(&mut self, old: &[Val]) -> Result<(), Inapplicable> {
        if self.noises.is_empty() {
            return Ok(());
        }
        let t = self.lower.t();
        let (_, amplitudes) = self.rates(old, t)?;
        let mut dependence = Dependence::except(&self.lower.steady);
        for (ode, row) in self.odes.iter().zip(&amplitudes) {
            let refuse = |why: String, instead| {
                Err(Inapplicable {
                    why,
                    span: ode.rhs.span,
                    instead,
                })
            };
            if self.scheme.noise == Noise::Additive {
                for a in row.iter().flatten() {
                    if dependence.depends_on_any(&self.lower.b, *a, old)
                        || dependence.depends(&self.lower.b, *a, t)
                    {
                        return refuse(
                            format!(
                                "the noise in the equation of `{}` is multiplicative (its factor depends on the state or on time)",
                                ode.name
                            ),
                            "`heun` or `milstein`",
                        );
                    }
                }
            }
            if self.scheme.noise == Noise::Diagonal && row.iter().flatten().count() > 1 {
                return refuse(
                    format!("the equation of `{}` has several noise terms", ode.name),
                    "`heun`",
                );
            }
        }
        if self.scheme.noise == Noise::Diagonal {
            for k in 0..self.noises.len() {
                let users = amplitudes
                    .iter()
                    .filter(|row| row.get(k).is_some_and(Option::is_some))
                    .count();
                if users > 1 {
                    let span = self.odes.first().map_or_else(Default::default, |o| o.span);
                    return Err(Inapplicable {
                        why: format!("several equations share the noise `{}`", self.noises[k]),
                        span,
                        instead: "`heun`",
                    });
                }
            }
        }
        Ok(())
    }

    fn expr(&mut self, e: &Expr) -> Result<Quantity, Inapplicable> {
        match &e.kind {
            ExprKind::Int(n) => Ok(Quantity::One(self.lower.b.num(*n as f64))),
            ExprKind::Float(x) => Ok(Quantity::One(self.lower.b.num(*x))),
            ExprKind::Name(name) if name == "dW" => {
                // One noise for each equation at the most, or a product with amplitudes (see `binary`).
                let (t, old) = (self.lower.t(), self.names.first().cloned());
                let Some((_, Quantity::Each(old))) = old else {
                    return Err(internal(self.odes));
                };
                let (_, amplitudes) = self.rates(&old, t)?;
                let zero = self.lower.b.num(0.0);
                let own = |row: &Vec<Option<Val>>| {
                    row.iter()
                        .position(Option::is_some)
                        .and_then(|k| self.increments.get(k))
                        .copied()
                        .unwrap_or(zero)
                };
                Ok(Quantity::Each(amplitudes.iter().map(own).collect()))
            }
            ExprKind::Name(name) => self
                .names
                .iter()
                .rev()
                .find(|(n, _)| n == name)
                .map(|(_, q)| q.clone())
                .ok_or_else(|| internal(self.odes)),
            ExprKind::Call(function, args) => {
                let (ExprKind::Name(function), [x, t]) = (&function.kind, args.as_slice()) else {
                    return Err(internal(self.odes));
                };
                let (Quantity::Each(state), Quantity::One(time)) =
                    (self.expr(&x.value)?, self.expr(&t.value)?)
                else {
                    return Err(internal(self.odes));
                };
                let (drift, amplitudes) = self.rates(&state, time)?;
                Ok(if function == "f" {
                    Quantity::Each(drift)
                } else {
                    Quantity::Amplitudes(amplitudes)
                })
            }
            ExprKind::Binary(op, a, b) => {
                let x = self.expr(a)?;
                if let (BinaryOp::Mul, Quantity::Amplitudes(rows), ExprKind::Name(name)) =
                    (op, &x, &b.kind)
                    && name == "dW"
                {
                    return Ok(Quantity::Each(self.noise_sum(rows)));
                }
                let y = self.expr(b)?;
                let (x, y) = (self.plain(x), self.plain(y));
                self.binary(*op, x, y)
            }
            _ => Err(internal(self.odes)),
        }
    }

    /// `g*dW`: the sum over all noises.
    fn noise_sum(&mut self, rows: &[Vec<Option<Val>>]) -> Vec<Val> {
        let mut sums = Vec::with_capacity(rows.len());
        for row in rows {
            let mut sum = self.lower.b.num(0.0);
            for (amplitude, dw) in row.iter().zip(&self.increments) {
                if let Some(a) = amplitude {
                    let term = self.lower.b.mul(*a, *dw);
                    sum = self.lower.b.add(sum, term);
                }
            }
            sums.push(sum);
        }
        sums
    }

    /// Amplitudes as one value for each variable (diagonal noise).
    fn plain(&mut self, q: Quantity) -> Quantity {
        match q {
            Quantity::Amplitudes(rows) => {
                let zero = self.lower.b.num(0.0);
                Quantity::Each(
                    rows.iter()
                        .map(|r| r.iter().flatten().next().copied().unwrap_or(zero))
                        .collect(),
                )
            }
            q => q,
        }
    }

    fn binary(&mut self, op: BinaryOp, x: Quantity, y: Quantity) -> Result<Quantity, Inapplicable> {
        let b = &mut self.lower.b;
        let mut apply = |x: Val, y: Val| match op {
            BinaryOp::Add => b.add(x, y),
            BinaryOp::Sub => b.sub(x, y),
            BinaryOp::Mul => b.mul(x, y),
            BinaryOp::Div => b.div(x, y),
            _ => b.pow(x, y),
        };
        Ok(match (x, y) {
            (Quantity::One(x), Quantity::One(y)) => Quantity::One(apply(x, y)),
            (Quantity::One(x), Quantity::Each(y)) => {
                Quantity::Each(y.into_iter().map(|y| apply(x, y)).collect())
            }
            (Quantity::Each(x), Quantity::One(y)) => {
                Quantity::Each(x.into_iter().map(|x| apply(x, y)).collect())
            }
            (Quantity::Each(x), Quantity::Each(y)) => {
                Quantity::Each(x.into_iter().zip(y).map(|(x, y)| apply(x, y)).collect())
            }
            _ => return Err(internal(self.odes)),
        })
    }
}
