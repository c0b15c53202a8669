//! Keeps the memory of this process, which holds keys and what is being typed, out of core dumps and of other programs' reach.
//!
//! Not in it: the wiping of keys (`keys`), and swap and hibernation, which are the system's disk encryption to protect.

/// First thing in `main`. On Linux the process leaves no core and cannot be attached to by the same account; what it starts
/// (the web view, drivers of cards) leaves no core either. Elsewhere nothing is done: neither Windows nor macOS writes dumps
/// unless set up to.
pub fn keep_out_of_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
        // One byte, not none: a handler to which cores are piped is started at a limit of 0 and not at 1 (core(5)).
        let least = Rlimit {
            current: Some(1),
            maximum: Some(1),
        };
        if setrlimit(Resource::Core, least).is_err() {
            tracing::warn!("the size of core dumps is not limited");
        }
        if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
            tracing::warn!("this process can be dumped");
        }
    }
}
