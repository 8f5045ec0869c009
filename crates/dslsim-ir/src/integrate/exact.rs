//! Exact integration of linear systems `x' = M·x + b` with `M`, `b` constant during a step.
//!
//! `x(t+dt) = E·x(t) + P·b` with `E = exp(M·dt)` and `P = ∫₀^dt exp(M·s) ds`; both are blocks of the exponential of
//! `[[M, I], [0, 0]]·dt` (Van Loan 1978), so that singular and non-diagonalisable systems need no special case. The exponential
//! is numeric. It is computed when the coefficients are known, at the start of a run, per element if they differ between
//! elements. Where a coefficient can change during the run (a statement writes it, it is a function of time), the kernel itself
//! solves the system in each step ([`super::flow`]); so it does for event-driven equations, where the time that passes differs.
//!
//! A variable with `(unless refractory)` stands still for a refractory neuron: then its row of `M` and `b` is zero, and the variables that
//! depend on it follow a second pair of matrices.

use std::rc::Rc;

use dslsim_model::code::Ode;
use dslsim_model::expr::Side;
use dslsim_model::network::ObjectId;
use dslsim_model::variables::VarType;
use dslsim_source::Diagnostic;
use nalgebra::DMatrix;

use super::flow::flow;
use super::linear::{Dependence, Linear, split};
use super::{Inapplicable, generic, old_state};
use crate::kernel::{Access, Domain, Inst, Kernel, Level, Val};
use crate::lower::Lower;
use crate::store::{ArrayId, Store};

/// The matrices of a linear system: computed from coefficients that a kernel writes.
#[derive(Clone, Debug)]
pub struct Propagator {
    /// Whose system it is.
    pub object: ObjectId,
    /// Number of variables.
    pub size: usize,
    /// Writes the coefficients; its domain are the elements (or one, if none of them differs).
    pub coefficients: Kernel,
    /// Row, column, and array of each coefficient that is not zero.
    pub matrix: Vec<(usize, usize, ArrayId)>,
    /// Rows that are zero in this system (variables that stand still).
    pub frozen: Vec<usize>,
    /// Row, column, and array of each entry of `E` that can differ from zero.
    pub e: Vec<(usize, usize, ArrayId)>,
    /// Row, column, and array of each entry of `P` that is used.
    pub p: Vec<(usize, usize, ArrayId)>,
    /// Whether all elements share the coefficients.
    pub uniform: bool,
    /// Arrays that the coefficients read: when one changes, the matrices must be computed again.
    pub inputs: Vec<ArrayId>,
}

impl Propagator {
    /// Computes the matrices for `len` elements from the coefficients that its kernel has written.
    pub fn compute(&self, store: &mut Store, dt: f64, len: usize) {
        let elements = if self.uniform { 1 } else { len };
        let mut last: Option<(Vec<u64>, Matrices)> = None;
        for element in 0..elements {
            let values: Vec<f64> = self
                .matrix
                .iter()
                .map(|(_, _, a)| store.get(*a, element))
                .collect();
            let key: Vec<u64> = values.iter().map(|v| v.to_bits()).collect();
            let (e, p) = match &last {
                Some((k, m)) if *k == key => m.clone(),
                _ => self.exponential(&values, dt),
            };
            for (list, m) in [(&self.e, &e), (&self.p, &p)] {
                for (row, column, array) in list {
                    let value = m[(*row, *column)];
                    if self.uniform {
                        store.fill(*array, value)
                    } else {
                        store.set(*array, element, value)
                    }
                }
            }
            last = Some((key, (e, p)));
        }
    }

    fn exponential(&self, values: &[f64], dt: f64) -> Matrices {
        let n = self.size;
        let mut m = DMatrix::<f64>::zeros(2 * n, 2 * n);
        for ((row, column, _), value) in self.matrix.iter().zip(values) {
            if !self.frozen.contains(row) {
                m[(*row, *column)] = value * dt;
            }
        }
        for k in 0..n {
            m[(k, n + k)] = dt;
        }
        if m.iter().any(|x| !x.is_finite()) {
            let nan = DMatrix::from_element(n, n, f64::NAN);
            return (nan.clone(), nan);
        }
        let exp = expm(&m);
        (
            exp.view((0, 0), (n, n)).into_owned(),
            exp.view((0, n), (n, n)).into_owned(),
        )
    }
}

/// `E` and `P`.
type Matrices = (DMatrix<f64>, DMatrix<f64>);

/// The matrix exponential: Padé approximation of degree 13 with scaling and squaring (Higham 2005).
///
/// Triangular systems (most synaptic models) and large time constants come out to a few units in the last place.
pub fn expm(m: &DMatrix<f64>) -> DMatrix<f64> {
    m.exp()
}

/// The system as `x' = M·x + b`, in terms of values of the kernel.
fn linear_system(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    old: &[Val],
) -> Result<Vec<Linear>, Inapplicable> {
    let mut rows: Vec<Linear> = Vec::new();
    let time = lower.t();
    for ode in odes {
        let not_linear = |why: String| Inapplicable {
            why,
            span: ode.rhs.span,
            instead: "`euler`, `rk2` or `rk4` (or `exponential_euler`)",
        };
        let f = lower.expr(&ode.rhs);
        let mut dependence = Dependence::except(&lower.steady);
        let linear = split(&mut lower.b, &mut dependence, f, old)
            .map_err(|_| not_linear(format!("the equation of `{}` is not linear", ode.name)))?;
        for v in linear.coefficients.iter().flatten().chain(&linear.rest) {
            if dependence.depends(&lower.b, *v, time) {
                return Err(not_linear(format!(
                    "the equation of `{}` depends on `t`",
                    ode.name
                )));
            }
        }
        rows.push(linear);
    }
    let coefficients = rows
        .iter()
        .flat_map(|r| r.coefficients.iter().flatten().chain(&r.rest));
    if coefficients.into_iter().any(|v| reads_random(lower, *v)) {
        return Err(Inapplicable {
            why: "the equations draw random numbers".into(),
            span: odes.first().map_or_else(Default::default, |o| o.span),
            instead: "`euler`",
        });
    }
    Ok(rows)
}

/// New values after a step. `chosen`: whether the user has chosen this method; if not, it applies only where Brian2's does.
pub(crate) fn step(
    lower: &mut Lower<'_>,
    odes: &[Ode],
    chosen: bool,
) -> Result<Vec<Val>, Inapplicable> {
    let old = old_state(lower, odes);
    let rows = linear_system(lower, odes, &old)?;
    if !chosen {
        generic::check(lower, odes, &rows)?;
    }
    let frozen: Vec<usize> = (0..odes.len())
        .filter(|k| odes[*k].unless_refractory)
        .collect();
    let changes = rows
        .iter()
        .flat_map(|r| r.coefficients.iter().flatten())
        .any(|c| changes(lower, *c));
    let solve = |lower: &mut Lower<'_>, frozen: &[usize], name: &str| {
        if changes {
            let dt = lower.dt();
            flow(&mut lower.b, &rows, &old, dt, frozen)
        } else {
            lower.system(odes, &rows, &old, frozen, name)
        }
    };
    let free = solve(lower, &[], "free");
    let reach = |from: &[usize]| reachable(&rows, from);
    let follows: Vec<bool> = (0..odes.len())
        .map(|k| !frozen.contains(&k) && reach(&frozen).contains(&k))
        .collect();
    if !follows.iter().any(|f| *f) {
        return Ok(free);
    }
    let still = solve(lower, &frozen, "refractory");
    let flag: Rc<str> = "not_refractory".into();
    let active = lower.variable(Side::Own, lower.object, &flag, false, VarType::Boolean);
    Ok(free
        .into_iter()
        .zip(still)
        .zip(&follows)
        .map(|((a, b), f)| if *f { lower.b.select(active, a, b) } else { a })
        .collect())
}

/// Brings event-driven variables from a synapse's last event (`lastupdate`) to this one.
pub(crate) fn since_last_event(lower: &mut Lower<'_>, odes: &[Ode]) -> Result<(), Diagnostic> {
    let refuse = |e: Inapplicable| {
        Diagnostic::error(
            "event-driven-not-linear",
            e.span,
            format!("event-driven equations are solved exactly, but {}", e.why),
        )
        .help("make the equation `(clock-driven)`")
    };
    if let Some(span) = super::noise_place(odes) {
        return Err(Diagnostic::error(
            "event-driven-not-linear",
            span,
            "event-driven equations are solved exactly, but this one has noise (`xi`)",
        )
        .help("make the equation `(clock-driven)`"));
    }
    let old = old_state(lower, odes);
    let rows = linear_system(lower, odes, &old).map_err(refuse)?;
    let object = lower.object;
    let last = lower.variable(
        Side::Own,
        object,
        &"lastupdate".into(),
        false,
        VarType::Float,
    );
    let now = lower.t();
    let passed = lower.b.sub(now, last);
    let new = flow(&mut lower.b, &rows, &old, passed, &[]);
    for (ode, value) in odes.iter().zip(new) {
        let place = (Side::Own, object, ode.name.clone());
        lower.assign(place, false, VarType::Float, value);
    }
    Ok(())
}

/// Whether a value can be different in different steps of a run.
fn changes(lower: &Lower<'_>, v: Val) -> bool {
    let mut found = lower.b.level(v) == Level::Step;
    if let Inst::Load(slot, _) | Inst::LoadBool(slot, _) = lower.b.inst(v) {
        found |= lower
            .b
            .array(slot)
            .is_some_and(|array| lower.layout.changes(array));
    }
    found |= matches!(lower.b.inst(v), Inst::Lookup(..));
    lower
        .b
        .inst(v)
        .operands(|o| found = found || changes(lower, o));
    found
}

pub(super) fn reads_random(lower: &Lower<'_>, v: Val) -> bool {
    let mut found = matches!(lower.b.inst(v), Inst::Load(_, Access::Position));
    let mut operands = Vec::new();
    lower.b.inst(v).operands(|o| operands.push(o));
    for o in operands {
        found = found || reads_random(lower, o);
    }
    found
}

/// The variables whose equations depend, directly or not, on those in `from`.
fn reachable(rows: &[Linear], from: &[usize]) -> Vec<usize> {
    let mut reached: Vec<usize> = from.to_vec();
    let mut grew = true;
    while grew {
        grew = false;
        for (k, row) in rows.iter().enumerate() {
            let depends = row
                .coefficients
                .iter()
                .enumerate()
                .any(|(j, c)| c.is_some() && reached.contains(&j));
            if depends && !reached.contains(&k) {
                reached.push(k);
                grew = true;
            }
        }
    }
    reached
}

impl Lower<'_> {
    /// The new values for one set of frozen rows; registers the matrices to be computed.
    fn system(
        &mut self,
        odes: &[Ode],
        rows: &[Linear],
        old: &[Val],
        frozen: &[usize],
        name: &str,
    ) -> Vec<Val> {
        let n = odes.len();
        let prefix = format!("exact.{name}");
        let mut uniform = true;
        let mut coefficients = Vec::new();
        for (row, linear) in rows.iter().enumerate() {
            for (column, c) in linear.coefficients.iter().enumerate() {
                if let Some(c) = c {
                    uniform &= self.b.level(*c) == Level::Run;
                    coefficients.push((row, column, *c));
                }
            }
        }
        // Column j reaches row i where the matrix exponential can differ from zero.
        let reach: Vec<Vec<usize>> = (0..n).map(|j| reachable(rows, &[j])).collect();
        let mut matrix = Vec::new();
        for (row, column, _) in &coefficients {
            matrix.push((
                *row,
                *column,
                self.layout
                    .scratch(self.object, &format!("{prefix}.m{row}.{column}")),
            ));
        }
        let kernel = self.b.extract(
            &format!("{prefix}.coefficients"),
            &coefficients
                .iter()
                .zip(&matrix)
                .map(|((_, _, v), (_, _, a))| (*v, *a))
                .collect::<Vec<_>>(),
        );
        let inputs = kernel
            .arrays
            .iter()
            .filter(|a| !a.written)
            .map(|a| a.array)
            .collect();
        let (mut e, mut p) = (Vec::new(), Vec::new());
        let mut new = Vec::with_capacity(n);
        for row in 0..n {
            if frozen.contains(&row) {
                new.push(old[row]);
                continue;
            }
            let mut sum = None;
            for column in 0..n {
                if !reach[column].contains(&row) {
                    continue;
                }
                for (list, letter, factor) in [
                    (&mut e, 'e', Some(old[column])),
                    (
                        &mut p,
                        'p',
                        rows[column].rest.filter(|_| !frozen.contains(&column)),
                    ),
                ] {
                    let Some(factor) = factor else { continue };
                    let array = self
                        .layout
                        .scratch(self.object, &format!("{prefix}.{letter}{row}.{column}"));
                    list.push((row, column, array));
                    let entry = if uniform {
                        self.b
                            .scalar(crate::kernel::ScalarSource::Uniform(array), Level::Run)
                    } else {
                        let slot = self.b.slot("exact", array);
                        self.b.load(slot, Access::Element, crate::kernel::Type::Num)
                    };
                    let term = self.b.mul(factor, entry);
                    sum = Some(match sum {
                        Some(s) => self.b.add(s, term),
                        None => term,
                    });
                }
            }
            new.push(sum.unwrap_or(old[row]));
        }
        self.propagators.push(Propagator {
            object: self.object,
            size: n,
            coefficients: kernel,
            matrix,
            frozen: frozen.to_vec(),
            e,
            p,
            uniform,
            inputs,
        });
        new
    }
}

/// The domain of a coefficient kernel.
pub const COEFFICIENT_DOMAIN: Domain = Domain::All;
