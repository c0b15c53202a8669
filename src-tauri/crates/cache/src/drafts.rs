//! Drafts: what a clinician types, durable as soon as it is acknowledged.
//!
//! A draft is saved on the revision that was read. If another window or another PC saved meanwhile, neither
//! text is lost: the last one stays, the other is kept beside it as a rival, and the caller is told.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::outbox::{from_millis, millis};
use crate::{Outbox, Step, StoreError};

/// A draft as last saved.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it belongs to.
    pub subject: String,
    /// What kind of form it is.
    pub kind: String,
    /// Revision, to be named when saving again. The first is 1.
    pub revision: i64,
    /// What was typed.
    pub body: Vec<u8>,
    /// When it was saved.
    pub saved_at: Timestamp,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Draft({} revision {}, {} bytes)",
            self.kind,
            self.revision,
            self.body.len()
        )
    }
}

/// A text that was saved on a revision that was no longer the last.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftRival {
    /// The revision that it was typed on.
    pub base_revision: i64,
    /// What was typed.
    pub body: Vec<u8>,
    /// When it was kept.
    pub saved_at: Timestamp,
}

impl std::fmt::Debug for DraftRival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "DraftRival(on revision {}, {} bytes)",
            self.base_revision,
            self.body.len()
        )
    }
}

/// A draft was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DraftSaved {
    /// Revision to name next time.
    pub revision: i64,
    /// When.
    pub saved_at: Timestamp,
}

/// Why a draft was not saved as the last one.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// Somebody saved meanwhile. The text given has been kept as a rival.
    #[error("another revision was saved meanwhile")]
    Conflict {
        /// The revision that stands.
        current: i64,
    },
    /// The store refused; nothing was kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

enum Saved {
    Yes(DraftSaved),
    Rival(i64),
}

impl Outbox {
    /// Saves a draft on the revision that was read (0 when there was none). Durable when it returns.
    pub fn draft_save(
        &self,
        subject: &str,
        kind: &str,
        base_revision: i64,
        body: Vec<u8>,
        now: Timestamp,
    ) -> Result<DraftSaved, DraftError> {
        let (subject, kind) = (subject.to_owned(), kind.to_owned());
        let saved = self.commit(now, move |step| -> Result<Saved, StoreError> {
            let sql = "SELECT revision FROM draft WHERE subject = ?1";
            let current = step.tx.prepare_cached(sql)?.query_row([&subject], |row| row.get::<_, i64>(0)).optional()?;
            let current = current.unwrap_or(0);
            if current != base_revision {
                step.tx.execute(
                    "INSERT INTO draft_rival (subject, base_revision, body, saved_at) VALUES (?1, ?2, ?3, ?4)",
                    params![subject, base_revision, body, millis(step.now)],
                )?;
                return Ok(Saved::Rival(current));
            }
            let revision = current + 1;
            step.tx.prepare_cached(
                "INSERT INTO draft (subject, kind, revision, body, saved_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (subject) DO UPDATE SET kind = ?2, revision = ?3, body = ?4, saved_at = ?5",
            )?
            .execute(params![subject, kind, revision, body, millis(step.now)])?;
            Ok(Saved::Yes(DraftSaved { revision, saved_at: from_millis(millis(step.now))? }))
        })?;
        match saved {
            Saved::Yes(saved) => Ok(saved),
            Saved::Rival(current) => Err(DraftError::Conflict { current }),
        }
    }

    /// The draft of a subject, if there is one.
    pub fn draft_load(&self, subject: &str) -> Result<Option<Draft>, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT subject, kind, revision, body, saved_at FROM draft WHERE subject = ?1";
            let row = db
                .prepare_cached(sql)?
                .query_row([subject], draft_row)
                .optional()?;
            row.map(|(draft, at)| {
                Ok(Draft {
                    saved_at: from_millis(at)?,
                    ..draft
                })
            })
            .transpose()
        })
    }

    /// Every draft of a kind, last saved first.
    pub fn drafts(&self, kind: &str) -> Result<Vec<Draft>, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT subject, kind, revision, body, saved_at FROM draft WHERE kind = ?1 ORDER BY saved_at DESC";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map([kind], draft_row)?;
            rows.map(|row| row.map_err(StoreError::from).and_then(|(d, at)| Ok(Draft { saved_at: from_millis(at)?, ..d })))
                .collect()
        })
    }

    /// Texts that lost the race, oldest first.
    pub fn draft_rivals(&self, subject: &str) -> Result<Vec<DraftRival>, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT base_revision, body, saved_at FROM draft_rival WHERE subject = ?1 ORDER BY id";
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query([subject])?;
            let mut rivals = Vec::new();
            while let Some(row) = rows.next()? {
                let saved_at = from_millis(row.get(2)?)?;
                rivals.push(DraftRival {
                    base_revision: row.get(0)?,
                    body: row.get(1)?,
                    saved_at,
                });
            }
            Ok(rivals)
        })
    }
}

impl Step<'_> {
    /// Saves a draft in the same transaction as what belongs to it, whatever its revision was: for what only this
    /// program writes, such as the trace of an item that was queued.
    pub fn draft_put(&mut self, subject: &str, kind: &str, body: &[u8]) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO draft (subject, kind, revision, body, saved_at) VALUES (?1, ?2, 1, ?3, ?4)
             ON CONFLICT (subject) DO UPDATE SET kind = ?2, revision = revision + 1, body = ?3, saved_at = ?4",
            )?
            .execute(params![subject, kind, body, millis(self.now)])?;
        Ok(())
    }

    /// The draft of a subject, read inside the step: what is frozen is what stands.
    pub fn draft(&self, subject: &str) -> Result<Option<Draft>, StoreError> {
        let sql = "SELECT subject, kind, revision, body, saved_at FROM draft WHERE subject = ?1";
        let row = self
            .tx
            .prepare_cached(sql)?
            .query_row([subject], draft_row)
            .optional()?;
        row.map(|(draft, at)| {
            Ok(Draft {
                saved_at: from_millis(at)?,
                ..draft
            })
        })
        .transpose()
    }

    /// Removes the draft of a subject whose frozen document is stored in this same step, or that its author
    /// threw away. Rivals stay.
    pub fn draft_discard(&mut self, subject: &str) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM draft WHERE subject = ?1", [subject])?;
        Ok(())
    }
}

fn draft_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Draft, i64)> {
    let draft = Draft {
        subject: row.get(0)?,
        kind: row.get(1)?,
        revision: row.get(2)?,
        body: row.get(3)?,
        saved_at: Timestamp::UNIX_EPOCH,
    };
    Ok((draft, row.get(4)?))
}
