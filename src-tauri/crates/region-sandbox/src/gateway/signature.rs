//! Whether a PDF is signed as the gateway wants it: PAdES, over the whole file, by a certificate for signatures.
//!
//! A field under AcroForm/Fields whose signature has SubFilter `ETSI.CAdES.detached`, a time `/M`, a ByteRange that
//! covers the file but for the signature itself, and a CMS that verifies (ETSI EN 319 142-1). The signer's certificate
//! must say nonRepudiation; its chain is not followed here, since the sandbox has no trusted list.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier};
use der::{Decode, Encode};
use lopdf::{Dictionary, Document, Object};
use openssl::cms::{CMSOptions, CmsContentInfo};
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

use super::pdf::Pdf;
use super::problem::{Fault, Problem};

/// DER of the object identifier of signing-certificate-v2 (RFC 5035).
const SIGNING_CERTIFICATE_V2: &[u8] = &[
    0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F,
];

/// Verifies every signature, and that one of them covers the whole file.
pub(crate) fn verify(pdf: &Pdf, bytes: &[u8]) -> Result<(), Problem> {
    let signatures = signatures(pdf);
    if signatures.is_empty() {
        return Err(Problem::new(Fault::Unsigned, "Il pdf non risulta firmato"));
    }
    let mut whole = false;
    for signature in signatures {
        let (message, covers_all) = verify_one(signature, bytes).ok_or_else(invalid)?;
        if !is_for_signatures(&message) {
            return Err(Problem::new(
                Fault::Unsigned,
                "Il certificato del firmatario non è di firma (nonRepudiation)",
            ));
        }
        whole |= covers_all;
    }
    if whole { Ok(()) } else { Err(invalid()) }
}

fn invalid() -> Problem {
    Problem::new(Fault::Unsigned, "La firma del pdf non risulta valida")
}

/// The signature dictionaries of the form's fields.
fn signatures(pdf: &Pdf) -> Vec<&Dictionary> {
    let fields = pdf
        .document
        .catalog()
        .ok()
        .and_then(|catalog| pdf.dictionary(catalog.get(b"AcroForm").ok()))
        .and_then(|form| form.get(b"Fields").ok())
        .and_then(|fields| pdf.document.dereference(fields).ok())
        .and_then(|(_, fields)| fields.as_array().ok());
    fields
        .into_iter()
        .flatten()
        .filter_map(|field| pdf.dictionary(Some(field)))
        .filter(|field| field.get(b"FT").and_then(Object::as_name).ok() == Some(b"Sig"))
        .filter_map(|field| pdf.dictionary(field.get(b"V").ok()))
        .collect()
}

/// The CMS in DER, and whether it covers the whole file; nothing when it is not valid.
fn verify_one(signature: &Dictionary, file: &[u8]) -> Option<(Vec<u8>, bool)> {
    if signature.get(b"SubFilter").and_then(Object::as_name).ok()? != b"ETSI.CAdES.detached"
        || !signature.has(b"M")
    {
        return None;
    }
    let range: Vec<usize> = signature
        .get(b"ByteRange")
        .and_then(Object::as_array)
        .ok()?
        .iter()
        .map(|n| usize::try_from(n.as_i64().ok()?).ok())
        .collect::<Option<_>>()?;
    let [0, first, second, length] = range[..] else {
        return None;
    };
    let end = second.checked_add(length)?;
    let (before, after) = (file.get(..first)?, file.get(second..end)?);
    // What is left out is the hexadecimal string of the signature and nothing else.
    let gap = file.get(first..second)?.strip_prefix(b"<")?.strip_suffix(b">")?;
    let contents = signature.get(b"Contents").and_then(Object::as_str).ok()?;
    if hex::decode(gap).ok()? != contents {
        return None;
    }
    let message = without_padding(contents)?;
    let signed = [before, after].concat();
    let flags = CMSOptions::BINARY | CMSOptions::NO_SIGNER_CERT_VERIFY;
    let mut cms = CmsContentInfo::from_der(message).ok()?;
    cms.verify(None, None, Some(&signed), None, flags).ok()?;
    // Written again: some signers use BER with indefinite lengths, which only OpenSSL reads.
    Some((
        cms.to_der().ok()?,
        end == file.len() || adds_proof_alone(file, end),
    ))
}

/// Whether what follows the signed bytes is B-LT's store of certificates and revocation data (`/DSS`; ETSI EN 319 142-1, 5.4)
/// and nothing else: what was signed stands as it was.
fn adds_proof_alone(file: &[u8], end: usize) -> bool {
    let Some(Ok(signed)) = file.get(..end).map(Document::load_mem) else {
        return false;
    };
    let Ok(whole) = Document::load_mem(file) else {
        return false;
    };
    let root = |document: &Document| document.trailer.get(b"Root").and_then(Object::as_reference).ok();
    let (Some(catalog), true) = (root(&signed), root(&signed) == root(&whole)) else {
        return false;
    };
    let (Ok(before), Ok(after)) = (signed.catalog(), whole.catalog()) else {
        return false;
    };
    let mut after = after.clone();
    let store = after.remove(b"DSS").is_some();
    let mut before = before.clone();
    before.remove(b"DSS");
    // Declares the extension of PDF that the store is.
    before.remove(b"Extensions");
    after.remove(b"Extensions");
    let kept = signed
        .objects
        .iter()
        .filter(|(id, _)| **id != catalog)
        .all(|(id, object)| whole.objects.get(id) == Some(object));
    store && kept && before == after
}

/// The CMS without the zeros that fill the space reserved for it.
fn without_padding(contents: &[u8]) -> Option<&[u8]> {
    let length = match contents {
        // BER of indefinite length ends by itself.
        [0x30, 0x80, ..] => return Some(contents),
        [0x30, short, ..] if *short < 0x80 => usize::from(*short) + 2,
        [0x30, long, rest @ ..] => {
            let count = usize::from(*long & 0x7F);
            if !(1..=4).contains(&count) {
                return None;
            }
            let size = rest
                .get(..count)?
                .iter()
                .fold(0_usize, |size, b| size << 8 | usize::from(*b));
            size.checked_add(2 + count)?
        }
        _ => return None,
    };
    let (message, padding) = contents.split_at_checked(length)?;
    padding.iter().all(|b| *b == 0).then_some(message)
}

/// Whether every signer's certificate is there and says nonRepudiation, and the signature is bound to it.
fn is_for_signatures(message: &[u8]) -> bool {
    let data = || -> Option<SignedData> {
        let content = ContentInfo::from_der(message).ok()?;
        SignedData::from_der(&content.content.to_der().ok()?).ok()
    };
    let Some(data) = data() else { return false };
    let certificates: Vec<_> = data
        .certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        })
        .collect();
    let signers = data.signer_infos.0.as_slice();
    !signers.is_empty()
        && signers.iter().all(|signer| {
            let SignerIdentifier::IssuerAndSerialNumber(sid) = &signer.sid else {
                return false;
            };
            let bound = signer
                .signed_attrs
                .as_ref()
                .and_then(|attributes| attributes.to_der().ok())
                .is_some_and(|d| {
                    d.windows(SIGNING_CERTIFICATE_V2.len())
                        .any(|w| w == SIGNING_CERTIFICATE_V2)
                });
            let certificate = certificates.iter().find(|c| {
                c.tbs_certificate.issuer == sid.issuer && c.tbs_certificate.serial_number == sid.serial_number
            });
            let usage = certificate.and_then(|c| c.tbs_certificate.get::<KeyUsage>().ok().flatten());
            bound && usage.is_some_and(|(_, usage)| usage.0.contains(KeyUsages::NonRepudiation))
        })
}

#[cfg(test)]
mod tests {
    use super::without_padding;

    #[test]
    fn only_zeros_may_follow_the_cms() {
        assert_eq!(without_padding(&[0x30, 1, 5, 0, 0]), Some(&[0x30, 1, 5][..]));
        assert_eq!(
            without_padding(&[0x30, 0x81, 1, 5]),
            Some(&[0x30, 0x81, 1, 5][..])
        );
        for bad in [
            &[0x30, 1, 5, 0, 9][..],
            &[0x30, 9, 5],
            &[0x31, 0],
            &[],
            &[0x30, 0x84, 255, 255, 255, 255],
        ] {
            assert_eq!(without_padding(bad), None, "{bad:?}");
        }
    }
}
