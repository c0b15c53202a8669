-- A copy of what the region holds. Times are milliseconds since 1970 UTC, days are ISO 8601 text.

CREATE TABLE feed (
    name   TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE TABLE patient (
    key         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    fiscal_code TEXT NOT NULL,
    payload     TEXT NOT NULL,
    fetched_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX patient_fiscal_code ON patient (fiscal_code);

CREATE TABLE patient_nre (
    patient TEXT NOT NULL,
    nre     TEXT NOT NULL,
    PRIMARY KEY (patient, nre)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE patient_search USING fts5 (
    name, fiscal_code, nre,
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '1 2 3'
);

CREATE TABLE televisit (
    id         TEXT PRIMARY KEY,
    patient    TEXT NOT NULL,
    day        TEXT NOT NULL,
    starts_at  INTEGER NOT NULL,
    state      TEXT NOT NULL,
    nre        TEXT,
    version    TEXT,
    payload    TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX televisit_day ON televisit (day, starts_at, id);
CREATE INDEX televisit_patient ON televisit (patient, starts_at);

CREATE TABLE document (
    id         TEXT PRIMARY KEY,
    patient    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    version    TEXT,
    payload    TEXT NOT NULL,
    content    BLOB,
    sha256     TEXT,
    fetched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX document_patient ON document (patient, at DESC, id);

CREATE TABLE teleconsult (
    id         TEXT PRIMARY KEY,
    patient    TEXT NOT NULL,
    state      TEXT NOT NULL,
    due_at     INTEGER,
    updated_at INTEGER NOT NULL,
    version    TEXT,
    payload    TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX teleconsult_state ON teleconsult (state, due_at, id);
CREATE INDEX teleconsult_due ON teleconsult (due_at, id);
CREATE INDEX teleconsult_patient ON teleconsult (patient, updated_at);

CREATE TABLE transition (
    id         TEXT PRIMARY KEY,
    patient    TEXT NOT NULL,
    state      TEXT NOT NULL,
    due_at     INTEGER,
    updated_at INTEGER NOT NULL,
    version    TEXT,
    payload    TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX transition_state ON transition (state, due_at, id);
CREATE INDEX transition_due ON transition (due_at, id);
CREATE INDEX transition_patient ON transition (patient, updated_at);
