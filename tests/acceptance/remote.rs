//! The remote signature, with a service written to the CSC specification: PIN and one-time code, what it refuses, and reports
//! signed when the network is back with one code for all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use acceptance::{Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::delivery::QueueState;
use contract::report::{
    DeliveryView, ReceiptStep, ReportStage, SaveReportRequest, SendOtpRequest, SignAndSendRequest,
    SignWaitingRequest, SigningIdentityView,
};
use contract::signing::SetRemoteRequest;
use signing::KeyUse;
use signing::token::training::{Holder, KeyKind, TrainingAuthority, TrainingKey, Validity};
use testkit::csc::{ACCESS, CLIENT, CscServer, Edition, PIN, Terms, Trouble};
use tokio::net::{TcpListener, TcpStream};

use crate::delivery::{Desk, draft_at};

/// A desk whose person signs remotely.
struct Office {
    region: TestRegion,
    service: CscServer,
    wire: Wire,
    desk: Desk,
}

/// The line to the service, which can be cut: who calls is hung up on.
struct Wire {
    address: String,
    cut: Arc<AtomicBool>,
}

impl Wire {
    async fn to(base: &str) -> Self {
        let url = url::Url::parse(base).unwrap();
        let there = url.socket_addrs(|| None).unwrap()[0];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let cut = Arc::new(AtomicBool::new(false));
        let is_cut = cut.clone();
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let is_cut = is_cut.clone();
                tokio::spawn(async move {
                    let mut called = TcpStream::connect(there).await.unwrap();
                    let talk = tokio::io::copy_bidirectional(&mut caller, &mut called);
                    let cut = async {
                        while !is_cut.load(Ordering::SeqCst) {
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                    };
                    tokio::select! {
                        _ = talk => {}
                        () = cut => {}
                    }
                });
            }
        });
        Self {
            address: format!("http://{here}{}", url.path()),
            cut,
        }
    }
}

fn key_of(folder: &std::path::Path, code: &str) -> TrainingKey {
    let now = jiff::Timestamp::now();
    let authority = TrainingAuthority::open_or_create(folder, now).unwrap();
    let holder = Holder {
        name: "VALMORI IRENE",
        fiscal_code: code,
    };
    let validity = Validity::usual(now).unwrap();
    authority
        .issue(&holder, KeyUse::Signature, KeyKind::Rsa2048, validity)
        .unwrap()
}

async fn office(edition: Edition, terms: Terms) -> Office {
    let region = TestRegion::open().await;
    let folder = tempfile::tempdir().unwrap();
    let key = key_of(folder.path(), &region.fiscal_code("valmori-irene"));
    let service = CscServer::start(edition, &key, terms, None).unwrap();
    let wire = Wire::to(&service.base()).await;
    let desk = draft_at(&region, Station::at(&region.address), |_, _| {}).await;
    let office = Office {
        region,
        service,
        wire,
        desk,
    };
    office.set(Some(ACCESS)).await;
    office
}

impl Office {
    async fn set(&self, access_token: Option<&str>) {
        let request = SetRemoteRequest {
            address: self.wire.address.clone(),
            client_id: Some(CLIENT.to_owned()),
            client_secret: None,
            access_token: access_token.map(str::to_owned),
        };
        let core = &self.desk.station.core;
        let view = core.signing_set_remote(request).await.unwrap();
        let told = serde_json::to_string(&view).unwrap();
        assert!(!told.contains(ACCESS), "a secret came out: {told}");
    }

    /// Without the service, as without a network.
    async fn cut(&self) {
        self.wire.cut.store(true, Ordering::SeqCst);
        self.see_anew().await;
    }

    /// What the dialog knows of the service is looked at again.
    async fn see_anew(&self) {
        self.set(None).await;
    }

    async fn identity(&self) -> SigningIdentityView {
        let devices = self.desk.station.core.report_signing_devices().await.unwrap();
        devices
            .identities
            .into_iter()
            .next()
            .expect("the remote identity")
    }

    async fn sign(&self, pin: &str, otp: &str) -> contract::Answer<DeliveryView> {
        let identity_id = self.identity().await.id;
        let request = SignAndSendRequest {
            televisit_id: self.desk.televisit.clone(),
            revision: self.desk.revision,
            identity_id,
            pin: pin.to_owned(),
            otp: otp.to_owned(),
        };
        self.desk.station.core.report_sign_and_send(request).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_pin_and_code_a_report_is_signed_remotely_in_either_edition() {
    for edition in [Edition::V1, Edition::V2] {
        let office = office(edition, Terms::default()).await;
        let identity = office.identity().await;
        assert!(identity.asks_pin && identity.asks_otp && identity.is_author && !identity.signs_later);
        let request = SendOtpRequest {
            identity_id: identity.id,
        };
        office.desk.station.core.report_send_otp(request).await.unwrap();
        assert_eq!(
            office.service.counts().codes_sent,
            1,
            "sent when asked, and only then"
        );
        office.sign(PIN, &office.service.otp()).await.unwrap();
        office.desk.until(ReceiptStep::OnPortal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_of_the_service_has_its_own_code_and_loses_nothing() {
    let office = office(Edition::V2, Terms::default()).await;
    let refused = office.sign(PIN, "000000").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongOtp);
    let refused = office.sign(PIN, "").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::OtpMissing);
    let refused = office.sign("00000000", &office.service.otp()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongPin);
    for (trouble, code) in [
        (Trouble::OtpExpired, ErrorCode::OtpExpired),
        (Trouble::SadSaidToExpire, ErrorCode::SigningAuthorisationExpired),
        (Trouble::SadExpiresAtOnce, ErrorCode::SigningAuthorisationExpired),
        (Trouble::TooManyRequests, ErrorCode::SigningServiceBusy),
        (Trouble::GatewayTimeout, ErrorCode::SigningOutcomeUnknown),
        (Trouble::Lies, ErrorCode::SignatureNotSound),
    ] {
        office.service.trouble(trouble);
        let refused = office.sign(PIN, &office.service.otp()).await.unwrap_err();
        assert_eq!(refused.code, code, "{trouble:?}");
        if code == ErrorCode::SigningServiceBusy {
            assert_eq!(refused.retry_after_s, Some(30), "the wait is the service's own");
        }
    }
    for (trouble, code) in [
        (Trouble::Unavailable, ErrorCode::SigningServiceUnavailable),
        (Trouble::AccessExpired, ErrorCode::SigningServiceLogin),
    ] {
        office.service.trouble(trouble);
        office.see_anew().await;
        let devices = office.desk.station.core.report_signing_devices().await.unwrap();
        assert_eq!(
            devices.remote_failure.map(|why| why.code),
            Some(code),
            "{trouble:?}"
        );
        assert_eq!(
            devices.identities[0].blocked_by,
            Some(code),
            "{trouble:?}, told before any code"
        );
    }
    let open = office
        .desk
        .station
        .core
        .report_open(office.desk.request())
        .await
        .unwrap();
    assert_eq!(
        (open.revision, open.stage),
        (office.desk.revision, ReportStage::Draft)
    );
    office.service.trouble(Trouble::None);
    office.see_anew().await;
    office.sign(PIN, &office.service.otp()).await.unwrap();
    office.desk.until(ReceiptStep::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_and_a_consent_in_the_browser_sign_without_anything_typed_here() {
    let terms = Terms {
        in_browser: true,
        ..Terms::default()
    };
    let office = office(Edition::V2, terms).await;
    let request = SetRemoteRequest {
        address: office.wire.address.clone(),
        client_id: Some(CLIENT.to_owned()),
        client_secret: None,
        access_token: Some("scaduto".to_owned()),
    };
    let core = office.desk.station.core.clone();
    core.signing_set_remote(request).await.unwrap();
    let devices = core.report_signing_devices().await.unwrap();
    assert_eq!(
        devices.remote_failure.map(|why| why.code),
        Some(ErrorCode::SigningServiceLogin)
    );
    let (login, page) = tokio::join!(core.signing_log_in_remote(), office.desk.station.follow_browser());
    assert!(page.contains("Accesso riuscito"), "{page}");
    assert!(login.unwrap().remote.unwrap().access_until.is_some());
    let identity = office.identity().await;
    assert!(identity.in_browser && !identity.asks_pin && !identity.asks_otp);
    let (signed, _) = tokio::join!(office.sign("", ""), office.desk.station.follow_browser());
    signed.unwrap();
    office.desk.until(ReceiptStep::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_a_report_waits_for_the_signature_and_one_code_signs_it_after_a_restart() {
    let mut office = office(Edition::V2, Terms::default()).await;
    office.identity().await;
    office.region.stop().await;
    office.cut().await;
    let identity = office.identity().await;
    assert!(identity.signs_later && identity.blocked_by.is_none());
    let delivery = office.sign("", "").await.unwrap();
    assert_eq!(
        delivery.item.map(|item| item.state),
        Some(QueueState::AwaitingSignature)
    );
    let core = &office.desk.station.core;
    let open = core.report_open(office.desk.request()).await.unwrap();
    assert_eq!(open.stage, ReportStage::Delivering);
    let change = SaveReportRequest {
        televisit_id: office.desk.televisit.clone(),
        revision: open.revision,
        form: contract::report::ReportForm {
            conclusions: "Altro testo".to_owned(),
            ..open.form
        },
    };
    let refused = core.report_save(change).await.unwrap_err();
    assert_eq!(
        refused.code,
        ErrorCode::ReportFrozen,
        "what waits is not changed under it"
    );

    office.region.start_again().await;
    office.wire.cut.store(false, Ordering::SeqCst);
    office.desk = office.desk.back("valmori-irene").await;
    office.see_anew().await;
    let waiting = |otp: String, identity_id: String| SignWaitingRequest {
        identity_id,
        pin: PIN.to_owned(),
        otp,
    };
    let id = office.identity().await.id;
    let core = &office.desk.station.core;
    let refused = core
        .report_sign_waiting(waiting("000000".to_owned(), id.clone()))
        .await
        .unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongOtp);
    let queue = core.delivery_queue().await.unwrap();
    assert_eq!(
        queue.queued[0].item.state,
        QueueState::AwaitingSignature,
        "a wrong code loses nothing"
    );
    let before = office.service.counts().authorisations;
    let done = core
        .report_sign_waiting(waiting(office.service.otp(), id))
        .await
        .unwrap();
    assert_eq!((done.signed, done.left, done.refused.len()), (1, 0, 0));
    assert_eq!(office.service.counts().authorisations, before + 1);
    office.desk.until(ReceiptStep::OnPortal).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_waits_for_its_signature_can_be_taken_back_and_changed() {
    let mut office = office(Edition::V2, Terms::default()).await;
    office.identity().await;
    office.region.stop().await;
    office.cut().await;
    office.sign("", "").await.unwrap();
    let core = &office.desk.station.core;
    core.report_withdraw(office.desk.request()).await.unwrap();
    let open = core.report_open(office.desk.request()).await.unwrap();
    assert_eq!(
        (open.stage, open.revision),
        (ReportStage::Draft, office.desk.revision)
    );
    let queue = core.delivery_queue().await.unwrap();
    assert!(queue.queued.is_empty());
    office.region.start_again().await;
    office.wire.cut.store(false, Ordering::SeqCst);
    office.see_anew().await;
    eventually("the region is back", || async {
        office.desk.station.core.delivery_retry_now().await.ok()
    })
    .await;
    office.sign(PIN, &office.service.otp()).await.unwrap();
    office.desk.until(ReceiptStep::Delivered).await;
}
