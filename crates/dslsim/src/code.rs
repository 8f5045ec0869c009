//! Machine code by what it does: kernels that differ only in their arrays share it, within a run, between runs, and between
//! the points of a sweep.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dslsim_ir::assemble::Assembled;
use dslsim_ir::{Backend, BackendError, Code, ValidKernel};

/// Code that has been made. It belongs to one back end: the key says nothing about it.
#[derive(Default)]
pub struct CodeCache(Mutex<HashMap<String, Arc<dyn Code>>>);

impl std::fmt::Debug for CodeCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CodeCache").finish_non_exhaustive()
    }
}

impl CodeCache {
    /// Code for each part, in their order: for its stages, its kernel, what repeats it. What is new is compiled in one go.
    ///
    /// # Errors
    /// If the back end cannot make it.
    pub(crate) fn code_for(
        &self,
        parts: &[Assembled],
        backend: &dyn Backend,
    ) -> Result<Vec<Arc<dyn Code>>, BackendError> {
        let kernels: Vec<&ValidKernel> = parts
            .iter()
            .flat_map(|p| p.stages.iter().chain([&p.kernel]).chain(&p.again))
            .map(|k| &**k)
            .collect();
        self.all(&kernels, backend)
    }

    /// Code for one kernel.
    ///
    /// # Errors
    /// If the back end cannot make it.
    pub(crate) fn code(
        &self,
        kernel: &ValidKernel,
        backend: &dyn Backend,
    ) -> Result<Arc<dyn Code>, BackendError> {
        let code = self.all(&[kernel], backend)?.into_iter().next();
        code.ok_or_else(|| BackendError("it has made none".into()))
    }

    fn all(
        &self,
        kernels: &[&ValidKernel],
        backend: &dyn Backend,
    ) -> Result<Vec<Arc<dyn Code>>, BackendError> {
        let keys: Vec<String> = kernels.iter().map(|k| key(k)).collect();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new: Vec<usize> = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            if !known.contains_key(key) && !new.iter().any(|n| keys[*n] == *key) {
                new.push(at);
            }
        }
        let unknown: Vec<&ValidKernel> = new.iter().map(|at| kernels[*at]).collect();
        let code = backend.compile(&unknown)?;
        for (at, code) in new.into_iter().zip(code) {
            known.insert(keys[at].clone(), code);
        }
        Ok(keys.iter().filter_map(|k| known.get(k).cloned()).collect())
    }
}

/// All that code depends on.
fn key(kernel: &ValidKernel) -> String {
    let k = kernel.kernel();
    let written: Vec<bool> = k.arrays.iter().map(|a| a.written).collect();
    format!(
        "{:?} {:?} {written:?} {} {} {}",
        k.domain,
        k.insts,
        k.indices.len(),
        k.scalars.len(),
        k.draws.len()
    )
}
