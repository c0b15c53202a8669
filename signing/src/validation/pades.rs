//! The signatures of a PDF: where each stands in the bytes, what it covers, and what came after.
//!
//! `/ByteRange` is held against the file itself (EN 319 142-1, 5.2; ISO 32000-1, 12.8.1): it starts at 0, leaves
//! out exactly the string `/Contents` of its own dictionary, and ends where a complete revision ends. Anything
//! else is a place to hide (signature wrapping, universal forgery).

use std::collections::HashSet;
use std::rc::Rc;

use jiff::Timestamp;
use openssl::hash::MessageDigest;

use super::changes;
use super::judge::{self, Context};
use super::pdf::form::signature_fields;
use super::pdf::syntax::{Dictionary, Object};
use super::pdf::xref::Place;
use super::pdf::{Fault, Pdf};
use super::report::{
    BaselineGap, DocumentFault, Format, Indication, LaterChanges, Level, SignatureReport, SubIndication,
    VerifyReport,
};
use super::signature;
use super::signed_data::{self, Attribute};
use super::value;
use crate::pades::cms::{ID_DATA, SIGNING_TIME};

/// Signatures of one document. Each is verified over the whole file.
const MAX_SIGNATURES: usize = 256;
/// Certificates, CRLs and OCSP answers of the document.
const MAX_STORED: usize = 1024;

impl From<Fault> for DocumentFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotPdf => Self::UnknownFormat,
            Fault::Damaged => Self::Damaged,
            Fault::Encrypted => Self::Encrypted,
            Fault::Hybrid => Self::HybridCrossReference,
        }
    }
}

/// Judges every signature of a PDF.
pub(super) fn verify(bytes: &[u8], context: &mut Context<'_>) -> VerifyReport {
    match read(bytes, context) {
        Ok(report) => report,
        Err(fault) => VerifyReport::faulty(Format::Pades, fault),
    }
}

/// A signature or a document time-stamp that stands well in the file.
struct Located<'a> {
    field: String,
    dictionary: Rc<Object>,
    /// The revision that it signs; `None` for the whole file.
    revision: Option<Pdf<'a>>,
    parts: [&'a [u8]; 2],
    end: usize,
    cms: Vec<u8>,
    later: LaterChanges,
}

impl Located<'_> {
    fn hash(&self, digest: MessageDigest) -> Option<Vec<u8>> {
        value::hash(digest, &self.parts)
    }

    fn is_time_stamp(&self) -> bool {
        is_time_stamp(&self.dictionary)
    }
}

fn is_time_stamp(dictionary: &Object) -> bool {
    dictionary
        .dictionary()
        .and_then(|d| d.get(b"SubFilter"))
        .and_then(Object::name)
        == Some(b"ETSI.RFC3161")
}

fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<VerifyReport, DocumentFault> {
    let pdf = Pdf::open(bytes)?;
    let mut report = VerifyReport {
        format: Format::Pades,
        fault: None,
        signatures: Vec::new(),
        time_stamps: Vec::new(),
    };
    let mut located = Vec::new();
    let mut seen = HashSet::new();
    for field in signature_fields(&pdf)? {
        // An empty field is not a signature.
        let Some(value) = field.value else { continue };
        if value.reference().is_some_and(|number| !seen.insert(number)) {
            continue;
        }
        if seen.len() > MAX_SIGNATURES {
            return Err(DocumentFault::TooMany);
        }
        match locate(&pdf, &field.name, &value) {
            Some(found) => located.push(found),
            None => report.signatures.push(SignatureReport::unread(field.name)),
        }
    }
    located.sort_by_key(|l| l.end);
    gather(&pdf, &located, context);
    let proofs = time_stamps(&located, context, &mut report);
    for one in located.iter().filter(|l| !l.is_time_stamp()) {
        report.signatures.push(examine(bytes, one, context, &proofs));
    }
    Ok(report)
}

fn gather(pdf: &Pdf<'_>, located: &[Located<'_>], context: &mut Context<'_>) {
    for one in located {
        if let Some(data) = signed_data::read(&one.cms) {
            judge::gather(&data, context);
        }
    }
    // What the store holds helps and never decides: what cannot be read is as if it were not there.
    let _ = stored(pdf, context);
}

/// The document security store (EN 319 142-1, 5.4.2).
fn stored(pdf: &Pdf<'_>, context: &mut Context<'_>) -> Result<(), Fault> {
    let catalog = pdf.catalog()?;
    let store = match catalog.dictionary() {
        Some(catalog) => pdf.value(catalog, b"DSS")?,
        None => return Ok(()),
    };
    let Some(store) = store.dictionary() else {
        return Ok(());
    };
    for key in [b"Certs".as_slice(), b"CRLs", b"OCSPs"] {
        let list = pdf.value(store, key)?;
        for stream in list.array().unwrap_or_default().iter().take(MAX_STORED) {
            let object = pdf.resolve(stream)?;
            let Object::Stream(dictionary, place) = &*object else {
                continue;
            };
            let content = pdf.stream_content(dictionary, place)?;
            match key {
                b"Certs" => context.others.push(content),
                b"CRLs" => context.evidence.add_crl(content),
                _ => context.evidence.add_ocsp(&content),
            }
        }
    }
    Ok(())
}

/// Where a valid time-stamp of the document ends, its time, and whether a store lies under it.
struct Proof {
    end: usize,
    time: Timestamp,
    over_store: bool,
}

/// The newest first: each is judged as of the time that the next one proves for it.
fn time_stamps(located: &[Located<'_>], context: &Context<'_>, report: &mut VerifyReport) -> Vec<Proof> {
    let mut proofs = Vec::new();
    let mut at = context.at;
    for one in located.iter().rev().filter(|l| l.is_time_stamp()) {
        let mut stamp = judge::time_stamp(&one.cms, &|digest| one.hash(digest), context, at);
        stamp.report.field = Some(one.field.clone());
        stamp.report.later_changes = one.later;
        if one.later == LaterChanges::Forbidden {
            stamp.report.indication = Indication::TotalFailed;
            stamp.report.sub_indication = Some(SubIndication::FormatFailure);
        }
        if let Some(time) = stamp.proof() {
            proofs.push(Proof {
                end: one.end,
                time,
                over_store: one.revision.as_ref().is_none_or(has_store),
            });
            at = at.min(time);
        }
        report.time_stamps.push(stamp.report);
    }
    report.time_stamps.reverse();
    proofs
}

fn has_store(pdf: &Pdf<'_>) -> bool {
    pdf.catalog()
        .is_ok_and(|c| c.dictionary().is_some_and(|c| c.has(b"DSS")))
}

/// Finds a signature in the bytes. `None`: it does not stand as a signature must.
fn locate<'a>(pdf: &Pdf<'a>, field: &str, value: &Object) -> Option<Located<'a>> {
    let number = value.reference()?;
    let place = pdf.place(number);
    // Places of values are offsets in the file only outside object streams.
    let Place::At(at, _) = place else { return None };
    let object = pdf.object(number).ok()?;
    let dictionary = object.dictionary()?;
    if let Some(kind) = dictionary.get(b"Type")
        && !matches!(kind.name(), Some(b"Sig" | b"DocTimeStamp"))
    {
        return None;
    }
    let range: Vec<usize> = dictionary
        .get(b"ByteRange")?
        .array()?
        .iter()
        .map(Object::size)
        .collect::<Option<_>>()?;
    let [0, before, after, rest] = range[..] else {
        return None;
    };
    let end = after.checked_add(rest)?;
    let contents = dictionary.entry(b"Contents")?;
    if contents.place != (before..after) || at >= before || rest == 0 || end > pdf.bytes.len() {
        return None;
    }
    let digits = pdf
        .bytes
        .get(before..after)?
        .strip_prefix(b"<")?
        .strip_suffix(b">")?;
    let padded = hex::decode(digits).ok()?;
    let (cms, taken) = signed_data::definite(&padded)?;
    if padded.get(taken..)?.iter().any(|padding| *padding != 0) {
        return None;
    }
    let cms = cms.into_owned();
    let parts = [pdf.bytes.get(..before)?, pdf.bytes.get(after..end)?];
    let mut later = LaterChanges::None;
    let mut revision = None;
    if end < pdf.bytes.len() {
        let signed = Pdf::open(pdf.bytes.get(..end)?).ok()?;
        // It must have been a signature of that revision already, at the very same bytes.
        let there = signature_fields(&signed).ok()?;
        let here = signed.place(number) == place;
        if !here
            || !there
                .iter()
                .any(|f| f.value.as_ref().and_then(Object::reference) == Some(number))
        {
            return None;
        }
        let (certification, locked) = permissions(&signed, dictionary);
        later = changes::compare(&signed, pdf, certification, locked);
        revision = Some(signed);
    }
    Some(Located {
        field: field.to_owned(),
        dictionary: Rc::clone(&object),
        revision,
        parts,
        end,
        cms,
        later,
    })
}

/// DocMDP's level, 2 where it names none (ISO 32000-1, table 254), and whether fields are locked.
fn permissions(pdf: &Pdf<'_>, signature: &Dictionary) -> (Option<u8>, bool) {
    let (mut certification, mut locked) = (None, false);
    let references = pdf.value(signature, b"Reference").ok();
    for reference in references.as_ref().and_then(|r| r.array()).unwrap_or_default() {
        let Ok(reference) = pdf.resolve(reference) else {
            return (Some(1), true);
        };
        let Some(reference) = reference.dictionary() else {
            continue;
        };
        let method = reference.get(b"TransformMethod").and_then(Object::name);
        if method == Some(b"FieldMDP") {
            locked = true;
        }
        if method == Some(b"DocMDP") {
            let level = pdf.value(reference, b"TransformParams").ok().and_then(|p| {
                let level = pdf.value(p.dictionary()?, b"P").ok()?;
                u8::try_from(level.integer()?).ok()
            });
            certification = Some(level.unwrap_or(2).clamp(1, 3));
        }
    }
    (certification, locked)
}

fn examine(bytes: &[u8], one: &Located<'_>, context: &Context<'_>, proofs: &[Proof]) -> SignatureReport {
    let mut report = SignatureReport::unread(one.field.clone());
    let Some(dictionary) = one.dictionary.dictionary() else {
        return report;
    };
    report.covers_whole_file = one.end == bytes.len();
    report.later_changes = one.later;
    report.claimed_time = dictionary
        .get(b"M")
        .and_then(Object::text)
        .and_then(read_pdf_date);
    if let Ok(whole) = Pdf::open(bytes.get(..one.end).unwrap_or_default()) {
        report.certification = permissions(&whole, dictionary).0;
    }
    if dictionary.get(b"SubFilter").and_then(Object::name) != Some(b"ETSI.CAdES.detached") {
        report.baseline_gaps.push(BaselineGap::SubFilter);
    }
    if report.claimed_time.is_none() {
        report.baseline_gaps.push(BaselineGap::NoSigningTime);
    }
    if dictionary.has(b"Cert") {
        report.baseline_gaps.push(BaselineGap::CertEntry);
    }
    let Some(data) = signed_data::read(&one.cms) else {
        return report;
    };
    let [signer] = data.signers.as_slice() else {
        return report;
    };
    if data.content_type != ID_DATA || data.content.is_some() {
        return report;
    }
    if Attribute::has(&signer.signed, SIGNING_TIME) {
        report.baseline_gaps.push(BaselineGap::SigningTimeAttribute);
    }
    let outcome = signature::check(&data, signer, &|digest| one.hash(digest));
    let above: Vec<&Proof> = proofs.iter().filter(|p| p.end > one.end).collect();
    let archived = above.iter().map(|p| p.time).min();
    judge::signer(&mut report, outcome, signer, context, archived);
    if report.level == Level::BLT && above.iter().any(|p| p.over_store) {
        report.level = Level::BLTA;
    }
    if one.later == LaterChanges::Forbidden && report.indication != Indication::TotalFailed {
        report.indication = Indication::TotalFailed;
        report.sub_indication = Some(SubIndication::FormatFailure);
    }
    report
}

/// `D:YYYYMMDDHHmmSS` with `Z` or an offset `+HH'mm'` (ISO 32000-1, 7.9.4).
fn read_pdf_date(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_prefix("D:")?;
    let clock = text.get(..14)?;
    let zone: String = text.get(14..)?.chars().filter(|c| *c != '\'').collect();
    let zone = match zone.as_str() {
        "" | "Z" | "Z0000" | "Z00" => "+0000".to_owned(),
        offset if offset.len() == 3 => format!("{offset}00"),
        offset => offset.to_owned(),
    };
    Timestamp::strptime("%Y%m%d%H%M%S%z", format!("{clock}{zone}")).ok()
}
