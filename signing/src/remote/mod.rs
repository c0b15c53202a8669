//! Remote signature: keys held by a trust service, used through the API of the Cloud Signature Consortium.
//!
//! CSC API v2.0, and v1.0.4 where the service says so in `info`. One authorisation (PIN, one-time code or both) covers
//! all hashes of a batch that the credential allows; one request then signs them all. A request to sign whose answer
//! is lost is never sent again: whether the service signed is not known. Every signature is verified before it leaves.
//!
//! Not in it: the login of the person in a browser (only its two ends, in [`oauth`]), and where tokens are kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::certificate::{Device, KeyAlgorithm, ReadCertificate};
use crate::error::{DeviceError, RemoteRefusal};
use crate::identity::{DeviceKind, Identity, IdentityId, PinState};
use crate::pades::cms::Scheme;
use crate::pades::{RsaPadding, SigningHash};
use crate::token::{Authorised, Secret, SignatureValue, Signer, proof};

pub mod oauth;
mod refusal;
mod service;
mod transport;
mod wire;

pub use service::{Info, Service, Version};
pub use transport::{Answer, HttpTransport, LONGEST_ANSWER, Request, Transport, TransportFault};

use service::{Consent, Credential};

/// What the holder of a credential is asked for, to authorise a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asks {
    /// A PIN.
    pub pin: bool,
    /// A one-time code; [`RemoteSigner::send_otp`] has it sent.
    pub otp: bool,
    /// A login in the browser, with scope `credential` ([`oauth::Scope`]).
    pub in_browser: bool,
    /// Documents that one authorisation covers.
    pub documents: usize,
}

/// The credentials of one person at one service.
pub struct RemoteSigner {
    service: Arc<Service>,
    known: Mutex<HashMap<IdentityId, Arc<Known>>>,
}

struct Known {
    credential: Credential,
    certificate: ReadCertificate,
    algorithm: KeyAlgorithm,
}

impl RemoteSigner {
    /// Over a service to which the person has logged in.
    pub fn new(service: Service) -> Self {
        Self {
            service: Arc::new(service),
            known: Mutex::default(),
        }
    }

    /// Has the service send the one-time code, where it sends one (SMS, push).
    pub fn send_otp(&self, identity: &IdentityId) -> Result<(), DeviceError> {
        let known = self.known(identity)?;
        self.service.send_otp(&known.credential.id)
    }

    /// What the holder is asked for. Tells of credentials that were listed; asks the service when they were not.
    pub fn asks(&self, identity: &IdentityId) -> Result<Asks, DeviceError> {
        let known = self.known(identity)?;
        let credential = &known.credential;
        let typed = credential.consent == Consent::Explicit;
        Ok(Asks {
            pin: typed && credential.wants_pin,
            otp: typed && credential.wants_otp,
            in_browser: credential.consent == Consent::InBrowser,
            documents: credential.documents,
        })
    }

    /// The credential as the service names it, for a login with scope `credential`.
    pub fn credential_name(&self, identity: &IdentityId) -> Result<String, DeviceError> {
        Ok(self.known(identity)?.credential.id.clone())
    }

    /// What the service says of itself.
    pub fn info(&self) -> Result<Info, DeviceError> {
        self.service.info()
    }

    /// An authorisation given elsewhere: the SAD that the login in the browser brought for these hashes.
    pub fn authorised_elsewhere(
        &self,
        identity: &IdentityId,
        hashes: &[SigningHash],
        sad: SecretString,
        lasts: Duration,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        let known = self.known(identity)?;
        Ok(self.grant(known, hashes, sad, Instant::now(), lasts))
    }

    fn known(&self, identity: &IdentityId) -> Result<Arc<Known>, DeviceError> {
        let find = || {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(identity).cloned()
        };
        match find() {
            Some(known) => Ok(known),
            None => {
                self.identities()?;
                find().ok_or(DeviceError::IdentityGone)
            }
        }
    }

    fn grant(
        &self,
        known: Arc<Known>,
        hashes: &[SigningHash],
        sad: SecretString,
        from: Instant,
        lasts: Duration,
    ) -> Box<dyn Authorised> {
        Box::new(Grant {
            service: self.service.clone(),
            known,
            hashes: hashes.to_vec(),
            sad,
            ends: from.checked_add(lasts),
            state: State::Unused,
        })
    }
}

impl Signer for RemoteSigner {
    fn identities(&self) -> Result<Vec<Identity>, DeviceError> {
        let name = self.service.info()?.name;
        let (mut found, mut all) = (Vec::new(), HashMap::new());
        for id in self.service.list()? {
            let credential = self.service.credential(&id)?;
            let mut chain = credential
                .certificates
                .iter()
                .filter_map(|der| ReadCertificate::read(der).ok());
            // A credential without a certificate that can be read is not an identity; the others still are.
            let Some(certificate) = chain.next() else {
                continue;
            };
            let Ok(algorithm) = certificate.key_algorithm() else {
                continue;
            };
            let device = Device {
                kind: DeviceKind::Remote,
                label: &name,
                pin: PinState::Ready,
                pin_on_device: credential.consent == Consent::Implicit,
            };
            let others: Vec<ReadCertificate> = chain.collect();
            found.push(certificate.identity(&others, device));
            let id = certificate.id();
            all.insert(
                id,
                Arc::new(Known {
                    credential,
                    certificate,
                    algorithm,
                }),
            );
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = all;
        if found.is_empty() {
            Err(DeviceError::NoToken)
        } else {
            Ok(found)
        }
    }

    fn documents_per_authorisation(&self, identity: &IdentityId) -> Result<Option<usize>, DeviceError> {
        Ok(Some(self.known(identity)?.credential.documents))
    }

    fn authorise(
        &self,
        identity: &IdentityId,
        hashes: &[SigningHash],
        secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        let known = self.known(identity)?;
        let credential = &known.credential;
        if credential.disabled {
            return Err(RemoteRefusal::CredentialDisabled.into());
        }
        if hashes.len() > credential.documents {
            return Err(RemoteRefusal::TooManyDocuments {
                allowed: credential.documents,
            }
            .into());
        }
        let (pin, otp) = match secret {
            Secret::Pin(pin) => (Some(pin), None),
            Secret::Remote { pin, otp } => (pin, otp),
            Secret::OnDevice => (None, None),
        };
        if credential.consent == Consent::InBrowser {
            return Err(RemoteRefusal::BrowserNeeded.into());
        }
        // Nothing is asked of the service that it must refuse: some count such attempts.
        if credential.wants_pin && pin.is_none() {
            return Err(RemoteRefusal::PinNeeded.into());
        }
        if credential.wants_otp && otp.is_none() {
            return Err(RemoteRefusal::OtpNeeded.into());
        }
        let asked = Instant::now();
        let (sad, lasts) = self
            .service
            .authorise(&credential.id, hashes, pin.as_ref(), otp.as_ref())?;
        Ok(self.grant(known, hashes, sad, asked, lasts))
    }
}

/// A SAD, good for one request that signs everything it was given for.
struct Grant {
    service: Arc<Service>,
    known: Arc<Known>,
    hashes: Vec<SigningHash>,
    sad: SecretString,
    /// None: never, by the clock.
    ends: Option<Instant>,
    state: State,
}

enum State {
    Unused,
    /// What came back, in the order of the hashes, all padded alike.
    Signed(RsaPadding, Vec<SignatureValue>),
    /// The SAD is spent, or may be.
    Failed(DeviceError),
}

impl Grant {
    fn ask(&self, padding: RsaPadding) -> Result<Vec<SignatureValue>, DeviceError> {
        if self.ends.is_some_and(|ends| Instant::now() >= ends) {
            return Err(RemoteRefusal::AuthorisationExpired.into());
        }
        let values = self.service.sign(
            &self.known.credential,
            Scheme::of(self.known.algorithm, padding),
            &self.sad,
            &self.hashes,
        )?;
        if values.len() != self.hashes.len() {
            return Err(RemoteRefusal::Garbled.into());
        }
        Ok(values)
    }
}

impl Authorised for Grant {
    fn sign(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError> {
        self.padded(hash, RsaPadding::Pkcs1)
    }

    fn sign_pss(&mut self, hash: &SigningHash) -> Result<SignatureValue, DeviceError> {
        self.padded(hash, RsaPadding::Pss)
    }
}

impl Grant {
    fn padded(&mut self, hash: &SigningHash, padding: RsaPadding) -> Result<SignatureValue, DeviceError> {
        let place = self
            .hashes
            .iter()
            .position(|known| known == hash)
            .ok_or(DeviceError::NotAuthorised)?;
        let Known {
            certificate,
            algorithm,
            credential,
        } = self.known.as_ref();
        // Known before anything is sent: the SAD is not spent on it.
        if !algorithm.pads(padding) || !credential.signs(Scheme::of(*algorithm, padding)) {
            return Err(DeviceError::MechanismUnsupported);
        }
        if matches!(self.state, State::Unused) {
            self.state = match self.ask(padding) {
                Ok(values) => State::Signed(padding, values),
                Err(error) => State::Failed(error),
            };
        }
        match &self.state {
            // One request signed them all, so padded otherwise none is there.
            State::Signed(made, _) if *made != padding => Err(DeviceError::NotAuthorised),
            State::Signed(_, values) => {
                let value = values.get(place).cloned().ok_or(RemoteRefusal::Garbled)?;
                proof::check(&certificate.der, *algorithm, padding, hash, &value)?;
                Ok(value)
            }
            State::Failed(error) => Err(error.clone()),
            State::Unused => Err(RemoteRefusal::Garbled.into()),
        }
    }
}
