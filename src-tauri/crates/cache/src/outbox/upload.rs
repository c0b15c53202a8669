//! How far the upload of an attachment got: where it stands at the region, what the region took, whether a person paused
//! it. Kept so that a killed program goes on where it was.
//!
//! Not in it: the bytes (`attachments`), and the protocol (`region`).

use rusqlite::{Connection, OptionalExtension, params};

use super::{ItemId, Outbox, Step, millis};
use crate::StoreError;

/// An upload, begun or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upload {
    /// Where it stands at the region, below its base address; none before it was created there.
    pub location: Option<String>,
    /// Bytes that the region took. The region's own word comes first: this is for showing.
    pub sent: u64,
    /// A person paused it.
    pub paused: bool,
}

impl Step<'_> {
    /// An upload as it stands.
    pub fn upload(&self, item: ItemId) -> Result<Upload, StoreError> {
        read(self.tx, item)
    }

    /// Keeps where an upload stands and how far it got. Whether it is paused stays as it was.
    pub fn upload_progress(
        &mut self,
        item: ItemId,
        location: Option<&str>,
        sent: u64,
    ) -> Result<Upload, StoreError> {
        let bytes = i64::try_from(sent).map_err(|_| StoreError::Unreadable("sent"))?;
        self.tx
            .prepare_cached(
                "INSERT INTO upload (item, location, sent, paused, updated_at) VALUES (?1, ?2, ?3, 0, ?4)
                 ON CONFLICT (item) DO UPDATE SET location = ?2, sent = ?3, updated_at = ?4",
            )?
            .execute(params![item.0.to_string(), location, bytes, millis(self.now)])?;
        self.upload(item)
    }

    /// A person pauses an upload or lets it go on.
    pub fn upload_paused(&mut self, item: ItemId, paused: bool) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO upload (item, location, sent, paused, updated_at) VALUES (?1, NULL, 0, ?2, ?3)
                 ON CONFLICT (item) DO UPDATE SET paused = ?2, updated_at = ?3",
            )?
            .execute(params![item.0.to_string(), paused, millis(self.now)])?;
        Ok(())
    }
}

impl Outbox {
    /// An upload as it stands.
    pub fn upload(&self, item: ItemId) -> Result<Upload, StoreError> {
        self.database.read(|db| read(db, item))
    }
}

fn read(db: &Connection, item: ItemId) -> Result<Upload, StoreError> {
    let found = db
        .prepare_cached("SELECT location, sent, paused FROM upload WHERE item = ?1")?
        .query_row([item.0.to_string()], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((location, sent, paused)) = found else {
        return Ok(Upload::default());
    };
    Ok(Upload {
        location,
        sent: u64::try_from(sent).map_err(|_| StoreError::Unreadable("sent"))?,
        paused,
    })
}
