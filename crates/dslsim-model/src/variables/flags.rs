//! Flags of equations: which there are, and which equations can have them.

use dslsim_source::{Diagnostic, Diagnostics};
use dslsim_syntax::ast::{Equation, Ident};

use super::{Owner, VarKind};
use crate::words;

/// The flags of an equation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named like its flag")]
pub struct Flags {
    pub unless_refractory: bool,
    pub constant: bool,
    pub shared: bool,
    pub constant_over_dt: bool,
    pub linked: bool,
    pub event_driven: bool,
    pub clock_driven: bool,
    pub summed: bool,
    pub additive: bool,
}

pub(super) fn flags(
    equation: &Equation,
    kind: &VarKind,
    owner: Owner,
    diagnostics: &mut Diagnostics,
) -> Flags {
    let (what, allowed): (&str, &[&str]) = match (kind, owner) {
        (VarKind::Differential(_), Owner::Neurons) => {
            ("a differential equation of neurons", &["unless refractory"])
        }
        (VarKind::Differential(_), Owner::Synapses) => (
            "a differential equation of synapses",
            &["event-driven", "clock-driven"],
        ),
        (VarKind::Parameter, _) => ("a parameter", &["constant", "shared", "linked"]),
        (VarKind::Subexpression(_), Owner::Neurons) => (
            "a subexpression of neurons",
            &["shared", "constant over dt"],
        ),
        (VarKind::Subexpression(_), Owner::Synapses) => (
            "a subexpression of synapses",
            &["summed", "additive", "shared", "constant over dt"],
        ),
    };
    const ALL: &[&str] = &[
        "unless refractory",
        "constant",
        "shared",
        "constant over dt",
        "linked",
        "event-driven",
        "clock-driven",
        "summed",
        "additive",
    ];
    let mut flags = Flags::default();
    for Ident { name, span } in &equation.flags {
        if !ALL.contains(&name.as_str()) {
            let d = Diagnostic::error("unknown-flag", *span, format!("there is no flag `{name}`"));
            diagnostics.push(match words::nearest(name, ALL.iter().copied()) {
                Some(near) => d.help(format!("did you mean `{near}`?")),
                None => d.help(format!("the flags are {}", ALL.join(", "))),
            });
            continue;
        }
        if !allowed.contains(&name.as_str()) {
            diagnostics.push(
                Diagnostic::error(
                    "misplaced-flag",
                    *span,
                    format!(
                        "`{}` is {what}, which cannot have the flag `{name}`",
                        equation.name.name
                    ),
                )
                .help(format!("it can have: {}", allowed.join(", "))),
            );
            continue;
        }
        match name.as_str() {
            "unless refractory" => flags.unless_refractory = true,
            "constant" => flags.constant = true,
            "shared" => flags.shared = true,
            "constant over dt" => flags.constant_over_dt = true,
            "linked" => flags.linked = true,
            "event-driven" => flags.event_driven = true,
            "clock-driven" => flags.clock_driven = true,
            "summed" => flags.summed = true,
            _ => flags.additive = true,
        }
    }
    flags
}
