//! A UDP socket whose datagrams the guard sees, segment by segment.

use super::flight::Guard;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

/// The wrapped socket, a handle for replays, and the guard of its connection.
#[derive(Debug)]
pub(super) struct GuardedSocket {
    inner: Arc<dyn AsyncUdpSocket>,
    aside: Arc<UdpSocket>,
    guard: Arc<Mutex<Guard>>,
}

impl GuardedSocket {
    pub(super) fn new(
        inner: Arc<dyn AsyncUdpSocket>,
        aside: Arc<UdpSocket>,
        guard: Arc<Mutex<Guard>>,
    ) -> Self {
        Self { inner, aside, guard }
    }
}

impl AsyncUdpSocket for GuardedSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn max_gso_segments(&self) -> usize {
        self.inner.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.inner.max_gro_segments()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let sent = self.inner.poll_send(cx, transmit);
        if let Poll::Ready(Ok(_)) = sent {
            let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
            if !guard.is_done() {
                let now = Instant::now();
                let size = transmit.segment_size.unwrap_or(transmit.contents.len()).max(1);
                for segment in transmit.contents.chunks(size) {
                    guard.on_sent(&self.aside, transmit.destination, segment, now);
                }
            }
        }
        sent
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let received = self.inner.poll_recv(cx, bufs, meta);
        if let Poll::Ready(Ok(count)) = received {
            let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
            if !guard.is_done() {
                let now = Instant::now();
                for (buffer, meta) in bufs.iter_mut().zip(meta.iter()).take(count) {
                    let length = meta.len.min(buffer.len());
                    for segment in buffer[..length].chunks_mut(meta.stride.max(1)) {
                        guard.on_received(segment, now);
                    }
                }
            }
        }
        received
    }
}
