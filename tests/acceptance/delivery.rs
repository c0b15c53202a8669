//! From the draft to the receipts: with the region, without it, and with a crash between any two steps.

use acceptance::{Station, TestRegion, complete_form, eventually, held_visit};
use contract::ErrorCode;
use contract::agenda::AgendaDayRequest;
use contract::report::{
    DeliveryView, ReceiptStep, ReportRequest, ReportStage, SaveReportRequest, SignAndSendRequest,
};
use region_sandbox::faults::{Effect, Rule};
use signing::KeyUse;
use signing::token::training::{Holder, KeyKind, TrainingAuthority, Validity};

pub(crate) const PIN: &str = "24681357";

/// A specialist at work, a visit held, a complete draft saved.
pub(crate) struct Desk {
    pub(crate) station: Station,
    pub(crate) televisit: String,
    pub(crate) revision: u32,
}

pub(crate) async fn with_draft(region: &TestRegion) -> Desk {
    draft_at(region, Station::at(&region.address), key_of_valmori).await
}

/// The same at a station that was set up, with the keys that `give_key` puts there for this fiscal code.
pub(crate) async fn draft_at(
    region: &TestRegion,
    station: Station,
    give_key: impl Fn(&Station, &str),
) -> Desk {
    station.enter("valmori-irene").await;
    let (televisit, patient) = eventually("the patient's televisit arrives", || async {
        let day = jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::get("Europe/Rome").unwrap())
            .date();
        let request = AgendaDayRequest {
            day: day.to_string(),
            search: "marottoli".to_owned(),
        };
        let day = station.core.agenda_day(request).await.unwrap();
        day.rows
            .first()
            .map(|row| (row.televisit_id.clone(), row.patient.id.clone()))
    })
    .await;
    let person = station.known_person().await;
    let station = station.restart();
    held_visit(&station, &person, &televisit, &patient);
    give_key(&station, &region.fiscal_code("valmori-irene"));
    station.enter("valmori-irene").await;
    let open = station
        .core
        .report_open(ReportRequest {
            televisit_id: televisit.clone(),
        })
        .await
        .unwrap();
    let request = SaveReportRequest {
        televisit_id: televisit.clone(),
        revision: open.revision,
        form: complete_form(open.form),
    };
    let saved = station.core.report_save(request).await.unwrap();
    let open = station
        .core
        .report_open(ReportRequest {
            televisit_id: televisit.clone(),
        })
        .await
        .unwrap();
    let blocking: Vec<_> = open
        .findings
        .iter()
        .filter(|finding| finding.severity == contract::report::FindingSeverity::Blocking)
        .collect();
    assert!(blocking.is_empty(), "the form is complete: {blocking:?}");
    Desk {
        station,
        televisit,
        revision: saved.revision,
    }
}

pub(crate) fn key_of_valmori(station: &Station, code: &str) {
    let now = jiff::Timestamp::now();
    let dir = station.identities();
    let authority = TrainingAuthority::open_or_create(&dir, now).unwrap();
    let holder = Holder {
        name: "VALMORI IRENE",
        fiscal_code: code,
    };
    let key = authority
        .issue(
            &holder,
            KeyUse::Signature,
            KeyKind::Rsa2048,
            Validity::usual(now).unwrap(),
        )
        .unwrap();
    key.save(
        &dir,
        "valmori-irene",
        &secrecy::SecretString::from(PIN.to_owned()),
    )
    .unwrap();
}

impl Desk {
    pub(crate) fn request(&self) -> ReportRequest {
        ReportRequest {
            televisit_id: self.televisit.clone(),
        }
    }

    pub(crate) async fn sign(&self, pin: &str) -> contract::Answer<DeliveryView> {
        let devices = self.station.core.report_signing_devices().await.unwrap();
        let mine = devices
            .identities
            .iter()
            .find(|identity| identity.is_author)
            .expect("the author's key");
        self.station
            .core
            .report_sign_and_send(SignAndSendRequest {
                televisit_id: self.televisit.clone(),
                revision: self.revision,
                identity_id: mine.id.clone(),
                pin: pin.to_owned(),
                otp: String::new(),
            })
            .await
    }

    pub(crate) async fn until(&self, step: ReceiptStep) -> DeliveryView {
        eventually("the receipt arrives", || async {
            let delivery = self.station.core.report_delivery(self.request()).await.unwrap();
            let reached = delivery
                .receipts
                .iter()
                .any(|receipt| receipt.step == step && receipt.at.is_some());
            reached.then_some(delivery)
        })
        .await
    }

    pub(crate) async fn back(self, practitioner: &str) -> Self {
        let Self {
            station,
            televisit,
            revision,
        } = self;
        let station = station.restart();
        station.enter(practitioner).await;
        Self {
            station,
            televisit,
            revision,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_report_reaches_the_portal_with_its_receipts_in_order() {
    let region = TestRegion::open().await;
    let desk = with_draft(&region).await;
    desk.sign(PIN).await.unwrap();
    let delivery = desk.until(ReceiptStep::OnPortal).await;
    let times: Vec<_> = delivery
        .receipts
        .iter()
        .filter_map(|receipt| receipt.at.clone())
        .collect();
    assert_eq!(
        times.len(),
        4,
        "validated, signed, delivered, on the portal: {:?}",
        delivery.receipts
    );
    assert!(
        delivery.receipts[4].foreseen.is_some(),
        "the day of the FSE is foreseen"
    );
    // A second click after the end finds everything done.
    desk.sign(PIN).await.unwrap();
    let open = desk.station.core.report_open(desk.request()).await.unwrap();
    assert_eq!(open.stage, ReportStage::Delivered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_loses_nothing_and_the_right_one_goes_on() {
    let region = TestRegion::open().await;
    let desk = with_draft(&region).await;
    let refused = desk.sign("00000000").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongPin);
    let open = desk.station.core.report_open(desk.request()).await.unwrap();
    assert_eq!(open.revision, desk.revision, "the draft is as it was");
    desk.sign(PIN).await.unwrap();
    desk.until(ReceiptStep::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_outage_the_report_is_signed_and_leaves_when_the_region_returns_once() {
    let mut region = TestRegion::open().await;
    let desk = with_draft(&region).await;
    region.stop().await;
    desk.sign(PIN).await.unwrap();
    let queue = desk.station.core.delivery_queue().await.unwrap();
    assert_eq!(queue.queued.len(), 1, "the signed report waits");
    // The program is killed while it waits, and starts again with the region back.
    region.start_again().await;
    let desk = desk.back("valmori-irene").await;
    let delivery = desk.until(ReceiptStep::OnPortal).await;
    let delivered = delivery
        .receipts
        .iter()
        .filter(|receipt| receipt.step == ReceiptStep::Delivered)
        .count();
    assert_eq!(delivered, 1, "delivered once");
    assert!(
        desk.station
            .core
            .delivery_queue()
            .await
            .unwrap()
            .queued
            .is_empty(),
        "nothing is left waiting"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_503_at_any_step_of_delivery_only_delays_it() {
    for path in [
        "/gateway/v1/documents/validation",
        "/gateway/v1/documents",
        "/gateway/v1/status",
    ] {
        let region = TestRegion::open().await;
        let desk = with_draft(&region).await;
        region.faults(vec![Rule {
            path: path.into(),
            times: Some(1),
            status: Some(503),
            retry_after: Some(1),
            ..Rule::default()
        }]);
        desk.sign(PIN).await.unwrap();
        desk.until(ReceiptStep::OnPortal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_lost_after_the_region_has_taken_the_report_does_not_send_it_twice() {
    let region = TestRegion::open().await;
    let desk = with_draft(&region).await;
    region.faults(vec![Rule {
        path: "/gateway/v1/documents".into(),
        method: Some("POST".into()),
        times: Some(2),
        effect: Some(Effect::LoseReply),
        ..Rule::default()
    }]);
    desk.sign(PIN).await.unwrap();
    let delivery = desk.until(ReceiptStep::OnPortal).await;
    assert!(
        delivery.item.is_none(),
        "nothing waits for a person: {:?}",
        delivery.item
    );
}
