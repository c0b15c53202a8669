//! From a certificate to one of the given anchors, for signers, time-stamp authorities and OCSP responders alike.
//!
//! OpenSSL's path validation (RFC 5280, 6). Not in it: revocation, and what the certificate may be used for.

use jiff::Timestamp;
use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509StoreContext, X509VerifyResult};

use crate::certificate::ReadCertificate;
use crate::validation::TrustRoots;

// X509_V_ERR_* of openssl/x509_vfy.h, which the crate does not name.
const UNABLE_TO_GET_ISSUER: i32 = 2;
const SIGNATURE_FAILURE: i32 = 7;
const NOT_YET_VALID: i32 = 9;
const HAS_EXPIRED: i32 = 10;
const SELF_SIGNED_LEAF: i32 = 18;
const SELF_SIGNED_IN_CHAIN: i32 = 19;
const UNABLE_TO_GET_ISSUER_LOCALLY: i32 = 20;
const UNABLE_TO_VERIFY_LEAF: i32 = 21;
const WEAK_KEY_OR_DIGEST: std::ops::RangeInclusive<i32> = 66..=68;

/// 112 bits: RSA from 2048, no SHA-1 below the anchor.
const STRENGTH: i32 = 2;

/// Certificates that may lead to an anchor; more are put in a file only to slow us down.
const MAX_OTHERS: usize = 512;

/// Why no anchor was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPath {
    /// The certificate had expired.
    Expired,
    /// The certificate was not valid yet.
    NotYetValid,
    /// An issuer had expired, or was not valid yet.
    IssuerOutOfBounds,
    /// Nothing leads to an anchor.
    NotFound,
    /// A key or digest on the way is too weak.
    Weak,
    /// Something on the way forbids it: key usage, path length, names.
    Constraints,
}

/// The chain as of `at`, the certificate first and the anchor last.
pub(crate) fn to_anchor(
    leaf: &ReadCertificate,
    others: &[Vec<u8>],
    trust: &TrustRoots,
    at: Timestamp,
) -> Result<Vec<ReadCertificate>, NoPath> {
    // Told apart before the chain, so that the answer does not hang on having anchors.
    if at > leaf.not_after() {
        return Err(NoPath::Expired);
    }
    if at < leaf.not_before() {
        return Err(NoPath::NotYetValid);
    }
    let (chain, result) = search(leaf, others, trust, at).map_err(|_| NoPath::NotFound)?;
    if let Some(chain) = chain {
        return chain
            .iter()
            .map(|der| ReadCertificate::as_it_stands(der).map_err(|_| NoPath::NotFound))
            .collect();
    }
    Err(match result.as_raw() {
        NOT_YET_VALID | HAS_EXPIRED => NoPath::IssuerOutOfBounds,
        UNABLE_TO_GET_ISSUER
        | SIGNATURE_FAILURE
        | SELF_SIGNED_LEAF
        | SELF_SIGNED_IN_CHAIN
        | UNABLE_TO_GET_ISSUER_LOCALLY
        | UNABLE_TO_VERIFY_LEAF => NoPath::NotFound,
        weak if WEAK_KEY_OR_DIGEST.contains(&weak) => NoPath::Weak,
        _ => NoPath::Constraints,
    })
}

type Found = (Option<Vec<Vec<u8>>>, X509VerifyResult);

fn search(
    leaf: &ReadCertificate,
    others: &[Vec<u8>],
    trust: &TrustRoots,
    at: Timestamp,
) -> Result<Found, ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    for root in trust.roots() {
        store.add_cert(root.clone())?;
    }
    for anchor in trust.listed(leaf, at) {
        store.add_cert(anchor.clone())?;
    }
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(at.as_second());
    parameters.set_auth_level(STRENGTH);
    // Trusted lists name issuing authorities, and these need not be roots.
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    store.set_param(&parameters)?;
    let store = store.build();
    let mut untrusted = Stack::new()?;
    for other in others.iter().take(MAX_OTHERS) {
        if let Ok(other) = X509::from_der(other) {
            untrusted.push(other)?;
        }
    }
    for other in trust.intermediates() {
        untrusted.push(other.clone())?;
    }
    let leaf = X509::from_der(&leaf.der)?;
    let mut context = X509StoreContext::new()?;
    context.init(&store, &leaf, &untrusted, |c| {
        if !c.verify_cert()? {
            return Ok((None, c.error()));
        }
        let chain = c
            .chain()
            .map(|chain| chain.iter().map(|one| one.to_der()).collect())
            .transpose()?;
        Ok((chain, c.error()))
    })
}
