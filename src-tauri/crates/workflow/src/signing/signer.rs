//! Everything that the person at a desk can sign with, as one device.

use std::sync::Arc;

use contract::Answer;
use secrecy::SecretString;
use signing::token::Devices;
use signing::{Authorised, DeviceError, Identity, IdentityId, Secret, Signer, SigningHash};

use super::remote::RemoteState;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;

/// The devices of this PC, and the remote signature of the person.
#[derive(Clone)]
pub(crate) struct DeskSigner {
    devices: Arc<Devices>,
    pub(crate) remote: Option<RemoteState>,
}

/// What the person typed.
pub(crate) struct Typed {
    pub(crate) pin: SecretString,
    pub(crate) otp: SecretString,
}

impl Typed {
    /// In the way that this identity takes it; what was left empty was not typed.
    pub(crate) fn secret(&self, signer: &DeskSigner, identity: &Identity) -> Secret {
        use secrecy::ExposeSecret as _;
        let some = |secret: &SecretString| Some(secret.clone()).filter(|s| !s.expose_secret().is_empty());
        if identity.pin_on_device {
            Secret::OnDevice
        } else if signer.is_remote(&identity.id) {
            Secret::Remote {
                pin: some(&self.pin),
                otp: some(&self.otp),
            }
        } else {
            Secret::Pin(self.pin.clone())
        }
    }
}

impl DeskSigner {
    /// The identity is one of the remote signature.
    pub(crate) fn is_remote(&self, identity: &IdentityId) -> bool {
        self.remote
            .as_ref()
            .is_some_and(|remote| remote.find(identity).is_some())
    }

    /// What this identity asks its holder for: PIN, one-time code, a login in the browser.
    pub(crate) fn asks(&self, identity: &Identity) -> (bool, bool, bool) {
        let remote = self.remote.as_ref().and_then(|remote| remote.find(&identity.id));
        match remote {
            Some(known) => {
                let asks = known.asks();
                (asks.pin, asks.otp, asks.in_browser)
            }
            None => (!identity.pin_on_device, false, false),
        }
    }
}

impl Signer for DeskSigner {
    /// Those of a remote signature are there as they were last seen, even while the service is away.
    fn identities(&self) -> Result<Vec<Identity>, DeviceError> {
        let mut all = self.devices.identities();
        if let Some(remote) = self.remote.as_ref().filter(|remote| !remote.known.is_empty()) {
            let known = remote.known.iter().map(|known| known.identity());
            match &mut all {
                Ok(all) => all.extend(known),
                // A card that fails does not hide the remote signature.
                Err(_) => all = Ok(known.collect()),
            }
        }
        all
    }

    fn documents_per_authorisation(&self, identity: &IdentityId) -> Result<Option<usize>, DeviceError> {
        match &self.remote {
            Some(remote) if remote.find(identity).is_some() => {
                remote.signer.documents_per_authorisation(identity)
            }
            _ => self.devices.documents_per_authorisation(identity),
        }
    }

    fn authorise(
        &self,
        identity: &IdentityId,
        hashes: &[SigningHash],
        secret: Secret,
    ) -> Result<Box<dyn Authorised>, DeviceError> {
        match &self.remote {
            Some(remote) if remote.find(identity).is_some() => {
                remote.signer.authorise(identity, hashes, secret)
            }
            _ => self.devices.authorise(identity, hashes, secret),
        }
    }
}

impl Core {
    /// What the person at a desk can sign with now. Blocks.
    pub(crate) fn desk_signer(&self, desk: &Desk) -> Answer<DeskSigner> {
        Ok(DeskSigner {
            devices: self.signers()?,
            remote: self.remote_state(desk)?,
        })
    }

    /// One authorisation over these hashes: by what was typed, or in the browser.
    pub(crate) async fn authorise(
        &self,
        desk: &Arc<Desk>,
        signer: &DeskSigner,
        identity: &Identity,
        hashes: Vec<SigningHash>,
        typed: Typed,
    ) -> Answer<Box<dyn Authorised>> {
        let (_, _, in_browser) = signer.asks(identity);
        if in_browser && let Some(remote) = &signer.remote {
            return self
                .consent_in_browser(desk, remote.signer.clone(), &identity.id, hashes)
                .await;
        }
        let (core, desk) = (self.clone(), desk.clone());
        let (signer, identity) = (signer.clone(), identity.clone());
        blocking(move || {
            let secret = typed.secret(&signer, &identity);
            let authorised = signer.authorise(&identity.id, &hashes, secret).or_fail()?;
            core.card_used(&desk, &identity);
            Ok(authorised)
        })
        .await
    }
}
