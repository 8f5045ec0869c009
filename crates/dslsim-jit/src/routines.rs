//! The precompiled routines that machine code calls, with their signatures.
//!
//! They are called by address: the machine code lives in the process that made it.

use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use dslsim_ir::interp::modulo;
use dslsim_ir::kernel::{Fn1, Fn2, Fn3};
use dslsim_math::Level;

/// A routine over one element: arguments and result are doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scalar {
    Fn1(Fn1),
    Fn2(Fn2),
    Fn3(Fn3),
    Mod,
}

/// A routine over a strip: `(dst, src…, n)`; sources and destination are the same memory or disjoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Slice {
    Fn1(Fn1),
    Fn2(Fn2),
    /// With one second argument for all elements.
    Fn2Uniform(Fn2),
    Fn3(Fn3),
    Mod,
    /// `(mask, n, base, out) → count`
    Compact,
}

const P: Type = types::I64;
const F: Type = types::F64;

impl Scalar {
    fn address(self) -> usize {
        match self {
            Scalar::Fn1(f) => f.scalar_ptr() as usize,
            Scalar::Fn2(f) => f.scalar_ptr() as usize,
            Scalar::Fn3(f) => f.scalar_ptr() as usize,
            Scalar::Mod => modulo_scalar as *const () as usize,
        }
    }

    /// Emits a call.
    pub(crate) fn call(self, b: &mut FunctionBuilder<'_>, arguments: &[Value]) -> Option<Value> {
        call(
            b,
            self.address(),
            &vec![F; arguments.len()],
            Some(F),
            arguments,
        )
    }
}

impl Slice {
    fn address(self, level: Level) -> usize {
        match self {
            Slice::Fn1(f) => f.slice(level) as usize,
            Slice::Fn2(f) => f.slice(level) as usize,
            Slice::Fn2Uniform(f) => f.slice_uniform(level) as usize,
            Slice::Fn3(f) => f.slice(level) as usize,
            Slice::Mod => modulo_slice as *const () as usize,
            Slice::Compact => dslsim_math::compact(level) as usize,
        }
    }

    /// Emits a call.
    pub(crate) fn call(
        self,
        b: &mut FunctionBuilder<'_>,
        level: Level,
        arguments: &[Value],
    ) -> Option<Value> {
        let (parameters, result): (&[Type], _) = match self {
            Slice::Fn1(_) => (&[P, P, P], None),
            Slice::Fn2(_) | Slice::Mod => (&[P, P, P, P], None),
            Slice::Fn2Uniform(_) => (&[P, P, F, P], None),
            Slice::Fn3(_) => (&[P, P, P, P, P], None),
            Slice::Compact => (&[P, P, types::I32, P], Some(P)),
        };
        call(b, self.address(level), parameters, result, arguments)
    }
}

fn call(
    b: &mut FunctionBuilder<'_>,
    address: usize,
    parameters: &[Type],
    result: Option<Type>,
    arguments: &[Value],
) -> Option<Value> {
    let mut signature = Signature::new(b.func.signature.call_conv);
    signature
        .params
        .extend(parameters.iter().map(|t| AbiParam::new(*t)));
    signature.returns.extend(result.map(AbiParam::new));
    let signature = b.import_signature(signature);
    let callee = b.ins().iconst(P, address as i64);
    let inst = b.ins().call_indirect(signature, callee, arguments);
    b.inst_results(inst).first().copied()
}

extern "C" fn modulo_scalar(a: f64, b: f64) -> f64 {
    modulo(a, b)
}

/// # Safety
/// `n` values readable at `x` and `y`, writable at `dst`; the same memory or disjoint.
unsafe extern "C" fn modulo_slice(dst: *mut f64, x: *const f64, y: *const f64, n: usize) {
    for i in 0..n {
        // SAFETY: i < n.
        unsafe { dst.add(i).write(modulo(x.add(i).read(), y.add(i).read())) }
    }
}
