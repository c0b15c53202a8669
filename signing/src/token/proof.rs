//! No signature leaves unverified: what a device answers is held against its certificate at once.
//!
//! Cards glitch, drivers mix up keys, services answer for another document. Not in it: the document's own check
//! after the signature is in its place (`validation`).

use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey_ctx::{PkeyCtx, PkeyCtxRef};
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;
use openssl::x509::X509;

use crate::certificate::KeyAlgorithm;
use crate::error::DeviceError;
use crate::pades::{RsaPadding, SigningHash};
use crate::token::SignatureValue;

/// Sets padding and digest of an RSA operation. PSS as CMS names it: MGF1 with the same digest, salt as long.
pub(crate) fn pad<T>(context: &mut PkeyCtxRef<T>, padding: RsaPadding) -> Result<(), ErrorStack> {
    match padding {
        RsaPadding::Pkcs1 => context.set_rsa_padding(Padding::PKCS1)?,
        RsaPadding::Pss => {
            context.set_rsa_padding(Padding::PKCS1_PSS)?;
            context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
    }
    context.set_signature_md(Md::sha256())
}

/// Whether the certificate verifies the signature over the hash.
pub(crate) fn check(
    certificate: &[u8],
    algorithm: KeyAlgorithm,
    padding: RsaPadding,
    hash: &SigningHash,
    value: &SignatureValue,
) -> Result<(), DeviceError> {
    let verified = || -> Result<bool, ErrorStack> {
        let key = X509::from_der(certificate)?.public_key()?;
        let mut context = PkeyCtx::new(&key)?;
        context.verify_init()?;
        if algorithm.is_rsa() {
            pad(&mut context, padding)?;
        }
        context.verify(&hash.0, &value.0)
    };
    match verified() {
        Ok(true) => Ok(()),
        // A malformed signature is an error of OpenSSL's, not a plain no.
        Ok(false) | Err(_) => Err(DeviceError::SignatureUnsound),
    }
}
