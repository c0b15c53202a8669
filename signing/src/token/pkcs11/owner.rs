//! What is asked of a module, in its own process and on the one thread that may ask it.
//!
//! Slots, tokens and objects are read anew each time: a card may have been changed in between. One login per
//! grant, one attempt per login.

use std::collections::HashMap;
use std::path::Path;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use der::Encode;
use der::asn1::UintRef;
use secrecy::{ExposeSecret, SecretString};

use super::answer;
use super::wire::{CertificateBytes, TokenFacts};
use crate::certificate::{KeyAlgorithm, ReadCertificate};
use crate::error::DeviceError;
use crate::identity::{IdentityId, PinState};
use crate::pades::{RsaPadding, SigningHash};
use crate::token::{Secret, SignatureValue};

/// `DigestInfo` of SHA-256 before the hash (RFC 8017, 9.2, note 1).
const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

pub(super) struct Owner {
    module: Pkcs11,
    grants: HashMap<u64, Grant>,
    last_grant: u64,
}

struct Grant {
    slot: Slot,
    session: Session,
    key: ObjectHandle,
    algorithm: KeyAlgorithm,
    hashes: Vec<SigningHash>,
    /// Kept only for a key that wants its PIN before every signature (CKA_ALWAYS_AUTHENTICATE).
    each_time: Option<SecretString>,
}

struct TokenCertificate {
    read: ReadCertificate,
    id: Vec<u8>,
}

impl Owner {
    pub(super) fn load(path: &Path) -> Result<Self, DeviceError> {
        let module = Pkcs11::new(path).map_err(|e| answer::loading(&e))?;
        match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(e) => return Err(answer::loading(&e)),
        }
        Ok(Self {
            module,
            grants: HashMap::new(),
            last_grant: 0,
        })
    }

    /// Every token that can be read, and why another could not: one bad reader does not hide a good one.
    pub(super) fn tokens(&mut self) -> Result<(Vec<TokenFacts>, Option<DeviceError>), DeviceError> {
        let (mut tokens, mut fault) = (Vec::new(), None);
        for slot in self.slots()? {
            match self.facts(slot) {
                Ok(facts) => tokens.extend(facts),
                Err(error) => fault = Some(error),
            }
        }
        match (tokens.is_empty(), fault) {
            // Readers whose cards were never written.
            (true, None) => Err(DeviceError::NoToken),
            (_, fault) => Ok((tokens, fault)),
        }
    }

    /// The tokens that are there. Asked again and again rather than waited for: `C_WaitForSlotEvent` would hold the one thread
    /// that may ask the module, and several drivers do not have it without waiting.
    pub(super) fn serials(&self) -> Result<Vec<String>, DeviceError> {
        let slots = match self.slots() {
            Err(DeviceError::NoToken) => return Ok(Vec::new()),
            slots => slots?,
        };
        let mut found = Vec::new();
        for slot in slots {
            match self.token(slot) {
                Ok(token) => found.push(token.serial_number().to_owned()),
                // Pulled out between the two questions.
                Err(DeviceError::NoToken | DeviceError::TokenRemoved) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    fn facts(&self, slot: Slot) -> Result<Option<TokenFacts>, DeviceError> {
        let token = self.token(slot)?;
        if !token.token_initialized() {
            return Ok(None);
        }
        let session = self.module.open_ro_session(slot).map_err(|e| answer::plain(&e))?;
        let certificates = certificates(&session)?
            .into_iter()
            .map(|c| CertificateBytes(c.read.der))
            .collect();
        Ok(Some(TokenFacts {
            label: token.label().trim().to_owned(),
            serial: token.serial_number().to_owned(),
            pin: pin_state(&token),
            pin_on_device: token.protected_authentication_path(),
            certificates,
        }))
    }

    pub(super) fn authorise(
        &mut self,
        identity: &IdentityId,
        hashes: Vec<SigningHash>,
        secret: Secret,
    ) -> Result<(u64, CertificateBytes), DeviceError> {
        let (slot, session, certificate) = self.find(identity)?;
        if self.grants.values().any(|g| g.slot == slot) {
            return Err(DeviceError::HeldByAnother);
        }
        let algorithm = certificate
            .read
            .key_algorithm()
            .map_err(|_| DeviceError::MechanismUnsupported)?;
        let token = self.token(slot)?;
        let pin = match secret {
            Secret::Pin(pin) => {
                check_length(&token, &pin)?;
                Some(pin)
            }
            Secret::OnDevice if token.protected_authentication_path() => None,
            Secret::OnDevice | Secret::Remote { .. } => return Err(DeviceError::MechanismUnsupported),
        };
        if token.user_pin_locked() {
            return Err(DeviceError::PinLocked);
        }
        if let Err(error) = session.login(UserType::User, pin.as_ref()) {
            // The flags after the attempt say how near the lock is.
            let after = self.module.get_token_info(slot).ok();
            return Err(answer::login(
                &error,
                after.as_ref().map(pin_state),
                length(&token),
            ));
        }
        match private_key(&session, &certificate) {
            Ok((key, always)) => {
                self.last_grant += 1;
                let each_time = pin.filter(|_| always);
                let grant = Grant {
                    slot,
                    session,
                    key,
                    algorithm,
                    hashes,
                    each_time,
                };
                self.grants.insert(self.last_grant, grant);
                Ok((self.last_grant, CertificateBytes(certificate.read.der)))
            }
            Err(error) => {
                let _ = session.logout();
                Err(error)
            }
        }
    }

    pub(super) fn sign(
        &mut self,
        grant: u64,
        hash: SigningHash,
        padding: RsaPadding,
    ) -> Result<SignatureValue, DeviceError> {
        let grant = self.grants.get(&grant).ok_or(DeviceError::TokenRemoved)?;
        if !grant.hashes.contains(&hash) {
            return Err(DeviceError::NotAuthorised);
        }
        let signed = match grant.algorithm {
            KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss if padding == RsaPadding::Pss => {
                let parameters = PkcsPssParams {
                    hash_alg: MechanismType::SHA256,
                    mgf: PkcsMgfType::MGF1_SHA256,
                    s_len: 32.into(),
                };
                grant.raw_signature(&Mechanism::RsaPkcsPss(parameters), &hash.0)
            }
            KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => {
                let info = [SHA256_DIGEST_INFO.as_slice(), &hash.0].concat();
                grant.raw_signature(&Mechanism::RsaPkcs, &info)
            }
            KeyAlgorithm::P256 | KeyAlgorithm::P384 => grant.raw_signature(&Mechanism::Ecdsa, &hash.0),
        };
        let value = signed.map_err(|e| self.removed_or(grant.slot, answer::plain(&e)))?;
        match grant.algorithm {
            KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => Ok(SignatureValue(value)),
            KeyAlgorithm::P256 | KeyAlgorithm::P384 => ecdsa_value(&value).map(SignatureValue),
        }
    }

    pub(super) fn end(&mut self, grant: u64) {
        if let Some(grant) = self.grants.remove(&grant) {
            let _ = grant.session.logout();
        }
    }

    fn slots(&self) -> Result<Vec<Slot>, DeviceError> {
        let slots = self
            .module
            .get_slots_with_token()
            .map_err(|e| answer::plain(&e))?;
        if slots.is_empty() {
            Err(DeviceError::NoToken)
        } else {
            Ok(slots)
        }
    }

    fn token(&self, slot: Slot) -> Result<TokenInfo, DeviceError> {
        self.module.get_token_info(slot).map_err(|e| answer::plain(&e))
    }

    fn find(&self, identity: &IdentityId) -> Result<(Slot, Session, TokenCertificate), DeviceError> {
        let mut reason = DeviceError::IdentityGone;
        for slot in self.slots()? {
            let found = self
                .module
                .open_ro_session(slot)
                .map_err(|e| answer::plain(&e))
                .and_then(|session| Ok((certificates(&session)?, session)));
            match found {
                Ok((certificates, session)) => {
                    if let Some(c) = certificates.into_iter().find(|c| c.read.id() == *identity) {
                        return Ok((slot, session, c));
                    }
                }
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    /// Middleware answers a removed card with whatever comes to hand; the slot itself knows.
    fn removed_or(&self, slot: Slot, error: DeviceError) -> DeviceError {
        let present = self
            .module
            .get_slot_info(slot)
            .is_ok_and(|info| info.token_present())
            && self
                .module
                .get_token_info(slot)
                .is_ok_and(|info| info.token_initialized());
        if present { error } else { DeviceError::TokenRemoved }
    }
}

impl Grant {
    fn raw_signature(&self, mechanism: &Mechanism<'_>, data: &[u8]) -> Result<Vec<u8>, Error> {
        let Some(pin) = &self.each_time else {
            return self.session.sign(mechanism, self.key, data);
        };
        // PKCS#11 2.40, 5.11: the context-specific login stands between init and the data.
        self.session.sign_init(mechanism, self.key)?;
        self.session.login(UserType::ContextSpecific, Some(pin))?;
        self.session.sign_update(data)?;
        self.session.sign_final()
    }
}

fn certificates(session: &Session) -> Result<Vec<TokenCertificate>, DeviceError> {
    let wanted = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
    ];
    let mut found = Vec::new();
    for object in session.find_objects(&wanted).map_err(|e| answer::plain(&e))? {
        let attributes = session
            .get_attributes(object, &[AttributeType::Value, AttributeType::Id])
            .map_err(|e| answer::plain(&e))?;
        let (mut value, mut id) = (Vec::new(), Vec::new());
        for attribute in attributes {
            match attribute {
                Attribute::Value(bytes) => value = bytes,
                Attribute::Id(bytes) => id = bytes,
                _ => {}
            }
        }
        // A certificate that cannot be read is not an identity; the others still are.
        match ReadCertificate::read(&value) {
            Ok(read) => found.push(TokenCertificate { read, id }),
            Err(_) => continue,
        }
    }
    Ok(found)
}

/// The private key that stands with the certificate, and whether it wants its PIN before every signature.
fn private_key(
    session: &Session,
    certificate: &TokenCertificate,
) -> Result<(ObjectHandle, bool), DeviceError> {
    let wanted = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Id(certificate.id.clone()),
    ];
    let keys = session.find_objects(&wanted).map_err(|e| answer::plain(&e))?;
    let key = *keys.first().ok_or(DeviceError::KeyMissing)?;
    // RSA tokens tell the modulus of a private key; where one does not, the signature itself is the proof.
    let modulus = session
        .get_attributes(key, &[AttributeType::Modulus])
        .unwrap_or_default()
        .into_iter()
        .find_map(|attribute| match attribute {
            Attribute::Modulus(bytes) => Some(bytes),
            _ => None,
        });
    if let (Some(on_token), Some(certified)) = (modulus, certificate.read.rsa_modulus())
        && !on_token.is_empty()
        && without_zeros(&on_token) != without_zeros(&certified)
    {
        return Err(DeviceError::KeyMismatch);
    }
    let always = session
        .get_attributes(key, &[AttributeType::AlwaysAuthenticate])
        .is_ok_and(|a| a.contains(&Attribute::AlwaysAuthenticate(true)));
    Ok((key, always))
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    number.get(zeros..).unwrap_or_default()
}

pub(super) fn pin_state(token: &TokenInfo) -> PinState {
    if token.user_pin_locked() {
        PinState::Locked
    } else if token.user_pin_final_try() {
        PinState::FinalTry
    } else if token.user_pin_count_low() {
        PinState::Low
    } else if token.user_pin_to_be_changed() {
        PinState::ToBeChanged
    } else {
        PinState::Ready
    }
}

fn length(token: &TokenInfo) -> (usize, usize) {
    (token.min_pin_length(), token.max_pin_length())
}

/// A PIN of a length that the token never accepts would only burn an attempt.
fn check_length(token: &TokenInfo, pin: &SecretString) -> Result<(), DeviceError> {
    let (min, max) = length(token);
    let typed = pin.expose_secret().len();
    if typed < min || (max > 0 && typed > max) {
        return Err(DeviceError::PinLength { min, max });
    }
    Ok(())
}

/// PKCS#11 gives `r` and `s` of equal length, CMS wants the DER `ECDSA-Sig-Value` (RFC 5753).
fn ecdsa_value(raw: &[u8]) -> Result<Vec<u8>, DeviceError> {
    let wrong = DeviceError::Failed { code: 0 };
    if raw.is_empty() || !raw.len().is_multiple_of(2) {
        return Err(wrong);
    }
    let (r, s) = raw.split_at(raw.len() / 2);
    let value = || -> der::Result<Vec<u8>> {
        let parts = [UintRef::new(r)?.to_der()?, UintRef::new(s)?.to_der()?].concat();
        der::Any::new(der::Tag::Sequence, parts)?.to_der()
    };
    value().map_err(|_| wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_and_s_become_der_integers_without_useless_zeros() {
        let der = ecdsa_value(&[0x00, 0x01, 0x80, 0x00]).unwrap();
        assert_eq!(
            der,
            [0x30, 0x08, 0x02, 0x01, 0x01, 0x02, 0x03, 0x00, 0x80, 0x00],
            "0x8000 needs a sign byte"
        );
        assert!(ecdsa_value(&[1, 2, 3]).is_err(), "an odd length has no halves");
    }
}
