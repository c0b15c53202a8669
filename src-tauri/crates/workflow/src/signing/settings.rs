//! The settings of signatures: time-stamp authorities, policy, remote signature.
//!
//! They belong to the person and are kept in their encrypted archive, because the secrets of subscriptions and services
//! are among them; the station brings the authorities that hold until a person sets others.

use std::sync::{Arc, PoisonError};

use contract::signing::{
    RemoteServiceView, SetRemoteRequest, SetTimeStampsRequest, SigningSettingsView, TimeStampAuthorityView,
    TimeStampPolicy,
};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use signing::TrustRoots;
use signing::revocation::Revocations;
use signing::timestamp::{Authority, TimeStamps};
use signing::transport::{Credentials, Http};
use zeroize::Zeroizing;

use super::remote::KnownIdentity;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::views;

/// Under which the archive keeps them.
const SUBJECT: &str = "settings/signing";
const KIND: &str = "settings";
/// What is asked of an authority takes this long at most; the person waits meanwhile.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// Authorities beyond this are a mistake.
const MOST: usize = 8;

/// The time-stamp authorities that the station was set up with.
#[derive(Clone, Debug, Default)]
pub struct StationTimeStamps {
    /// Their addresses, asked in this order.
    pub authorities: Vec<String>,
    /// Roots that time-stamp authorities must reach, PEM; none takes those of signatures.
    pub roots: Option<Vec<u8>>,
}

fn exposed<S: Serializer>(secret: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(to)
}

/// As kept.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(default)]
    authorities: Vec<KeptAuthority>,
    #[serde(default)]
    policy: TimeStampPolicy,
    #[serde(default)]
    pub(super) remote: Option<KeptRemote>,
}

#[derive(Clone, Serialize, Deserialize)]
struct KeptAuthority {
    url: String,
    user: Option<String>,
    #[serde(serialize_with = "exposed")]
    password: Option<SecretString>,
}

/// The remote signature of the person.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptRemote {
    pub(super) address: String,
    pub(super) client_id: Option<String>,
    #[serde(serialize_with = "exposed")]
    pub(super) client_secret: Option<SecretString>,
    #[serde(serialize_with = "exposed")]
    pub(super) access: Option<SecretString>,
    pub(super) access_until: Option<Timestamp>,
    /// Last seen at the service: what a report is made ready for without a network.
    #[serde(default)]
    pub(super) identities: Vec<KnownIdentity>,
}

/// What is needed to ask for time-stamps, in a form that outlives the keys of the archive behind a lock.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptMeans {
    authorities: Vec<KeptAuthority>,
    policy: TimeStampPolicy,
    stamp_roots: Vec<u8>,
    signer_roots: Option<Vec<u8>>,
    folder: std::path::PathBuf,
}

/// Time-stamps, revocation data and the roots of both.
pub(crate) struct StampMeans {
    pub(super) stamps: TimeStamps,
    pub(super) revocations: Revocations,
    pub(super) signers: Option<TrustRoots>,
    pub(super) policy: TimeStampPolicy,
}

impl KeptMeans {
    /// Blocks: the client is made here.
    pub(crate) fn open(&self) -> Answer<StampMeans> {
        let fault = |detail: &str| Failure::new(ErrorCode::Internal, detail);
        let http = || Http::new(PATIENCE).map_err(|_| fault("sign/transport"));
        let roots = |pem: &[u8]| TrustRoots::from_pem(pem).map_err(|_| fault("sign/roots"));
        let authorities = self
            .authorities
            .iter()
            .map(|kept| Authority {
                credentials: kept.user.clone().map(|user| Credentials {
                    user,
                    password: kept.password.clone().unwrap_or_default(),
                }),
                ..Authority::open(kept.url.clone())
            })
            .collect();
        Ok(StampMeans {
            stamps: TimeStamps::new(authorities, roots(&self.stamp_roots)?, Box::new(http()?)),
            revocations: Revocations::new(Box::new(http()?)).kept_in(self.folder.clone()),
            signers: self.signer_roots.as_deref().map(roots).transpose()?,
            policy: self.policy,
        })
    }
}

impl Kept {
    /// As the archive has them; the first time, nothing is set.
    pub(super) fn of(desk: &Desk) -> Answer<Self> {
        let Some(draft) = desk.outbox().draft_load(SUBJECT).or_fail()? else {
            return Ok(Self::default());
        };
        let body = Zeroizing::new(draft.body);
        serde_json::from_slice(&body).map_err(|_| Failure::new(ErrorCode::ArchiveDamaged, "settings/signing"))
    }

    pub(super) fn keep(&self, desk: &Desk) -> Answer<()> {
        let body = Zeroizing::new(
            serde_json::to_vec(self).map_err(|_| Failure::new(ErrorCode::Internal, "settings/signing"))?,
        );
        desk.outbox()
            .commit(Timestamp::now(), move |step| step.draft_put(SUBJECT, KIND, &body))
            .or_fail()
    }
}

impl Core {
    /// `signing_settings`.
    pub async fn signing_settings(&self) -> Answer<SigningSettingsView> {
        let desk = self.desk()?;
        let core = self.clone();
        blocking(move || core.view_of(&Kept::of(&desk)?)).await
    }

    /// `signing_set_time_stamps`.
    pub async fn signing_set_time_stamps(
        &self,
        request: SetTimeStampsRequest,
    ) -> Answer<SigningSettingsView> {
        let desk = self.desk()?;
        let core = self.clone();
        blocking(move || {
            let mut kept = Kept::of(&desk)?;
            kept.authorities = authorities(request.authorities, &kept.authorities)?;
            kept.policy = request.policy;
            kept.keep(&desk)?;
            *core.lock(&desk.signing.means) = None;
            // Who waits may be answered by the new ones.
            desk.signing.stamping.notify_one();
            core.view_of(&kept)
        })
        .await
    }

    /// `signing_set_remote`.
    pub async fn signing_set_remote(&self, request: SetRemoteRequest) -> Answer<SigningSettingsView> {
        let desk = self.desk()?;
        let core = self.clone();
        blocking(move || {
            let mut kept = Kept::of(&desk)?;
            kept.remote = Some(remote(request, kept.remote.take())?);
            kept.keep(&desk)?;
            *core.lock(&desk.signing.remote) = None;
            core.view_of(&kept)
        })
        .await
    }

    /// `signing_forget_remote`.
    pub async fn signing_forget_remote(&self) -> Answer<SigningSettingsView> {
        let desk = self.desk()?;
        let core = self.clone();
        blocking(move || {
            let mut kept = Kept::of(&desk)?;
            kept.remote = None;
            kept.keep(&desk)?;
            *core.lock(&desk.signing.remote) = None;
            core.view_of(&kept)
        })
        .await
    }

    pub(super) fn view_of(&self, kept: &Kept) -> Answer<SigningSettingsView> {
        let of_the_station = kept.authorities.is_empty();
        Ok(SigningSettingsView {
            authorities: self
                .authorities_of(kept)
                .into_iter()
                .map(|kept| TimeStampAuthorityView {
                    has_password: kept.password.is_some(),
                    url: kept.url,
                    user: kept.user,
                })
                .collect(),
            of_the_station,
            no_roots: self.stamp_roots().is_none(),
            policy: kept.policy,
            remote: kept.remote.as_ref().map(|remote| RemoteServiceView {
                address: remote.address.clone(),
                client_id: remote.client_id.clone(),
                has_access: remote.access.is_some(),
                access_until: remote.access_until.map(views::instant),
                identities: remote.identities.iter().map(KnownIdentity::subject).collect(),
            }),
        })
    }

    fn authorities_of(&self, kept: &Kept) -> Vec<KeptAuthority> {
        if !kept.authorities.is_empty() {
            return kept.authorities.clone();
        }
        let station = self.settings().time_stamps.authorities.iter();
        station
            .map(|url| KeptAuthority {
                url: url.clone(),
                user: None,
                password: None,
            })
            .collect()
    }

    fn stamp_roots(&self) -> Option<Vec<u8>> {
        let settings = self.settings();
        settings
            .time_stamps
            .roots
            .clone()
            .or_else(|| settings.signature_roots.clone())
    }

    /// What time-stamps are asked with; none where no authority is set up, or none could be trusted.
    pub(crate) fn kept_means(&self, desk: &Desk) -> Answer<Option<KeptMeans>> {
        let kept = Kept::of(desk)?;
        let authorities = self.authorities_of(&kept);
        let Some(stamp_roots) = self.stamp_roots().filter(|_| !authorities.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(KeptMeans {
            authorities,
            policy: kept.policy,
            stamp_roots,
            signer_roots: self.settings().signature_roots.clone(),
            folder: self.revocation_folder(),
        }))
    }

    /// Answers of issuers: public data, which names certificates by number.
    pub(super) fn revocation_folder(&self) -> std::path::PathBuf {
        self.settings().data_dir.join("revocation")
    }

    /// The same, opened once for a desk. Blocks.
    pub(crate) fn stamp_means(&self, desk: &Desk) -> Answer<Option<Arc<StampMeans>>> {
        let mut known = desk.signing.means.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(means) = &*known {
            return Ok(Some(means.clone()));
        }
        *known = match self.kept_means(desk)? {
            Some(kept) => Some(Arc::new(kept.open()?)),
            None => None,
        };
        Ok(known.clone())
    }
}

fn authorities(
    typed: Vec<contract::signing::TimeStampAuthorityRequest>,
    known: &[KeptAuthority],
) -> Answer<Vec<KeptAuthority>> {
    let wrong = |detail: &str| Failure::new(ErrorCode::BadRequest, detail).with_field("url");
    if typed.len() > MOST {
        return Err(wrong("settings/authorities"));
    }
    typed
        .into_iter()
        .map(|typed| {
            let url = typed.url.trim().to_owned();
            let web = url::Url::parse(&url)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            if !web {
                return Err(wrong("settings/authority"));
            }
            let user = said(typed.user);
            let same = known.iter().find(|kept| kept.url == url && kept.user == user);
            Ok(KeptAuthority {
                password: secret(typed.password).or_else(|| same.and_then(|kept| kept.password.clone())),
                url,
                user,
            })
        })
        .collect()
}

fn remote(typed: SetRemoteRequest, known: Option<KeptRemote>) -> Answer<KeptRemote> {
    let address = typed.address.trim().trim_end_matches('/').to_owned();
    let wrong = || Failure::new(ErrorCode::BadRequest, "settings/service").with_field("address");
    let url = url::Url::parse(&address).map_err(|_| wrong())?;
    let here = matches!(url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback());
    if !(url.scheme() == "https" && url.has_host() || url.scheme() == "http" && here) {
        return Err(wrong());
    }
    // What belongs to one service is never sent to another.
    let known = known.filter(|known| known.address == address);
    let (access_token, client_secret) = (secret(typed.access_token), secret(typed.client_secret));
    let given = access_token.is_some();
    Ok(KeptRemote {
        client_id: said(typed.client_id),
        client_secret: client_secret.or_else(|| known.as_ref().and_then(|known| known.client_secret.clone())),
        access: access_token.or_else(|| known.as_ref().and_then(|known| known.access.clone())),
        access_until: known
            .as_ref()
            .filter(|_| !given)
            .and_then(|known| known.access_until),
        identities: known.map(|known| known.identities).unwrap_or_default(),
        address,
    })
}

fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn secret(text: Option<String>) -> Option<SecretString> {
    text.filter(|text| !text.is_empty()).map(SecretString::from)
}
