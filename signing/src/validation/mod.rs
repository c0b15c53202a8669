//! Says what a signed PDF is worth, in the words of ETSI EN 319 102-1.
//!
//! Every output of this crate passes here before it leaves. Checked: byte range, digest, CMS signature,
//! signing certificate, key usage, chain and validity at a given time. Not checked: revocation, time-stamps
//! (their fields are passed over) and what later revisions changed.

use jiff::Timestamp;
use lopdf::{Dictionary, Document, Object};

use crate::certificate::ReadCertificate;
use crate::pades::inspect;

mod ber;
mod chain;
mod report;
mod signature;

pub use report::{Indication, Level, SignatureReport, SubIndication, VerifyReport};

/// The roots that a chain must reach, and further certificates that may lead there.
#[derive(Clone, Default)]
pub struct TrustRoots {
    roots: Vec<Vec<u8>>,
    intermediates: Vec<Vec<u8>>,
}

/// A trust file that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trust file holds no readable certificate")]
pub struct TrustFileError;

impl TrustRoots {
    /// Reads all certificates of a PEM file: self-issued ones are roots, the others may lead to them.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TrustFileError> {
        let all = openssl::x509::X509::stack_from_pem(pem).map_err(|_| TrustFileError)?;
        let mut trust = Self::default();
        for certificate in all {
            let der = certificate.to_der().map_err(|_| TrustFileError)?;
            let read = ReadCertificate::read(&der).map_err(|_| TrustFileError)?;
            if read.is_self_issued() {
                trust.roots.push(der)
            } else {
                trust.intermediates.push(der)
            }
        }
        if trust.roots.is_empty() {
            Err(TrustFileError)
        } else {
            Ok(trust)
        }
    }

    /// The roots, DER.
    pub(crate) fn roots(&self) -> &[Vec<u8>] {
        &self.roots
    }

    /// What may lead to them, DER.
    pub(crate) fn intermediates(&self) -> &[Vec<u8>] {
        &self.intermediates
    }
}

/// Verifies every signature of a PDF as of `now`. Never panics, whatever the bytes.
pub fn verify(pdf: &[u8], trust: &TrustRoots, now: Timestamp) -> VerifyReport {
    let Ok(document) = inspect::open(pdf) else {
        return VerifyReport {
            signatures: Vec::new(),
        };
    };
    let mut found: Vec<(usize, SignatureReport)> = inspect::signature_fields(&document)
        .into_iter()
        .filter_map(|field| Some((field.name, field.value?)))
        .filter(|(_, value)| !is_time_stamp(&document, value))
        .map(|(name, value)| examine(pdf, &document, name, value, trust, now))
        .collect();
    found.sort_by_key(|(end, _)| *end);
    VerifyReport {
        signatures: found.into_iter().map(|(_, report)| report).collect(),
    }
}

fn is_time_stamp(document: &Document, value: &Dictionary) -> bool {
    inspect::name(document, value, b"SubFilter") == Some(b"ETSI.RFC3161")
}

/// What `/ByteRange` leaves out, once it was found to be exactly `/Contents`.
struct Covered {
    before: usize,
    after: usize,
    end: usize,
    cms: Vec<u8>,
}

fn examine(
    pdf: &[u8],
    document: &Document,
    field: String,
    value: &Dictionary,
    trust: &TrustRoots,
    now: Timestamp,
) -> (usize, SignatureReport) {
    let mut report = SignatureReport {
        field,
        indication: Indication::TotalFailed,
        sub_indication: Some(SubIndication::FormatFailure),
        level: Level::NotPades,
        claimed_time: value
            .get_deref(b"M", document)
            .and_then(Object::as_str)
            .ok()
            .and_then(read_pdf_date),
        certificate: None,
        covers_whole_file: false,
    };
    let Some(covered) = covered(pdf, document, value) else {
        return (0, report);
    };
    report.covers_whole_file = covered.end == pdf.len();
    let parts = [
        pdf.get(..covered.before).unwrap_or_default(),
        pdf.get(covered.after..covered.end).unwrap_or_default(),
    ];
    let outcome = signature::check(&covered.cms, parts);
    report.certificate = outcome.signer.as_ref().map(|s| s.id().0);
    let pades = inspect::name(document, value, b"SubFilter") == Some(b"ETSI.CAdES.detached")
        && report.claimed_time.is_some()
        && !value.has(b"Cert");
    if pades && outcome.baseline {
        report.level = Level::BB;
    }
    let verdict = outcome.verdict.and_then(|()| match &outcome.signer {
        Some(signer) => chain::check(signer, &outcome.others, trust, now),
        None => Err(SubIndication::NoSigningCertificateFound),
    });
    report.sub_indication = verdict.err();
    report.indication = verdict.map_or_else(SubIndication::indication, |()| Indication::TotalPassed);
    (covered.end, report)
}

/// Reads `/ByteRange` and holds it against the file: it starts at 0, and the hole is the string `/Contents`
/// and nothing more, or bytes could hide in it.
fn covered(pdf: &[u8], document: &Document, value: &Dictionary) -> Option<Covered> {
    let range: Vec<usize> = inspect::array(document, value, b"ByteRange")?
        .iter()
        .map(|n| n.as_i64().ok().and_then(|n| usize::try_from(n).ok()))
        .collect::<Option<_>>()?;
    let [0, before, after, rest] = range[..] else {
        return None;
    };
    let end = after.checked_add(rest).filter(|end| *end <= pdf.len())?;
    let hole = pdf.get(before..after)?;
    let digits = hole.strip_prefix(b"<")?.strip_suffix(b">")?;
    let padded = hex::decode(digits).ok()?;
    let contents = value
        .get_deref(b"Contents", document)
        .and_then(Object::as_str)
        .ok()?;
    if contents != padded {
        return None;
    }
    let (cms, taken) = ber::first_value(&padded)?;
    if padded.get(taken..)?.iter().any(|padding| *padding != 0) {
        return None;
    }
    Some(Covered {
        before,
        after,
        end,
        cms,
    })
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
    jiff::Zoned::strptime("%Y%m%d%H%M%S%z", format!("{clock}{zone}"))
        .map(|z| z.timestamp())
        .or_else(|_| Timestamp::strptime("%Y%m%d%H%M%S%z", format!("{clock}{zone}")))
        .ok()
}
