//! A further signer of a `.p7m`, beside those who signed already: each signs the same content for itself
//! (RFC 5652, 5.1), and what the others signed keeps its bytes.

use crate::error::DocumentRefusal;
use crate::pades::cms::ID_DATA;
use crate::validation::ber::write_length;
use crate::validation::signed_data;
use crate::validation::tlv::Tlv;
use crate::validation::{self, Indication, Question, Revocation, TrustRoots};

use jiff::Timestamp;

/// Certificates, signers and digests of one CMS; nobody comes near.
const MAX_ITEMS: usize = 4096;

/// A `.p7m` that may take one more signer.
pub(super) struct Signed {
    /// With definite lengths.
    pub(super) cms: Vec<u8>,
    /// What is enveloped; none when it is detached.
    pub(super) content: Option<Vec<u8>>,
}

/// Reads it. `content`: what it signs, when it is detached. A broken signature is found out here: nobody joins it.
pub(super) fn read(file: &[u8], content: Option<&[u8]>, now: Timestamp) -> Result<Signed, DocumentRefusal> {
    let decoded = validation::cades::decoded(file).ok_or(DocumentRefusal::NotEnvelope)?;
    let (cms, _) = signed_data::definite(&decoded).ok_or(DocumentRefusal::NotEnvelope)?;
    let data = signed_data::read(&cms).ok_or(DocumentRefusal::NotEnvelope)?;
    if data.content_type != ID_DATA || data.signers.is_empty() {
        return Err(DocumentRefusal::NotEnvelope);
    }
    if data.content.is_none() && content.is_none() {
        return Err(DocumentRefusal::ContentMissing);
    }
    let report = validation::judged(
        &cms,
        &Question {
            trust: &TrustRoots::default(),
            at: now,
            revocation: Revocation::None,
            content,
        },
    );
    let outermost = report.signatures.iter().filter(|s| s.envelope == 0);
    if report.fault.is_some() || outermost.clone().any(|s| s.indication == Indication::TotalFailed) {
        return Err(DocumentRefusal::EarlierSignatureBroken);
    }
    let content = data.content.map(|content| content.into_owned());
    Ok(Signed {
        cms: cms.into_owned(),
        content,
    })
}

struct Parts<'a> {
    version: &'a [u8],
    digests: Vec<&'a [u8]>,
    encapsulated: &'a [u8],
    certificates: Vec<&'a [u8]>,
    crls: &'a [u8],
    signers: Vec<&'a [u8]>,
}

fn parts(cms: &[u8]) -> Option<Parts<'_>> {
    let mut info = Tlv::only(cms)?.values();
    info.tagged(0x06)?;
    let mut fields = Tlv::only(info.tagged(0xa0)?.content)?.values();
    let version = fields.tagged(0x02)?.whole;
    let digests = items(fields.tagged(0x31)?)?;
    let encapsulated = fields.tagged(0x30)?.whole;
    let certificates = fields.tagged(0xa0).map_or(Some(Vec::new()), items)?;
    let crls = fields.tagged(0xa1).map_or(&[][..], |set| set.whole);
    let signers = items(fields.tagged(0x31)?)?;
    Some(Parts {
        version,
        digests,
        encapsulated,
        certificates,
        crls,
        signers,
    })
}

fn items(set: Tlv<'_>) -> Option<Vec<&[u8]>> {
    Some(set.all(MAX_ITEMS)?.iter().map(|item| item.whole).collect())
}

/// The first CMS with the signers and certificates of the second one, too.
pub(super) fn joined(first: &[u8], second: &[u8]) -> Option<Vec<u8>> {
    let (first, second) = (parts(first)?, parts(second)?);
    let data = [
        first.version.to_vec(),
        set(0x31, [first.digests, second.digests].concat()),
        first.encapsulated.to_vec(),
        set(0xa0, [first.certificates, second.certificates].concat()),
        first.crls.to_vec(),
        set(0x31, [first.signers, second.signers].concat()),
    ]
    .concat();
    const ID_SIGNED_DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let explicit = value(0xa0, &value(0x30, &data));
    Some(value(0x30, &[ID_SIGNED_DATA.as_slice(), &explicit].concat()))
}

/// A SET OF in the order of DER, nothing twice.
fn set(tag: u8, mut items: Vec<&[u8]>) -> Vec<u8> {
    items.sort_unstable();
    items.dedup();
    value(tag, &items.concat())
}

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(content.len() + 6);
    bytes.push(tag);
    write_length(content.len(), &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}
