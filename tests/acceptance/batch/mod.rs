//! *Firma massiva*: one authorisation for many reports, an outcome for each, none twice.

mod cards;
mod day;
mod kill;

use acceptance::{Station, TestRegion};
use contract::ErrorCode;
use contract::batch::{BatchDocumentState as State, BatchObstacle, BatchPhase};
use contract::report::ReportRequest;
use region_sandbox::faults::Rule;

use self::day::{Day, count};
use crate::delivery::{PIN, key_of_valmori};

/// A day signed with a key file.
async fn day(region: &TestRegion, reports: usize, unfinished: usize) -> Day {
    let station = Station::at(&region.address);
    key_of_valmori(&station, &region.fiscal_code("valmori-irene"));
    Day::of(region, station, reports, unfinished).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_or_has_changed_is_told_and_stops_nobody_else() {
    let region = TestRegion::open().await;
    let mut day = day(&region, 8, 1).await;
    let core = day.station.core.clone();

    let list = core.batch_list().await.unwrap().rows;
    assert_eq!(list.len(), 8, "seven to sign and one to finish");
    let unfinished = list.last().unwrap();
    assert_eq!(unfinished.obstacle, Some(BatchObstacle::Incomplete));
    assert!(unfinished.missing > 0 && list.iter().all(|row| !row.read));

    // All but the first are read; the second changes afterwards.
    for report in &day.reports[1..] {
        core.batch_preview(report.clone()).await.unwrap();
    }
    let changed = day.reports[1].clone();
    let newer = day.write(&changed.televisit_id, true, "Tra 6 mesi").await;
    let list = core.batch_list().await.unwrap().rows;
    assert_eq!(
        list.iter().filter(|row| row.read).count(),
        5,
        "a new text is not read"
    );
    let stale = core.batch_preview(changed.clone()).await.unwrap_err();
    assert_eq!(
        stale.code,
        ErrorCode::Conflict,
        "a page is of its revision or is not shown"
    );
    // Named twice, it is signed once.
    day.reports.push(day.reports[2].clone());

    let view = day.sign_all(PIN).await;
    assert_eq!(view.documents.len(), 7);
    assert_eq!(
        view.documents[0].failure.as_ref().unwrap().code,
        ErrorCode::NotRead
    );
    assert_eq!(
        view.documents[1].failure.as_ref().unwrap().code,
        ErrorCode::Conflict
    );
    assert_eq!(count(&view, State::Signed), 5, "{:?}", view.documents);
    assert!(view.stopped.is_none() && !view.cancelled);
    day.delivered(&region, 5).await;

    // Read at last, the two are signed with the others, which are not signed again.
    day.reports[1].revision = newer;
    for report in &day.reports[..2] {
        core.batch_preview(report.clone()).await.unwrap();
    }
    let view = day.sign_all(PIN).await;
    assert_eq!(count(&view, State::Signed), 2);
    assert_eq!(count(&view, State::SignedBefore), 5);
    day.delivered(&region, 7).await;
    core.batch_close().unwrap();
    assert!(core.batch_state().unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_region_many_are_signed_and_leave_once_when_it_returns() {
    let mut region = TestRegion::open().await;
    let day = day(&region, 30, 0).await;
    day.read_all().await;
    region.stop().await;
    let view = day.sign_all(PIN).await;
    assert_eq!(count(&view, State::Signed), 30, "{view:?}");
    assert_eq!(day.station.core.delivery_queue().await.unwrap().queued.len(), 30);
    region.start_again().await;
    let day = day.back().await;
    day.delivered(&region, 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_gateway_is_of_one_report_alone() {
    let region = TestRegion::open().await;
    let day = day(&region, 4, 0).await;
    day.read_all().await;
    region.faults(vec![Rule {
        path: "/gateway/v1/documents/validation".into(),
        status: Some(422),
        times: Some(1),
        ..Rule::default()
    }]);
    let view = day.sign_all(PIN).await;
    assert_eq!(
        view.documents[0].failure.as_ref().unwrap().code,
        ErrorCode::ReportRefused
    );
    assert_eq!(count(&view, State::Signed), 3, "{view:?}");
    let row = &day.station.core.batch_list().await.unwrap().rows[0];
    assert_eq!(row.obstacle, Some(BatchObstacle::Refused));
    day.delivered(&region, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_finds_the_batch_and_a_lock_stops_it() {
    let region = TestRegion::open().await;
    let day = day(&region, 6, 0).await;
    day.read_all().await;
    let identity = day.identity().await;
    // A wrong PIN leaves a question, and with it time to click.
    day.station
        .core
        .batch_start(day.request(&identity, "00000000"))
        .await
        .unwrap();
    let asked = day.until(BatchPhase::Asking).await;
    let refused = asked.question.clone().unwrap().refused.unwrap();
    assert_eq!(refused.code, ErrorCode::WrongPin);
    let again = day
        .station
        .core
        .batch_start(day.request(&identity, PIN))
        .await
        .unwrap();
    assert_eq!(
        again, asked,
        "the same question waits, and nothing was signed by the click"
    );

    day.station.core.session_lock().await.unwrap();
    let refused = day.station.core.batch_state().unwrap_err();
    assert_eq!(refused.code, ErrorCode::SessionLocked);
    let person = day.station.known_person().await;
    day.station.unlock(&person).await;
    let request = ReportRequest {
        televisit_id: day.reports[0].televisit_id.clone(),
    };
    assert!(day.station.core.report_open(request).await.is_ok());
    assert!(
        day.station.core.batch_state().unwrap().is_none(),
        "a lock ends it"
    );
    // What was read before the lock is to be read again; then it is signed.
    day.read_all().await;
    let view = day.sign_all(PIN).await;
    assert_eq!(count(&view, State::Signed), 6, "{view:?}");
    day.delivered(&region, 6).await;
}
