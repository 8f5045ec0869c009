//! Large arrays on large pages of memory.
//!
//! Statements executed for the synapses onto one neuron touch one element here and one there of arrays of many megabytes. With
//! pages of 4 KiB, finding the page costs as much as fetching the element; with pages of 2 MiB all pages in use are known to
//! the processor. Linux gives them where a program asks, `madvise(2)`, `MADV_HUGEPAGE`. Elsewhere nothing is asked.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator; large blocks ask for large pages.
pub(crate) struct LargePages;

/// From this size on, in bytes: two large pages, so that at least one lies inside.
const LARGE: usize = 4 << 20;

#[cfg(target_os = "linux")]
fn ask(block: *mut u8, size: usize) {
    const PAGE: usize = 4096;
    if size < LARGE || block.is_null() {
        return;
    }
    let skipped = block.align_offset(PAGE);
    let bytes = size.saturating_sub(skipped) / PAGE * PAGE;
    // SAFETY: the pages lie inside a block that has just been allocated, and the advice changes nothing that can be observed. If
    // it is refused, the block is on small pages, as before.
    let _ = unsafe {
        rustix::mm::madvise(
            block.wrapping_add(skipped).cast(),
            bytes,
            rustix::mm::Advice::LinuxHugepage,
        )
    };
}

#[cfg(not(target_os = "linux"))]
fn ask(_: *mut u8, _: usize) {}

// SAFETY: all is done by the system's allocator, to which the caller's promises are passed on.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        let block = unsafe { System.alloc(layout) };
        ask(block, layout.size());
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        let block = unsafe { System.alloc_zeroed(layout) };
        ask(block, layout.size());
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: see above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see above.
        let block = unsafe { System.realloc(block, layout, size) };
        ask(block, size);
        block
    }
}
