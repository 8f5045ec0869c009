//! Imports: accepted for the modules whose names are built in, refused for all others.

use dslsim_source::Diagnostic;
use dslsim_syntax::ast::Import;

use crate::eval::Run;
use crate::fault::Outcome;
use crate::physical;
use crate::value::Value;

/// Modules that may be imported.
const ACCEPTED: [&str; 7] = [
    "brian2",
    "brian2tools",
    "numpy",
    "matplotlib",
    "matplotlib.pyplot",
    "pylab",
    "__future__",
];

impl Run<'_> {
    /// `import numpy as np`, `from brian2 import *`
    pub(crate) fn import(&mut self, import: &Import) -> Outcome<()> {
        let module = import.module.name.as_str();
        let root = module.split('.').next().unwrap_or(module);
        if !ACCEPTED.contains(&module) && !matches!(root, "brian2" | "numpy" | "brian2tools") {
            for (name, alias) in import.names.iter().flatten() {
                self.unknown_binding(&alias.as_ref().unwrap_or(name).name);
            }
            // what `*` or the module would have brought is not known
            self.state.incomplete |= import
                .names
                .as_ref()
                .is_none_or(|names| names.iter().any(|(n, _)| n.name == "*"));
            let said = Diagnostic::error(
                "unknown-import",
                import.module.span,
                format!("cannot import `{module}`: a model file has no modules of its own"),
            );
            return Err(said.help("brian2, numpy, matplotlib.pyplot and brian2tools may be imported; to use another model file, write `include('file.eq')`").into());
        }
        let Some(names) = &import.names else {
            let (name, target) = match &import.alias {
                Some(alias) => (alias.name.as_str(), module),
                None => (root, root),
            };
            self.state
                .aliases
                .insert(name.into(), Value::Module(target.into()));
            return Ok(());
        };
        if module == "__future__" {
            return Ok(());
        }
        if module == physical::MODULE && names.iter().any(|(n, _)| n.name == "*") {
            for name in physical::names() {
                if let Some(value) = physical::constant(name) {
                    self.state.aliases.insert(name.into(), value);
                }
            }
        }
        let mut said = dslsim_source::Diagnostics::new();
        for (name, alias) in names.iter().filter(|(n, _)| n.name != "*") {
            let bound = alias.as_ref().unwrap_or(name).name.clone();
            match self.member(module, &name.name, name.span) {
                Ok(value) => {
                    self.state.aliases.insert(bound, value);
                }
                Err(e) => {
                    said.extend(e);
                    self.unknown_binding(&bound);
                }
            }
        }
        if said.is_empty() { Ok(()) } else { Err(said) }
    }

    fn unknown_binding(&mut self, name: &str) {
        self.state.aliases.insert(name.into(), Value::Unknown(None));
    }
}
