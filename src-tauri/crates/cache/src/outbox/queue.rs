//! The queue's table: what is in it, what comes next, and the only way to change it.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use uuid::Uuid;

use super::item::{ItemId, ItemKind, NewItem, OutboxItem, Progress, Reason, State};
use super::request::stored;
use super::transition::{Event, Jitter, transition};
use super::{Outbox, Step, from_millis, millis};
use crate::StoreError;

/// Which items a sender takes. A large file must not hold what else waits, so uploads have a sender of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Everything.
    All,
    /// Everything but attachments.
    Requests,
    /// Attachments.
    Uploads,
}

impl Lane {
    fn condition(self) -> &'static str {
        match self {
            Self::All => "1 = 1",
            Self::Requests => "i.kind <> 'attachment_upload'",
            Self::Uploads => "i.kind = 'attachment_upload'",
        }
    }
}

/// A line of the queue as a person sees it: no request, no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueLine {
    /// Identity.
    pub id: ItemId,
    /// Order.
    pub seq: i64,
    /// Conversation that it belongs to.
    pub conversation: String,
    /// What it asks.
    pub kind: ItemKind,
    /// What it belongs to.
    pub subject: String,
    /// Where it stands.
    pub state: State,
    /// Attempts so far.
    pub attempts: u32,
    /// Not before.
    pub next_at: Option<Timestamp>,
    /// Why it was quarantined.
    pub reason: Option<Reason>,
    /// The region may already hold it.
    pub ambiguous: bool,
    /// The first item that it waits for: an earlier one of its conversation, or one that it needs.
    pub held_by: Option<ItemId>,
    /// When it was queued.
    pub created_at: Timestamp,
}

const ITEMS: &str = "SELECT i.seq, i.id, i.conversation, i.kind, i.subject, i.state, i.attempts, i.sends, i.ambiguous, \
     i.next_at, i.etag, i.reason, i.receipt, i.created_at, i.updated_at, r.body_hash, r.head, r.body \
     FROM outbox_item i JOIN outbox_request r ON r.seq = i.seq";

const IS_OPEN: &str = "i.state NOT IN ('confirmed', 'cancelled')";

const NOT_PAUSED: &str = "NOT EXISTS (SELECT 1 FROM upload u WHERE u.item = i.id AND u.paused = 1)";

/// While one item waits for a login the others would be refused as well.
const LOGIN_HOLDS: &str = "NOT EXISTS (SELECT 1 FROM outbox_item p INDEXED BY outbox_item_state \
     WHERE p.state = 'paused_auth' AND p.state NOT IN ('confirmed', 'cancelled'))";

const EARLIER: &str =
    "e.conversation = i.conversation AND e.seq < i.seq AND e.state NOT IN ('confirmed', 'cancelled')";

impl Step<'_> {
    /// Queues a request.
    pub fn enqueue(&mut self, new: NewItem) -> Result<OutboxItem, StoreError> {
        let id = ItemId::new();
        let state = if new.awaiting_signature {
            State::AwaitingSignature
        } else {
            State::Ready
        };
        let (now, body_hash) = (from_millis(millis(self.now))?, new.request.body_hash());
        self.tx
            .prepare_cached("INSERT INTO outbox_request (head, body_hash, body) VALUES (?1, ?2, ?3)")?
            .execute(params![new.request.head()?, body_hash, new.request.body])?;
        let seq = self.tx.last_insert_rowid();
        self.tx.prepare_cached(
            "INSERT INTO outbox_item (id, seq, conversation, kind, subject, state, attempts, sends, ambiguous, etag, created_at,
                                      updated_at)
             VALUES (:id, :seq, :conversation, :kind, :subject, :state, 0, 0, 0, :etag, :now, :now)",
        )?
        .execute(named_params! {
            ":id": id.0.to_string(), ":seq": seq, ":conversation": new.conversation, ":kind": new.kind.as_str(),
            ":subject": new.subject, ":state": state.as_str(), ":etag": new.etag, ":now": millis(now),
        })?;
        for needed in &new.depends_on {
            self.tx
                .prepare_cached("INSERT OR IGNORE INTO outbox_dependency (item, needs) VALUES (?1, ?2)")?
                .execute(params![id.0.to_string(), needed.0.to_string()])?;
        }
        let mut depends_on = new.depends_on;
        depends_on.sort_unstable();
        depends_on.dedup();
        Ok(OutboxItem {
            id,
            seq,
            conversation: new.conversation,
            kind: new.kind,
            subject: new.subject,
            depends_on,
            request: new.request,
            body_hash,
            progress: Progress::new(state, new.etag),
            created_at: now,
            updated_at: now,
        })
    }

    /// Reads an item.
    pub fn item(&self, id: ItemId) -> Result<OutboxItem, StoreError> {
        item(self.tx, id)
    }

    /// Tells an item what happened to it. A refused event changes nothing.
    pub fn apply(&mut self, id: ItemId, event: Event, jitter: Jitter) -> Result<OutboxItem, StoreError> {
        let before = item(self.tx, id)?;
        self.apply_to(before, event, jitter)
    }

    fn apply_to(
        &mut self,
        mut item: OutboxItem,
        event: Event,
        jitter: Jitter,
    ) -> Result<OutboxItem, StoreError> {
        let mut after = transition(&item, &event, self.now, jitter)?;
        after.next_at = after.next_at.map(millis).map(from_millis).transpose()?;
        item.progress = after;
        item.updated_at = from_millis(millis(self.now))?;
        self.write_progress(&item)?;
        if let Event::Signed { request } | Event::Revised { request, .. } = event {
            item.body_hash = request.body_hash();
            item.request = request;
            self.tx
                .prepare_cached(
                    "UPDATE outbox_request SET head = ?2, body_hash = ?3, body = ?4 WHERE seq = ?1",
                )?
                .execute(params![
                    item.seq,
                    item.request.head()?,
                    item.body_hash,
                    item.request.body
                ])?;
        }
        Ok(item)
    }

    /// Withdraws an item that was never sent, and with it everything that needs it.
    pub fn cancel(&mut self, id: ItemId) -> Result<Vec<ItemId>, StoreError> {
        let mut withdrawn: Vec<ItemId> = Vec::new();
        let mut left = vec![id];
        while let Some(next) = left.pop() {
            if withdrawn.contains(&next) {
                continue;
            }
            let state = item(self.tx, next)?.progress.state;
            if next == id || !state.is_final() {
                self.apply(next, Event::Cancelled, Jitter(0))?;
                withdrawn.push(next);
            }
            let mut statement = self
                .tx
                .prepare_cached("SELECT item FROM outbox_dependency WHERE needs = ?1")?;
            let rows = statement.query_map([next.0.to_string()], |row| row.get::<_, String>(0))?;
            for row in rows {
                left.push(item_id(&row?)?);
            }
        }
        Ok(withdrawn)
    }

    /// Takes the next item that may leave, if there is one, and marks it as being sent.
    pub fn take_next(&mut self) -> Result<Option<OutboxItem>, StoreError> {
        self.take_next_of(Lane::All)
    }

    /// Takes the next item of a lane that may leave.
    pub fn take_next_of(&mut self, lane: Lane) -> Result<Option<OutboxItem>, StoreError> {
        match next_due(self.tx, lane, self.now)? {
            Some(due) => self.apply_to(due, Event::Taken, Jitter(0)).map(Some),
            None => Ok(None),
        }
    }

    /// After a new login: everything that waited for one may leave. Returns how many.
    pub fn logged_in(&mut self) -> Result<usize, StoreError> {
        self.apply_to_all(State::PausedAuth, &Event::LoggedIn)
    }

    /// At start-up: what was being sent when the program ended may have arrived. Returns how many.
    pub fn restarted(&mut self) -> Result<usize, StoreError> {
        self.apply_to_all(State::Sending, &Event::Restarted)
    }

    fn apply_to_all(&mut self, state: State, event: &Event) -> Result<usize, StoreError> {
        let ids = {
            let mut statement = self
                .tx
                .prepare_cached("SELECT id FROM outbox_item WHERE state = ?1 ORDER BY seq")?;
            let rows = statement.query_map([state.as_str()], |row| row.get::<_, String>(0))?;
            rows.map(|row| item_id(&row?))
                .collect::<Result<Vec<_>, StoreError>>()?
        };
        for id in &ids {
            self.apply(*id, event.clone(), Jitter(0))?;
        }
        Ok(ids.len())
    }

    fn write_progress(&self, item: &OutboxItem) -> Result<(), StoreError> {
        let p = &item.progress;
        self.tx.prepare_cached(
            "UPDATE outbox_item SET state = :state, attempts = :attempts, sends = :sends, ambiguous = :ambiguous,
                    next_at = :next_at, etag = :etag, reason = :reason, receipt = :receipt, updated_at = :now
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": item.id.0.to_string(), ":state": p.state.as_str(), ":attempts": p.attempts, ":sends": p.sends,
            ":ambiguous": p.ambiguous, ":next_at": p.next_at.map(millis), ":etag": p.etag,
            ":reason": p.reason.map(Reason::as_str), ":receipt": p.receipt, ":now": millis(item.updated_at),
        })?;
        Ok(())
    }
}

impl Outbox {
    /// The item that may leave now: its conversation's first, with everything it needs confirmed. None while a
    /// new login is awaited.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<OutboxItem>, StoreError> {
        self.database.read(|db| next_due(db, Lane::All, now))
    }

    /// When the sender should look again, if nothing is due before: the wake-up is derived, never remembered.
    pub fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        self.next_wake_of(Lane::All)
    }

    /// When the sender of a lane should look again. What a person paused wakes nobody, and nothing does before an awaited
    /// login: the login itself wakes the sender.
    pub fn next_wake_of(&self, lane: Lane) -> Result<Option<Timestamp>, StoreError> {
        self.database.read(|db| {
            let sql = format!(
                "SELECT min(i.next_at) FROM outbox_item i
                 WHERE i.state = 'waiting' AND {IS_OPEN} AND {} AND {NOT_PAUSED} AND {LOGIN_HOLDS}",
                lane.condition()
            );
            let at: Option<i64> = db.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
            at.map(from_millis).transpose()
        })
    }

    /// Takes the next item that may leave: [`Step::take_next`] alone in a transaction.
    pub fn take_next(&self, now: Timestamp) -> Result<Option<OutboxItem>, StoreError> {
        self.commit(now, |step| step.take_next())
    }

    /// Takes the next item of a lane: [`Step::take_next_of`] alone in a transaction.
    pub fn take_next_of(&self, lane: Lane, now: Timestamp) -> Result<Option<OutboxItem>, StoreError> {
        self.commit(now, move |step| step.take_next_of(lane))
    }

    /// Tells an item what happened to it: [`Step::apply`] alone in a transaction.
    pub fn apply(
        &self,
        id: ItemId,
        event: Event,
        now: Timestamp,
        jitter: Jitter,
    ) -> Result<OutboxItem, StoreError> {
        self.commit(now, move |step| step.apply(id, event, jitter))
    }

    /// An item, with its request and its receipt.
    pub fn item(&self, id: ItemId) -> Result<OutboxItem, StoreError> {
        self.database.read(|db| item(db, id))
    }

    /// Where an item stands, without reading its request.
    pub fn item_state(&self, id: ItemId) -> Result<State, StoreError> {
        self.database.read(|db| {
            let sql = "SELECT state FROM outbox_item WHERE id = ?1";
            let found: String = db
                .prepare_cached(sql)?
                .query_row([id.0.to_string()], |row| row.get(0))?;
            state(&found)
        })
    }

    /// The items of a conversation that are neither confirmed nor withdrawn, in order.
    pub fn open_items(&self, conversation: &str) -> Result<Vec<OutboxItem>, StoreError> {
        self.database.read(|db| {
            let sql = format!("{ITEMS} WHERE i.conversation = ?1 AND {IS_OPEN} ORDER BY i.seq");
            collect(db, &sql, conversation)
        })
    }

    /// Every item of a subject, in order, confirmed ones too. Walks the whole table: for proofs, not for a screen.
    pub fn items_of(&self, subject: &str) -> Result<Vec<OutboxItem>, StoreError> {
        self.database.read(|db| {
            let sql = format!("{ITEMS} WHERE i.subject = ?1 ORDER BY i.seq");
            collect(db, &sql, subject)
        })
    }

    /// Everything that has not been confirmed or withdrawn, in order.
    pub fn queue(&self) -> Result<Vec<QueueLine>, StoreError> {
        self.database.read(queue_lines)
    }
}

pub(crate) fn queue_lines(db: &Connection) -> Result<Vec<QueueLine>, StoreError> {
    let sql = format!(
        "SELECT i.id, i.seq, i.conversation, i.kind, i.subject, i.state, i.attempts, i.next_at, i.reason, i.ambiguous,
                i.created_at,
                coalesce((SELECT e.id FROM outbox_item e WHERE {EARLIER} ORDER BY e.seq LIMIT 1),
                         (SELECT n.id FROM outbox_dependency d JOIN outbox_item n ON n.id = d.needs
                          WHERE d.item = i.id AND n.state <> 'confirmed' ORDER BY n.seq LIMIT 1))
         FROM outbox_item i WHERE {IS_OPEN} ORDER BY i.seq"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let held_by: Option<String> = row.get(11)?;
        lines.push(QueueLine {
            id: item_id(&row.get::<_, String>(0)?)?,
            seq: row.get(1)?,
            conversation: row.get(2)?,
            kind: row.get::<_, String>(3)?.into(),
            subject: row.get(4)?,
            state: state(&row.get::<_, String>(5)?)?,
            attempts: row.get(6)?,
            next_at: row.get::<_, Option<i64>>(7)?.map(from_millis).transpose()?,
            reason: reason(row.get(8)?)?,
            ambiguous: row.get(9)?,
            created_at: from_millis(row.get(10)?)?,
            held_by: held_by.as_deref().map(item_id).transpose()?,
        });
    }
    Ok(lines)
}

fn next_due(db: &Connection, lane: Lane, now: Timestamp) -> Result<Option<OutboxItem>, StoreError> {
    let first = |condition: &str| {
        let sql = format!(
            "SELECT i.seq, i.id FROM outbox_item i INDEXED BY outbox_item_state
             WHERE {condition} AND {IS_OPEN}
               AND i.kind IN ('fhir_create', 'fhir_update', 'fhir_transaction', 'gateway_validate', 'gateway_publish',
                              'gateway_validate_and_create', 'attachment_upload', 'audit_anchor')
               AND {} AND {NOT_PAUSED}
               AND NOT EXISTS (SELECT 1 FROM outbox_item e WHERE {EARLIER})
               AND NOT EXISTS (SELECT 1 FROM outbox_dependency d JOIN outbox_item n ON n.id = d.needs
                               WHERE d.item = i.id AND n.state <> 'confirmed')
               AND {LOGIN_HOLDS}
             ORDER BY i.seq LIMIT 1",
            lane.condition()
        );
        db.prepare_cached(&sql)?
            .query_row(named_params! {":now": millis(now)}, |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            })
            .optional()
    };
    // Each by the index alone, in order: together SQLite would look at everything that is queued.
    let ready = first("i.state = 'ready' AND :now IS NOT NULL")?;
    let waiting = first("i.state = 'waiting' AND i.next_at <= :now")?;
    match ready.into_iter().chain(waiting).min() {
        Some((_, id)) => item(db, item_id(&id)?).map(Some),
        None => Ok(None),
    }
}

fn item(db: &Connection, id: ItemId) -> Result<OutboxItem, StoreError> {
    let found = db
        .prepare_cached(&format!("{ITEMS} WHERE i.id = ?1"))?
        .query_row([id.0.to_string()], |row| Ok(read(row)))??;
    with_dependencies(db, found)
}

fn collect(db: &Connection, sql: &str, argument: &str) -> Result<Vec<OutboxItem>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([argument])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(with_dependencies(db, read(row)?)?);
    }
    Ok(items)
}

fn with_dependencies(db: &Connection, mut item: OutboxItem) -> Result<OutboxItem, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT needs FROM outbox_dependency WHERE item = ?1 ORDER BY needs")?;
    let rows = statement.query_map([item.id.0.to_string()], |row| row.get::<_, String>(0))?;
    item.depends_on = rows
        .map(|row| item_id(&row?))
        .collect::<Result<_, StoreError>>()?;
    Ok(item)
}

fn read(row: &Row<'_>) -> Result<OutboxItem, StoreError> {
    Ok(OutboxItem {
        seq: row.get(0)?,
        id: item_id(&row.get::<_, String>(1)?)?,
        conversation: row.get(2)?,
        kind: row.get::<_, String>(3)?.into(),
        subject: row.get(4)?,
        depends_on: Vec::new(),
        body_hash: row.get(15)?,
        request: stored(&row.get::<_, Vec<u8>>(16)?, row.get(17)?)?,
        progress: Progress {
            state: state(&row.get::<_, String>(5)?)?,
            attempts: row.get(6)?,
            sends: row.get(7)?,
            ambiguous: row.get(8)?,
            next_at: row.get::<_, Option<i64>>(9)?.map(from_millis).transpose()?,
            etag: row.get(10)?,
            receipt: row.get(12)?,
            reason: reason(row.get(11)?)?,
        },
        created_at: from_millis(row.get(13)?)?,
        updated_at: from_millis(row.get(14)?)?,
    })
}

fn item_id(text: &str) -> Result<ItemId, StoreError> {
    Uuid::parse_str(text)
        .map(ItemId)
        .map_err(|_| StoreError::Unreadable("item"))
}

fn state(text: &str) -> Result<State, StoreError> {
    State::parse(text).ok_or(StoreError::Unreadable("state"))
}

fn reason(text: Option<String>) -> Result<Option<Reason>, StoreError> {
    text.map(|t| Reason::parse(&t).ok_or(StoreError::Unreadable("reason")))
        .transpose()
}
