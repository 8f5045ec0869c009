//! What a model becomes: its objects with their equations, the time step as a table, kernels and machine code.
//!
//! [`show`] executes the model file as a check does, so nothing is simulated, and gathers what its runs would do. All texts are for
//! people; what does not depend on the simulation is what the simulation does. Numbers that only a simulation knows (how many
//! synapses a random rule makes) are missing. Nothing is printed here.

use std::path::Path;
use std::sync::Arc;

use dslsim_ir::{BackendError, ValidKernel};
use dslsim_jit::Jit;
use dslsim_source::{Diagnostics, SourceMap};

use crate::options::Options;
use crate::session::{Files, Nobody, execute};

/// A model, and what there is to say about it.
pub struct Shown {
    /// What a check has found; after an error, objects may be missing.
    pub diagnostics: Diagnostics,
    /// The files that were read.
    pub sources: SourceMap,
    /// What the last run that has an object would do with it.
    pub model: Model,
}

/// What the runs of a model would do.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The objects that take part, in the order in which they were made.
    pub objects: Vec<Object>,
    /// A time step of the last run: what is done, in this order.
    pub schedule: Vec<Step>,
    /// The time step of the default clock, in seconds.
    pub dt: f64,
    /// Bytes of memory for state and recordings, as far as they are known, in all runs.
    pub bytes: f64,
    /// Bytes of recordings of all runs, as far as they are known.
    pub recorded: f64,
    /// Bytes of them that stay in memory.
    pub in_memory: f64,
}

/// An object of the network.
#[derive(Clone, Debug)]
pub struct Object {
    /// The name in messages and results.
    pub name: String,
    /// Its name in the order of execution.
    pub internal: String,
    /// `NeuronGroup` and so on.
    pub class: &'static str,
    /// Neurons, sources or synapses, if the number is known without a simulation.
    pub size: Option<usize>,
    /// Its equations.
    pub equations: Vec<Equation>,
    /// How its differential equations are integrated.
    pub integration: Option<Integration>,
    /// The memory of a synapse.
    pub memory: Option<Memory>,
}

/// What a synapse takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Bytes in any case: its source and target, and the variables that code writes.
    pub bytes: usize,
    /// Variables that take eight bytes more if they differ between synapses, and none if they are the same for all.
    pub unless_alike: Vec<String>,
}

/// An equation.
#[derive(Clone, Debug)]
pub struct Equation {
    /// As written, on one line.
    pub text: String,
    /// The unit of its right side.
    pub unit: String,
    /// The parts of its right side, each once, with their units: whole before part.
    pub parts: Vec<(String, String)>,
}

/// How differential equations are integrated.
#[derive(Clone, Debug)]
pub struct Integration {
    /// The method.
    pub method: &'static str,
    /// Why this one.
    pub why: &'static str,
    /// The variables, in the order of the state.
    pub variables: Vec<String>,
    /// The scheme: new values from old ones, for `x`, all variables at once.
    pub scheme: &'static str,
    /// What is computed for one element in a step, one assignment a line; names that begin with `_` stand for intermediate values.
    pub update: Vec<String>,
}

/// Something that is done in each step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The slot.
    pub slot: String,
    /// The order within the slot.
    pub order: i32,
    /// Its name, which decides between equal orders.
    pub name: String,
    /// The object it belongs to, as in [`Object::name`].
    pub object: String,
    /// The time step of its clock, in seconds.
    pub dt: f64,
    /// The kernels that it executes, one after the other.
    pub kernels: Vec<Kernel>,
}

/// A kernel.
#[derive(Clone, Debug)]
pub struct Kernel {
    pub(crate) code: Arc<ValidKernel>,
    pub(crate) formulas: Vec<String>,
}

impl Kernel {
    /// Its name: that of the operation, or of a part of it.
    pub fn name(&self) -> &str {
        &self.code.kernel().name
    }

    /// What it does for one element, one assignment a line.
    pub fn formulas(&self) -> &[String] {
        &self.formulas
    }

    /// Its instructions as text.
    pub fn text(&self) -> String {
        self.code.kernel().to_string()
    }

    /// Its machine code as text.
    ///
    /// # Errors
    /// If it does not compile.
    pub fn machine_code(&self, jit: &Jit) -> Result<String, BackendError> {
        jit.listing(&self.code)
    }
}

/// What the model file at `path` becomes.
pub fn show(path: &Path, options: Options, files: &dyn Files) -> Shown {
    let options = Options {
        check: true,
        gather: true,
        ..options
    };
    let finished = execute(path, options, files, &mut Nobody);
    Shown {
        diagnostics: finished.diagnostics,
        sources: finished.sources,
        model: finished.model,
    }
}
