//! From the signing certificate to a root, by OpenSSL's path validation (RFC 5280, 6).
//!
//! Not in it: revocation.

use jiff::Timestamp;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509StoreContext, X509VerifyResult};

use super::{SubIndication, TrustRoots};
use crate::certificate::ReadCertificate;
use crate::identity::KeyUse;

// X509_V_ERR_* of openssl/x509_vfy.h, which the crate does not name.
const UNABLE_TO_GET_ISSUER: i32 = 2;
const NOT_YET_VALID: i32 = 9;
const HAS_EXPIRED: i32 = 10;
const SELF_SIGNED_LEAF: i32 = 18;
const SELF_SIGNED_IN_CHAIN: i32 = 19;
const UNABLE_TO_GET_ISSUER_LOCALLY: i32 = 20;
const UNABLE_TO_VERIFY_LEAF: i32 = 21;

pub(super) fn check(
    signer: &ReadCertificate,
    others: &[Vec<u8>],
    trust: &TrustRoots,
    now: Timestamp,
) -> Result<(), SubIndication> {
    if signer.usage() != KeyUse::Signature {
        return Err(SubIndication::SigConstraintsFailure);
    }
    // Told apart before the chain, so that the answer does not hang on having roots.
    if now > signer.not_after() {
        return Err(SubIndication::OutOfBoundsNoPoe);
    }
    if now < signer.not_before() {
        return Err(SubIndication::NotYetValid);
    }
    let (valid, result) =
        validate(signer, others, trust, now).map_err(|_| SubIndication::NoCertificateChainFound)?;
    if valid {
        return Ok(());
    }
    Err(match result.as_raw() {
        NOT_YET_VALID => SubIndication::NotYetValid,
        HAS_EXPIRED => SubIndication::OutOfBoundsNoPoe,
        UNABLE_TO_GET_ISSUER
        | SELF_SIGNED_LEAF
        | SELF_SIGNED_IN_CHAIN
        | UNABLE_TO_GET_ISSUER_LOCALLY
        | UNABLE_TO_VERIFY_LEAF => SubIndication::NoCertificateChainFound,
        _ => SubIndication::ChainConstraintsFailure,
    })
}

fn validate(
    signer: &ReadCertificate,
    others: &[Vec<u8>],
    trust: &TrustRoots,
    now: Timestamp,
) -> Result<(bool, X509VerifyResult), openssl::error::ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    for root in &trust.roots {
        store.add_cert(X509::from_der(root)?)?;
    }
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(now.as_second());
    store.set_param(&parameters)?;
    let store = store.build();
    let mut untrusted = Stack::new()?;
    for certificate in others.iter().chain(&trust.intermediates) {
        untrusted.push(X509::from_der(certificate)?)?;
    }
    let leaf = X509::from_der(&signer.der)?;
    let mut context = X509StoreContext::new()?;
    context.init(&store, &leaf, &untrusted, |c| Ok((c.verify_cert()?, c.error())))
}
