//! Compaction: from a mask to the list of the elements it marks (spike lists).

use crate::lanes::Lanes;
#[cfg(target_arch = "x86_64")]
use crate::lanes::{V128, V256, V512};
use crate::level::Level;

/// Compaction function `f(mask, n, base, out) -> count`; see [`compact`].
pub type CompactFn =
    unsafe extern "C" fn(mask: *const u64, n: usize, base: u32, out: *mut u32) -> usize;

/// The compaction function for generated code.
///
/// `f(mask, n, base, out)` writes `base + k`, in rising order, for each `k < n` whose mask is
/// all ones (only the top bit is looked at), and returns how many it wrote. `mask` holds `n`
/// readable values of 64 bits; `out` must have room for as many `u32` as there are marks, at most
/// `n`. A level that the processor lacks gives the best one that it has.
#[must_use]
pub fn compact(level: Level) -> CompactFn {
    #[cfg(target_arch = "x86_64")]
    match level.supported() {
        Level::Portable => portable,
        Level::V128 => v128,
        Level::V256 => v256,
        Level::V512 => v512,
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = level;
        portable
    }
}

/// # Safety
/// As for [`compact`].
#[inline(always)]
unsafe fn compact_loop<V: Lanes>(mask: *const u64, n: usize, base: u32, out: *mut u32) -> usize {
    let mask = mask.cast::<f64>();
    let mut count = 0;
    let mut i = 0;
    while i < n {
        let rest = n - i;
        // SAFETY: `rest` values are readable from i on; a part is loaded if that is less than N.
        let marks = unsafe {
            if rest >= V::N {
                V::load(mask.add(i))
            } else {
                V::load_part(mask.add(i), rest)
            }
        };
        let mut bits = V::mask_bits(V::sign_mask(marks));
        while bits != 0 {
            let element = base
                .wrapping_add(i as u32)
                .wrapping_add(bits.trailing_zeros());
            // SAFETY: there is room for every mark.
            unsafe { out.add(count).write(element) };
            count += 1;
            bits &= bits - 1;
        }
        i += V::N;
    }
    count
}

unsafe extern "C" fn portable(mask: *const u64, n: usize, base: u32, out: *mut u32) -> usize {
    // SAFETY: the contract is the caller's.
    unsafe { compact_loop::<f64>(mask, n, base, out) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx,fma")]
unsafe extern "C" fn v128(mask: *const u64, n: usize, base: u32, out: *mut u32) -> usize {
    // SAFETY: the contract is the caller's.
    unsafe { compact_loop::<V128>(mask, n, base, out) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe extern "C" fn v256(mask: *const u64, n: usize, base: u32, out: *mut u32) -> usize {
    // SAFETY: the contract is the caller's.
    unsafe { compact_loop::<V256>(mask, n, base, out) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
unsafe extern "C" fn v512(mask: *const u64, n: usize, base: u32, out: *mut u32) -> usize {
    // SAFETY: the contract is the caller's.
    unsafe { compact_loop::<V512>(mask, n, base, out) }
}
