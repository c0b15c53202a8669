//! From a certificate to a trust anchor, by OpenSSL's path validation (RFC 5280, 6).
//!
//! Not in it: revocation.

use jiff::Timestamp;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509StoreContext, X509VerifyResult};

use super::{SubIndication, TrustRoots};
use crate::certificate::ReadCertificate;

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

/// Certificates that may lead to an anchor; more are made only to slow us down.
const MAX_OTHERS: usize = 512;

/// The chain of a certificate, itself first, the anchor last. `proven`: `at` is a time at which a time-stamp
/// proves the signature, and not merely that of the judgement.
pub(super) fn build(
    leaf: &ReadCertificate,
    others: &[Vec<u8>],
    trust: &TrustRoots,
    at: Timestamp,
    proven: bool,
) -> Result<Vec<X509>, SubIndication> {
    // Told apart before the chain, so that the answer does not hang on having roots.
    if at > leaf.not_after() {
        return Err(if proven {
            SubIndication::Expired
        } else {
            SubIndication::OutOfBoundsNoPoe
        });
    }
    if at < leaf.not_before() {
        return Err(SubIndication::NotYetValid);
    }
    let (chain, result) =
        validate(leaf, others, trust, at).map_err(|_| SubIndication::NoCertificateChainFound)?;
    if let Some(chain) = chain {
        return Ok(chain);
    }
    Err(match result.as_raw() {
        NOT_YET_VALID | HAS_EXPIRED => SubIndication::OutOfBoundsNoPoe,
        UNABLE_TO_GET_ISSUER
        | SIGNATURE_FAILURE
        | SELF_SIGNED_LEAF
        | SELF_SIGNED_IN_CHAIN
        | UNABLE_TO_GET_ISSUER_LOCALLY
        | UNABLE_TO_VERIFY_LEAF => SubIndication::NoCertificateChainFound,
        weak if WEAK_KEY_OR_DIGEST.contains(&weak) => SubIndication::CryptoConstraintsFailure,
        _ => SubIndication::ChainConstraintsFailure,
    })
}

fn validate(
    leaf: &ReadCertificate,
    others: &[Vec<u8>],
    trust: &TrustRoots,
    at: Timestamp,
) -> Result<(Option<Vec<X509>>, X509VerifyResult), openssl::error::ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    for root in &trust.roots {
        store.add_cert(X509::from_der(root)?)?;
    }
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(at.as_second());
    parameters.set_auth_level(STRENGTH);
    // Trusted lists name issuing authorities, and these need not be roots.
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    store.set_param(&parameters)?;
    let store = store.build();
    let mut untrusted = Stack::new()?;
    for certificate in others.iter().take(MAX_OTHERS).chain(&trust.intermediates) {
        if let Ok(certificate) = X509::from_der(certificate) {
            untrusted.push(certificate)?;
        }
    }
    let leaf = X509::from_der(&leaf.der)?;
    let mut context = X509StoreContext::new()?;
    context.init(&store, &leaf, &untrusted, |c| {
        let chain = c
            .verify_cert()?
            .then(|| c.chain().map(|all| all.iter().map(ToOwned::to_owned).collect()))
            .flatten();
        Ok((chain, c.error()))
    })
}
