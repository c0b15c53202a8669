//! How far the region's change feed has been read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Batch, Replica};
use crate::StoreError;
use crate::outbox::{from_millis, millis};

/// Where a feed stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedCursor {
    /// What the region gave to go on from.
    pub cursor: String,
    /// When it was reached: the data are of this moment.
    pub at: Timestamp,
}

impl Batch<'_> {
    /// Moves a feed's cursor, in the same transaction as the rows that it brought.
    pub fn set_cursor(&mut self, feed: &str, cursor: &str) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO feed (name, cursor, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET cursor = ?2, at = ?3",
            )?
            .execute(params![feed, cursor, millis(self.now)])?;
        Ok(())
    }

    /// Forgets a cursor that the region refused: the next read starts from the beginning.
    pub fn forget_cursor(&mut self, feed: &str) -> Result<(), StoreError> {
        self.tx.execute("DELETE FROM feed WHERE name = ?1", [feed])?;
        Ok(())
    }
}

impl Replica {
    /// Where a feed stands; `None` before the first read.
    pub fn cursor(&self, feed: &str) -> Result<Option<FeedCursor>, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT cursor, at FROM feed WHERE name = ?1";
            let row = db
                .prepare_cached(sql)?
                .query_row([feed], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
                })
                .optional()?;
            row.map(|(cursor, at)| {
                Ok(FeedCursor {
                    cursor,
                    at: from_millis(at)?,
                })
            })
            .transpose()
        })
    }
}
