//! The network between workstation and browser: one relay socket for each candidate of the workstation, and one more for each socket
//! of the browser, since answers must find their way back. It can be cut.

use media::signalling::{Candidate, Message};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::UdpSocket;

/// What is lost now.
#[derive(Default)]
struct Loss {
    /// Datagrams lost, in hundredths.
    percent: AtomicU32,
    /// State of a fixed sequence, so that a test loses the same share each time.
    seed: AtomicU32,
}

impl Loss {
    fn hits(&self) -> bool {
        let step = |seed: u32| seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let seed = self
            .seed
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |seed| Some(step(seed)));
        let roll = (step(seed.unwrap_or_default()) >> 16) % 100;
        roll < self.percent.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
pub(crate) struct Network {
    loss: Arc<Loss>,
}

impl Network {
    /// Loses every datagram from here on, or none any more.
    pub(crate) fn cut(&self, cut: bool) {
        self.lose(if cut { 100 } else { 0 });
    }

    /// Loses this share of all datagrams, both ways.
    pub(crate) fn lose(&self, percent: u32) {
        self.loss.percent.store(percent, Ordering::Relaxed);
    }

    /// A message to the browser: candidates of the workstation become those of a relay.
    pub(crate) async fn outward(&self, message: Message) -> Message {
        match message {
            Message::Candidate {
                candidate: Some(candidate),
            } => Message::Candidate {
                candidate: Some(Candidate {
                    candidate: self.relayed(&candidate.candidate).await,
                    ..candidate
                }),
            },
            Message::Description { mut description } => {
                // Candidates inside a description would go past the relay.
                let lines = description
                    .sdp
                    .lines()
                    .filter(|line| !line.starts_with("a=candidate"));
                description.sdp = lines.map(|line| format!("{line}\r\n")).collect();
                Message::Description { description }
            }
            other => other,
        }
    }

    /// A message to the workstation: candidates of the browser are kept back, so that it is found through the relay alone.
    pub(crate) fn inward(&self, message: Message) -> Option<Message> {
        match message {
            Message::Candidate { candidate: Some(_) } => None,
            Message::Description { mut description } => {
                let lines = description
                    .sdp
                    .lines()
                    .filter(|line| !line.starts_with("a=candidate"));
                description.sdp = lines.map(|line| format!("{line}\r\n")).collect();
                Some(Message::Description { description })
            }
            other => Some(other),
        }
    }

    async fn relayed(&self, line: &str) -> String {
        let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if words.len() < 6 || words[2].to_lowercase() != "udp" {
            return line.to_owned();
        }
        let inner: SocketAddr = format!("{}:{}", words[4], words[5]).parse().unwrap();
        let front = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        words[5] = front.local_addr().unwrap().port().to_string();
        tokio::spawn(relay(front, inner, self.loss.clone()));
        words.join(" ")
    }
}

async fn relay(front: Arc<UdpSocket>, inner: SocketAddr, loss: Arc<Loss>) {
    let mut backs: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = [0; 2_048];
    while let Ok((length, from)) = front.recv_from(&mut buffer).await {
        let back = match backs.get(&from) {
            Some(back) => back.clone(),
            None => {
                let back = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
                back.connect(inner).await.unwrap();
                let (front, answers, loss) = (front.clone(), back.clone(), loss.clone());
                tokio::spawn(async move {
                    let mut buffer = [0; 2_048];
                    while let Ok(length) = answers.recv(&mut buffer).await {
                        if !loss.hits() {
                            let _ = front.send_to(&buffer[..length], from).await;
                        }
                    }
                });
                backs.insert(from, back.clone());
                back
            }
        };
        if !loss.hits() {
            let _ = back.send(&buffer[..length]).await;
        }
    }
}
