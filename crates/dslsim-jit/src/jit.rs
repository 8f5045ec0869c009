//! The back end itself: from kernels to executable kernels.

use std::sync::Arc;

use cranelift_codegen::isa::{OwnedTargetIsa, TargetIsa};
use dslsim_ir::{Backend, BackendError, Code, Domain, ValidKernel};
use dslsim_math::Level;

use crate::abi::Layout;
use crate::code::{Compiled, Entries};
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
    /// Whether kernels over all elements are strip-mined; if not, they are scalar loops.
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
            return Ok(Added {
                layout,
                listing,
                backward: false,
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
        })
    }
}

/// What has been added for a kernel.
struct Added {
    layout: Layout,
    listing: Option<String>,
    /// Whether there is a second function, which goes backward.
    backward: bool,
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
        let code = all.into_iter().map_while(|(added, domain)| {
            let forward = entries.next()?;
            let entry = Entries {
                forward,
                backward: if added.backward { entries.next() } else { None },
            };
            let compiled = Compiled::new(entry, added.layout, domain, Arc::clone(&memory));
            Some(Arc::new(compiled) as Arc<dyn Code>)
        });
        Ok(code.collect())
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
