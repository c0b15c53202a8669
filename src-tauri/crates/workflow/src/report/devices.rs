//! The devices that can sign, told before any PIN is asked.

use std::sync::Arc;

use contract::report::{PinState, SigningDeviceKind, SigningDevicesView, SigningIdentityView};
use contract::{Answer, ErrorCode};
use jiff::Timestamp;
use signing::token::Devices;
use signing::{DeviceKind, Identity, KeyUse, Signer};

use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail};
use crate::views;

impl Core {
    /// `report_signing_devices`. Cards are listed again each time.
    pub async fn report_signing_devices(&self) -> Answer<SigningDevicesView> {
        let desk = self.desk()?;
        let core = self.clone();
        blocking(move || {
            let now = Timestamp::now();
            let mut identities: Vec<SigningIdentityView> = core
                .signers()?
                .identities()
                .or_fail()?
                .iter()
                .filter(|identity| identity.usage == KeyUse::Signature)
                .map(|identity| view(&desk, identity, now))
                .collect();
            identities.sort_by_key(|identity| (identity.blocked_by.is_some(), !identity.is_author));
            Ok(SigningDevicesView { identities })
        })
        .await
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

fn view(desk: &Desk, identity: &Identity, now: Timestamp) -> SigningIdentityView {
    let is_author = identity.fiscal_code.as_deref() == Some(desk.practitioner.fiscal_code.as_str());
    let blocked_by = if identity.pin == signing::PinState::Locked {
        Some(ErrorCode::PinLocked)
    } else if identity.pin == signing::PinState::ToBeChanged {
        Some(ErrorCode::PinToBeChanged)
    } else if now > identity.not_after {
        Some(ErrorCode::CertificateExpired)
    } else if now < identity.not_before {
        Some(ErrorCode::CertificateNotYetValid)
    } else if !is_author {
        Some(ErrorCode::SignerNotAuthor)
    } else {
        None
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
        blocked_by,
    }
}
