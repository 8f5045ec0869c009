//! The strip emitter.
use cranelift_frontend::FunctionBuilder;
use dslsim_ir::{BackendError, ValidKernel};
use dslsim_math::Level;

use crate::abi::Layout;

pub(crate) struct Plan;
pub(crate) fn plan(_: &ValidKernel) -> Option<Plan> {
    None
}
pub(crate) fn emit(_: &mut FunctionBuilder<'_>, _: &Plan, _: Level, _: usize, _: &mut Layout) -> Result<(), BackendError> {
    Ok(())
}
