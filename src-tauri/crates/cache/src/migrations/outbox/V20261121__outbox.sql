-- Everything that the region has not confirmed. Times are milliseconds since 1970 UTC.

CREATE TABLE draft (
    subject  TEXT PRIMARY KEY,
    kind     TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body     BLOB NOT NULL,
    saved_at INTEGER NOT NULL
) STRICT;

-- A text saved on a revision that was no longer the last: kept, never merged by the program.
CREATE TABLE draft_rival (
    id            INTEGER PRIMARY KEY,
    subject       TEXT NOT NULL,
    base_revision INTEGER NOT NULL,
    body          BLOB NOT NULL,
    saved_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_rival_subject ON draft_rival (subject);

CREATE TABLE visit_record (
    id       INTEGER PRIMARY KEY,
    televisit TEXT NOT NULL,
    kind     TEXT NOT NULL,
    payload  TEXT NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX visit_record_televisit ON visit_record (televisit, id);

CREATE TABLE report (
    id                   TEXT PRIMARY KEY,
    subject              TEXT NOT NULL,
    state                TEXT NOT NULL,
    workflow_instance_id TEXT,
    validated_at         INTEGER,
    cda_sha256           TEXT,
    updated_at           INTEGER NOT NULL
) STRICT;
CREATE INDEX report_subject ON report (subject);

CREATE TABLE report_document (
    id      INTEGER PRIMARY KEY,
    report  TEXT NOT NULL REFERENCES report (id),
    kind    TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    content BLOB NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX report_document_report ON report_document (report, kind, id);

CREATE TABLE report_receipt (
    id       INTEGER PRIMARY KEY,
    report   TEXT NOT NULL REFERENCES report (id),
    step     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    identity TEXT NOT NULL,
    UNIQUE (report, step, identity)
) STRICT;

CREATE TABLE outbox_item (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL,
    kind         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    state        TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    sends        INTEGER NOT NULL,
    ambiguous    INTEGER NOT NULL,
    next_at      INTEGER,
    etag         TEXT,
    body_hash    TEXT NOT NULL,
    request      BLOB NOT NULL,
    receipt      BLOB,
    reason       TEXT,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_item_open ON outbox_item (conversation, seq) WHERE state NOT IN ('confirmed', 'cancelled');
CREATE INDEX outbox_item_due ON outbox_item (seq) WHERE state IN ('ready', 'waiting');
CREATE INDEX outbox_item_state ON outbox_item (state, next_at);
CREATE INDEX outbox_item_subject ON outbox_item (subject, seq);
CREATE TRIGGER outbox_item_kept BEFORE DELETE ON outbox_item
WHEN old.state NOT IN ('confirmed', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'an unconfirmed item is never deleted'); END;

CREATE TABLE outbox_dependency (
    item  TEXT NOT NULL REFERENCES outbox_item (id),
    needs TEXT NOT NULL REFERENCES outbox_item (id),
    PRIMARY KEY (item, needs)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_dependency_needs ON outbox_dependency (needs);

CREATE TABLE attachment (
    id         TEXT PRIMARY KEY,
    subject    TEXT NOT NULL,
    media_type TEXT NOT NULL,
    name       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX attachment_subject ON attachment (subject);

-- The access register (Registro accessi): each row names the one before and is authenticated.
CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    prev    BLOB NOT NULL,
    hash    BLOB NOT NULL,
    mac     BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the access register is not changed'); END;
CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the access register is not deleted'); END;

-- Head of the register: rows cut off at its end are missed too.
CREATE TABLE audit_head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL,
    mac  BLOB NOT NULL
) STRICT;
