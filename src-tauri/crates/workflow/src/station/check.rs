//! *Verifica postazione*: region, clock, archive, camera, microphone, relay, signing device, each measured now.

use std::time::Duration;

use contract::events::Tag;
use contract::station::{CheckItem, CheckItemView, CheckOutcome, StationCheckView};
use contract::{Answer, ErrorCode};
use jiff::Timestamp;
use media::{Device, DeviceId};
use signing::{KeyUse, Signer};
use televisit::station::SKEW_LIMIT;

use crate::core::{Core, blocking};
use crate::failure::{IntoFailure, OrFail};
use crate::views;

/// A relay that has not granted an address by then is as good as none for a patient who waits.
const RELAY_LIMIT: Duration = Duration::from_secs(5);
/// Less room than this holds a day of drafts and documents, and no more: it is said.
const FREE_GIGABYTES: f64 = 2.0;

impl Core {
    /// `station_check`. Takes some seconds: every device is opened.
    pub async fn station_check(&self) -> Answer<StationCheckView> {
        self.call_preview_stop();
        let (region, clock) = self.check_region().await;
        let relay = self.check_relay().await;
        let training = self.settings().training.is_some();
        let (camera, microphone) = blocking(move || Ok(check_devices(training))).await?;
        let archive = self.check_archive();
        let signing = self.check_signing().await;
        let items = vec![region, clock, archive, camera, microphone, relay, signing];
        let passed = items.iter().all(|item| {
            matches!(item.outcome, CheckOutcome::Passed | CheckOutcome::Warning)
                || (item.item == CheckItem::SigningDevice && item.outcome == CheckOutcome::Absent)
        });
        let check = StationCheckView {
            at: views::instant(Timestamp::now()),
            items,
            passed,
        };
        *self.lock(&self.inner.check) = Some(check.clone());
        self.changed(&[Tag::Station]);
        Ok(check)
    }

    async fn check_region(&self) -> (CheckItemView, CheckItemView) {
        match self.inner.region.health().await {
            Ok(health) => {
                let skew = health.skew_ms as f64 / 1000.0;
                let aligned = health.skew_ms.unsigned_abs() <= SKEW_LIMIT.as_millis().unsigned_abs() as u64;
                (
                    measured(
                        CheckItem::Region,
                        CheckOutcome::Passed,
                        health.latency.as_secs_f64() * 1000.0,
                    ),
                    measured(
                        CheckItem::Clock,
                        if aligned {
                            CheckOutcome::Passed
                        } else {
                            CheckOutcome::Failed
                        },
                        skew,
                    ),
                )
            }
            Err(error) => {
                let detail = error.failure().detail;
                (
                    failed(CheckItem::Region, detail.clone()),
                    failed(CheckItem::Clock, detail),
                )
            }
        }
    }

    async fn check_relay(&self) -> CheckItemView {
        if !self.inner.region.is_logged_in() {
            // The relay's credentials come with the login.
            return CheckItemView {
                detail: Some("relay/login-first".to_owned()),
                ..absent(CheckItem::Relay)
            };
        }
        let servers = match self.inner.region.ice_servers().await.or_fail() {
            Ok(servers) => crate::call::relays(&servers),
            Err(failure) => return failed(CheckItem::Relay, failure.detail),
        };
        let loopback = self
            .settings()
            .training
            .as_ref()
            .is_some_and(|training| training.loopback_calls);
        match media::check::relay(&servers, RELAY_LIMIT, loopback).await {
            Ok(check) => measured(
                CheckItem::Relay,
                CheckOutcome::Passed,
                check.granted_after.as_secs_f64() * 1000.0,
            ),
            Err(media::check::RelayError::None) => absent(CheckItem::Relay),
            Err(error) => failed(CheckItem::Relay, format!("relay/{error:?}").to_lowercase()),
        }
    }

    fn check_archive(&self) -> CheckItemView {
        // Writing is what is needed: a probe file is written and removed beside the archives.
        let probe = self.settings().data_dir.join(".probe");
        let written = std::fs::write(&probe, b"postazione").and_then(|()| std::fs::remove_file(&probe));
        match (written, free_gigabytes(&self.settings().data_dir)) {
            (Err(error), _) => failed(
                CheckItem::Archive,
                format!("archive/{:?}", error.kind()).to_lowercase(),
            ),
            (Ok(()), Some(free)) if free < FREE_GIGABYTES => {
                measured(CheckItem::Archive, CheckOutcome::Warning, free)
            }
            (Ok(()), Some(free)) => measured(CheckItem::Archive, CheckOutcome::Passed, free),
            (Ok(()), None) => CheckItemView {
                outcome: CheckOutcome::Passed,
                ..absent(CheckItem::Archive)
            },
        }
    }

    async fn check_signing(&self) -> CheckItemView {
        let core = self.clone();
        let found = blocking(move || {
            let identities = core.signers()?.identities().or_fail()?;
            Ok(identities
                .iter()
                .filter(|identity| identity.usage == KeyUse::Signature)
                .count())
        })
        .await;
        match found {
            Ok(0) => absent(CheckItem::SigningDevice),
            Ok(count) => measured(CheckItem::SigningDevice, CheckOutcome::Passed, count as f64),
            Err(failure) if failure.code == ErrorCode::NoSigningDevice => absent(CheckItem::SigningDevice),
            Err(failure) => failed(CheckItem::SigningDevice, failure.detail),
        }
    }
}

fn check_devices(training: bool) -> (CheckItemView, CheckItemView) {
    let devices = media::devices();
    let pick = |list: &[Device]| {
        let usable = |device: &&Device| training || !device.synthetic;
        let preferred = list.iter().filter(usable).find(|device| device.preferred);
        preferred.or_else(|| list.iter().find(usable)).cloned()
    };
    let camera = match pick(&devices.cameras) {
        None => absent(CheckItem::Camera),
        Some(device) => {
            let seen = media::device::camera(&device.id).and_then(|camera| media::check::camera(&*camera));
            of_device(
                CheckItem::Camera,
                &device,
                seen.map(|check| f64::from(check.fps))
                    .map_err(|e| format!("{e:?}")),
            )
        }
    };
    let microphone = match pick(&devices.microphones) {
        None => absent(CheckItem::Microphone),
        Some(device) => {
            let speaker = match device.synthetic {
                true => Some(DeviceId(DeviceId::METER.to_owned())),
                false => devices
                    .speakers
                    .iter()
                    .find(|speaker| !speaker.synthetic)
                    .map(|speaker| speaker.id.clone()),
            };
            let heard = match speaker {
                None => Err("SpeakerMissing".to_owned()),
                Some(speaker) => media::device::sound(&device.id, &speaker)
                    .and_then(|sound| media::check::microphone(&*sound))
                    .map(|check| f64::from(check.level_dbfs))
                    .map_err(|error| format!("{error:?}")),
            };
            of_device(CheckItem::Microphone, &device, heard)
        }
    };
    (camera, microphone)
}

fn of_device(item: CheckItem, device: &Device, value: Result<f64, String>) -> CheckItemView {
    let (outcome, value, detail) = match value {
        Ok(value) => (CheckOutcome::Passed, Some(value), None),
        Err(error) => (
            CheckOutcome::Failed,
            None,
            Some(format!("device/{error}").to_lowercase()),
        ),
    };
    CheckItemView {
        item,
        outcome,
        value,
        device: Some(device.name.clone()),
        synthetic: device.synthetic,
        detail,
    }
}

fn measured(item: CheckItem, outcome: CheckOutcome, value: f64) -> CheckItemView {
    CheckItemView {
        item,
        outcome,
        value: Some(value),
        device: None,
        synthetic: false,
        detail: None,
    }
}

fn failed(item: CheckItem, detail: String) -> CheckItemView {
    CheckItemView {
        detail: Some(detail),
        outcome: CheckOutcome::Failed,
        ..absent(item)
    }
}

fn absent(item: CheckItem) -> CheckItemView {
    CheckItemView {
        item,
        outcome: CheckOutcome::Absent,
        value: None,
        device: None,
        synthetic: false,
        detail: None,
    }
}

/// Free room where a folder stands; none where the system does not say.
fn free_gigabytes(dir: &std::path::Path) -> Option<f64> {
    fs4::available_space(dir).ok().map(|bytes| bytes as f64 / 1e9)
}
