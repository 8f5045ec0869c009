//! What a name means: globals, host objects, units, constants, functions; and what was likely meant if nothing.

use dslsim_source::{Diagnostic, Diagnostics, Span};

use crate::eval::Run;
use crate::fault::Outcome;
use crate::functions;
use crate::physical;
use crate::suggest::nearest;
use crate::units;
use crate::value::Value;

/// Numbers with a name.
pub(crate) const CONSTANTS: [(&str, f64); 8] = [
    ("pi", std::f64::consts::PI),
    ("e", std::f64::consts::E),
    ("inf", f64::INFINITY),
    ("Inf", f64::INFINITY),
    ("infty", f64::INFINITY),
    ("nan", f64::NAN),
    ("NaN", f64::NAN),
    ("euler_gamma", 0.577_215_664_901_532_9),
];

/// Modules whose members are the built-in functions, with the names under which they are known without an import.
const MODULES: [(&str, &str); 8] = [
    ("np", "numpy"),
    ("numpy", "numpy"),
    ("plt", "matplotlib.pyplot"),
    ("pylab", "pylab"),
    ("pyplot", "matplotlib.pyplot"),
    ("matplotlib", "matplotlib"),
    ("brian2", "brian2"),
    ("brian2tools", "brian2tools"),
];

/// Types that stand as values: `dtype=int`.
pub(crate) fn constant(name: &str) -> Option<Value> {
    if name == "newaxis" {
        return Some(Value::None);
    }
    CONSTANTS
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, x)| Value::Float(*x))
}

impl Run<'_> {
    /// The value of a name.
    pub(crate) fn name(&mut self, name: &str, span: Span) -> Outcome<Value> {
        if let Some(binding) = self.state.globals.get(name) {
            return Ok(binding.value.clone());
        }
        if let Some(value) = self.state.aliases.get(name) {
            return Ok(value.clone());
        }
        if let Some(value) = self.built_in(name) {
            return Ok(value);
        }
        if let Some((_, module)) = MODULES.iter().find(|(n, _)| *n == name) {
            return Ok(Value::Module((*module).into()));
        }
        if self.state.incomplete {
            // a statement that could not be read may have been meant to bind the name
            return Ok(Value::Unknown(None));
        }
        Err(self.unknown_name(name, span))
    }

    /// What a name means if the file does not bind it.
    pub(crate) fn built_in(&self, name: &str) -> Option<Value> {
        self.host
            .constant_object(name)
            .or_else(|| units::unit(name))
            .or_else(|| constant(name))
            .or_else(|| {
                (functions::find(name).is_some() || self.host.is_function(name))
                    .then(|| Value::Function(name.into()))
            })
    }

    /// `np.x`
    pub(crate) fn member(&self, module: &str, name: &str, span: Span) -> Outcome<Value> {
        if (module == "numpy" && name == "random")
            || (module == "matplotlib" && matches!(name, "pyplot" | "pylab"))
            || (module == "brian2" && name == "numpy")
        {
            return Ok(Value::Module(format!("{module}.{name}")));
        }
        if let ("brian2" | "brian2.units", "units" | "constants") = (module, name) {
            return Ok(Value::Module(format!("{module}.{name}")));
        }
        let found = match (module, name) {
            (physical::MODULE, _) => physical::constant(name),
            ("numpy", "save" | "savez" | "savetxt" | "loadtxt") => None,
            ("numpy", "float64" | "float32" | "double") => Some(Value::Function("float".into())),
            ("numpy", "int64" | "int32") => Some(Value::Function("int".into())),
            ("numpy", "bool_") => Some(Value::Function("bool".into())),
            // a unit may have the name of a function: `plt.bar`
            _ if module.starts_with("matplotlib") && self.host.is_function(name) => {
                Some(Value::Function(name.into()))
            }
            _ => self.built_in(name),
        };
        found.ok_or_else(|| {
            if let Some((message, help)) = self.host.unknown_member(module, name) {
                return Diagnostic::error("unknown-name", span, message)
                    .help(help)
                    .into();
            }
            let said = Diagnostic::error(
                "unknown-name",
                span,
                format!("`{module}.{name}` is not known here"),
            );
            let help = match name {
                "save" | "savez" | "savetxt" => {
                    Some("results are written by `save(name=value)`".to_string())
                }
                "loadtxt" => Some("`np.load` reads `.npy` files".to_string()),
                _ if module == physical::MODULE => {
                    nearest(name, physical::names()).map(|near| format!("did you mean `{near}`?"))
                }
                _ => self
                    .nearest_name(name)
                    .map(|near| format!("did you mean `{near}`?")),
            };
            said.help_opt(help).into()
        })
    }

    /// The name that was likely meant, among globals, functions, constants and units.
    pub(crate) fn nearest_name(&self, name: &str) -> Option<String> {
        let globals = self.state.globals.keys().map(String::as_str);
        if let Some(near) = nearest(name, globals) {
            return Some(near.into());
        }
        if let Some(unit) = dslsim_units::suggest(name) {
            return Some(unit.to_string());
        }
        let host = self.host.function_names();
        let mut known: Vec<&str> = functions::names()
            .chain(CONSTANTS.iter().map(|(n, _)| *n))
            .collect();
        known.extend(["True", "False", "None", "newaxis"]);
        known.extend(host.iter().map(String::as_str));
        nearest(name, known).map(Into::into)
    }

    /// The message about a name that means nothing.
    pub(crate) fn unknown_name(&self, name: &str, span: Span) -> Diagnostics {
        let python = match name {
            "lambda" | "def" | "class" => {
                Some("model files have no functions of their own; use `include` for repeated parts")
            }
            "true" => Some("did you mean `True`?"),
            "false" => Some("did you mean `False`?"),
            "null" | "none" | "nil" => Some("did you mean `None`?"),
            "open" | "exec" | "eval" | "input" | "os" | "sys" => Some(
                "model files cannot reach files or the system; results are written by `save(name=value)`",
            ),
            "SpatialNeuron" | "Morphology" | "Cylinder" | "Section" | "Soma"
            | "network_operation" | "Function" | "implementation" | "check_units" => {
                return Diagnostic::error("not-supported", span, format!("`{name}` is not supported yet"))
                    .help("multicompartment neurons and user functions are not part of this release; use several NeuronGroups coupled by Synapses, or `run_regularly`")
                    .into();
            }
            _ => None,
        };
        let said = Diagnostic::error("unknown-name", span, format!("unknown name `{name}`"));
        if self.host.is_variable(name) {
            return said
                .help(format!(
                    "a variable of a model is named in quotes: `'{name}'`"
                ))
                .into();
        }
        let help = python.map(Into::into).or_else(|| {
            self.nearest_name(name)
                .map(|near| format!("did you mean `{near}`?"))
        });
        said.help_opt(help).into()
    }

    /// Warns of a global name that hides a unit or constant.
    pub(crate) fn warn_shadowed(&mut self, name: &str, span: Span) {
        // abbreviations that Brian2 does not know (`GHz`, `uV`) may have another meaning in a model written for it
        let what = if dslsim_units::lookup(name).is_some() && !dslsim_units::is_extension(name) {
            "the unit"
        } else if CONSTANTS.iter().any(|(n, _)| *n == name) {
            "the constant"
        } else {
            return;
        };
        let kind = if what == "the unit" {
            "unit"
        } else {
            "constant"
        };
        self.state.diagnostics.push(
            Diagnostic::warning("shadowed-name", span, format!("`{name}` hides {what} `{name}`"))
                .label(format!("also the name of a {kind}"))
                .help(format!("in the script the new value counts, inside strings still the {kind}; choose another name")),
        );
    }
}
