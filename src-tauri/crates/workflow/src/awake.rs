//! What the PC must not fall asleep under: a call, an attachment on its way.
//!
//! Not in it: how a system is kept awake, which is the host's ([`Host::stay_awake`]).

use std::sync::{Arc, Mutex, PoisonError};

use crate::core::Core;
use crate::host::Host;

/// How many need the PC awake now.
pub(crate) struct Awake {
    holders: Mutex<u32>,
    host: Arc<dyn Host>,
}

impl Awake {
    pub(crate) fn new(host: Arc<dyn Host>) -> Arc<Self> {
        Arc::new(Self {
            holders: Mutex::new(0),
            host,
        })
    }

    // The host is told under the lock, so that it hears the last word last.
    fn count(&self, next: impl FnOnce(u32) -> u32) {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *holders;
        *holders = next(before);
        if (before == 0) != (*holders == 0) {
            self.host.stay_awake(*holders > 0);
        }
    }
}

/// The PC stays awake as long as this lives.
pub(crate) struct StayAwake(Arc<Awake>);

impl Drop for StayAwake {
    fn drop(&mut self) {
        self.0.count(|holders| holders.saturating_sub(1));
    }
}

impl Core {
    pub(crate) fn stay_awake(&self) -> StayAwake {
        self.inner.awake.count(|holders| holders.saturating_add(1));
        StayAwake(self.inner.awake.clone())
    }
}
