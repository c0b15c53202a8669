//! The hint that something changed at the region (Server-Sent Events). Losing it loses nothing: the cursor of
//! the change feed is the truth.
//!
//! Source: WHATWG HTML, section Server-sent events. Not in it: the polling itself.

use tokio::sync::mpsc;

use crate::ResourceType;

/// Hints, until it is dropped. Reconnects by itself.
#[derive(Debug)]
pub struct EventFeed {
    pub(crate) hints: mpsc::Receiver<Hint>,
    pub(crate) task: tokio::task::JoinHandle<()>,
}

/// What the feed says.
///
/// A region that numbers its events is told the last one that was heard (`Last-Event-ID`) and says what followed; of one
/// that does not, whatever happened while the stream was away is unknown, and the stream opens anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// These types changed: poll them now.
    Changed(Vec<ResourceType>),
    /// The stream is open (again): poll everything once, something may have been missed.
    Open,
    /// The stream was lost; reconnection goes on.
    Lost,
}

impl EventFeed {
    /// The next hint; `None` when the feed ended (logged out).
    pub async fn next(&mut self) -> Option<Hint> {
        self.hints.recv().await
    }
}

impl Drop for EventFeed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::ExposeSecret;

use crate::{Region, RegionError};

/// Longest event that is read.
const EVENT: usize = 64 * 1024;
/// First and longest pause before the stream is asked again.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Hints that wait to be taken; more are dropped, since one poll answers them all.
const WAITING: usize = 64;
const LAST_EVENT_ID: &str = "last-event-id";

impl Region {
    /// Opens the feed of hints for the user who is logged in.
    pub fn events(&self) -> EventFeed {
        let (sender, hints) = mpsc::channel(WAITING);
        let region = self.clone();
        let task = tokio::spawn(async move { keep(region, sender).await });
        EventFeed { hints, task }
    }
}

async fn keep(region: Region, hints: mpsc::Sender<Hint>) {
    let (mut pause, mut last) = (PAUSE.0, String::new());
    loop {
        let opened = std::time::Instant::now();
        match listen(&region, &hints, &mut last).await {
            // Nobody is logged in any more: the feed ends, a login opens another.
            Err(RegionError::Unauthorised) => return,
            Err(error) => tracing::debug!(%error, "the feed of hints was lost"),
            Ok(()) => {}
        }
        if hints.is_closed() {
            return;
        }
        if opened.elapsed() > PAUSE.1 {
            pause = PAUSE.0;
        }
        let _ = hints.try_send(Hint::Lost);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Hears one stream to its end; `last` is the number of the last event, none in the beginning.
async fn listen(region: &Region, hints: &mpsc::Sender<Hint>, last: &mut String) -> Result<(), RegionError> {
    let token = region.access_token().await?;
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| RegionError::Unauthorised)?;
    bearer.set_sensitive(true);
    let mut request = region
        .shared
        .http
        .get(region.url("events")?)
        .header(ACCEPT, "text/event-stream")
        .header(AUTHORIZATION, bearer);
    let resumed = HeaderValue::try_from(last.as_str())
        .ok()
        .filter(|id| !id.is_empty());
    if let Some(id) = &resumed {
        request = request.header(LAST_EVENT_ID, id);
    }
    let response = request
        // The stream has no end; a silence of 30 s ends it (the region sends comments to keep it alive).
        .timeout(Duration::from_secs(24 * 3600))
        .send()
        .await
        .map_err(|e| crate::client::of_transport(&e))?;
    if response.status() == reqwest::StatusCode::UNAUTHORIZED {
        region.renew(&token).await?;
        return Ok(());
    }
    let stream_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if !response.status().is_success() || !stream_type.starts_with("text/event-stream") {
        return Err(RegionError::NotTheRegion);
    }
    if resumed.is_none() {
        let _ = hints.try_send(Hint::Open);
    }
    let mut reader = Reader::default();
    let mut bytes = response.bytes_stream();
    while let Some(chunk) = bytes.next().await {
        let chunk = chunk.map_err(|_| RegionError::Timeout)?;
        for hint in reader.read(&chunk)? {
            if hints.is_closed() {
                return Ok(());
            }
            // Who does not keep up reads everything once, instead of what was dropped.
            if hints.try_send(hint).is_err() {
                last.clear();
            }
        }
        if let Some(id) = reader.last.take() {
            *last = id;
        }
    }
    Ok(())
}

/// Puts the stream's lines together into events.
#[derive(Default)]
struct Reader {
    line: Vec<u8>,
    after_return: bool,
    event: String,
    data: String,
    /// `id` of the event that is being read, and of the last one that was whole.
    id: Option<String>,
    last: Option<String>,
}

impl Reader {
    fn read(&mut self, chunk: &[u8]) -> Result<Vec<Hint>, RegionError> {
        let mut hints = Vec::new();
        for &byte in chunk {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    hints.extend(self.take(&String::from_utf8_lossy(&line)));
                }
                _ => {
                    self.after_return = false;
                    self.line.push(byte);
                }
            }
            if self.line.len() + self.data.len() > EVENT {
                return Err(RegionError::TooLarge);
            }
        }
        Ok(hints)
    }

    fn take(&mut self, line: &str) -> Option<Hint> {
        if line.is_empty() {
            if let Some(id) = self.id.take() {
                self.last = Some(id);
            }
            let (event, data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data));
            return (event == "changed").then(|| changed(&data)).flatten();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.event = value.to_owned(),
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            _ => {}
        }
        None
    }
}

/// The types of a `changed` event; those that this program does not use are left out. No type at all means that
/// something was missed.
fn changed(data: &str) -> Option<Hint> {
    #[derive(serde::Deserialize)]
    struct Changed {
        types: Vec<serde_json::Value>,
    }
    let changed: Changed = serde_json::from_str(data).ok()?;
    if changed.types.is_empty() {
        return Some(Hint::Open);
    }
    let types: Vec<ResourceType> = changed
        .types
        .into_iter()
        .filter_map(|t| serde_json::from_value(t).ok())
        .collect();
    (!types.is_empty()).then_some(Hint::Changed(types))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let stream = b": hello\n\nevent: changed\r\ndata: {\"types\":[\"Task\",\n\ndata: x\nevent: changed\ndata: {\"types\":[\"Task\",\"Basic\",\ndata: \"Appointment\"]}\n\nevent: other\ndata: {}\n\nevent:changed\ndata:{\"types\":[]}\n\n";
        for size in [1, 2, 7, stream.len()] {
            let mut reader = Reader::default();
            let hints: Vec<Hint> = stream
                .chunks(size)
                .flat_map(|c| reader.read(c).unwrap())
                .collect();
            // The second event begins with a stray data line and is not JSON; it is skipped like the cut one.
            assert_eq!(hints, [Hint::Open], "chunks of {size}");
        }
        let mut reader = Reader::default();
        let hints = reader
            .read(b"event: changed\ndata: {\"types\":[\"Task\",\"Basic\",\ndata: \"Appointment\"]}\n\n")
            .unwrap();
        assert_eq!(
            hints,
            [Hint::Changed(vec![ResourceType::Task, ResourceType::Appointment])]
        );
    }

    #[test]
    fn the_number_of_an_event_counts_when_the_event_is_whole() {
        let mut reader = Reader::default();
        reader.read(b"event: changed\nid: 7\ndata: {}\n").unwrap();
        assert_eq!(reader.last, None, "the event may still be lost");
        reader.read(b"\nid: 8\n").unwrap();
        assert_eq!(reader.last.as_deref(), Some("7"));
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut reader = Reader::default();
        assert_eq!(reader.read(&vec![b'a'; EVENT + 1]), Err(RegionError::TooLarge));
    }
}
