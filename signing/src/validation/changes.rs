//! What later revisions did to a signed one: both are walked from the trailer side by side, and everything that
//! can be reached must be equal, but for a short list of what a signer, an archive or a filled form may do.
//!
//! That catches content put over a page, hidden, replaced or swapped (the shadow attacks of 2021), because an
//! object freed, redefined or pointed elsewhere is no longer the same. Comments are never taken, not even where a
//! certification with P=3 allows them: they can cover what was signed. ISO 32000-1, 7.5.6 and 12.8.2.2.

use std::collections::HashSet;

use super::pdf::syntax::{Dictionary, Object};
use super::pdf::xref::Place;
use super::pdf::{Fault, Pdf};
use super::report::LaterChanges;

mod fields;
mod same;

use same::Comparison;

/// Pages of one document.
const MAX_PAGES: usize = 200_000;
const MAX_DEPTH: usize = 64;

/// Something that is not allowed, or cannot be read.
pub(super) struct Forbidden;

impl From<Fault> for Forbidden {
    fn from(_: Fault) -> Self {
        Self
    }
}

type Allowed = Result<(), Forbidden>;

/// Compares the signed revision with the whole file. `certification` is the level of DocMDP, `locked` says that
/// the signature locks form fields.
pub(super) fn compare(
    signed: &Pdf<'_>,
    whole: &Pdf<'_>,
    certification: Option<u8>,
    locked: bool,
) -> LaterChanges {
    let mut found = Changes {
        old: signed,
        new: whole,
        certification,
        fill: certification.is_some_and(|p| p >= 2) && !locked,
        kind: LaterChanges::None,
        compared: Comparison::new(signed, whole),
        widgets: HashSet::new(),
    };
    match found.document() {
        Ok(()) => found.kind,
        Err(Forbidden) => LaterChanges::Forbidden,
    }
}

struct Changes<'c, 'a> {
    old: &'c Pdf<'a>,
    new: &'c Pdf<'a>,
    certification: Option<u8>,
    fill: bool,
    kind: LaterChanges,
    compared: Comparison<'c, 'a>,
    /// New signature widgets, which pages may show.
    widgets: HashSet<u32>,
}

impl Changes<'_, '_> {
    fn seen(&mut self, kind: LaterChanges) {
        self.kind = self.kind.max(kind);
    }

    fn document(&mut self) -> Allowed {
        self.revisions()?;
        let (old, new) = (&self.old.references.trailer, &self.new.references.trailer);
        let root = |t: &Dictionary| t.get(b"Root").and_then(Object::reference);
        let (Some(old_root), Some(new_root)) = (root(old), root(new)) else {
            return Err(Forbidden);
        };
        if old_root != new_root {
            return Err(Forbidden);
        }
        self.compared.exempt.insert(old_root);
        let (old, new) = (self.old.catalog()?, self.new.catalog()?);
        let (Some(old), Some(new)) = (old.dictionary(), new.dictionary()) else {
            return Err(Forbidden);
        };
        self.collect_pages(old)?;
        self.form(old, new)?;
        self.pages(old, new)?;
        for key in keys(old, new) {
            match key.as_slice() {
                b"AcroForm" | b"Pages" => {}
                b"DSS" | b"Extensions" | b"Version" | b"Metadata" => {
                    if !self.unchanged(old, new, &key) {
                        self.seen(LaterChanges::Archival);
                    }
                }
                _ => self.compared.entry(old, new, &key)?,
            }
        }
        self.compared.finish()
    }

    /// An object that has rules of its own, so long as it keeps its part: one that a later revision no longer
    /// uses for it is compared like any other.
    fn exempt(&mut self, old: &Dictionary, new: &Dictionary, key: &[u8]) {
        let number = |d: &Dictionary| d.get(key).and_then(Object::reference);
        if let (Some(before), Some(after)) = (number(old), number(new))
            && before == after
        {
            self.compared.exempt.insert(before);
        }
    }

    /// Whether an object stands where it stood, with the object stream around it.
    fn untouched(&self, number: u32) -> bool {
        let (old, new) = (self.old.place(number), self.new.place(number));
        old == new
            && match old {
                Place::Within(stream, _) => self.old.place(stream) == self.new.place(stream),
                _ => true,
            }
    }

    /// Whether both entries are the same reference to the same place.
    fn unchanged(&self, old: &Dictionary, new: &Dictionary, key: &[u8]) -> bool {
        match (
            old.get(key).and_then(Object::reference),
            new.get(key).and_then(Object::reference),
        ) {
            (Some(a), Some(b)) => a == b && self.untouched(a),
            _ => false,
        }
    }

    /// The file must be the signed revision and then proper revisions: their sections lead back to the signed
    /// one, and whatever they define stands in their own bytes.
    fn revisions(&self) -> Allowed {
        let end = self.old.bytes.len();
        let (old, new) = (&self.old.references, &self.new.references);
        let signed = old.sections.first().ok_or(Forbidden)?;
        let at = new.sections.iter().position(|s| s == signed).ok_or(Forbidden)?;
        let later = new.sections.get(..at).ok_or(Forbidden)?;
        let blank = self
            .new
            .bytes
            .get(end..)
            .is_some_and(|tail| tail.iter().all(|b| super::pdf::syntax::is_space(*b)));
        if later.is_empty() && !blank || later.iter().any(|s| *s < end) {
            return Err(Forbidden);
        }
        if new.sections.get(at..) != Some(old.sections.as_slice()) {
            return Err(Forbidden);
        }
        for (number, place) in &new.places {
            match place {
                _ if self.old.place(*number) == *place => {}
                Place::Free => {}
                Place::At(offset, _) if *offset >= end => {}
                Place::Within(stream, _) if matches!(self.new.place(*stream), Place::At(offset, _) if offset >= end) =>
                    {}
                // Pointed at bytes that were signed as something else, or as nothing.
                _ => return Err(Forbidden),
            }
        }
        Ok(())
    }

    /// Page tree nodes are compared by themselves, wherever else they are referred to.
    fn collect_pages(&mut self, catalog: &Dictionary) -> Allowed {
        let root = catalog
            .get(b"Pages")
            .and_then(Object::reference)
            .ok_or(Forbidden)?;
        let mut left = vec![(root, MAX_DEPTH)];
        while let Some((number, depth)) = left.pop() {
            let depth = depth.checked_sub(1).ok_or(Forbidden)?;
            if !self.compared.exempt.insert(number) || self.compared.exempt.len() > MAX_PAGES {
                return Err(Forbidden);
            }
            let node = self.old.object(number)?;
            let node = node.dictionary().ok_or(Forbidden)?;
            let kids = self.old.value(node, b"Kids")?;
            for kid in kids.array().unwrap_or_default() {
                left.push((kid.reference().ok_or(Forbidden)?, depth));
            }
            let later = self.new.object(number)?;
            self.exempt(node, later.dictionary().ok_or(Forbidden)?, b"Annots");
        }
        Ok(())
    }

    fn pages(&mut self, old: &Dictionary, new: &Dictionary) -> Allowed {
        let number = |d: &Dictionary| d.get(b"Pages").and_then(Object::reference);
        let root = number(old).ok_or(Forbidden)?;
        if number(new) != Some(root) {
            return Err(Forbidden);
        }
        let mut left = vec![root];
        while let Some(number) = left.pop() {
            let (old, new) = (self.old.object(number)?, self.new.object(number)?);
            let (Some(old), Some(new)) = (old.dictionary(), new.dictionary()) else {
                return Err(Forbidden);
            };
            for key in keys(old, new) {
                if key == b"Annots" {
                    self.annotations(old, new)?;
                } else {
                    self.compared.entry(old, new, &key)?;
                }
            }
            let kids = self.old.value(old, b"Kids")?;
            left.extend(
                kids.array()
                    .unwrap_or_default()
                    .iter()
                    .filter_map(Object::reference),
            );
        }
        Ok(())
    }

    /// What was shown stays, in its order; only new signature widgets join.
    fn annotations(&mut self, old: &Dictionary, new: &Dictionary) -> Allowed {
        let (old, new) = (self.old.value(old, b"Annots")?, self.new.value(new, b"Annots")?);
        let mut before = old.array().unwrap_or_default().iter();
        let mut expected = before.next();
        for annotation in new.array().unwrap_or_default() {
            let number = annotation.reference();
            if expected.is_some() && expected.and_then(Object::reference) == number && number.is_some() {
                self.compared.numbers(number.ok_or(Forbidden)?);
                expected = before.next();
            } else if let (None, Some(direct)) = (number, expected) {
                self.compared.values(direct, annotation)?;
                expected = before.next();
            } else if !number.is_some_and(|n| self.widgets.contains(&n)) {
                return Err(Forbidden);
            }
        }
        match expected {
            None => Ok(()),
            Some(_) => Err(Forbidden),
        }
    }
}

/// Every key of either.
fn keys(old: &Dictionary, new: &Dictionary) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = old.entries.iter().map(|e| e.key.clone()).collect();
    all.extend(
        new.entries
            .iter()
            .filter(|e| !old.has(&e.key))
            .map(|e| e.key.clone()),
    );
    all
}
