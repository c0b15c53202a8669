//! The document security store: certificates, OCSP answers and CRLs in a revision of their own.
//!
//! ETSI EN 319 142-1, 5.4.2: `/DSS` in the catalog, and in `/VRI` what belongs to each signature. What is there
//! already stays, and nothing is written twice.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::{inspect, revision};
use crate::error::DocumentRefusal;

/// A certificate or answer that is far larger than any is not read again.
const MAX_STORED: usize = 64 * 1024 * 1024;

/// What proves one signature, DER each.
#[derive(Default)]
pub(super) struct Proof {
    /// The bytes of its `/Contents`, padding included: its name in `/VRI` is their SHA-1.
    pub(super) contents: Vec<u8>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) ocsps: Vec<Vec<u8>>,
    pub(super) crls: Vec<Vec<u8>>,
}

/// The names in the store, and those in `/VRI`.
const KINDS: [(&str, &str); 3] = [("Certs", "Cert"), ("OCSPs", "OCSP"), ("CRLs", "CRL")];

/// Appends the store. `None` when everything is there already.
pub(super) fn append(
    pdf: &[u8],
    document: Document,
    proofs: &[Proof],
    now: Timestamp,
) -> Result<Option<Vec<u8>>, DocumentRefusal> {
    let damaged = |_| DocumentRefusal::Damaged;
    let root = document
        .trailer
        .get(b"Root")
        .and_then(Object::as_reference)
        .map_err(damaged)?;
    let mut store = existing(&document).cloned().unwrap_or_default();
    let mut verdicts = store
        .get(b"VRI")
        .ok()
        .and_then(|vri| inspect::dictionary(&document, vri))
        .cloned()
        .unwrap_or_default();
    let mut stored = KINDS.map(|(name, _)| stored(&document, &store, name));
    let mut lists = KINDS.map(|(name, _)| {
        inspect::array(&document, &store, name.as_bytes())
            .unwrap_or_default()
            .to_vec()
    });

    let mut update = revision::update_of(pdf, document);
    let mut changed = false;
    for proof in proofs {
        let mut verdict = Dictionary::new();
        let parts = [&proof.certificates, &proof.ocsps, &proof.crls];
        for ((items, (_, name)), (stored, list)) in
            parts.iter().zip(KINDS).zip(stored.iter_mut().zip(&mut lists))
        {
            let mut references = Vec::new();
            for item in *items {
                let id = match stored.get(item) {
                    Some(id) => *id,
                    None => {
                        changed = true;
                        let stream = Stream::new(Dictionary::new(), item.clone()).with_compression(false);
                        let id = update.new_document.add_object(stream);
                        stored.insert(item.clone(), id);
                        list.push(id.into());
                        id
                    }
                };
                references.push(Object::from(id));
            }
            if !references.is_empty() {
                verdict.set(name, references);
            }
        }
        // What is there was there when a later revision was signed, and stays as it is.
        let name = name(&proof.contents);
        if !verdicts.has(name.as_bytes()) {
            changed = true;
            verdicts.set(name, verdict);
        }
    }
    if !changed {
        return Ok(None);
    }
    for ((name, _), list) in KINDS.iter().zip(lists) {
        if !list.is_empty() {
            store.set(*name, list);
        }
    }
    store.set("Type", "DSS");
    let verdicts = update.new_document.add_object(verdicts);
    store.set("VRI", verdicts);
    let store = update.new_document.add_object(store);
    update.opt_clone_object_to_new_document(root).map_err(damaged)?;
    update
        .new_document
        .get_dictionary_mut(root)
        .map_err(damaged)?
        .set("DSS", store);
    revision::renew_identifier(&mut update.new_document.trailer, revision::read_in(pdf), now);
    revision::written(pdf, update).map(Some)
}

/// Whether a signature is proved there already. Its certificates may have expired since; nobody would answer for
/// them now, and nobody has to.
pub(super) fn proves(document: &Document, contents: &[u8]) -> bool {
    let verdict = || {
        let verdicts = inspect::dictionary(document, existing(document)?.get(b"VRI").ok()?)?;
        inspect::dictionary(document, verdicts.get(name(contents).as_bytes()).ok()?)
    };
    let holds = |verdict: &Dictionary, kind: &[u8]| {
        inspect::array(document, verdict, kind).is_some_and(|items| !items.is_empty())
    };
    verdict().is_some_and(|v| holds(v, b"Cert") && (holds(v, b"OCSP") || holds(v, b"CRL")))
}

/// The name of a signature in `/VRI`.
fn name(contents: &[u8]) -> String {
    hex::encode_upper(openssl::sha::sha1(contents))
}

fn existing(document: &Document) -> Option<&Dictionary> {
    inspect::dictionary(document, document.catalog().ok()?.get(b"DSS").ok()?)
}

fn stored(document: &Document, store: &Dictionary, name: &str) -> BTreeMap<Vec<u8>, ObjectId> {
    inspect::array(document, store, name.as_bytes())
        .unwrap_or_default()
        .iter()
        .filter_map(|item| {
            let id = item.as_reference().ok()?;
            let stream = document.get_object(id).and_then(Object::as_stream).ok()?;
            Some((stream.get_plain_content_with_limit(MAX_STORED).ok()?, id))
        })
        .collect()
}
