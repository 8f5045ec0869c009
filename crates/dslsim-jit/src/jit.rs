//! The back end itself: from kernels to executable kernels.

use std::sync::Arc;

use cranelift_codegen::isa::{OwnedTargetIsa, TargetIsa};
use dslsim_ir::dense::Buffer;
use dslsim_ir::{Backend, BackendError, Code, Domain, ValidKernel};
use dslsim_math::Level;

use crate::abi::Layout;
use crate::code::{Compiled, Entries};
use crate::dense::Dense;
use crate::module::{Session, native_isa};
use crate::wide::Order;
use crate::{scalar, strip};

/// How kernels become machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JitOptions {
    /// Which vector routines are called; the process's own level if `None`.
    pub level: Option<Level>,
    /// Elements per strip: rounded up to a multiple of eight.
    pub chunk: usize,
    /// Whether kernels over all elements are strip-mined, and functions over lists and ranges calculated for many elements at once; if
    /// not, they are scalar loops.
    pub vector: bool,
}

impl Default for JitOptions {
    fn default() -> Self {
        Self {
            level: None,
            chunk: 256,
            vector: true,
        }
    }
}

/// The back end that makes machine code.
pub struct Jit {
    isa: OwnedTargetIsa,
    options: JitOptions,
}

impl Jit {
    /// With the usual options.
    ///
    /// # Errors
    /// If Cranelift makes no code for this machine.
    pub fn new() -> Result<Self, BackendError> {
        Self::with_options(JitOptions::default())
    }

    /// With these options.
    ///
    /// # Errors
    /// If Cranelift makes no code for this machine.
    pub fn with_options(options: JitOptions) -> Result<Self, BackendError> {
        let chunk = options.chunk.clamp(8, 1 << 12).next_multiple_of(8);
        Ok(Self {
            isa: native_isa()?,
            options: JitOptions { chunk, ..options },
        })
    }

    /// The options in force.
    pub fn options(&self) -> JitOptions {
        self.options
    }

    /// The machine code of a kernel as text.
    ///
    /// # Errors
    /// If it does not compile.
    pub fn listing(&self, kernel: &ValidKernel) -> Result<String, BackendError> {
        let mut session = Session::new(self.isa.clone());
        let added = self.add(&mut session, kernel, true)?;
        Ok(added.listing.unwrap_or_default())
    }

    /// Adds the function of a kernel, and a second one that goes from the last element to the first if that can be.
    fn add(
        &self,
        session: &mut Session,
        kernel: &ValidKernel,
        listing: bool,
    ) -> Result<Added, BackendError> {
        let mut layout = Layout::default();
        let level = self.options.level.unwrap_or_else(dslsim_math::level);
        // The routines of a level that the processor does not have are those of its best; loops would not be.
        let level = level.min(Level::detect());
        let plan = (self.options.vector && kernel.kernel().domain == Domain::All)
            .then(|| strip::plan(kernel, level))
            .flatten();
        let chunk = self.options.chunk;
        let Some(plan) = &plan else {
            let listing = session.define(listing, |builder, _| {
                scalar::emit(builder, kernel, &mut layout)
            })?;
            let dense = self.add_dense(session, kernel, level)?;
            if let Some(dense) = &dense {
                layout.splats.clone_from(&dense.layout.splats);
            }
            return Ok(Added {
                layout,
                listing,
                backward: false,
                dense,
            });
        };
        let forward = session.define(listing, |builder, functions| {
            let order = Order::Forward;
            strip::emit(builder, plan, level, chunk, order, &mut layout, functions)
        })?;
        let backward = plan.goes_backward(level);
        if backward {
            session.define(false, |builder, functions| {
                let order = Order::Backward;
                strip::emit(builder, plan, level, chunk, order, &mut layout, functions)
            })?;
        }
        Ok(Added {
            layout,
            listing: forward,
            backward,
            dense: None,
        })
    }

    /// Adds the body of a kernel over a list or range whose calculations can be done for many elements at once.
    fn add_dense(
        &self,
        session: &mut Session,
        kernel: &ValidKernel,
        level: Level,
    ) -> Result<Option<AddedBody>, BackendError> {
        let Some(split) = dslsim_ir::dense::split(kernel).filter(|_| self.options.vector) else {
            return Ok(None);
        };
        let Some(plan) = strip::plan(&split.body, level) else {
            return Ok(None);
        };
        let mut layout = Layout::default();
        let chunk = self.options.chunk;
        session.define(false, |builder, functions| {
            let order = Order::Forward;
            strip::emit(builder, &plan, level, chunk, order, &mut layout, functions)
        })?;
        Ok(Some(AddedBody {
            layout,
            buffers: split.buffers,
        }))
    }
}

/// The body that has been added for a kernel over a list or range.
struct AddedBody {
    layout: Layout,
    buffers: Vec<Buffer>,
}

/// What has been added for a kernel.
struct Added {
    layout: Layout,
    listing: Option<String>,
    /// Whether there is a second function, which goes backward.
    backward: bool,
    /// The function behind these.
    dense: Option<AddedBody>,
}

impl Backend for Jit {
    fn name(&self) -> &'static str {
        "jit"
    }

    fn compile(&self, kernels: &[&ValidKernel]) -> Result<Vec<Arc<dyn Code>>, BackendError> {
        let mut session = Session::new(self.isa.clone());
        let mut all = Vec::with_capacity(kernels.len());
        for kernel in kernels {
            all.push((
                self.add(&mut session, kernel, false)?,
                kernel.kernel().domain,
            ));
        }
        let (memory, entries) = session.finish()?;
        let mut entries = entries.into_iter();
        let lost = || BackendError("a function of a kernel is not there".into());
        let mut code: Vec<Arc<dyn Code>> = Vec::with_capacity(all.len());
        for (added, domain) in all {
            let forward = entries.next().ok_or_else(lost)?;
            let backward = if added.backward { entries.next() } else { None };
            let dense = match added.dense {
                Some(AddedBody { layout, buffers }) => {
                    let body = entries.next().ok_or_else(lost)?;
                    let chunk = self.options.chunk;
                    Some(Dense::new(body, layout, &buffers, &added.layout, chunk)?)
                }
                None => None,
            };
            let entries = Entries {
                forward,
                backward,
                dense,
            };
            let memory = Arc::clone(&memory);
            code.push(Arc::new(Compiled::new(
                entries,
                added.layout,
                domain,
                memory,
            )));
        }
        Ok(code)
    }
}

/// What makes the machine code: Cranelift's version, the processor's features in use, the vector routines.
pub fn describe() -> String {
    let features = match native_isa() {
        Ok(isa) => features(isa.as_ref()),
        Err(error) => error.to_string(),
    };
    format!(
        "Cranelift {}, {features}; vector routines: {}",
        cranelift_codegen::VERSION,
        dslsim_math::level()
    )
}

fn features(isa: &dyn TargetIsa) -> String {
    let on: Vec<String> = isa
        .isa_flags()
        .iter()
        .filter(|flag| flag.as_bool() == Some(true))
        .map(|flag| flag.name.trim_start_matches("has_").to_owned())
        .collect();
    format!("{} {}", isa.triple().architecture, on.join(" "))
}
