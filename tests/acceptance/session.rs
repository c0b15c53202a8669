//! Coming in, locking, unlocking with the region gone, leaving.

use acceptance::{PASSPHRASE, Station, TestRegion, eventually};
use contract::ErrorCode;
use contract::agenda::AgendaDayRequest;
use contract::session::{LoginMethod, LoginRequest, SessionView, UnlockRequest};

fn today() -> AgendaDayRequest {
    let day = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::get("Europe/Rome").unwrap())
        .date();
    AgendaDayRequest {
        day: day.to_string(),
        search: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_specialist_comes_in_and_reads_the_agenda_also_with_the_region_gone() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    let session = station.enter("valmori-irene").await;
    assert!(
        matches!(session, SessionView::Open { offline: false, .. }),
        "not at work: {session:?}"
    );
    let rows = eventually("today's televisits arrive", || async {
        let day = station.core.agenda_day(today()).await.unwrap();
        (day.rows.len() > 5).then_some(day.rows)
    })
    .await;
    region.stop().await;
    station.core.session_lock().await.unwrap();
    assert_eq!(
        station.core.agenda_day(today()).await.unwrap_err().code,
        ErrorCode::SessionLocked,
        "a locked station answers nothing"
    );
    let person = station.known_person().await;
    let wrong = UnlockRequest {
        person_id: person.clone(),
        secret: "gatto rosso nel prato".to_owned(),
    };
    assert_eq!(
        station.core.session_unlock(wrong).await.unwrap_err().code,
        ErrorCode::WrongStationSecret
    );
    let session = station.unlock(&person).await;
    assert!(
        matches!(session, SessionView::Open { .. }),
        "not back: {session:?}"
    );
    let again = station.core.agenda_day(today()).await.unwrap();
    assert_eq!(
        again.rows.len(),
        rows.len(),
        "the agenda is here without the region"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_person_comes_in_without_the_region_and_a_new_one_does_not() {
    let mut region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    let person = station.known_person().await;
    let station = station.restart();
    region.stop().await;
    let request = UnlockRequest {
        person_id: person,
        secret: PASSPHRASE.to_owned(),
    };
    let session = station.core.session_unlock(request).await.unwrap();
    assert!(
        matches!(session, SessionView::Open { offline: true, .. }),
        "not at work offline: {session:?}"
    );
    station.core.session_leave().await.unwrap();
    let refused = station
        .core
        .session_login(LoginRequest {
            method: LoginMethod::Spid,
        })
        .await
        .unwrap_err();
    assert_eq!(
        refused.code,
        ErrorCode::FirstLoginNeedsNetwork,
        "a first login needs the network"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_sees_only_its_own_work_and_the_refusal_is_recorded() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("ferrantino-guido").await;
    let refused = station.core.agenda_day(today()).await.unwrap_err();
    assert_eq!(
        refused.code,
        ErrorCode::AccessDenied,
        "a family doctor has no agenda of televisits"
    );
    let register = station.core.audit_list().await.unwrap();
    assert!(register.intact, "the register is whole");
    assert!(
        register.lines.iter().any(|line| line.action == "access_refused"),
        "the refusal was not recorded"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_given_up_or_by_somebody_else_leaves_the_work_as_it_was() {
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    station
        .core
        .session_login(LoginRequest {
            method: LoginMethod::Cie,
        })
        .await
        .unwrap();
    let session = station.core.session_login_cancel();
    assert!(
        matches!(session, SessionView::Open { .. }),
        "giving up the login is not leaving: {session:?}"
    );
    station.browser_login("quercetti-sandro").await;
    let session = eventually("the other person's login ends", || async {
        let now = station.core.session_state();
        matches!(now, SessionView::Open { .. }).then_some(now)
    })
    .await;
    let SessionView::Open { person, .. } = session else {
        panic!("not at work")
    };
    assert_eq!(person.family, "Valmori", "the desk is still hers");
    assert!(
        station.core.agenda_day(today()).await.is_ok(),
        "and her agenda is still there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_share_a_pc_come_in_one_after_the_other_and_never_read_each_other() {
    const PEOPLE: [&str; 6] = [
        "valmori-irene",
        "quercetti-sandro",
        "ferrantino-guido",
        "brandolesi-ugo",
        "scarpellini-dario",
        "marzullesi-rita",
    ];
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    let mut folders = std::collections::BTreeSet::new();
    for practitioner in PEOPLE {
        station.enter(practitioner).await;
        let now = people_folders(&station);
        assert!(
            now.is_superset(&folders) && now.len() == folders.len() + 1,
            "each has a folder of their own"
        );
        folders = now;
        station.core.session_leave().await.unwrap();
        assert!(matches!(station.core.session_state(), SessionView::Out));
        assert_eq!(
            station.core.audit_list().await.unwrap_err().code,
            ErrorCode::SessionLocked,
            "nobody is in, nothing is read"
        );
    }
    let known = station.core.station_state().await.unwrap().people;
    assert_eq!(known.len(), PEOPLE.len());
    // Each key opens its own folder and no other: a database put in another's place is not opened.
    let (one, other) = (&known[0].person.id, &known[1].person.id);
    let folder = |person: &str| {
        let all = people_root(&station);
        all.join(person)
    };
    for file in ["outbox.db", "cache.db"] {
        let bytes = std::fs::read(folder(other).join(file)).unwrap();
        assert!(!bytes.starts_with(b"SQLite format 3"), "{file} is in the clear");
        for word in [&b"Marottoli"[..], b"Pontecorbi", b"Valmori"] {
            assert!(
                !bytes.windows(word.len()).any(|part| part == word),
                "{file} has a name in it"
            );
        }
    }
    let mine = folder(one).join("outbox.db");
    let kept = std::fs::read(&mine).unwrap();
    std::fs::copy(folder(other).join("outbox.db"), &mine).unwrap();
    let request = UnlockRequest {
        person_id: one.clone(),
        secret: PASSPHRASE.to_owned(),
    };
    assert!(
        station.core.session_unlock(request).await.is_err(),
        "another person's archive was opened"
    );
    std::fs::write(&mine, kept).unwrap();
    station.unlock(one).await;
    station.core.session_lock().await.unwrap();
    station.core.session_leave().await.unwrap();
    station.unlock(other).await;
    let SessionView::Open { person, .. } = station.core.session_state() else {
        panic!("nobody is in")
    };
    assert_eq!(&person.id, other);
}

fn people_root(station: &Station) -> std::path::PathBuf {
    station.folder().join("data").join("people")
}

fn people_folders(station: &Station) -> std::collections::BTreeSet<String> {
    std::fs::read_dir(people_root(station))
        .unwrap()
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_says_why_and_the_system_s_lock_locks_the_station() {
    use contract::session::LockReason;
    let region = TestRegion::open().await;
    let station = Station::at(&region.address);
    station.enter("valmori-irene").await;
    station.core.system_locks().await;
    let SessionView::Locked { reason, .. } = station.core.session_state() else {
        panic!("the system's lock left the station open")
    };
    assert_eq!(reason, LockReason::System);
    let person = station.known_person().await;
    station.unlock(&person).await;
    let SessionView::Locked { reason, .. } = station.core.session_lock().await.unwrap() else {
        panic!("not locked")
    };
    assert_eq!(reason, LockReason::Asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_shift_everything_is_fetched_counted_and_still_there_without_the_region() {
    let mut region = TestRegion::open().await;
    for practitioner in ["valmori-irene", "scarpellini-dario", "ferrantino-guido"] {
        let station = Station::at(&region.address);
        station.enter(practitioner).await;
        let shift = eventually("the shift is prepared", || async {
            let shift = station.core.shift_prepare().await.ok()?;
            shift.ready.then_some(shift)
        })
        .await;
        let until: jiff::Timestamp = shift.until.as_deref().unwrap().parse().unwrap();
        assert!(until > jiff::Timestamp::now());
        assert!(
            shift
                .items
                .iter()
                .all(|item| item.here >= item.needed && item.fetched)
        );
        assert!(
            shift.items.iter().any(|item| item.needed > 0),
            "{practitioner} has nothing to work on"
        );
        region.stop().await;
        eventually("the region is seen to be gone", || async {
            (!station.core.station_state().await.unwrap().link.online).then_some(())
        })
        .await;
        let still = station.core.shift_state().await.unwrap();
        assert!(still.ready, "what was prepared went away with the network");
        let refused = station.core.shift_prepare().await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::RegionUnreachable);
        region.start_again().await;
    }
}
