//! No signature leaves unverified: what a device answers is held against its certificate at once.
//!
//! Cards glitch, drivers mix up keys, services answer for another document. Not in it: the document's own check
//! after the signature is in its place (`validation`).

use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::x509::X509;

use crate::certificate::KeyAlgorithm;
use crate::error::DeviceError;
use crate::pades::SigningHash;
use crate::token::SignatureValue;

/// Whether the certificate verifies the signature over the hash.
pub(crate) fn check(
    certificate: &[u8],
    algorithm: KeyAlgorithm,
    hash: &SigningHash,
    value: &SignatureValue,
) -> Result<(), DeviceError> {
    let verified = || -> Result<bool, ErrorStack> {
        let key = X509::from_der(certificate)?.public_key()?;
        let mut context = PkeyCtx::new(&key)?;
        context.verify_init()?;
        if algorithm == KeyAlgorithm::Rsa {
            context.set_rsa_padding(Padding::PKCS1)?;
            context.set_signature_md(Md::sha256())?;
        }
        context.verify(&hash.0, &value.0)
    };
    match verified() {
        Ok(true) => Ok(()),
        // A malformed signature is an error of OpenSSL's, not a plain no.
        Ok(false) | Err(_) => Err(DeviceError::SignatureUnsound),
    }
}
