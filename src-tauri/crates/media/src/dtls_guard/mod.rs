//! Keeps the DTLS handshake alive on a network that loses packets.
//!
//! `rtc-dtls` 0.21.1 stops its retransmission timer as soon as any packet of the peer's flight arrives and does not start it again
//! while that flight is incomplete: one lost datagram at the wrong moment, and both ends wait for ever (RFC 6347, section
//! 4.2.4 wants the timer to run until the next flight is complete). Until a release mends it, each peer connection gets a
//! [`Runtime`] of its own, which is the crate's default one but for its UDP sockets: those remember our last flight and send it again,
//! verbatim, while the peer shows that it has not got it. How this goes away is told in decision 0005.
//!
//! What is not here: DTLS itself. Nothing is decrypted, made up or held back; repeats of the peer that would stop the crate's timer are
//! made invisible by an epoch that does not exist. It assumes that everything runs over one association (max-bundle).

mod flight;
mod records;
mod socket;
#[cfg(test)]
mod tests;

use flight::Guard;
use socket::GuardedSocket;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime, default_runtime,
};

/// How often the clock of a guard is looked at.
const TICK: Duration = Duration::from_millis(50);

/// The runtime for one peer connection.
pub(crate) fn runtime() -> Result<Arc<dyn Runtime>, webrtc::error::Error> {
    let inner = default_runtime().ok_or_else(|| io::Error::other("no async runtime"))?;
    Ok(Arc::new(GuardedRuntime::over(inner)))
}

/// The default runtime with guarded sockets.
#[derive(Debug)]
struct GuardedRuntime {
    inner: Arc<dyn Runtime>,
    guard: Arc<Mutex<Guard>>,
}

impl GuardedRuntime {
    fn over(inner: Arc<dyn Runtime>) -> Self {
        Self {
            inner,
            guard: Arc::default(),
        }
    }
}

/// Looks at the clock of a guard until its handshake is done or its connection is gone.
async fn watch(guard: Weak<Mutex<Guard>>, runtime: Arc<dyn Runtime>) {
    loop {
        runtime.sleep(TICK).await;
        let Some(guard) = guard.upgrade() else { return };
        let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
        if guard.is_done() {
            return;
        }
        guard.on_time(Instant::now());
    }
}

impl Runtime for GuardedRuntime {
    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        // Replays go through a handle of their own: polling the wrapped socket from elsewhere would steal the writer's waker.
        let aside = socket.try_clone()?;
        aside.set_nonblocking(true)?;
        let inner = self.inner.wrap_udp_socket(socket)?;
        if self
            .guard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .first_socket()
        {
            self.inner
                .spawn(Box::pin(watch(Arc::downgrade(&self.guard), self.inner.clone())))
                .detach();
        }
        Ok(Arc::new(GuardedSocket::new(
            inner,
            Arc::new(aside),
            self.guard.clone(),
        )))
    }

    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) -> Box<dyn JoinHandle> {
        self.inner.spawn(future)
    }

    fn spawn_reactor(
        &self,
        size: usize,
        future: Pin<Box<dyn Future<Output = ()> + Send>>,
    ) -> Box<dyn JoinHandle> {
        self.inner.spawn_reactor(size, future)
    }

    fn wrap_tcp_listener(&self, listener: std::net::TcpListener) -> io::Result<Arc<dyn AsyncTcpListener>> {
        self.inner.wrap_tcp_listener(listener)
    }

    fn connect_tcp<'a>(
        &'a self,
        remote: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = io::Result<Arc<dyn AsyncTcpStream>>> + Send + 'a>> {
        self.inner.connect_tcp(remote)
    }

    fn resolve_host<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        self.inner.resolve_host(host)
    }

    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> {
        self.inner.sleep(duration)
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        self.inner.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        self.inner.block_on(future);
    }

    fn yield_now(&self) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> {
        self.inner.yield_now()
    }

    fn name(&self) -> &'static str {
        "guarded"
    }
}
