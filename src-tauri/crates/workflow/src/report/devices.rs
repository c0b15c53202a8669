//! The devices that can sign, told before any PIN is asked.

use std::sync::Arc;

use contract::report::{PinState, SigningDeviceKind, SigningDevicesView, SigningIdentityView};
use contract::{Answer, ErrorCode};
use jiff::Timestamp;
use signing::token::Devices;
use signing::{DeviceKind, Identity, KeyUse, Signer};

use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::IntoFailure;
use crate::signing::{DeskSigner, RemoteState};
use crate::views;

impl Core {
    /// `report_signing_devices`. Cards are listed again each time.
    pub async fn report_signing_devices(&self) -> Answer<SigningDevicesView> {
        let desk = self.desk()?;
        let core = self.clone();
        let online = self.is_online();
        blocking(move || {
            let now = Timestamp::now();
            let signer = core.desk_signer(&desk)?;
            let all = match signer.identities() {
                Ok(all) => all,
                // With a remote signature set up, what became of it says more than an empty reader.
                Err(signing::DeviceError::NoToken) if signer.remote.is_some() => Vec::new(),
                Err(error) => return Err(error.failure()),
            };
            let mine: Vec<Identity> = all
                .into_iter()
                .filter(|identity| identity.usage == KeyUse::Signature)
                .collect();
            if online {
                core.ask_revocations(&desk, &mine);
            }
            let mut identities: Vec<SigningIdentityView> = mine
                .iter()
                .map(|identity| core.identity_view(&desk, &signer, identity, now))
                .collect();
            identities.sort_by_key(|identity| (identity.blocked_by.is_some(), !identity.is_author));
            let failure = signer.remote.as_ref().and_then(|remote| remote.failure.clone());
            Ok(SigningDevicesView {
                identities,
                remote_failure: failure.map(IntoFailure::failure),
                time_stamp: core.stamp_means(&desk)?.is_some(),
            })
        })
        .await
    }

    /// Issuers are asked beside the dialog, which looks again: a slow one must not hold it.
    fn ask_revocations(&self, desk: &Arc<Desk>, identities: &[Identity]) {
        let (core, desk, identities) = (self.clone(), desk.clone(), identities.to_vec());
        std::thread::spawn(move || {
            for identity in &identities {
                core.revocation(&desk, identity, Timestamp::now());
            }
        });
    }

    /// The devices of this PC, and in a training edition the key files of invented people.
    pub(crate) fn signers(&self) -> Answer<Arc<Devices>> {
        if let Some(devices) = self.inner.devices.get() {
            return Ok(devices.clone());
        }
        #[allow(unused_mut)] // key files are added in a training edition only
        let mut devices = match Devices::of_this_pc(&self.settings().pkcs11_modules) {
            Ok(devices) => devices,
            Err(signing::DeviceError::ModuleMissing) => Devices::new(Vec::new()),
            Err(error) => return Err(error.failure()),
        };
        #[cfg(feature = "training")]
        if let Some(training) = &self.settings().training {
            match signing::token::pkcs12::Pkcs12Signer::folder(&training.identities) {
                Ok(files) => devices.push(Box::new(files)),
                Err(error) => tracing::warn!(%error, "key files not read"),
            }
        }
        Ok(self.inner.devices.get_or_init(|| Arc::new(devices)).clone())
    }
}

impl Core {
    fn identity_view(
        &self,
        desk: &Desk,
        signer: &DeskSigner,
        identity: &Identity,
        now: Timestamp,
    ) -> SigningIdentityView {
        let remote = signer
            .remote
            .as_ref()
            .filter(|remote| remote.find(&identity.id).is_some());
        let away = remote.is_some_and(RemoteState::is_away);
        let failed = remote
            .filter(|_| !away)
            .and_then(|remote| remote.failure.clone())
            .map(|error| error.failure().code);
        let (asks_pin, asks_otp, in_browser) = signer.asks(identity);
        let is_author = identity.fiscal_code.as_deref() == Some(desk.practitioner.fiscal_code.as_str());
        let blocked_by = if identity.pin == signing::PinState::Locked {
            Some(ErrorCode::PinLocked)
        } else if identity.pin == signing::PinState::ToBeChanged {
            Some(ErrorCode::PinToBeChanged)
        } else if now > identity.not_after {
            Some(ErrorCode::CertificateExpired)
        } else if now < identity.not_before {
            Some(ErrorCode::CertificateNotYetValid)
        } else if self.clock_is_wrong() {
            Some(ErrorCode::ClockWrong)
        } else if !is_author {
            Some(ErrorCode::SignerNotAuthor)
        } else {
            self.known_revocation(desk, identity).or(failed)
        };
        SigningIdentityView {
            id: identity.id.0.clone(),
            device: identity.device_label.clone(),
            kind: match identity.device {
                DeviceKind::Token => SigningDeviceKind::Card,
                DeviceKind::File => SigningDeviceKind::File,
                DeviceKind::Remote => SigningDeviceKind::Remote,
            },
            subject: identity.subject.clone(),
            issuer: identity.issuer.clone(),
            not_after: views::instant(identity.not_after),
            is_author,
            pin: match identity.pin {
                signing::PinState::Ready => PinState::Ready,
                signing::PinState::ToBeChanged => PinState::ToBeChanged,
                signing::PinState::Low => PinState::FewLeft,
                signing::PinState::FinalTry => PinState::LastTry,
                signing::PinState::Locked => PinState::Locked,
            },
            pin_on_device: identity.pin_on_device,
            asks_pin,
            asks_otp,
            in_browser,
            signs_later: away,
            blocked_by,
        }
    }
}
