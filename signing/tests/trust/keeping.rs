//! The last good copy: what replaces it, what does not, and how old it is said to be.

use signing::transport::TransportError;
use signing::trust::{ListError, Settings, SettingsError, SignatureFault, TrustedLists};
use testkit::authority::Key;
use testkit::trusted_list::ListText;

use crate::{Office, later, now, refresh, summary};

const SIX_MONTHS: i64 = 24 * 180;

/// An office whose list number 5 is kept.
fn kept() -> (Office, Settings) {
    let office = Office::open(&[("gestore", Key::P256), ("altri", Key::P256)]);
    let settings = office.settings("gestore");
    let list = ListText {
        services: vec![
            office.service("CA/QC", "issuer", &[("granted", later(now(), -24))]),
            office.service("TSA/QTST", "tsa", &[("granted", later(now(), -24))]),
            office.service(
                "Certstatus/OCSP/QC",
                "responder",
                &[("granted", later(now(), -24))],
            ),
            office.service("IdV", "root", &[("granted", later(now(), -24))]),
        ],
        ..ListText::national("IT", 5, now())
    };
    office
        .publisher
        .publish("it.xml", office.signed(&list, "gestore"));
    assert_eq!(summary(&refresh(&settings, now())[0]), (Some(5), None));
    (office, settings)
}

fn copy(settings: &Settings) -> Vec<u8> {
    std::fs::read(settings.folder.join("IT.xml")).unwrap()
}

#[test]
fn a_copy_is_replaced_by_a_newer_one_alone() {
    let (office, settings) = kept();
    let before = copy(&settings);
    let newer = |sequence, by: &str| office.signed(&ListText::national("IT", sequence, now()), by);
    let mut broken = newer(6, "gestore");
    broken = broken.replacen("<TSLVersionIdentifier>6", "<TSLVersionIdentifier>5", 1);
    let whole = newer(6, "gestore");
    let ahead = office.signed(&ListText::national("IT", 6, later(now(), 48)), "gestore");
    let closed = ListText {
        next_update: None,
        ..ListText::national("IT", 6, now())
    };
    for (name, text, expected) in [
        ("older", newer(4, "gestore"), ListError::Older { kept: 5, got: 4 }),
        ("damaged", broken, ListError::Signature(SignatureFault::Broken)),
        (
            "a stranger's",
            newer(6, "altri"),
            ListError::Signature(SignatureFault::Stranger),
        ),
        (
            "cut short",
            whole[..whole.len() - 100].to_owned(),
            ListError::NotXml,
        ),
        ("from the future", ahead, ListError::FromTheFuture),
        (
            "closed",
            office.signed(&closed, "gestore"),
            ListError::Expired { since: None },
        ),
    ] {
        office.publisher.publish("it.xml", text);
        assert_eq!(
            summary(&refresh(&settings, now())[0]),
            (Some(5), Some(expected)),
            "{name}"
        );
        assert_eq!(copy(&settings), before, "{name}");
    }
    office.publisher.publish("it.xml", whole);
    assert_eq!(summary(&refresh(&settings, now())[0]), (Some(6), None));
    let names: Vec<_> = std::fs::read_dir(&settings.folder)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "nothing half written is left: {names:?}");
}

#[test]
fn a_server_that_is_down_leaves_the_copy_and_its_age() {
    let (office, settings) = kept();
    let lists = TrustedLists::open(settings.clone()).unwrap();
    let (confirmed, tomorrow) = (now(), later(now(), 24));
    office.publisher.down(true);
    let state = &refresh(&settings, tomorrow)[0];
    let down = ListError::Transport(TransportError::Status(503));
    assert_eq!(summary(state), (Some(5), Some(down)));
    let known = lists.stored(tomorrow).lists[0].known.clone().unwrap();
    assert!(known.confirmed <= confirmed && known.age(tomorrow).as_hours() >= 24);
    assert_eq!((known.issuers, known.time_stamps, known.responders), (1, 1, 1));
    // The same list again is news of it: it is still the newest.
    office.publisher.down(false);
    assert_eq!(summary(&refresh(&settings, tomorrow)[0]), (Some(5), None));
    let known = lists.stored(tomorrow).lists[0].known.clone().unwrap();
    assert_eq!((known.confirmed, known.age(tomorrow).as_secs()), (tomorrow, 0));
    // Without the note beside it, a copy is as old as it says.
    std::fs::remove_file(settings.folder.join("IT.json")).unwrap();
    let known = lists.stored(tomorrow).lists[0].known.clone().unwrap();
    assert_eq!(known.confirmed, known.issued);
    // Nobody listens any more.
    drop(office.publisher);
    let unreachable = ListError::Transport(TransportError::Unreachable);
    assert_eq!(
        summary(&refresh(&settings, tomorrow)[0]),
        (Some(5), Some(unreachable))
    );
}

#[test]
fn a_list_past_its_next_update_gives_no_anchors_and_says_so() {
    let (_office, settings) = kept();
    let after = later(now(), SIX_MONTHS + 24);
    let stored = TrustedLists::open(settings.clone()).unwrap().stored(after);
    assert!(stored.trust.is_empty());
    let (Some(5), Some(ListError::Expired { since: Some(since) })) = summary(&stored.lists[0]) else {
        panic!("{:?}", stored.lists);
    };
    assert!(since < after);
    assert!(stored.lists[0].known.as_ref().unwrap().age(after).as_hours() >= SIX_MONTHS);
    // An administrator may go on with it; the warning stays.
    let lenient = Settings {
        use_expired: true,
        ..settings.clone()
    };
    let stored = TrustedLists::open(lenient).unwrap().stored(after);
    assert!(!stored.trust.is_empty());
    assert!(matches!(stored.lists[0].problem, Some(ListError::Expired { .. })));
    // What comes expired does not come in.
    let state = &refresh(&settings, after)[0];
    assert!(
        matches!(state.problem, Some(ListError::Expired { .. })),
        "{state:?}"
    );
}

#[test]
fn a_copy_is_verified_each_time_it_is_read() {
    let (office, settings) = kept();
    let path = settings.folder.join("IT.xml");
    let good = copy(&settings);
    let stored = || TrustedLists::open(settings.clone()).unwrap().stored(now());
    assert!(!stored().trust.is_empty());
    let changed = String::from_utf8(good.clone())
        .unwrap()
        .replace("CA/QC", "CA/PKC");
    for (bytes, expected) in [
        (changed.into_bytes(), ListError::Signature(SignatureFault::Broken)),
        (good[..good.len() / 2].to_vec(), ListError::NotXml),
        (Vec::new(), ListError::NotXml),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let stored = stored();
        assert!(stored.trust.is_empty());
        assert_eq!(summary(&stored.lists[0]), (None, Some(expected)));
    }
    // What was damaged at home is fetched again.
    assert_eq!(summary(&refresh(&settings, now())[0]), (Some(5), None));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(summary(&stored().lists[0]), (None, Some(ListError::Missing)));
    // Signers that the settings no longer name are no signers of the copy either.
    assert_eq!(summary(&refresh(&settings, now())[0]), (Some(5), None));
    let others = Settings {
        folder: settings.folder.clone(),
        ..office.settings("altri")
    };
    let stored = TrustedLists::open(others).unwrap().stored(now());
    assert!(stored.trust.is_empty());
    assert_eq!(
        summary(&stored.lists[0]).1,
        Some(ListError::Signature(SignatureFault::Stranger))
    );
}

#[test]
fn settings_are_read_and_checked() {
    let (office, _) = kept();
    let dir = office.dir.path();
    std::fs::copy(office.pem("gestore"), dir.join("gestore.pem")).unwrap();
    std::fs::write(dir.join("vuoto.pem"), "niente").unwrap();
    let file = dir.join("settings.json");
    let opened = |text: &str| {
        std::fs::write(&file, text).unwrap();
        Settings::read(&file).and_then(TrustedLists::open).map(|_| ())
    };
    let named = |territory: &str, signers: &str| {
        format!(
            r#"{{"folder":"lists","lists":[{{"territory":"{territory}","url":"{}","signers":["{signers}"]}}]}}"#,
            office.publisher.url("it.xml")
        )
    };
    assert_eq!(opened(&named("IT", "gestore.pem")), Ok(()));
    let signers = |name: &str| Err(SettingsError::Signers(dir.join(name)));
    assert_eq!(opened(&named("IT", "assente.pem")), signers("assente.pem"));
    assert_eq!(opened(&named("IT", "vuoto.pem")), signers("vuoto.pem"));
    for territory in ["../x", "it", "EU", "ITA", ""] {
        let refused = Err(SettingsError::Territory(territory.to_owned()));
        assert_eq!(opened(&named(territory, "gestore.pem")), refused, "{territory}");
    }
    assert_eq!(opened(r#"{"folder":"lists"}"#), Err(SettingsError::Empty));
    assert!(matches!(
        opened(r#"{"folder":"lists","boh":1}"#),
        Err(SettingsError::Malformed(_))
    ));
    assert_eq!(
        Settings::read(&dir.join("assente.json")).map(|_| ()),
        Err(SettingsError::Unreadable)
    );
}
