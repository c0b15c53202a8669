//! `teleconsult_attach`: a file goes with the request, read as a stream into the encrypted store.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use ::teleconsult::request::ATTACHMENTS_LIMIT;
use cache::AuditAction;
use clinical::Sensitive;
use contract::events::Tag;
use contract::teleconsult::{AttachRequest, TeleconsultDraftView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::{draft, file_name, sniff};
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;

impl Core {
    /// `teleconsult_attach`. Without a path the person chooses; who changes their mind gets the draft as it was.
    pub async fn teleconsult_attach(&self, request: AttachRequest) -> Answer<TeleconsultDraftView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.teleconsult_id)?;
        let host = self.inner.host.clone();
        let view = blocking(move || {
            let id = &request.teleconsult_id;
            draft::load(&desk, id)?;
            let path = request.path.map(PathBuf::from).or_else(|| host.choose_file());
            if let Some(path) = path {
                store(&desk, id, &path)?;
            }
            draft::view(&desk, id)
        })
        .await?;
        self.changed(&[Tag::Teleconsult]);
        Ok(view)
    }
}

fn store(desk: &Desk, id: &str, path: &Path) -> Result<(), Failure> {
    let unreadable = |_| Failure::new(ErrorCode::AttachmentUnreadable, "attachment/source");
    let too_large = || Failure::new(ErrorCode::AttachmentTooLarge, "attachment/size");
    let mut file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(Failure::new(
            ErrorCode::AttachmentUnreadable,
            "attachment/not-a-file",
        ));
    }
    let held: u64 = draft::files(desk, id)?.iter().map(|file| file.size).sum();
    let room = ATTACHMENTS_LIMIT.saturating_sub(held);
    if about.len() > room {
        return Err(too_large());
    }
    let mut first = Vec::with_capacity(sniff::ENOUGH);
    (&mut file)
        .take(sniff::ENOUGH as u64)
        .read_to_end(&mut first)
        .map_err(unreadable)?;
    let media_type = sniff::media_type(&first)
        .ok_or_else(|| Failure::new(ErrorCode::AttachmentType, "attachment/type"))?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let name = file_name::shown(path);
    // A file may grow while it is read.
    let mut source = file.take(room.saturating_add(1));
    let now = Timestamp::now();
    let stored = desk
        .store
        .attachments
        .store(id, media_type, Sensitive::new(name), &mut source, now)
        .or_fail()?;
    if stored.size > room {
        desk.store.attachments.discard(&stored.id, now).or_fail()?;
        return Err(too_large());
    }
    desk.accessed(AuditAction::AttachmentAdded, stored.id.as_str())
}
