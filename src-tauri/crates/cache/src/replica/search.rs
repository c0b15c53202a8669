//! Finding a patient while somebody types: surnames first, then other beginnings of words, then parts of names.
//!
//! Two indexes without text of their own (FTS5): words with prefixes, and trigrams of the folded name. A search that is too
//! wide to be sorted walks the list in its order instead, so that no letter typed costs more than a page. Not in it: writing
//! the rows (`patients`).

use clinical::Patient;
use rusqlite::{Connection, ToSql, params_from_iter};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::from_json;
use crate::StoreError;

/// From this many matches on, the list is walked in its order instead of sorting the matches.
const FEW: u32 = 400;
/// So many names that contain the words are looked at: somebody who sees as many types on.
const PARTS: u32 = 300;

/// Patients of one search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The first ones: surnames that begin so, then the others that begin so, then those that only contain it; each by name.
    pub patients: Vec<Patient>,
    /// How many match in all; of those that only contain the words, 300 at most are counted.
    pub total: u32,
}

/// Without case and accents: what is compared.
pub(super) fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words typed, folded. Operators typed are only text.
fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(super) fn find(db: &Connection, text: &str, limit: u32) -> Result<Found, StoreError> {
    let words = words(text);
    let mut found = match words.as_slice() {
        [] => Found {
            patients: Vec::new(),
            total: 0,
        },
        // One letter is the beginning of a surname.
        [letter] if letter.chars().nth(1).is_none() => surnames(db, letter, limit)?,
        _ => beginnings(db, &words, limit)?,
    };
    let rest = room(limit, &found.patients);
    if rest > 0 && !words.is_empty() && words.iter().all(|word| word.chars().count() >= 3) {
        let more = parts(db, &words, rest)?;
        found.total = found.total.saturating_add(more.total);
        found.patients.extend(more.patients);
    }
    Ok(found)
}

fn surnames(db: &Connection, letter: &str, limit: u32) -> Result<Found, StoreError> {
    let end = after(letter);
    let total = db
        .prepare_cached("SELECT count(*) FROM patient WHERE sort >= ?1 AND sort < ?2")?
        .query_row([letter, end.as_str()], |row| row.get(0))?;
    let sql = "SELECT payload FROM patient WHERE sort >= ?1 AND sort < ?2 ORDER BY sort, key LIMIT ?3";
    Ok(Found {
        patients: rows(db, sql, &[&letter, &end, &limit])?,
        total,
    })
}

fn beginnings(db: &Connection, words: &[String], limit: u32) -> Result<Found, StoreError> {
    let query = beginning_with(words);
    let total: u32 = db
        .prepare_cached("SELECT count(*) FROM patient_search WHERE patient_search MATCH ?1")?
        .query_row([&query], |row| row.get(0))?;
    let mut patients: Vec<Patient> = Vec::new();
    // One word is in the index because the surname begins with it; of several, the index knows the others.
    let also = match words {
        [_] => "",
        _ => "AND +key IN (SELECT rowid FROM patient_search WHERE patient_search MATCH ?4)",
    };
    for word in words {
        let (end, left) = (after(word), room(limit, &patients));
        let mut arguments: Vec<&dyn ToSql> = vec![word, &end, &left];
        if !also.is_empty() {
            arguments.push(&query);
        }
        let sql = format!(
            "SELECT payload FROM patient WHERE sort >= ?1 AND sort < ?2 {also} ORDER BY sort, key LIMIT ?3"
        );
        patients.extend(rows(db, &sql, &arguments)?);
    }
    let left = room(limit, &patients);
    if left > 0 && total > limit.saturating_sub(left) {
        let not: String = (0..words.len())
            .map(|n| format!(" AND NOT (sort >= ?{} AND sort < ?{})", 3 + 2 * n, 4 + 2 * n))
            .collect();
        let (from, key, order) = if total <= FEW {
            ("patient", "key", "+sort")
        } else {
            ("patient INDEXED BY patient_sort", "+key", "sort")
        };
        let sql = format!(
            "SELECT payload FROM {from}
             WHERE {key} IN (SELECT rowid FROM patient_search WHERE patient_search MATCH ?1){not}
             ORDER BY {order}, key LIMIT ?2"
        );
        let ends: Vec<String> = words.iter().map(|word| after(word)).collect();
        let mut arguments: Vec<&dyn ToSql> = vec![&query, &left];
        for (word, end) in words.iter().zip(&ends) {
            arguments.extend([word as &dyn ToSql, end as &dyn ToSql]);
        }
        patients.extend(rows(db, &sql, &arguments)?);
    }
    Ok(Found { patients, total })
}

fn parts(db: &Connection, words: &[String], limit: u32) -> Result<Found, StoreError> {
    let trigrams: Vec<String> = words
        .iter()
        .flat_map(|word| {
            let letters: Vec<char> = word.chars().collect();
            letters
                .windows(3)
                .map(|three| format!("\"{}\"", three.iter().collect::<String>()))
                .collect::<Vec<_>>()
        })
        .collect();
    let (trigrams, begins) = (trigrams.join(" AND "), beginning_with(words));
    // All trigrams of a word may be there without the word: the folded name decides.
    let contains: String = (0..words.len())
        .map(|n| format!(" AND instr(sort, ?{}) > 0", n + 4))
        .collect();
    let sql = format!(
        "SELECT payload FROM patient
         WHERE key IN (SELECT rowid FROM patient_part WHERE patient_part MATCH ?1 LIMIT ?2)
           AND key NOT IN (SELECT rowid FROM patient_search WHERE patient_search MATCH ?3){contains}
         ORDER BY +sort, key"
    );
    let mut arguments: Vec<&dyn ToSql> = vec![&trigrams, &PARTS, &begins];
    arguments.extend(words.iter().map(|word| word as &dyn ToSql));
    let mut patients = rows(db, &sql, &arguments)?;
    let total = u32::try_from(patients.len()).unwrap_or(PARTS);
    patients.truncate(limit as usize);
    Ok(Found { patients, total })
}

/// What comes after everything that begins with a text.
fn after(beginning: &str) -> String {
    format!("{beginning}\u{10ffff}")
}

fn room(limit: u32, taken: &[Patient]) -> u32 {
    limit.saturating_sub(u32::try_from(taken.len()).unwrap_or(limit))
}

fn beginning_with(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
    words.join(" AND ")
}

fn rows(db: &Connection, sql: &str, arguments: &[&dyn ToSql]) -> Result<Vec<Patient>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let found = statement.query_map(params_from_iter(arguments), |row| row.get::<_, String>(0))?;
    found.map(|row| from_json(&row?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_accents() {
        assert_eq!(fold("NICOLÒ Àgata"), "nicolo agata");
        assert_eq!(words("D'Angelo, \"José\" OR *"), ["d", "angelo", "jose", "or"]);
        assert!(words(" \" ' ").is_empty());
    }
}
