-- The latest weight of a patient, shown with its day beside the identity of a minor or represented person.

CREATE TABLE weight (
    patient    TEXT PRIMARY KEY,
    measure    TEXT NOT NULL,
    at         INTEGER NOT NULL,
    payload    TEXT NOT NULL
) STRICT;
