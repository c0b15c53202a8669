//! The signatures of a `.p7m` (or `.p7s`): DER, BER or base64, enveloping or detached, one inside the other.
//!
//! Every signer of every envelope counts: an invoice or a report signed twice *a matrioska* is sound only when
//! all of them are.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::judge::{self, Context};
use super::report::{DocumentFault, Format, SignatureReport, VerifyReport, Warning};
use super::signed_data;
use super::{signature, value};

/// Envelopes in one another.
const MAX_ENVELOPES: usize = 16;
/// Signers of one envelope.
const MAX_SIGNERS: usize = 256;

/// Whether the bytes are, or decode to, a SignedData.
pub(crate) fn decoded(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    if signed_data::is_signed_data(bytes) {
        return Some(Cow::Borrowed(bytes));
    }
    let text = armoured(bytes)?;
    let clean: Vec<u8> = text
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    let plain = STANDARD.decode(clean).ok()?;
    signed_data::is_signed_data(&plain).then_some(Cow::Owned(plain))
}

/// The base64 text, with or without PEM lines around it. Looks at the beginning alone before it says no.
fn armoured(bytes: &[u8]) -> Option<&[u8]> {
    let text = bytes
        .strip_prefix(&[0xef, 0xbb, 0xbf])
        .unwrap_or(bytes)
        .trim_ascii();
    let Some(after) = text.strip_prefix(b"-----BEGIN ") else {
        // SEQUENCE in base64.
        return text.starts_with(b"M").then_some(text);
    };
    let line_end = after.iter().position(|b| *b == b'\n')?;
    let body = after.get(line_end..)?;
    // From the end: the text between may be hundreds of megabytes.
    let end = body.windows(9).rposition(|w| w == b"-----END ")?;
    body.get(..end)
}

/// Judges every signer. `content`: what a detached signature signs.
pub(super) fn verify(cms: &[u8], content: Option<&[u8]>, context: &mut Context<'_>) -> VerifyReport {
    let mut report = VerifyReport {
        format: Format::Cades,
        fault: None,
        signatures: Vec::new(),
        time_stamps: Vec::new(),
    };
    report.fault = envelope(Cow::Borrowed(cms), content, context, &mut report.signatures).err();
    report
}

fn envelope(
    outermost: Cow<'_, [u8]>,
    content: Option<&[u8]>,
    context: &mut Context<'_>,
    signatures: &mut Vec<SignatureReport>,
) -> Result<(), DocumentFault> {
    let mut current = outermost;
    for depth in 0..MAX_ENVELOPES {
        let (cms, taken) = signed_data::definite(&current).ok_or(DocumentFault::Damaged)?;
        // A line end after the file is forgiven, nothing else.
        let tail = current.get(taken..).unwrap_or_default();
        if !tail.iter().all(u8::is_ascii_whitespace) {
            return Err(DocumentFault::Damaged);
        }
        let data = signed_data::read(&cms).ok_or(DocumentFault::Damaged)?;
        if data.signers.len() > MAX_SIGNERS {
            return Err(DocumentFault::TooMany);
        }
        judge::gather(&data, context);
        // A file that is named is what the caller asks about, also when another is enclosed.
        let named = if depth == 0 { content } else { None };
        let signed = named.or(data.content.as_deref());
        for signer in &data.signers {
            let mut report = SignatureReport::unread(String::new());
            report.envelope = depth;
            report.covers_whole_file = true;
            let outcome = signature::check(&data, signer, &|digest| value::hash(digest, &[signed?]));
            report.claimed_time = outcome.signing_time;
            if report.claimed_time.is_none() {
                report.warnings.push(Warning::NoClaimedTime);
            }
            judge::signer(&mut report, outcome, signer, context, None);
            signatures.push(report);
        }
        let inner = data.content.as_deref().and_then(decoded).map(Cow::into_owned);
        match inner {
            None => return Ok(()),
            Some(inner) => current = Cow::Owned(inner),
        }
    }
    Err(DocumentFault::TooMany)
}
