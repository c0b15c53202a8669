//! Where lists are published: HTTP on loopback, with pages that change and a service that fails.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct State {
    pages: Mutex<HashMap<String, Vec<u8>>>,
    down: AtomicBool,
    ended: AtomicBool,
}

/// Ends when dropped.
pub(crate) struct Publisher {
    address: SocketAddr,
    state: Arc<State>,
}

impl Publisher {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let its_state = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if its_state.ended.load(Ordering::Acquire) {
                    return;
                }
                answer(&stream, &its_state);
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self, page: &str) -> String {
        format!("http://{}/{page}", self.address)
    }

    pub(crate) fn publish(&self, page: &str, text: impl Into<Vec<u8>>) {
        self.state
            .pages
            .lock()
            .unwrap()
            .insert(format!("/{page}"), text.into());
    }

    /// From now on every answer is 503, or no longer.
    pub(crate) fn down(&self, down: bool) {
        self.state.down.store(down, Ordering::Release);
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut stream: &TcpStream, state: &State) {
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(first)) = lines.next() else { return };
    for line in lines.map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
    }
    let page = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let body = state.pages.lock().unwrap().get(&page).cloned();
    let (status, body) = match body {
        _ if state.down.load(Ordering::Acquire) => ("503 Service Unavailable", Vec::new()),
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&body));
}
