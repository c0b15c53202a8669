-- Who speaks for a patient or helps, and the colleagues whose names the screens show.

CREATE TABLE related_person (
    id         TEXT PRIMARY KEY,
    patient    TEXT NOT NULL,
    payload    TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX related_person_patient ON related_person (patient, id);

CREATE TABLE colleague (
    role       TEXT PRIMARY KEY,
    payload    TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
