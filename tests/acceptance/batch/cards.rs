//! The same with cards: SoftHSM2, and the module that locks and vanishes. Each finds its card in the environment, so each test
//! runs its second half in a process of its own.

use std::ffi::OsStr;
use std::path::Path;

use acceptance::{Card, Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::batch::{BatchAuthoriseRequest, BatchDeviceRequest, BatchDocumentState as State, BatchPhase};
use hostile_token::{HostileToken, Mood};
use secrecy::ExposeSecret as _;
use signing::KeyUse;
use signing::token::training::KeyKind;
use testkit::pki::TestPki;

use super::day::{Day, count};

const SECOND_HALF: &str = "POSTAZIONE_BATCH_CARD";
const REGION: &str = "POSTAZIONE_BATCH_REGION";
const PIN: &str = "12345";
const WRONG: &str = "54321";
/// A full day, and the S8 journey's number.
const REPORTS: usize = 32;

/// Of the invented specialist; the region invents it the same for all.
fn fiscal_code(region: &TestRegion) -> String {
    region.fiscal_code("valmori-irene")
}

/// In the first process: makes the card and runs the test again with it. In the second: the station with its reader.
async fn hostile(test: &str) -> Option<(TestRegion, HostileToken, Day)> {
    if let Some(dir) = std::env::var_os(SECOND_HALF) {
        let dir = Path::new(&dir);
        let card = Card {
            module: HostileToken::library().unwrap(),
            roots: std::fs::read(dir.join("trust.pem")).unwrap(),
        };
        let (region, day) = station_with(card).await;
        return Some((region, HostileToken::at(&dir.join("card")), day));
    }
    let dir = tempfile::tempdir().unwrap();
    let region = TestRegion::open().await;
    let pki = TestPki::create(dir.path()).unwrap();
    let code = fiscal_code(&region);
    let key = pki
        .key("Irene Valmori", &code, KeyUse::Signature, KeyKind::Rsa2048, None)
        .unwrap();
    let token = HostileToken::create(
        &dir.path().join("card"),
        PIN,
        3,
        key.key_pem().unwrap().expose_secret(),
        &key.chain_der().unwrap(),
    )
    .unwrap();
    assert_eq!(pki.trust(), dir.path().join("trust.pem"));
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(SECOND_HALF, dir.path())
        .env(hostile_token::FOLDER, token.dir())
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "the second half of {test} failed:\n{printed}"
    );
    None
}

async fn station_with(card: Card) -> (TestRegion, Day) {
    signing::token::helper::use_program(env!("CARGO_BIN_EXE_token-driver").into());
    let region = TestRegion::open().await;
    let station = Station::with_card(&region.address, card);
    let day = Day::of(&region, station, REPORTS, 0).await;
    day.read_all().await;
    (region, day)
}

async fn start(day: &Day, pin: &str) {
    let request = day.request(&day.identity().await, pin);
    day.station.core.batch_start(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pin_signs_a_whole_day_with_a_token_and_each_report_arrives() {
    if let Some(dir) = std::env::var_os(SECOND_HALF) {
        let dir = Path::new(&dir);
        let module = std::fs::read_to_string(dir.join("module")).unwrap();
        let roots = std::fs::read(dir.join("trust.pem")).unwrap();
        let module = module.trim().into();
        let (region, day) = station_with(Card { module, roots }).await;
        let identity_id = day.identity().await;
        let device = BatchDeviceRequest { identity_id };
        let device = day.station.core.batch_device(device).await.unwrap();
        assert_eq!(device.documents, None, "one authorisation for any number");
        let view = day.sign_all(PIN).await;
        assert_eq!(count(&view, State::Signed), REPORTS, "{view:?}");
        day.delivered(&region, REPORTS).await;
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let region = TestRegion::open().await;
    let pki = TestPki::create(dir.path()).unwrap();
    let token = pki
        .softhsm_token(
            &dir.path().join("token"),
            "Irene Valmori",
            &fiscal_code(&region),
            PIN,
        )
        .unwrap();
    std::fs::write(dir.path().join("module"), token.module.display().to_string()).unwrap();
    assert_eq!(pki.trust(), dir.path().join("trust.pem"));
    let test = "batch::cards::one_pin_signs_a_whole_day_with_a_token_and_each_report_arrives";
    let environment: [(&str, &OsStr); 2] =
        [(SECOND_HALF, dir.path().as_os_str()), (REGION, OsStr::new("own"))];
    token.run_test(test, &environment).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_is_one_attempt_and_the_right_one_goes_on() {
    let test = "batch::cards::a_wrong_pin_is_one_attempt_and_the_right_one_goes_on";
    let Some((region, token, day)) = hostile(test).await else {
        return;
    };
    start(&day, WRONG).await;
    let view = day.until(BatchPhase::Asking).await;
    let question = view.question.unwrap();
    assert_eq!(question.documents as usize, REPORTS);
    assert_eq!(question.refused.unwrap().code, ErrorCode::WrongPinFewLeft);
    assert_eq!(token.logins(), 1, "one PIN typed, one attempt");

    // What answers another question is dropped, whatever it holds.
    let answer = |question, pin: &str| BatchAuthoriseRequest {
        question,
        pin: pin.to_owned(),
        otp: String::new(),
    };
    let core = &day.station.core;
    core.batch_authorise(answer(question.number + 1, WRONG)).unwrap();
    assert_eq!(token.logins(), 1);
    core.batch_authorise(answer(question.number, PIN)).unwrap();
    // A second click of the same answer.
    core.batch_authorise(answer(question.number, PIN)).unwrap();
    let view = day.until(BatchPhase::Ended).await;
    assert_eq!(count(&view, State::Signed), REPORTS, "{view:?}");
    assert_eq!(token.logins(), 2, "two PINs typed, two attempts");
    day.delivered(&region, REPORTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_and_no_second_one_leave_everything_as_it_was() {
    let test = "batch::cards::a_wrong_pin_and_no_second_one_leave_everything_as_it_was";
    let Some((region, token, day)) = hostile(test).await else {
        return;
    };
    start(&day, WRONG).await;
    day.until(BatchPhase::Asking).await;
    day.station.core.batch_cancel().unwrap();
    let view = day.until(BatchPhase::Ended).await;
    assert_eq!(count(&view, State::NotTried), REPORTS, "{view:?}");
    assert!(view.cancelled);
    assert_eq!((token.logins(), token.signatures()), (1, 0));
    let ready = day.station.core.batch_list().await.unwrap().rows;
    let ready: Vec<_> = ready.iter().filter(|row| row.obstacle.is_none()).collect();
    assert_eq!(ready.len(), REPORTS);
    assert!(
        ready.iter().all(|row| row.read),
        "read, and ready for another try"
    );
    day.delivered(&region, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_card_is_asked_once_and_every_report_stays_unsigned() {
    let test = "batch::cards::a_locked_card_is_asked_once_and_every_report_stays_unsigned";
    let Some((region, token, day)) = hostile(test).await else {
        return;
    };
    start(&day, WRONG).await;
    for _ in 0..2 {
        let view = day.until(BatchPhase::Asking).await;
        let answer = BatchAuthoriseRequest {
            question: view.question.unwrap().number,
            pin: WRONG.to_owned(),
            otp: String::new(),
        };
        day.station.core.batch_authorise(answer).unwrap();
    }
    let view = day.until(BatchPhase::Ended).await;
    assert_eq!(view.stopped.unwrap().code, ErrorCode::PinLocked);
    assert_eq!(token.logins(), 3, "as many as were typed");
    assert_eq!(token.signatures(), 0);
    day.delivered(&region, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_vanishes_half_way_stops_there_and_the_rest_is_signed_later_once() {
    let test = "batch::cards::a_card_that_vanishes_half_way_stops_there_and_the_rest_is_signed_later_once";
    let Some((region, token, day)) = hostile(test).await else {
        return;
    };
    start(&day, PIN).await;
    eventually("some are signed", || async {
        (count(&day.state(), State::Signed) >= 5).then_some(())
    })
    .await;
    token.set(Mood::Vanishes).unwrap();
    let view = day.until(BatchPhase::Ended).await;
    let signed = count(&view, State::Signed);
    assert!((5..REPORTS).contains(&signed), "{signed} were signed");
    assert_eq!(view.stopped.as_ref().unwrap().code, ErrorCode::CardRemoved);
    assert_eq!(count(&view, State::Failed), 1, "the one in hand");
    assert_eq!(count(&view, State::NotTried), REPORTS - signed - 1, "{view:?}");
    assert_eq!(token.logins(), 1, "a card that is gone is not asked for again");
    assert_eq!(
        token.signatures() as usize,
        signed + 1,
        "nor tried with the reports after it"
    );
    day.delivered(&region, signed).await;

    token.set(Mood::Good).unwrap();
    token.insert().unwrap();
    let view = day.sign_all(PIN).await;
    assert_eq!(count(&view, State::SignedBefore), signed);
    assert_eq!(count(&view, State::Signed), REPORTS - signed, "{view:?}");
    day.delivered(&region, REPORTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_signature_is_one_failure_and_a_stop_keeps_what_is_signed() {
    let test = "batch::cards::a_false_signature_is_one_failure_and_a_stop_keeps_what_is_signed";
    let Some((region, token, day)) = hostile(test).await else {
        return;
    };
    start(&day, PIN).await;
    eventually("some are signed", || async {
        (count(&day.state(), State::Signed) >= 3).then_some(())
    })
    .await;
    token.set(Mood::Lies).unwrap();
    eventually("one is false", || async {
        (count(&day.state(), State::Failed) >= 1).then_some(())
    })
    .await;
    token.set(Mood::Good).unwrap();
    let so_far = count(&day.state(), State::Signed);
    eventually("others follow it", || async {
        (count(&day.state(), State::Signed) > so_far).then_some(())
    })
    .await;
    day.station.core.batch_cancel().unwrap();
    let view = day.until(BatchPhase::Ended).await;
    let (signed, failed) = (count(&view, State::Signed), count(&view, State::Failed));
    let false_ones = view.documents.iter().filter_map(|each| each.failure.as_ref());
    assert!(
        false_ones
            .map(|each| each.code)
            .all(|code| code == ErrorCode::SignatureNotSound),
        "{view:?}"
    );
    assert!(view.cancelled && view.stopped.is_none());
    assert_eq!(count(&view, State::NotTried), REPORTS - signed - failed);
    assert!(signed + failed < REPORTS, "stopped before the end");
    day.delivered(&region, signed).await;
}
