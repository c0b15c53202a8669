//! The token itself: what it stamps, when, and whether its authority may say so.
//!
//! OpenSSL verifies the CMS and the chain; the rest of RFC 3161, 2.4.2 and EN 319 422 is held here.

use ::cms::cert::CertificateChoices;
use ::cms::content_info::ContentInfo;
use ::cms::signed_data::{SignedData, SignerInfo};
use der::asn1::{Any, Int, ObjectIdentifier, OctetString};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use jiff::Timestamp;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::hash::MessageDigest;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::ExtendedKeyUsage;
use x509_tsp::{Accuracy, MessageImprint};

use super::{Imprint, TimeStampError};
use crate::certificate::ReadCertificate;
use crate::pades::cms::{
    CONTENT_TYPE, ID_SIGNED_DATA, SHA256, SHA384, SHA512, SIGNING_CERTIFICATE_V2, SigningCertificateV2,
};
use crate::path;
use crate::validation::TrustRoots;

const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const SIGNING_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// `TSTInfo`, with the time as it stands: `x509-tsp` refuses fractions of a second, which authorities give.
#[derive(Sequence)]
struct TstInfo {
    version: u8,
    policy: ObjectIdentifier,
    message_imprint: MessageImprint,
    serial_number: Int,
    gen_time: Any,
    #[asn1(optional = "true")]
    accuracy: Option<Accuracy>,
    #[asn1(default = "Default::default")]
    ordering: bool,
    #[asn1(optional = "true")]
    nonce: Option<Int>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    tsa: Option<Any>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    extensions: Option<Extensions>,
}

/// `SigningCertificate` of RFC 2634, which names by SHA-1.
#[derive(Sequence)]
struct SigningCertificate {
    certs: Vec<EssCertId>,
    #[asn1(optional = "true")]
    policies: Option<Any>,
}

#[derive(Sequence)]
struct EssCertId {
    cert_hash: OctetString,
    #[asn1(optional = "true")]
    issuer_serial: Option<Any>,
}

/// A token that holds.
pub(crate) struct Found {
    pub(crate) time: Timestamp,
    pub(crate) policy: ObjectIdentifier,
    pub(crate) nonce: Option<Vec<u8>>,
    /// The authority's certificate first, its root last.
    pub(crate) chain: Vec<ReadCertificate>,
}

/// Checks a token against what it should stamp. The chain is held as of the token's own time.
pub(crate) fn check(der: &[u8], imprint: &Imprint, trust: &TrustRoots) -> Result<Found, TimeStampError> {
    let (data, info, content) = read(der).ok_or(TimeStampError::Unreadable)?;
    let stamped = TstInfo::from_der(&content).map_err(|_| TimeStampError::Unreadable)?;
    let time = time(&stamped.gen_time).ok_or(TimeStampError::Unreadable)?;
    let unknown = stamped.extensions.iter().flatten().any(|e| e.critical);
    if stamped.version != 1 || unknown {
        return Err(TimeStampError::Unreadable);
    }
    let of = &stamped.message_imprint;
    if of.hash_algorithm.oid != SHA256 || of.hashed_message.as_bytes() != imprint.0 {
        return Err(TimeStampError::WrongImprint);
    }
    if ![SHA256, SHA384, SHA512].contains(&info.digest_alg.oid) {
        return Err(TimeStampError::WeakDigest);
    }
    let certificates = certificates(&data);
    let signer = certificates
        .iter()
        .find(|c| c.is_named(&info.sid))
        .ok_or(TimeStampError::BadSignature)?;
    if attribute::<ObjectIdentifier>(&info, CONTENT_TYPE) != Some(TST_INFO) || !named(&info, signer) {
        return Err(TimeStampError::BadSignature);
    }
    signature_holds(der, &content)?;
    if !for_time_stamping_alone(signer) {
        return Err(TimeStampError::NotAnAuthority);
    }
    let others: Vec<Vec<u8>> = certificates.iter().map(|c| c.der.clone()).collect();
    let chain = path::to_anchor(signer, &others, trust, time).map_err(|_| TimeStampError::Untrusted)?;
    Ok(Found {
        time,
        policy: stamped.policy,
        nonce: stamped.nonce.map(|n| n.as_bytes().to_vec()),
        chain,
    })
}

/// The time that a token gives, unchecked.
pub(crate) fn time_of(der: &[u8]) -> Option<Timestamp> {
    let (_, _, content) = read(der)?;
    time(&TstInfo::from_der(&content).ok()?.gen_time)
}

fn read(der: &[u8]) -> Option<(SignedData, SignerInfo, Vec<u8>)> {
    let content = ContentInfo::from_der(der)
        .ok()
        .filter(|c| c.content_type == ID_SIGNED_DATA)?;
    let data: SignedData = content.content.decode_as().ok()?;
    if data.encap_content_info.econtent_type != TST_INFO {
        return None;
    }
    let inside: OctetString = data.encap_content_info.econtent.as_ref()?.decode_as().ok()?;
    let [info] = data.signer_infos.0.as_slice() else {
        return None;
    };
    let info = info.clone();
    Some((data, info, inside.into_bytes()))
}

fn certificates(data: &SignedData) -> Vec<ReadCertificate> {
    data.certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|c| match c {
            CertificateChoices::Certificate(c) => ReadCertificate::read(&c.to_der().ok()?).ok(),
            CertificateChoices::Other(_) => None,
        })
        .collect()
}

/// The first certificate of signing-certificate, in either version, is the signer's.
fn named(info: &SignerInfo, signer: &ReadCertificate) -> bool {
    let (digest, wanted) = if let Some(v2) = attribute::<SigningCertificateV2>(info, SIGNING_CERTIFICATE_V2) {
        let Some(first) = v2.certs.into_iter().next() else {
            return false;
        };
        let digest = match first.hash_algorithm.map(|a| a.oid) {
            None | Some(SHA256) => MessageDigest::sha256(),
            Some(SHA384) => MessageDigest::sha384(),
            Some(SHA512) => MessageDigest::sha512(),
            Some(_) => return false,
        };
        (digest, first.cert_hash)
    } else if let Some(v1) = attribute::<SigningCertificate>(info, SIGNING_CERTIFICATE) {
        let Some(first) = v1.certs.into_iter().next() else {
            return false;
        };
        (MessageDigest::sha1(), first.cert_hash)
    } else {
        return false;
    };
    openssl::hash::hash(digest, &signer.der).is_ok_and(|hash| *hash == *wanted.as_bytes())
}

/// The only value of a signed attribute that is there once.
fn attribute<T: for<'a> Decode<'a>>(info: &SignerInfo, oid: ObjectIdentifier) -> Option<T> {
    let attributes = info.signed_attrs.as_ref()?;
    let mut all = attributes.iter().filter(|a| a.oid == oid);
    match (all.next()?.values.as_slice(), all.next()) {
        ([value], None) => T::from_der(&value.to_der().ok()?).ok(),
        _ => None,
    }
}

fn signature_holds(der: &[u8], content: &[u8]) -> Result<(), TimeStampError> {
    let verified = || -> Result<Vec<u8>, openssl::error::ErrorStack> {
        let mut inside = Vec::new();
        // The certificate is judged apart, so that untrusted and broken are told apart.
        let flags = CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY;
        CmsContentInfo::from_der(der)?.verify(None, None, None, Some(&mut inside), flags)?;
        Ok(inside)
    };
    match verified() {
        Ok(inside) if inside == content => Ok(()),
        _ => Err(TimeStampError::BadSignature),
    }
}

fn for_time_stamping_alone(certificate: &ReadCertificate) -> bool {
    let extensions = certificate.parsed.tbs_certificate.extensions.iter().flatten();
    let mut usage = extensions.filter(|e| e.extn_id == EXTENDED_KEY_USAGE);
    usage.next().is_some_and(|usage| {
        usage.critical
            && ExtendedKeyUsage::from_der(usage.extn_value.as_bytes())
                .is_ok_and(|allowed| allowed.0 == [TIME_STAMPING])
    })
}

/// `YYYYMMDDhhmmss[.f...]Z` (RFC 3161, 2.4.2).
fn time(value: &Any) -> Option<Timestamp> {
    if value.tag() != Tag::GeneralizedTime {
        return None;
    }
    let text = std::str::from_utf8(value.value()).ok()?.strip_suffix('Z')?;
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if clock.len() != 14 || fraction.len() > 9 || !digits(clock) || !digits(fraction) {
        return None;
    }
    let whole = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", clock)
        .ok()?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()?
        .timestamp();
    let nanoseconds = format!("{fraction:0<9}").parse::<i32>().ok()?;
    Timestamp::new(whole.as_second(), nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generalized(text: &str) -> Any {
        Any::new(Tag::GeneralizedTime, text.as_bytes()).unwrap()
    }

    #[test]
    fn times_with_and_without_fractions_are_read() {
        let read = |text| time(&generalized(text)).map(|t| t.to_string());
        assert_eq!(read("20260401120000Z").as_deref(), Some("2026-04-01T12:00:00Z"));
        assert_eq!(
            read("20260401120000.25Z").as_deref(),
            Some("2026-04-01T12:00:00.25Z")
        );
        for wrong in [
            "20260401120000",
            "20261301120000Z",
            "2026040112Z",
            "20260401120000.+1Z",
            "",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn foreign_bytes_never_panic(bytes in proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..96)) {
            let _ = check(&bytes, &Imprint([0; 32]), &TrustRoots::default());
        }
    }
}
