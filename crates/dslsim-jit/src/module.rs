//! Code memory: the one owner of a `JITModule`, and the session that fills it.
//!
//! All kernels of one `compile` call go into one module: memory comes in whole pages. Cranelift leaks a module that is merely
//! dropped, because pointers to its functions may be about; [`Memory`] frees it instead, and every [`crate::code::Compiled`]
//! holds an `Arc` of it, so that no pointer outlives it.

use std::sync::{Arc, Mutex};

use cranelift_codegen::Context;
use cranelift_codegen::ir::{AbiParam, FuncRef, Function, Signature, UserFuncName, types};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, ModuleError, default_libcall_names};
use dslsim_ir::BackendError;

use crate::abi::Entry;
use crate::wide;

/// Owns the memory of the machine code.
pub(crate) struct Memory(Option<JITModule>);

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(module) = self.0.take() {
            // SAFETY: pointers into the module are held only by `Compiled`, together with an `Arc` of this owner, and are
            // used only through a reference to it: as this is dropped, no such function runs or will be called.
            unsafe { module.free_memory() }
        }
    }
}

/// Shared by the kernels of one session. (The mutex makes it `Sync`; nobody ever locks it.)
pub(crate) type SharedMemory = Arc<Mutex<Memory>>;

/// Turns what Cranelift complains about into our error.
pub(crate) fn trouble(what: &str, error: &dyn std::fmt::Debug) -> BackendError {
    BackendError(format!("{what}: {error:?}"))
}

/// The instruction set of this machine. Cranelift's optimiser is off: it hoists constants out of loops and spills them.
pub(crate) fn native_isa() -> Result<OwnedTargetIsa, BackendError> {
    let mut flags = settings::builder();
    let verifier = if cfg!(debug_assertions) {
        "true"
    } else {
        "false"
    };
    let wanted = [
        ("opt_level", "none"),
        ("enable_verifier", verifier),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        ("unwind_info", "false"),
    ];
    for (name, value) in wanted {
        flags
            .set(name, value)
            .map_err(|e| trouble("setting of the code generator", &e))?;
    }
    let isa = cranelift_native::builder()
        .map_err(|e| BackendError(format!("no machine code for this machine: {e}")))?;
    isa.finish(settings::Flags::new(flags))
        .map_err(|e| trouble("code generator", &e))
}

/// Where functions are defined that a kernel calls.
pub(crate) struct Functions<'m> {
    module: &'m mut JITModule,
    /// What they do, if that is wanted.
    pub(crate) listing: Option<String>,
}

impl Functions<'_> {
    /// Adds a loop of [`crate::wide`], and gives its name within the calling function.
    pub(crate) fn define(
        &mut self,
        caller: &mut Function,
        code: &wide::Loop,
    ) -> Result<FuncRef, BackendError> {
        let failed = |e: ModuleError| trouble("a loop did not compile", &e);
        let mut signature = Signature::new(CallConv::SystemV);
        let word = AbiParam::new(types::I64);
        signature.params.extend([word; 5]);
        if code.emits {
            signature.params.push(word);
            signature.returns.push(word);
        }
        if let (Some(all), Some(this)) = (&mut self.listing, &code.listing) {
            all.push_str(this);
        }
        let id = self
            .module
            .declare_anonymous_function(&signature)
            .map_err(failed)?;
        self.module
            .define_function_bytes(id, 64, &code.bytes, &[])
            .map_err(failed)?;
        Ok(self.module.declare_func_in_func(id, caller))
    }
}

/// One `compile` call.
pub(crate) struct Session {
    memory: Memory,
    context: Context,
    builders: FunctionBuilderContext,
    functions: Vec<FuncId>,
}

impl Session {
    pub(crate) fn new(isa: OwnedTargetIsa) -> Self {
        let module = JITModule::new(JITBuilder::with_isa(isa, default_libcall_names()));
        let context = module.make_context();
        Self {
            memory: Memory(Some(module)),
            context,
            builders: FunctionBuilderContext::new(),
            functions: Vec::new(),
        }
    }

    /// Adds a function; `emit` fills its body, beginning in the entry block. Gives the listing if it is wanted.
    pub(crate) fn define(
        &mut self,
        listing: bool,
        emit: impl FnOnce(&mut FunctionBuilder<'_>, &mut Functions<'_>) -> Result<(), BackendError>,
    ) -> Result<Option<String>, BackendError> {
        let Some(module) = &mut self.memory.0 else {
            return Ok(None);
        };
        let failed = |e: ModuleError| trouble("a kernel did not compile", &e);
        module.clear_context(&mut self.context);
        let word = types::I64;
        let signature = &mut self.context.func.signature;
        signature.params.extend([AbiParam::new(word); 6]);
        signature.returns.push(AbiParam::new(word));
        let id = module
            .declare_anonymous_function(signature)
            .map_err(failed)?;
        self.context.func.name = UserFuncName::user(0, id.as_u32());
        self.context.set_disasm(listing);
        let mut builder = FunctionBuilder::new(&mut self.context.func, &mut self.builders);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let mut functions = Functions {
            module,
            listing: listing.then(String::new),
        };
        emit(&mut builder, &mut functions)?;
        let loops = functions.listing;
        builder.seal_all_blocks();
        builder.finalize(module.target_config());
        module
            .define_function(id, &mut self.context)
            .map_err(failed)?;
        self.functions.push(id);
        let vcode = self.context.compiled_code().and_then(|c| c.vcode.clone());
        Ok(vcode.map(|text| text + &loops.unwrap_or_default()))
    }

    /// Makes the code executable: the functions in the order in which they were defined.
    pub(crate) fn finish(mut self) -> Result<(SharedMemory, Vec<Entry>), BackendError> {
        let mut entries = Vec::with_capacity(self.functions.len());
        if let Some(module) = &mut self.memory.0 {
            module
                .finalize_definitions()
                .map_err(|e| trouble("code memory", &e))?;
            for id in &self.functions {
                let address = module.get_finalized_function(*id);
                // SAFETY: the function was defined by `define` with six word parameters and a word as result in the
                // platform's own convention, which is what `Entry` says.
                entries.push(unsafe { std::mem::transmute::<*const u8, Entry>(address) });
            }
        }
        Ok((Arc::new(Mutex::new(self.memory)), entries))
    }
}
