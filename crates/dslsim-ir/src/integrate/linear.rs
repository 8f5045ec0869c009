//! Splitting an expression that is linear in some values: `e = Σ cₖ·xₖ + rest`.

use std::collections::{HashMap, HashSet};

use crate::builder::Builder;
use crate::kernel::{Binary, Inst, Unary, Val};

/// Which values depend on which others.
#[derive(Default)]
pub struct Dependence {
    memo: HashMap<(Val, Val), bool>,
    /// Values that count as dependent on nothing.
    steady: HashSet<Val>,
}

impl Dependence {
    /// With values that count as dependent on nothing: they stay the same during a step although `t` stands in them.
    pub fn except(steady: &HashSet<Val>) -> Self {
        Dependence {
            memo: HashMap::new(),
            steady: steady.clone(),
        }
    }

    /// Whether `v` depends on `on`.
    pub fn depends(&mut self, b: &Builder, v: Val, on: Val) -> bool {
        if v == on {
            return true;
        }
        if v < on || self.steady.contains(&v) {
            return false;
        }
        if let Some(known) = self.memo.get(&(v, on)) {
            return *known;
        }
        let mut found = false;
        let mut operands = Vec::new();
        b.inst(v).operands(|o| operands.push(o));
        for o in operands {
            found = found || self.depends(b, o, on);
        }
        self.memo.insert((v, on), found);
        found
    }

    /// Whether `v` depends on one of `on`.
    pub fn depends_on_any(&mut self, b: &Builder, v: Val, on: &[Val]) -> bool {
        on.iter().any(|x| self.depends(b, v, *x))
    }
}

/// The linear form of an expression: one coefficient for each unknown (where it has one), and the rest.
#[derive(Clone, Debug)]
pub struct Linear {
    /// Coefficients, in the order of the unknowns.
    pub coefficients: Vec<Option<Val>>,
    /// What does not depend on the unknowns; `None` is zero.
    pub rest: Option<Val>,
}

/// The expression is not linear in the unknowns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLinear;

/// Splits `v`, linear in `unknowns`.
///
/// # Errors
/// If it is not linear in them, as far as the structure of the expression shows.
pub fn split(
    b: &mut Builder,
    d: &mut Dependence,
    v: Val,
    unknowns: &[Val],
) -> Result<Linear, NotLinear> {
    let none = || vec![None; unknowns.len()];
    if let Some(k) = unknowns.iter().position(|u| *u == v) {
        let mut coefficients = none();
        if let Some(c) = coefficients.get_mut(k) {
            *c = Some(b.num(1.0));
        }
        return Ok(Linear {
            coefficients,
            rest: None,
        });
    }
    if !d.depends_on_any(b, v, unknowns) {
        return Ok(Linear {
            coefficients: none(),
            rest: Some(v),
        });
    }
    match b.inst(v) {
        Inst::Unary(Unary::Neg, x) => {
            let x = split(b, d, x, unknowns)?;
            Ok(each(b, x, |b, c| b.neg(c)))
        }
        Inst::Binary(Binary::Add, x, y) => {
            let (x, y) = (split(b, d, x, unknowns)?, split(b, d, y, unknowns)?);
            Ok(both(b, x, y, |b, x, y| b.add(x, y), |_, y| y))
        }
        Inst::Binary(Binary::Sub, x, y) => {
            let (x, y) = (split(b, d, x, unknowns)?, split(b, d, y, unknowns)?);
            Ok(both(b, x, y, |b, x, y| b.sub(x, y), |b, y| b.neg(y)))
        }
        Inst::Binary(Binary::Mul, x, y) => {
            let (x, y) = match (
                d.depends_on_any(b, x, unknowns),
                d.depends_on_any(b, y, unknowns),
            ) {
                (true, true) => return Err(NotLinear),
                (true, false) => (x, y),
                _ => (y, x),
            };
            let x = split(b, d, x, unknowns)?;
            Ok(each(b, x, |b, c| b.mul(c, y)))
        }
        Inst::Binary(Binary::Div, x, y) => {
            if d.depends_on_any(b, y, unknowns) {
                return Err(NotLinear);
            }
            let x = split(b, d, x, unknowns)?;
            Ok(each(b, x, |b, c| b.div(c, y)))
        }
        Inst::Select(c, x, y) => {
            if d.depends_on_any(b, c, unknowns) {
                return Err(NotLinear);
            }
            let (x, y) = (split(b, d, x, unknowns)?, split(b, d, y, unknowns)?);
            let zero = b.num(0.0);
            let mut choose = |x: Option<Val>, y: Option<Val>| {
                (x.is_some() || y.is_some())
                    .then(|| b.select(c, x.unwrap_or(zero), y.unwrap_or(zero)))
            };
            let coefficients = x
                .coefficients
                .into_iter()
                .zip(y.coefficients)
                .map(|(x, y)| choose(x, y))
                .collect();
            let rest = choose(x.rest, y.rest);
            Ok(Linear { coefficients, rest })
        }
        _ => Err(NotLinear),
    }
}

fn each(b: &mut Builder, x: Linear, mut f: impl FnMut(&mut Builder, Val) -> Val) -> Linear {
    Linear {
        coefficients: x
            .coefficients
            .into_iter()
            .map(|c| c.map(|c| f(b, c)))
            .collect(),
        rest: x.rest.map(|c| f(b, c)),
    }
}

fn both(
    b: &mut Builder,
    x: Linear,
    y: Linear,
    mut f: impl FnMut(&mut Builder, Val, Val) -> Val,
    mut right: impl FnMut(&mut Builder, Val) -> Val,
) -> Linear {
    let mut join = |x: Option<Val>, y: Option<Val>| match (x, y) {
        (Some(x), Some(y)) => Some(f(b, x, y)),
        (Some(x), None) => Some(x),
        (None, Some(y)) => Some(right(b, y)),
        (None, None) => None,
    };
    let coefficients = x
        .coefficients
        .into_iter()
        .zip(y.coefficients)
        .map(|(x, y)| join(x, y))
        .collect();
    let rest = join(x.rest, y.rest);
    Linear { coefficients, rest }
}
