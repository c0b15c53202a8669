//! The signature of a list: enveloped XAdES over the whole document, by one of the certificates that are expected.
//!
//! Only the shape that TS 119 612, B.1 allows is taken, so that nothing can be wrapped: one `ds:Signature`, a child of
//! the root; one reference to the whole document or to its root, with the enveloped transform; everything else that it
//! refers to stands inside the signature. No key is taken from the document. Not in it: certificate paths, because the
//! certificate itself is pinned. Sources: XML Signature (RFC 3275, RFC 9231), ETSI EN 319 132-1, TS 119 612 v2.

use der::Decode as _;
use der::asn1::{Any, ObjectIdentifier};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::x509::X509;
use roxmltree::{Document, Node};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::canonical::{Method, canonical};
use super::xml::{bytes, children, only};
use crate::validation::value;

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// A list has two or three.
const MAX_REFERENCES: usize = 8;

/// Why the signature of a list is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// There is none.
    #[error("the list is not signed")]
    Missing,
    /// More than one, or one in a strange place.
    #[error("the list has more than one signature")]
    Several,
    /// It does not cover the whole list, or refers to something outside itself.
    #[error("the signature does not cover the whole list")]
    NotWhole,
    /// An algorithm or a form that is not taken: SHA-1, short keys, XPath, HMAC.
    #[error("the signature uses something that is not accepted")]
    Unsupported,
    /// Made with a key that is not among those expected.
    #[error("the list is signed by somebody else")]
    Stranger,
    /// The list was changed, or the value is wrong.
    #[error("the signature does not hold")]
    Broken,
    /// The properties name another certificate than the one that signed.
    #[error("the signature names another certificate")]
    OtherCertificate,
}

use SignatureFault::{Broken, Missing, NotWhole, OtherCertificate, Several, Stranger, Unsupported};

/// Verifies the signature of a list. `expected`: certificates in DER. The answer is the one that signed.
pub(super) fn check<'e>(
    source: &str,
    document: &Document<'_>,
    expected: &'e [Vec<u8>],
) -> Result<&'e [u8], SignatureFault> {
    let root = document.root_element();
    let signature = the_one(document)?;
    let info = only(signature, DS, "SignedInfo").ok_or(Unsupported)?;
    // The signature first: what a stranger wrote is not worked through.
    let signer = signer(source, signature, info, expected)?;
    let (mut whole, mut properties) = (0, None);
    let references: Vec<_> = children(info, DS, "Reference").take(MAX_REFERENCES + 1).collect();
    if references.len() > MAX_REFERENCES {
        return Err(Unsupported);
    }
    for reference in references {
        // Without the attribute an application would say what is meant.
        let uri = reference.attribute("URI").ok_or(NotWhole)?;
        let target = match uri.strip_prefix('#') {
            None if uri.is_empty() => document.root(),
            None => return Err(NotWhole),
            Some(id) => named(document, id).ok_or(NotWhole)?,
        };
        let is_whole = target.is_root() || target == root;
        if !is_whole && !target.ancestors().any(|a| a == signature) {
            return Err(NotWhole);
        }
        let method = transforms(reference, is_whole)?;
        let without = is_whole.then_some(signature.id());
        let form = canonical(source, target, without, &method).ok_or(Unsupported)?;
        if digest(reference, &form)? != digest_value(reference)? {
            return Err(Broken);
        }
        whole += usize::from(is_whole);
        if reference.attribute("Type") == Some(SIGNED_PROPERTIES) {
            properties = Some(target);
        }
    }
    if whole != 1 {
        return Err(NotWhole);
    }
    names(properties.ok_or(Unsupported)?, signature, signer)?;
    Ok(signer)
}

/// The only signature, a child of the root.
fn the_one<'a, 'input>(document: &'a Document<'input>) -> Result<Node<'a, 'input>, SignatureFault> {
    let mut all = document
        .descendants()
        .filter(|n| n.has_tag_name((DS, "Signature")));
    let signature = all.next().ok_or(Missing)?;
    // Countersignatures may stand inside it.
    if signature.parent() != Some(document.root_element())
        || all.any(|other| !other.ancestors().any(|a| a == signature))
    {
        return Err(Several);
    }
    Ok(signature)
}

/// The only element with an identifier, under whatever spelling.
fn named<'a, 'input>(document: &'a Document<'input>, id: &str) -> Option<Node<'a, 'input>> {
    let mut all = document.descendants().filter(|node| {
        node.attributes()
            .any(|a| a.name().eq_ignore_ascii_case("id") && a.value() == id)
    });
    all.next().filter(|_| all.next().is_none())
}

fn signer<'e>(
    source: &str,
    signature: Node<'_, '_>,
    info: Node<'_, '_>,
    expected: &'e [Vec<u8>],
) -> Result<&'e [u8], SignatureFault> {
    let method = only(info, DS, "CanonicalizationMethod").ok_or(Unsupported)?;
    let method = canonicalization(method).ok_or(Unsupported)?;
    let form = canonical(source, info, None, &method).ok_or(Unsupported)?;
    let algorithm = only(info, DS, "SignatureMethod")
        .and_then(|m| m.attribute("Algorithm"))
        .ok_or(Unsupported)?;
    let (algorithm, is_ecdsa) = signature_algorithm(algorithm).ok_or(Unsupported)?;
    let value = only(signature, DS, "SignatureValue")
        .and_then(bytes)
        .ok_or(Broken)?;
    let value = if is_ecdsa {
        ecdsa(&value).ok_or(Broken)?
    } else {
        value
    };
    for der in expected {
        let Ok(key) = X509::from_der(der).and_then(|c| c.public_key()) else {
            continue;
        };
        if value::check(&key, &algorithm, None, &form, &value).is_ok() {
            return Ok(der);
        }
    }
    let says = only(signature, DS, "KeyInfo")
        .into_iter()
        .flat_map(|k| children(k, DS, "X509Data"))
        .flat_map(|d| children(d, DS, "X509Certificate"))
        .filter_map(bytes)
        .any(|der| expected.contains(&der));
    Err(if says { Broken } else { Stranger })
}

/// The canonicalization that an element names by its `Algorithm`.
fn canonicalization(node: Node<'_, '_>) -> Option<Method> {
    match node.attribute("Algorithm")? {
        INCLUSIVE => Some(Method::Inclusive),
        EXCLUSIVE => {
            let listed = children(node, EXCLUSIVE, "InclusiveNamespaces")
                .filter_map(|n| n.attribute("PrefixList"))
                .flat_map(str::split_whitespace)
                .map(|prefix| if prefix == "#default" { "" } else { prefix })
                .map(str::to_owned)
                .collect();
            Some(Method::Exclusive(listed))
        }
        _ => None,
    }
}

/// Enveloped where it must be and nowhere else, then at most one canonicalization; without one it is the inclusive.
fn transforms(reference: Node<'_, '_>, is_whole: bool) -> Result<Method, SignatureFault> {
    let mut all: Vec<_> = children(reference, DS, "Transforms")
        .flat_map(|t| children(t, DS, "Transform"))
        .collect();
    if is_whole {
        if all.first().and_then(|t| t.attribute("Algorithm")) != Some(ENVELOPED) {
            return Err(Unsupported);
        }
        all.remove(0);
    }
    match all.as_slice() {
        [] => Ok(Method::Inclusive),
        [one] => canonicalization(*one).ok_or(Unsupported),
        _ => Err(Unsupported),
    }
}

fn digest(holder: Node<'_, '_>, bytes: &[u8]) -> Result<Vec<u8>, SignatureFault> {
    let method = only(holder, DS, "DigestMethod")
        .and_then(|m| m.attribute("Algorithm"))
        .ok_or(Unsupported)?;
    let method = match method {
        "http://www.w3.org/2001/04/xmlenc#sha256" => MessageDigest::sha256(),
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => MessageDigest::sha384(),
        "http://www.w3.org/2001/04/xmlenc#sha512" => MessageDigest::sha512(),
        _ => return Err(Unsupported),
    };
    value::hash(method, &[bytes]).ok_or(Unsupported)
}

fn digest_value(holder: Node<'_, '_>) -> Result<Vec<u8>, SignatureFault> {
    only(holder, DS, "DigestValue").and_then(bytes).ok_or(Broken)
}

/// The signed properties belong to this signature and name the certificate that made it (EN 319 132-1, 5.2.2).
fn names(properties: Node<'_, '_>, signature: Node<'_, '_>, signer: &[u8]) -> Result<(), SignatureFault> {
    let holder = properties.parent_element().filter(|q| {
        q.has_tag_name((XADES, "QualifyingProperties"))
            && q.parent_element().is_some_and(|object| {
                object.has_tag_name((DS, "Object")) && object.parent_element() == Some(signature)
            })
    });
    if !properties.has_tag_name((XADES, "SignedProperties")) || holder.is_none() {
        return Err(NotWhole);
    }
    let named = only(properties, XADES, "SignedSignatureProperties")
        .and_then(|s| only(s, XADES, "SigningCertificateV2").or_else(|| only(s, XADES, "SigningCertificate")))
        .and_then(|s| children(s, XADES, "Cert").next())
        .and_then(|c| only(c, XADES, "CertDigest"))
        .ok_or(Unsupported)?;
    if digest(named, signer)? == digest_value(named)? {
        Ok(())
    } else {
        Err(OtherCertificate)
    }
}

/// The identifiers of RFC 9231 as those of X.509, and whether the value is an ECDSA one.
fn signature_algorithm(uri: &str) -> Option<(AlgorithmIdentifierOwned, bool)> {
    let (oid, pss) = match uri {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => ("1.2.840.113549.1.1.11", None),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => ("1.2.840.113549.1.1.12", None),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => ("1.2.840.113549.1.1.13", None),
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => ("1.2.840.10045.4.3.2", None),
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => ("1.2.840.10045.4.3.3", None),
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512" => ("1.2.840.10045.4.3.4", None),
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1" => ("1.2.840.113549.1.1.10", Some((1, 32))),
        "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1" => ("1.2.840.113549.1.1.10", Some((2, 48))),
        "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1" => ("1.2.840.113549.1.1.10", Some((3, 64))),
        _ => return None,
    };
    let parameters = match pss {
        None => None,
        Some((digest, salt)) => Some(pss_parameters(digest, salt)?),
    };
    let oid = ObjectIdentifier::new(oid).ok()?;
    Some((
        AlgorithmIdentifierOwned { oid, parameters },
        uri.contains("#ecdsa-"),
    ))
}

/// `RSASSA-PSS-params` (RFC 4055): one digest for message and mask, the salt as long as the digest (RFC 9231, 2.3.10).
fn pss_parameters(digest: u8, salt: u8) -> Option<Any> {
    let hash = [0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, digest, 5, 0];
    let mask = [0x30, 0x1a, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
    let whole = [
        &[0x30, 0x34, 0xa0, 0x0f][..],
        &hash,
        &[0xa1, 0x1c],
        &mask,
        &hash,
        &[0xa2, 3, 2, 1, salt],
    ];
    Any::from_der(&whole.concat()).ok()
}

/// XML writes the two numbers one after the other (RFC 9231, 2.3.6).
fn ecdsa(value: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = value.split_at_checked(value.len() / 2)?;
    if r.is_empty() || r.len() != s.len() || r.len() > 66 {
        return None;
    }
    let number = |bytes| BigNum::from_slice(bytes).ok();
    EcdsaSig::from_private_components(number(r)?, number(s)?)
        .and_then(|s| s.to_der())
        .ok()
}
