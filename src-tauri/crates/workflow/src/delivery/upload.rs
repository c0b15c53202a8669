//! Carrying an attachment to the region in pieces: decrypted one piece at a time, never whole in memory nor in the clear on
//! the disk; where it stands is kept after each piece, so that it goes on after a crash of either side.
//!
//! Not in it: the steps of the protocol (`region::upload`), and when an item may leave (`cache::outbox`).

use std::future::Future;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cache::{AttachmentReader, ItemId, OutboxItem, SealedFile};
use clinical::AttachmentId;
use contract::events::Tag;
use jiff::Timestamp;
use region::{FrozenRequest, Problem, Region, RegionError, Reply, Sent, UploadError, UploadPlan, Uploads};

use crate::core::Core;
use crate::desk::Desk;

/// The first piece is small, because nothing is known of the line yet; it is also the smallest.
const FIRST: usize = 256 * 1024;
/// The largest piece: what a killed program sends again, and what is in memory at once.
const LARGEST: usize = 4 * 1024 * 1024;
/// A piece that took less than this may be followed by a larger one.
const QUICK: Duration = Duration::from_secs(2);
/// A piece that took longer than this is followed by a smaller one: silence of 30 seconds ends an exchange.
const SLOW: Duration = Duration::from_secs(10);
/// Times that one run asks again where the upload stands after a piece that did not fit.
const MISSTEPS: u32 = 5;
/// What a region without uploads takes as one Binary; the sandbox's limit and that of stock servers' settings.
const BINARY_LIMIT: u64 = 32 * 1024 * 1024;

/// Whether an upload goes on after a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    GoOn,
    /// A person paused it, or the desk changed.
    Stop,
}

/// How a run ended.
pub(super) enum End {
    /// The region has the whole and has compared it.
    Done,
    /// It was stopped; nothing is wrong.
    Stopped,
    /// The file cannot be read on this PC.
    Unreadable,
    /// The region or the network.
    Failed(UploadError),
}

/// Carries what the region does not have yet. `keep` is told where the upload stands before the first piece and after each.
pub(super) async fn carry<K, F>(
    uploads: &Uploads,
    plan: &UploadPlan,
    known: Option<String>,
    file: &SealedFile,
    mut keep: K,
) -> End
where
    K: FnMut(Option<String>, u64) -> F,
    F: Future<Output = Next>,
{
    let mut known = known;
    let mut missteps = 0;
    loop {
        let began = match known.take() {
            Some(location) => uploads.standing(&location).await.map(|offset| (location, offset)),
            None => uploads
                .create(plan)
                .await
                .map(|found| (found.location, found.offset)),
        };
        let failed = match began {
            Ok((location, offset)) => {
                if keep(Some(location.clone()), offset).await == Next::Stop {
                    return End::Stopped;
                }
                match pieces(uploads, plan, &location, offset, file, &mut keep).await {
                    Ok(end) => return end,
                    // The region says first where it stands; what it threw away is begun anew.
                    Err(error @ (UploadError::Elsewhere | UploadError::Checksum)) => {
                        known = Some(location);
                        error
                    }
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        missteps += 1;
        let again = matches!(
            failed,
            UploadError::Elsewhere | UploadError::Checksum | UploadError::Gone
        );
        if !again || missteps > MISSTEPS {
            return End::Failed(failed);
        }
        if failed == UploadError::Gone && keep(None, 0).await == Next::Stop {
            return End::Stopped;
        }
        tracing::info!(%failed, "an upload asks the region where it stands");
    }
}

async fn pieces<K, F>(
    uploads: &Uploads,
    plan: &UploadPlan,
    location: &str,
    from: u64,
    file: &SealedFile,
    keep: &mut K,
) -> Result<End, UploadError>
where
    K: FnMut(Option<String>, u64) -> F,
    F: Future<Output = Next>,
{
    let mut offset = from;
    if offset >= plan.size {
        return Ok(End::Done);
    }
    let source = file.clone();
    let opened = tokio::task::spawn_blocking(move || source.read_from(from)).await;
    let Ok(Ok(mut reader)) = opened else {
        return Ok(End::Unreadable);
    };
    let mut length = FIRST;
    while offset < plan.size {
        let left = usize::try_from(plan.size - offset).unwrap_or(usize::MAX);
        let Some((back, piece)) = read(reader, length.min(left)).await else {
            return Ok(End::Unreadable);
        };
        reader = back;
        let began = Instant::now();
        offset = uploads.append(location, offset, piece.into()).await?;
        length = match began.elapsed() {
            took if took < QUICK => (length * 2).min(LARGEST),
            took if took > SLOW => (length / 2).max(FIRST),
            _ => length,
        };
        if keep(Some(location.to_owned()), offset).await == Next::Stop && offset < plan.size {
            return Ok(End::Stopped);
        }
    }
    Ok(End::Done)
}

/// One piece, off the network's threads; none when the file ends before it should or is damaged.
async fn read(mut reader: AttachmentReader, length: usize) -> Option<(AttachmentReader, Vec<u8>)> {
    tokio::task::spawn_blocking(move || {
        let mut piece = vec![0; length];
        reader.read_exact(&mut piece).ok()?;
        Some((reader, piece))
    })
    .await
    .ok()
    .flatten()
}

/// The whole has arrived, in the words of a frozen request.
pub(super) fn arrived(plan: &UploadPlan) -> Reply {
    Reply::Done(Sent {
        status: 201,
        id: Some(plan.id.clone()),
        version: None,
        workflow: None,
        found: false,
        body: Vec::new(),
    })
}

/// What became of an upload of the queue.
pub(super) enum Carried {
    /// As a frozen request would have been answered.
    Replied(Reply),
    /// It waits for a person to let it go on.
    Paused,
    /// The file is not readable on this PC.
    ContentLost,
}

impl Core {
    /// Carries the attachment of an item.
    pub(super) async fn carry_attachment(
        &self,
        desk: &Arc<Desk>,
        item: &OutboxItem,
        plan: &UploadPlan,
    ) -> Carried {
        let (worker, id, attachment) = (desk.clone(), item.id, AttachmentId::from(plan.id.as_str()));
        let found = tokio::task::spawn_blocking(move || {
            let known = worker.outbox().upload(id).ok()?;
            let file = worker.store.attachments.sealed(&attachment).ok()?;
            Some((known.location, file))
        })
        .await;
        let Ok(Some((known, file))) = found else {
            return Carried::ContentLost;
        };
        let region = &self.inner.region;
        let mut told: Option<Instant> = None;
        let keep = |location: Option<String>, sent: u64| {
            // A window that asked again after every piece would do nothing else.
            let due = told.is_none_or(|last| last.elapsed() > Duration::from_millis(500));
            if due {
                told = Some(Instant::now());
            }
            self.keep_place(desk.clone(), id, location, sent, due)
        };
        let _awake = self.stay_awake();
        match carry(&region.uploads(), plan, known, &file, keep).await {
            End::Done => Carried::Replied(arrived(plan)),
            End::Stopped => Carried::Paused,
            End::Unreadable => Carried::ContentLost,
            End::Failed(UploadError::NotOffered) => as_binary(region, plan, &file).await,
            End::Failed(UploadError::Region(error)) => Carried::Replied(Reply::of(error)),
            End::Failed(error) => {
                tracing::warn!(%error, "an upload is put off");
                Carried::Replied(Reply::of(RegionError::Garbled))
            }
        }
    }

    async fn keep_place(
        &self,
        desk: Arc<Desk>,
        item: ItemId,
        location: Option<String>,
        sent: u64,
        tell: bool,
    ) -> Next {
        let kept = tokio::task::spawn_blocking(move || {
            desk.outbox().commit(Timestamp::now(), move |step| {
                step.upload_progress(item, location.as_deref(), sent)
            })
        })
        .await;
        if tell {
            self.changed(&[Tag::Queue]);
        }
        match kept {
            Ok(Ok(upload)) if !upload.paused => Next::GoOn,
            // A store that refuses has been closed, or is told by the verbs that meet it.
            _ => Next::Stop,
        }
    }
}

/// A region that takes no uploads in pieces gets the file as one Binary, while that is small enough.
async fn as_binary(region: &Region, plan: &UploadPlan, file: &SealedFile) -> Carried {
    tracing::warn!(
        bytes = plan.size,
        "the region takes no uploads in pieces: the attachment goes as one FHIR Binary"
    );
    if plan.size > BINARY_LIMIT {
        return Carried::Replied(Reply::Refused(Problem::bare(413)));
    }
    let source = file.clone();
    let size = usize::try_from(plan.size).unwrap_or_default();
    let opened = tokio::task::spawn_blocking(move || source.read_from(0)).await;
    let Ok(Ok(reader)) = opened else {
        return Carried::ContentLost;
    };
    let Some((_, bytes)) = read(reader, size).await else {
        return Carried::ContentLost;
    };
    match FrozenRequest::binary(&plan.id, &plan.media_type, bytes) {
        Ok(request) => Carried::Replied(region.send(&request, false).await),
        Err(_) => Carried::ContentLost,
    }
}
