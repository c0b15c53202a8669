//! The corpus of the fuzzer, replayed: what it once found stays mended. No panic, no hang, no memory without bound.
//!
//! `fuzz/corpus` holds what the fuzzer kept (small inputs that reach every line it ever reached) and, named for what they did,
//! the inputs that once broke something. All of it is made from files that this project generated.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test crate: a panic is the failure report"
)]

mod bombs;
#[path = "../signatures/document.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod document;
mod doors;
mod memory;
mod seeds;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use doors::{DOORS, Door};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

/// Peaks are of the whole process: one door at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Far more than any input takes on a busy machine; only what never ends meets it.
const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

/// Passes through a door, alone; fails when it panics, hangs, or holds more than it may. Gives back what it held.
pub(crate) fn passes(door: Door, bytes: Vec<u8>, name: &str) -> usize {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let allowed = memory::allowed(bytes.len());
    let (done, ended) = mpsc::channel();
    let before = memory::start();
    let thread = std::thread::spawn(move || {
        door(&bytes);
        let _ = done.send(());
    });
    if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(PATIENCE) {
        panic!("{name} does not end");
    }
    let most = memory::most(before);
    assert!(thread.join().is_ok(), "{name} panics");
    assert!(most <= allowed, "{name} holds {most} bytes, over {allowed}");
    most
}

#[test]
fn what_the_fuzzer_kept_passes_every_door() {
    for (name, door) in DOORS {
        let mut inputs: Vec<PathBuf> = std::fs::read_dir(folder("corpus").join(name))
            .unwrap_or_else(|_| panic!("no corpus for {name}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        inputs.sort();
        assert!(!inputs.is_empty(), "no corpus for {name}");
        for input in &inputs {
            passes(door, std::fs::read(input).unwrap(), &input.display().to_string());
        }
        println!("{name}: {} inputs", inputs.len());
    }
}
