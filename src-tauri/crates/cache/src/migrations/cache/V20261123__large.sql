-- Lists and searches over a hundred thousand people and cases. The copy of the people is made anew: folded names are written by
-- the program, and every feed is read again from its beginning.

DROP TABLE patient_search;
DROP TABLE patient;
DELETE FROM feed;

CREATE TABLE patient (
    key         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    fiscal_code TEXT NOT NULL,
    -- Family and given names without case and accents, a tab between: the order of the list.
    sort        TEXT NOT NULL,
    payload     TEXT NOT NULL,
    fetched_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX patient_fiscal_code ON patient (fiscal_code);
CREATE INDEX patient_sort ON patient (sort, key);

-- Beginnings of words: names, codice fiscale, NRE. Both indexes keep no text of their own.
CREATE VIRTUAL TABLE patient_search USING fts5 (
    words,
    content = '', contentless_delete = 1, detail = none,
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '1 2 3'
);
-- Parts of names.
CREATE VIRTUAL TABLE patient_part USING fts5 (
    name,
    content = '', contentless_delete = 1, detail = none,
    tokenize = 'trigram'
);

-- How many there are, without counting them.
CREATE TABLE tally (
    name TEXT PRIMARY KEY,
    n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, n) VALUES ('patient', 0);
CREATE TRIGGER patient_added AFTER INSERT ON patient BEGIN UPDATE tally SET n = n + 1 WHERE name = 'patient'; END;
CREATE TRIGGER patient_removed AFTER DELETE ON patient BEGIN UPDATE tally SET n = n - 1 WHERE name = 'patient'; END;

-- Who has a case, since when it is there, and a mark of its subject (a handover under way): what lists are filtered by.
ALTER TABLE teleconsult ADD COLUMN owner TEXT;
ALTER TABLE teleconsult ADD COLUMN opened_at INTEGER;
ALTER TABLE transition ADD COLUMN owner TEXT;
ALTER TABLE transition ADD COLUMN opened_at INTEGER;
ALTER TABLE teleconsult ADD COLUMN mark TEXT;
ALTER TABLE transition ADD COLUMN mark TEXT;
CREATE INDEX teleconsult_marked ON teleconsult (mark, id) WHERE mark IS NOT NULL;
CREATE INDEX transition_marked ON transition (mark, id) WHERE mark IS NOT NULL;
CREATE INDEX teleconsult_owner ON teleconsult (state, owner);
CREATE INDEX transition_owner ON transition (state, owner, due_at, id);
