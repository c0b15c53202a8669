//! A CMS SignedData taken apart (RFC 5652, 5): content, certificates, revocation data and signers, as slices.
//!
//! Not in it: whether anything in it is true (`signature`).

use std::borrow::Cow;

use cms::signed_data::SignerIdentifier;
use der::Decode;
use der::asn1::ObjectIdentifier;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::ber;
use super::tlv::Tlv;
use crate::pades::cms::ID_SIGNED_DATA;

/// Certificates, signers and attributes of one CMS; nobody comes near.
const MAX_ITEMS: usize = 4096;

/// The parts of a SignedData.
pub(crate) struct SignedData<'a> {
    pub(crate) content_type: ObjectIdentifier,
    pub(crate) content: Option<Cow<'a, [u8]>>,
    pub(crate) certificates: Vec<&'a [u8]>,
    pub(crate) crls: Vec<&'a [u8]>,
    pub(crate) ocsps: Vec<&'a [u8]>,
    pub(crate) signers: Vec<Signer<'a>>,
}

/// One SignerInfo.
pub(crate) struct Signer<'a> {
    pub(crate) identifier: SignerIdentifier,
    pub(crate) digest: AlgorithmIdentifierOwned,
    /// The content of the SET, as it stands.
    pub(crate) signed_bytes: Option<&'a [u8]>,
    pub(crate) signed: Vec<Attribute<'a>>,
    pub(crate) algorithm: AlgorithmIdentifierOwned,
    pub(crate) value: &'a [u8],
    pub(crate) unsigned: Vec<Attribute<'a>>,
}

/// One attribute.
pub(crate) struct Attribute<'a> {
    pub(crate) oid: ObjectIdentifier,
    /// Its values, each whole.
    pub(crate) values: Vec<&'a [u8]>,
}

impl<'a> Attribute<'a> {
    /// The only attribute of a kind, with its only value.
    pub(crate) fn only(all: &[Self], oid: ObjectIdentifier) -> Option<&'a [u8]> {
        let mut found = all.iter().filter(|a| a.oid == oid);
        match (found.next()?.values.as_slice(), found.next()) {
            ([value], None) => Some(*value),
            _ => None,
        }
    }

    /// Whether there is one of a kind.
    pub(crate) fn has(all: &[Self], oid: ObjectIdentifier) -> bool {
        all.iter().any(|a| a.oid == oid)
    }
}

/// The first value of `bytes` with definite lengths, and how many bytes it took. Copied only where needed.
pub(crate) fn definite(bytes: &[u8]) -> Option<(Cow<'_, [u8]>, usize)> {
    if bytes.get(1) == Some(&0x80) {
        let (value, taken) = ber::first_value(bytes)?;
        return Some((Cow::Owned(value), taken));
    }
    let (value, _) = Tlv::first(bytes)?;
    Some((Cow::Borrowed(value.whole), value.whole.len()))
}

/// Whether these bytes begin as a SignedData.
pub(crate) fn is_signed_data(bytes: &[u8]) -> bool {
    // SEQUENCE, its length of at most five bytes, then the identifier.
    bytes.first() == Some(&0x30)
        && bytes.get(..18).is_some_and(|head| {
            head.windows(11)
                .any(|w| w == [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02])
        })
}

/// Takes a ContentInfo with definite lengths apart. `None`: not a SignedData, or damaged.
pub(crate) fn read(cms: &[u8]) -> Option<SignedData<'_>> {
    let mut info = sequence(Tlv::only(cms)?)?.values();
    if info.next()?.oid()? != ID_SIGNED_DATA {
        return None;
    }
    let explicit = info.tagged(0xa0)?;
    if !info.is_empty() {
        return None;
    }
    let mut fields = sequence(Tlv::only(explicit.content)?)?.values();
    fields.tagged(0x02)?;
    fields.tagged(0x31)?;
    let mut encapsulated = fields.tagged(0x30)?.values();
    let content_type = encapsulated.next()?.oid()?;
    let content = match encapsulated.tagged(0xa0) {
        Some(wrapped) => Some(octets(Tlv::only(wrapped.content)?)?),
        None => None,
    };
    if !encapsulated.is_empty() {
        return None;
    }
    let mut data = SignedData {
        content_type,
        content,
        certificates: Vec::new(),
        crls: Vec::new(),
        ocsps: Vec::new(),
        signers: Vec::new(),
    };
    if let Some(set) = fields.tagged(0xa0) {
        // Other kinds (attribute certificates) are of no use here.
        let certificates = set.all(MAX_ITEMS)?;
        data.certificates = certificates
            .iter()
            .filter(|c| c.tag == 0x30)
            .map(|c| c.whole)
            .collect();
    }
    if let Some(set) = fields.tagged(0xa1) {
        for one in set.all(MAX_ITEMS)? {
            match one.tag {
                0x30 => data.crls.push(one.whole),
                // RFC 5940: id-ri-ocsp-response and the response.
                0xa1 => data.ocsps.extend(one.all(2)?.get(1).map(|r| r.whole)),
                _ => {}
            }
        }
    }
    for signer in fields.tagged(0x31)?.all(MAX_ITEMS)? {
        data.signers.push(read_signer(signer)?);
    }
    fields.is_empty().then_some(data)
}

fn sequence(value: Tlv<'_>) -> Option<Tlv<'_>> {
    (value.tag == 0x30).then_some(value)
}

/// An OCTET STRING, whole or in pieces.
fn octets(value: Tlv<'_>) -> Option<Cow<'_, [u8]>> {
    match value.tag {
        0x04 => Some(Cow::Borrowed(value.content)),
        0x24 => {
            let mut values = value.values();
            let mut joined = Vec::with_capacity(value.content.len());
            while !values.is_empty() {
                joined.extend(values.tagged(0x04)?.content);
            }
            Some(Cow::Owned(joined))
        }
        _ => None,
    }
}

/// A SignerInfo.
pub(crate) fn read_signer(info: Tlv<'_>) -> Option<Signer<'_>> {
    let mut fields = sequence(info)?.values();
    fields.tagged(0x02)?;
    let identifier = SignerIdentifier::from_der(fields.next()?.whole).ok()?;
    let digest = AlgorithmIdentifierOwned::from_der(fields.next()?.whole).ok()?;
    let signed_set = fields.tagged(0xa0);
    let algorithm = AlgorithmIdentifierOwned::from_der(fields.next()?.whole).ok()?;
    let value = fields.tagged(0x04)?.content;
    let unsigned_set = fields.tagged(0xa1);
    if !fields.is_empty() {
        return None;
    }
    let signed = signed_set.map_or(Some(Vec::new()), read_attributes)?;
    let unsigned = unsigned_set.map_or(Some(Vec::new()), read_attributes)?;
    Some(Signer {
        identifier,
        digest,
        signed_bytes: signed_set.map(|s| s.content),
        signed,
        algorithm,
        value,
        unsigned,
    })
}

fn read_attributes(set: Tlv<'_>) -> Option<Vec<Attribute<'_>>> {
    set.all(MAX_ITEMS)?
        .into_iter()
        .map(|attribute| {
            let mut fields = sequence(attribute)?.values();
            let oid = fields.next()?.oid()?;
            let values = fields.tagged(0x31)?.all(MAX_ITEMS)?;
            fields.is_empty().then(|| Attribute {
                oid,
                values: values.iter().map(|v| v.whole).collect(),
            })
        })
        .collect()
}
