//! How much a door allocates at its peak: an allocator that counts, shared with the fuzzer.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Held now, and the most that was held since [`start`].
static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted.
pub(crate) struct Counting;

// SAFETY: every call is handed to the system's allocator as it came.
#[allow(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Begins to count anew; gives back what is held.
pub(crate) fn start() -> usize {
    let held = HELD.load(Ordering::Relaxed);
    MOST.store(held, Ordering::Relaxed);
    held
}

/// The most that was held beyond what [`start`] gave back, in bytes. What OpenSSL allocates is not seen.
pub(crate) fn most(from: usize) -> usize {
    MOST.load(Ordering::Relaxed).saturating_sub(from)
}

/// What a door may hold for an input of this length: what a document may unpack to and the values in it, whatever the input's
/// length, and the copies that are made of the input.
pub(crate) fn allowed(length: usize) -> usize {
    256 * 1024 * 1024 + length.saturating_mul(16)
}
