//! From a certificate to one of the given roots, for certificates that do not sign documents: time-stamp
//! authorities, OCSP responders, and the issuers whose revocation is collected.
//!
//! OpenSSL's path validation (RFC 5280, 6). Not in it: revocation, and what the certificate may be used for.

use jiff::Timestamp;
use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509StoreContext};

use crate::certificate::ReadCertificate;
use crate::validation::TrustRoots;

/// Certificates that may lead to a root; more are put in a file only to slow us down.
const MAX_OTHERS: usize = 256;

/// Why no root was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoPath;

/// The store of the roots, as of a time. 112 bits of strength: RSA from 2048, no SHA-1 below the root.
pub(crate) fn store(trust: &TrustRoots, at: Timestamp) -> Result<X509Store, ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    for root in trust.roots() {
        store.add_cert(X509::from_der(root)?)?;
    }
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(at.as_second());
    parameters.set_auth_level(2);
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    store.set_param(&parameters)?;
    Ok(store.build())
}

/// The chain, the certificate first and the root last.
pub(crate) fn to_root(
    leaf: &[u8],
    others: &[Vec<u8>],
    trust: &TrustRoots,
    at: Timestamp,
) -> Result<Vec<ReadCertificate>, NoPath> {
    let found = search(leaf, others, trust, at).map_err(|_| NoPath)?;
    let chain = found.ok_or(NoPath)?;
    chain
        .iter()
        .map(|der| ReadCertificate::read(der).map_err(|_| NoPath))
        .collect()
}

fn search(
    leaf: &[u8],
    others: &[Vec<u8>],
    trust: &TrustRoots,
    at: Timestamp,
) -> Result<Option<Vec<Vec<u8>>>, ErrorStack> {
    let store = store(trust, at)?;
    let mut untrusted = Stack::new()?;
    for other in others.iter().take(MAX_OTHERS).chain(trust.intermediates()) {
        if let Ok(other) = X509::from_der(other) {
            untrusted.push(other)?;
        }
    }
    let leaf = X509::from_der(leaf)?;
    let mut context = X509StoreContext::new()?;
    context.init(&store, &leaf, &untrusted, |c| {
        if !c.verify_cert()? {
            return Ok(None);
        }
        c.chain()
            .map(|chain| chain.iter().map(|c| c.to_der()).collect())
            .transpose()
    })
}
