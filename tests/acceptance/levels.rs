//! B-T and B-LT before the delivery, with a real time-stamp authority and a real OCSP responder; and what becomes of a report
//! when none answers.

use std::process::Command;

use acceptance::{Signatures, Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::delivery::QueueState;
use contract::report::{DeliveryView, ReceiptStep, ReceiptView};
use contract::signing::{SetTimeStampsRequest, TimeStampAuthorityRequest, TimeStampPolicy};
use testkit::authority::{Key, Reason};
use testkit::responder::{Responder, Service};
use testkit::tsa::TsaFault;
use workflow::StationTimeStamps;

use crate::delivery::{Desk, PIN, draft_at};

const SIGNER: &str = "valmori-irene";

/// A time-stamp authority and an OCSP responder, and a desk that knows them.
struct Office {
    region: TestRegion,
    services: Responder,
    desk: Desk,
    _folder: tempfile::TempDir,
}

async fn office(policy: TimeStampPolicy) -> Office {
    let folder = tempfile::tempdir().unwrap();
    let services = Responder::start(&folder.path().join("authority")).unwrap();
    let region = TestRegion::open().await;
    let signatures = Signatures {
        roots: Some(std::fs::read(services.authority.trust()).unwrap()),
        time_stamps: StationTimeStamps {
            authorities: vec![services.tsa()],
            roots: None,
        },
    };
    let station = Station::set_up(&region.address, signatures);
    let authority = services.authority.clone();
    let desk = draft_at(&region, station, |station, code| {
        let keys = authority
            .signer(SIGNER, "VALMORI IRENE", code, Key::Rsa(2048), PIN)
            .unwrap();
        for file in std::fs::read_dir(keys).unwrap() {
            let file = file.unwrap().path();
            std::fs::copy(&file, station.identities().join(file.file_name().unwrap())).unwrap();
        }
    })
    .await;
    let request = SetTimeStampsRequest {
        authorities: Vec::new(),
        policy,
    };
    desk.station.core.signing_set_time_stamps(request).await.unwrap();
    Office {
        region,
        services,
        desk,
        _folder: folder,
    }
}

/// A receipt that was given.
fn given(delivery: &DeliveryView, step: ReceiptStep) -> Option<&ReceiptView> {
    let mut receipts = delivery.receipts.iter();
    receipts.find(|receipt| receipt.step == step && receipt.at.is_some())
}

impl Office {
    /// The PDFs that the region has got from this desk.
    fn at_the_region(&self) -> Vec<Vec<u8>> {
        let store = self.region.store();
        let all = store.search("DocumentReference", &[]).unwrap();
        all.iter()
            .filter(|document| document.to_string().contains("^150.TV."))
            .map(|document| {
                let url = document["content"][0]["attachment"]["url"].as_str().unwrap();
                let id = url.strip_prefix("Binary/").unwrap();
                store.binary(id).unwrap().unwrap().1
            })
            .collect()
    }

    /// The one PDF of this desk that the region got, once it has it.
    async fn delivered(&self) -> Vec<u8> {
        self.desk.until(ReceiptStep::Delivered).await;
        let mut all = self.at_the_region();
        assert_eq!(all.len(), 1, "delivered once");
        all.remove(0)
    }

    /// What the referee says of the delivered file.
    fn referee(&self, pdf: &[u8], level: &str) {
        let Ok(shared) = std::env::var("POSTAZIONE_SHARED") else {
            println!("referee check not run: validate-pades");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("delivered.pdf");
        std::fs::write(&file, pdf).unwrap();
        let said = Command::new(format!("{shared}/tools/validate-pades"))
            .arg(&file)
            .arg("--trust")
            .arg(self.services.authority.trust())
            .args(["--expect", level, "--fse"])
            .output()
            .unwrap();
        assert!(
            said.status.success(),
            "{}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_delivered_with_its_time_stamp_and_the_proof_of_its_certificate() {
    let office = office(TimeStampPolicy::Block).await;
    office.desk.sign(PIN).await.unwrap();
    let delivery = office.desk.until(ReceiptStep::OnPortal).await;
    let stamp = given(&delivery, ReceiptStep::TimeStamped).expect("a receipt of the time-stamp");
    assert_eq!(stamp.id.as_deref(), Some("B-LT"));
    let pdf = office.delivered().await;
    office.referee(&pdf, "B-T");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_revocation_data_a_report_is_delivered_with_its_time_stamp_alone() {
    let office = office(TimeStampPolicy::Block).await;
    office.services.set_ocsp(Service::Down);
    office.services.set_crl(Service::Down);
    office.desk.sign(PIN).await.unwrap();
    let delivery = office.desk.until(ReceiptStep::Delivered).await;
    let stamp = given(&delivery, ReceiptStep::TimeStamped).expect("a receipt of the time-stamp");
    assert_eq!(stamp.id.as_deref(), Some("B-T"));
    let pdf = office.delivered().await;
    office.referee(&pdf, "B-T");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_blocks_keeps_the_report_unsigned_and_says_why() {
    let office = office(TimeStampPolicy::Block).await;
    office.services.set_tsa(Service::Down, TsaFault::None);
    let refused = office.desk.sign(PIN).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::TimeStampUnavailable);
    office.services.set_tsa(Service::Up, TsaFault::Stranger);
    let refused = office.desk.sign(PIN).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.detail.as_str()),
        (ErrorCode::TimeStampRefused, "time-stamp/untrusted")
    );
    let queue = office.desk.station.core.delivery_queue().await.unwrap();
    assert!(queue.queued.is_empty(), "nothing waits that was not signed");
    office.services.set_tsa(Service::Up, TsaFault::None);
    office.desk.sign(PIN).await.unwrap();
    office.desk.until(ReceiptStep::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_awaited_time_stamp_comes_without_the_pin_after_a_restart_and_only_then_the_report_leaves() {
    let mut office = office(TimeStampPolicy::Wait).await;
    office.services.set_tsa(Service::Down, TsaFault::None);
    let delivery = office.desk.sign(PIN).await.unwrap();
    assert_eq!(
        delivery.item.as_ref().map(|item| item.state),
        Some(QueueState::AwaitingTimeStamp)
    );
    assert!(
        given(&delivery, ReceiptStep::Signed).is_some(),
        "the signature is kept"
    );
    let awaited = |receipt: &ReceiptView| receipt.step == ReceiptStep::TimeStamped && receipt.at.is_none();
    assert!(
        delivery.receipts.iter().any(awaited),
        "the chain shows what is awaited"
    );
    office.desk = office.desk.back(SIGNER).await;
    let before = office.services.asked()[0];
    eventually("the authority is asked again", || async {
        (office.services.asked()[0] > before + 1).then_some(())
    })
    .await;
    assert!(office.at_the_region().is_empty(), "nothing leaves without");
    office.services.set_tsa(Service::Up, TsaFault::None);
    let pdf = office.delivered().await;
    office.referee(&pdf, "B-T");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_stamp_that_came_behind_the_lock_is_not_asked_for_again() {
    let office = office(TimeStampPolicy::Wait).await;
    let station = &office.desk.station;
    let person = station.known_person().await;
    office.services.set_tsa(Service::Down, TsaFault::None);
    office.desk.sign(PIN).await.unwrap();
    station.core.session_lock().await.unwrap();
    office.services.set_tsa(Service::Up, TsaFault::None);
    eventually("the time-stamp comes behind the lock", || async {
        let state = station.core.station_state().await.unwrap();
        (state.link.queued == 0).then_some(())
    })
    .await;
    // From here on no authority would answer.
    office.services.set_tsa(Service::Down, TsaFault::None);
    let asked = office.services.asked()[0];
    station.unlock(&person).await;
    let pdf = office.delivered().await;
    assert_eq!(office.services.asked()[0], asked);
    office.referee(&pdf, "B-T");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_may_send_without_a_time_stamp() {
    let office = office(TimeStampPolicy::SendWithout).await;
    office.services.set_tsa(Service::Down, TsaFault::None);
    office.desk.sign(PIN).await.unwrap();
    let delivery = office.desk.until(ReceiptStep::Delivered).await;
    assert!(given(&delivery, ReceiptStep::TimeStamped).is_none());
    office.delivered().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_certificate_signs_nothing_and_is_told_before_the_pin() {
    let office = office(TimeStampPolicy::Wait).await;
    let authority = &office.services.authority;
    authority.revoke(SIGNER, Reason::KeyCompromise).unwrap();
    eventually("the dialog says so", || async {
        let devices = office.desk.station.core.report_signing_devices().await.unwrap();
        let mine = devices.identities.iter().find(|identity| identity.is_author)?;
        (mine.blocked_by == Some(ErrorCode::CertificateRevoked)).then_some(())
    })
    .await;
    // A wrong PIN shows that the device is not asked at all.
    let refused = office.desk.sign("00000000").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::CertificateRevoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_authority_of_the_list_is_asked_and_a_kept_password_is_not_shown() {
    let office = office(TimeStampPolicy::Block).await;
    let core = &office.desk.station.core;
    let authority = |url: String, password: Option<&str>| TimeStampAuthorityRequest {
        url,
        user: Some("ospedale".to_owned()),
        password: password.map(str::to_owned),
    };
    let request = SetTimeStampsRequest {
        authorities: vec![
            authority("http://127.0.0.1:9/tsa".to_owned(), Some("segreta-1")),
            authority(office.services.tsa(), None),
        ],
        policy: TimeStampPolicy::Block,
    };
    let view = core.signing_set_time_stamps(request).await.unwrap();
    assert!(!view.of_the_station && view.authorities[0].has_password && !view.authorities[1].has_password);
    let told = serde_json::to_string(&view).unwrap();
    assert!(!told.contains("segreta-1"), "a secret came out: {told}");
    office.desk.sign(PIN).await.unwrap();
    office.desk.until(ReceiptStep::Delivered).await;
}
