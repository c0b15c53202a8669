//! Between the region's WebSocket and the engine: the same messages, two types that know nothing of each other.

use clinical::TelevisitId;
use contract::Failure;
use media::signalling::{IceServer, Message, PeerState, Role};
use region::Region;
use region::signalling::SignallingEvent;
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::failure::OrFail;

/// The two ends that the engine needs, and the tasks that carry between them.
pub(super) struct Joined {
    pub(super) incoming: mpsc::Receiver<Message>,
    pub(super) outgoing: mpsc::Sender<Message>,
    pub(super) tasks: Vec<JoinHandle<()>>,
}

/// Joins the room of a televisit.
pub(super) fn join(region: &Region, televisit: &TelevisitId) -> Result<Joined, Failure> {
    let mut channel = region.call(televisit).or_fail()?;
    let (to_engine, incoming) = mpsc::channel(64);
    let (outgoing, mut from_engine) = mpsc::channel::<Message>(64);
    let to_region = channel.outgoing.clone();
    let carry_out = tokio::spawn(async move {
        while let Some(message) = from_engine.recv().await {
            let Some(message) = convert(&message) else {
                continue;
            };
            if to_region.send(message).await.is_err() {
                return;
            }
        }
    });
    let carry_in = tokio::spawn(async move {
        // The engine is told who is here by the messages of presence: greeting and presence say the same.
        while let Some(event) = channel.incoming.recv().await {
            let messages: Vec<Message> = match event {
                SignallingEvent::Open { peers, .. } => peers
                    .iter()
                    .filter_map(convert::<_, Role>)
                    .map(|role| Message::Peer {
                        role,
                        state: PeerState::Joined,
                    })
                    .collect(),
                SignallingEvent::Message(message) => convert(&message).into_iter().collect(),
                // The channel mends itself; the engine notices a lost link by its own means.
                SignallingEvent::Lost | SignallingEvent::Unauthorised => Vec::new(),
                SignallingEvent::Refused(_) => return,
            };
            for message in messages {
                if to_engine.send(message).await.is_err() {
                    return;
                }
            }
        }
    });
    Ok(Joined {
        incoming,
        outgoing,
        tasks: vec![carry_out, carry_in],
    })
}

/// The relays as the engine takes them.
pub(crate) fn relays(servers: &region::IceServers) -> Vec<IceServer> {
    servers
        .ice_servers
        .iter()
        .map(|server| IceServer {
            urls: server.urls.clone(),
            username: server.username.clone(),
            credential: server
                .credential
                .as_ref()
                .map(|secret| secret.expose_secret().to_owned()),
        })
        .collect()
}

/// The wire form is the contract: what one type writes the other reads.
fn convert<A: serde::Serialize, B: serde::de::DeserializeOwned>(message: &A) -> Option<B> {
    serde_json::from_value(serde_json::to_value(message).ok()?).ok()
}
