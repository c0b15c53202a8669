-- What changes of an item apart from its request, which does not: a state that changes writes one small row, and queueing a
-- request writes fewer pages of the disk. Foreign keys are off while this runs.

CREATE TABLE outbox_request (
    -- The order in which items were queued. Whoever once deletes confirmed items leaves the newest: its number is not to be
    -- given again.
    seq       INTEGER PRIMARY KEY,
    -- Method, path, headers and confirmation as JSON; of requests queued before this version, the body too (base64).
    head      BLOB NOT NULL,
    body_hash TEXT NOT NULL,
    body      BLOB
) STRICT;
INSERT INTO outbox_request (seq, head, body_hash, body) SELECT seq, request, body_hash, NULL FROM outbox_item;

CREATE TABLE outbox_item_lean (
    id           TEXT PRIMARY KEY,
    seq          INTEGER NOT NULL REFERENCES outbox_request (seq),
    conversation TEXT NOT NULL,
    kind         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    state        TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    sends        INTEGER NOT NULL,
    ambiguous    INTEGER NOT NULL,
    next_at      INTEGER,
    etag         TEXT,
    reason       TEXT,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    receipt      BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO outbox_item_lean SELECT id, seq, conversation, kind, subject, state, attempts, sends, ambiguous, next_at, etag,
                                    reason, created_at, updated_at, receipt FROM outbox_item;
DROP TABLE outbox_item;
ALTER TABLE outbox_item_lean RENAME TO outbox_item;

-- Only what is not final: both stay small however many items were confirmed.
CREATE INDEX outbox_item_open ON outbox_item (conversation, seq) WHERE state NOT IN ('confirmed', 'cancelled');
CREATE INDEX outbox_item_state ON outbox_item (state, seq) WHERE state NOT IN ('confirmed', 'cancelled');
CREATE TRIGGER outbox_item_kept BEFORE DELETE ON outbox_item
WHEN old.state NOT IN ('confirmed', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'an unconfirmed item is never deleted'); END;
