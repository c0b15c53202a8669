//! From the list of the lists to the national ones, and how its signers change.

use signing::trust::{ListError, Settings, SignatureFault, TrustedLists};
use testkit::authority::Key;
use testkit::trusted_list::{ListText, PointerText, Scheme};

use crate::{Office, later, now, refresh, summary};

fn pointer(office: &Office, scheme: Scheme, territory: &str, page: &str, signers: &[&str]) -> PointerText {
    PointerText {
        scheme,
        territory: territory.to_owned(),
        url: office.publisher.url(page),
        signers: signers.iter().map(|s| office.pem(s)).collect(),
    }
}

/// The list of the lists, with pointers to itself and to the Italian list.
fn lists(office: &Office, sequence: u64, own: &[&str], italian: &[&str]) -> ListText {
    ListText {
        pointers: vec![
            pointer(office, Scheme::ListOfLists, "EU", "eu.xml", own),
            pointer(office, Scheme::National, "FR", "fr.xml", &["francese"]),
            pointer(office, Scheme::National, "IT", "it.xml", italian),
        ],
        ..ListText::of_lists(sequence, now())
    }
}

fn office() -> (Office, Settings) {
    let office = Office::open(&[
        ("commissione", Key::Rsa(2048)),
        ("agenzia", Key::P256),
        ("francese", Key::P256),
    ]);
    let settings = office.eu_settings("commissione");
    (office, settings)
}

#[test]
fn the_list_of_the_lists_says_where_the_others_are_and_who_signs_them() {
    let (office, settings) = office();
    let eu = |sequence, italian: &[&str]| {
        let list = lists(&office, sequence, &["commissione"], italian);
        office
            .publisher
            .publish("eu.xml", office.signed(&list, "commissione"));
    };
    eu(10, &["agenzia"]);
    let italian = ListText::national("IT", 1, now());
    office
        .publisher
        .publish("it.xml", office.signed(&italian, "francese"));
    let states = refresh(&settings, now());
    // Each list has signers of its own.
    let stranger = ListError::Signature(SignatureFault::Stranger);
    assert_eq!(
        states.iter().map(|s| s.territory.as_str()).collect::<Vec<_>>(),
        ["IT", "EU"]
    );
    assert_eq!(summary(&states[0]), (None, Some(stranger)));
    assert_eq!(summary(&states[1]), (Some(10), None));
    office
        .publisher
        .publish("it.xml", office.signed(&italian, "agenzia"));
    let states = refresh(&settings, now());
    assert_eq!(
        (summary(&states[0]), summary(&states[1])),
        ((Some(1), None), (Some(10), None))
    );
    // Whoever is no longer pointed to is no longer trusted, by the copy either.
    eu(11, &["francese"]);
    let states = refresh(&settings, now());
    assert_eq!(
        (summary(&states[0]), summary(&states[1])),
        ((None, Some(stranger)), (Some(11), None))
    );
    // A country that no pointer names.
    let spain = Settings {
        territories: vec!["ES".to_owned(), "IT".to_owned()],
        ..settings.clone()
    };
    eu(12, &["agenzia"]);
    let states = refresh(&spain, now());
    assert_eq!(summary(&states[0]), (None, Some(ListError::NoSigners)));
    assert_eq!(summary(&states[1]), (Some(1), None));
}

#[test]
fn without_the_list_of_the_lists_nobody_signs() {
    let (office, settings) = office();
    let states = refresh(&settings, now());
    assert_eq!(summary(&states[0]).1, Some(ListError::NoSigners));
    assert!(
        matches!(states[1].problem, Some(ListError::Transport(_))),
        "{states:?}"
    );
    let list = lists(&office, 10, &["commissione"], &["agenzia"]);
    office
        .publisher
        .publish("eu.xml", office.signed(&list, "commissione"));
    let italian = ListText {
        services: vec![office.service("CA/QC", "issuer", &[("granted", later(now(), -24))])],
        next_update: Some(later(now(), 24 * 400)),
        ..ListText::national("IT", 1, now())
    };
    office
        .publisher
        .publish("it.xml", office.signed(&italian, "agenzia"));
    assert_eq!(summary(&refresh(&settings, now())[0]), (Some(1), None));
    // It goes down: both copies stay, offline.
    office.publisher.down(true);
    let states = refresh(&settings, now());
    assert_eq!(
        (summary(&states[0]).0, summary(&states[1]).0),
        (Some(1), Some(10))
    );
    let opened = TrustedLists::open(settings).unwrap();
    assert!(!opened.stored(now()).trust.is_empty());
    // It expires before the Italian list does: its pointers are no longer believed.
    let stored = opened.stored(later(now(), 24 * 200));
    assert!(stored.trust.is_empty());
    assert_eq!(summary(&stored.lists[0]), (None, Some(ListError::NoSigners)));
    assert!(matches!(
        summary(&stored.lists[1]),
        (Some(10), Some(ListError::Expired { .. }))
    ));
}

#[test]
fn pivots_lead_from_old_signers_to_new_ones() {
    let (office, settings) = office();
    for name in ["seconda", "terza", "intrusa"] {
        office.add_signer(name, Key::P256);
    }
    let pivot = |sequence, by: &str, next: &[&str]| {
        let list = lists(&office, sequence, next, &["agenzia"]);
        office
            .publisher
            .publish(&format!("pivot-{sequence}.xml"), office.signed(&list, by));
    };
    let current = |sequence, by: &str, pivots: &[u64]| {
        let mut information = vec![office.publisher.url("oj.html")];
        information.extend(
            pivots
                .iter()
                .map(|n| office.publisher.url(&format!("pivot-{n}.xml"))),
        );
        let list = ListText {
            information,
            ..lists(&office, sequence, &[by], &["agenzia"])
        };
        office.publisher.publish("eu.xml", office.signed(&list, by));
        summary(&refresh(&settings, now())[1])
    };
    let stranger = Some(ListError::Signature(SignatureFault::Stranger));
    assert_eq!(current(30, "terza", &[]), (None, stranger), "no pivot");
    // The second one is signed by who was not named before.
    pivot(20, "commissione", &["seconda"]);
    pivot(25, "intrusa", &["intrusa"]);
    assert_eq!(
        current(30, "intrusa", &[25, 20]),
        (None, stranger),
        "an intruder's pivot"
    );
    pivot(25, "seconda", &["terza"]);
    assert_eq!(current(30, "terza", &[25, 20]), (Some(30), None));
    // The copy is verified by the same way, offline.
    office.publisher.down(true);
    let stored = TrustedLists::open(settings.clone()).unwrap().stored(now());
    assert_eq!(summary(&stored.lists[1]), (Some(30), None));
    office.publisher.down(false);
    // Who was replaced no longer signs.
    assert_eq!(current(31, "seconda", &[25, 20]), (Some(30), stranger));
    // A way that is cut does not lose the copy.
    office.publisher.publish("pivot-20.xml", "niente");
    assert_eq!(
        current(32, "terza", &[25, 20]),
        (Some(30), Some(ListError::NotXml))
    );
}
