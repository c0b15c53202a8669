-- How far the upload of an attachment got: where it stands at the region, and whether a person paused it.
CREATE TABLE upload (
    item       TEXT PRIMARY KEY REFERENCES outbox_item (id) ON DELETE CASCADE,
    location   TEXT,
    sent       INTEGER NOT NULL,
    paused     INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
