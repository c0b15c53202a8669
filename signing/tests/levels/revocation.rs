//! OCSP and CRLs of OpenSSL: what is known, from whom, how old, and when nobody answers.

use jiff::{Timestamp, ToSpan};
use signing::pades::Reach;
use signing::revocation::{Evidence, RevocationError, Revocations, Source, SourceError, Status};
use signing::transport::TransportError;
use signing::{Level, Question, Revocation as Asked, SubIndication, judged};
use testkit::authority::{Key, Reason};
use testkit::responder::Service;

use crate::{Office, PEOPLE};

impl Office {
    fn der(&self, name: &str) -> Vec<u8> {
        let pem = std::fs::read(self.services.authority.certificate(name)).unwrap();
        openssl::x509::X509::from_pem(&pem).unwrap().to_der().unwrap()
    }

    fn ask(&self, of: &Revocations, name: &str, now: Timestamp) -> Result<Evidence, RevocationError> {
        of.look_up(&self.der(name), &self.der("issuer"), now)
    }
}

fn office() -> Office {
    let office = Office::open();
    office.signer(PEOPLE[0], Key::P256);
    office
}

const SIGNER: &str = PEOPLE[0].0;

#[test]
fn ocsp_is_asked_once_until_its_next_update() {
    let (office, now) = (office(), Timestamp::now());
    let folder = office.dir.path().join("noto");
    let known = office.revocations().kept_in(folder.clone());
    let first = office.ask(&known, SIGNER, now).unwrap();
    assert_eq!((first.source, first.status), (Source::Ocsp, Status::Good));
    assert!(!first.is_stale(now) && first.age(now).as_secs().abs() < 120);
    assert!(first.next_update.is_some_and(|next| next > now));
    assert_eq!(office.ask(&known, SIGNER, now).unwrap(), first);
    assert_eq!(office.services.asked(), [0, 1, 0]);

    // After a restart, without the network.
    let offline = Revocations::offline().kept_in(folder);
    assert_eq!(office.ask(&offline, SIGNER, now).unwrap(), first);
    // In two days it is known to be stale, and given as such.
    let later = now + 48.hours();
    let stale = office.ask(&offline, SIGNER, later).unwrap();
    assert!(
        stale.is_stale(later) && stale.age(later).as_hours() >= 47,
        "{stale:?}"
    );
    let nothing = Revocations::offline();
    assert_eq!(
        office.ask(&nothing, SIGNER, now).unwrap_err(),
        RevocationError::NoAnswer {
            ocsp: Some(SourceError::Offline),
            crl: Some(SourceError::Offline)
        }
    );
}

#[test]
fn revoked_and_suspended_are_told_apart_by_both_sources() {
    let (office, now) = (office(), Timestamp::now());
    for (service, source) in [(Service::Up, Source::Ocsp), (Service::Down, Source::Crl)] {
        office.services.set_ocsp(service);
        assert_eq!(
            office.ask(&office.revocations(), SIGNER, now).unwrap().source,
            source
        );
    }
    office
        .services
        .authority
        .revoke(SIGNER, Reason::CertificateHold)
        .unwrap();
    let later = Timestamp::now();
    for service in [Service::Up, Service::Down] {
        office.services.set_ocsp(service);
        let told = office.ask(&office.revocations(), SIGNER, later).unwrap();
        assert!(
            matches!(told.status, Status::Suspended { since } if since <= Timestamp::now()),
            "{told:?}"
        );
    }
    office.signer(PEOPLE[1], Key::P256);
    office
        .services
        .authority
        .revoke(PEOPLE[1].0, Reason::KeyCompromise)
        .unwrap();
    for service in [Service::Up, Service::Down] {
        office.services.set_ocsp(service);
        let told = office
            .ask(&office.revocations(), PEOPLE[1].0, Timestamp::now())
            .unwrap();
        assert!(matches!(told.status, Status::Revoked { .. }), "{told:?}");
        assert!(
            !told.is_stale(Timestamp::now() + 480.hours()),
            "a revocation does not grow stale"
        );
    }
}

#[test]
fn silence_and_nonsense_are_named() {
    let (office, now) = (office(), Timestamp::now());
    office.services.set_ocsp(Service::Garbage);
    office.services.set_crl(Service::Down);
    assert_eq!(
        office.ask(&office.revocations(), SIGNER, now).unwrap_err(),
        RevocationError::NoAnswer {
            ocsp: Some(SourceError::Unreadable),
            crl: Some(SourceError::Transport(TransportError::Status(503))),
        }
    );
    office.services.set_crl(Service::Garbage);
    assert!(matches!(
        office.ask(&office.revocations(), SIGNER, now).unwrap_err(),
        RevocationError::NoAnswer {
            crl: Some(SourceError::Unreadable),
            ..
        }
    ));
    let root = office.der("root");
    let alone = office.revocations().look_up(&root, &root, now);
    assert_eq!(alone.unwrap_err(), RevocationError::NoSource);
}

#[test]
fn a_responder_is_asked_about_in_its_turn() {
    let office = office();
    office.services.authority.check_responder().unwrap();
    let told = office
        .ask(&office.revocations(), SIGNER, Timestamp::now())
        .unwrap();
    assert_eq!((told.source, told.status), (Source::Ocsp, Status::Good));
    let responder = told
        .of_responder
        .expect("its certificate says who is to be asked");
    assert_eq!((responder.source, responder.status), (Source::Crl, Status::Good));
    assert_eq!(office.services.asked(), [0, 1, 1]);

    office.services.set_crl(Service::Down);
    assert_eq!(
        office
            .ask(&office.revocations(), SIGNER, Timestamp::now())
            .unwrap_err(),
        RevocationError::NoAnswer {
            ocsp: Some(SourceError::ResponderUnknown),
            crl: Some(SourceError::Transport(TransportError::Status(503))),
        }
    );
    office.services.set_crl(Service::Up);
    office
        .services
        .authority
        .revoke("responder", Reason::KeyCompromise)
        .unwrap();
    let told = office
        .ask(&office.revocations(), SIGNER, Timestamp::now())
        .unwrap();
    assert_eq!(
        (told.source, told.status),
        (Source::Crl, Status::Good),
        "whoever stole the responder's key could say anything"
    );
}

#[test]
fn a_file_brings_what_proves_its_responder() {
    let office = Office::open();
    office.services.authority.check_responder().unwrap();
    let signer = office.signer(PEOPLE[0], Key::P256);
    let signed = office.sign(&signer, &crate::document::report(), crate::STAMPED);
    let extended = office.extend(&signed, Reach::BLT).unwrap().pdf;
    let trust = office.trust();
    let judge = |pdf: &[u8], revocation: Asked| {
        let question = Question {
            trust: &trust,
            at: Timestamp::now(),
            revocation,
            content: None,
        };
        let report = judged(pdf, &question);
        (report.overall().1, report.signatures[0].level)
    };
    assert_eq!(judge(&extended, Asked::Require), (None, Level::BLT));
    // The list that speaks of the responder, with its signature spoilt. Nothing signed covers it.
    let document = lopdf::Document::load_mem(&extended).unwrap();
    let issuer = openssl::x509::X509::from_der(&office.der("issuer")).unwrap();
    let list = document
        .objects
        .values()
        .filter_map(|object| Some(object.as_stream().ok()?.content.clone()))
        .find(|content| {
            openssl::x509::X509Crl::from_der(content)
                .is_ok_and(|list| list.verify(&issuer.public_key().unwrap()).unwrap())
        })
        .expect("a list of the issuer is in the file");
    let at = extended.windows(list.len()).position(|w| w == list).unwrap();
    let mut spoilt = extended;
    spoilt[at + list.len() - 4] ^= 1;
    assert_eq!(judge(&spoilt, Asked::Soft), (None, Level::BT));
    assert_eq!(judge(&spoilt, Asked::Require).0, Some(SubIndication::TryLater));
}

#[test]
fn nobody_else_speaks_for_an_issuer() {
    // The same names and another key: what one authority says is nothing to the other.
    let (office, stranger, now) = (office(), Office::open(), Timestamp::now());
    let told = office
        .revocations()
        .look_up(&office.der(SIGNER), &stranger.der("issuer"), now);
    let Err(RevocationError::NoAnswer {
        ocsp: Some(ocsp),
        crl: Some(crl),
    }) = told
    else {
        panic!("{told:?}")
    };
    assert_eq!(ocsp, SourceError::Untrusted);
    assert_eq!(crl, SourceError::Untrusted);
}

#[test]
fn a_cache_that_was_tampered_with_is_asked_again() {
    let (office, now) = (office(), Timestamp::now());
    let folder = office.dir.path().join("noto");
    office
        .ask(&office.revocations().kept_in(folder.clone()), SIGNER, now)
        .unwrap();
    for kept in std::fs::read_dir(&folder).unwrap() {
        let path = kept.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    let again = office.revocations().kept_in(folder);
    assert_eq!(office.ask(&again, SIGNER, now).unwrap().status, Status::Good);
    assert_eq!(office.services.asked()[1], 2);
}

#[test]
fn no_flipped_byte_of_an_answer_changes_what_is_known() {
    let (office, now) = (office(), Timestamp::now());
    for service in [Service::Up, Service::Down] {
        office.services.set_ocsp(service);
        let folder = office.dir.path().join(format!("{service:?}"));
        let known = office
            .ask(&office.revocations().kept_in(folder.clone()), SIGNER, now)
            .unwrap();
        let path = std::fs::read_dir(&folder)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let mut accepted = 0;
        for at in 0..known.der.len() {
            let mut bytes = known.der.clone();
            bytes[at] ^= 0x41;
            std::fs::write(&path, bytes).unwrap();
            // What is outside of the signature (names of certificates that come along) may differ, and says nothing.
            if let Ok(told) = office.ask(&Revocations::offline().kept_in(folder.clone()), SIGNER, now) {
                accepted += 1;
                assert_eq!(
                    (told.status, told.this_update, told.next_update),
                    (known.status, known.this_update, known.next_update),
                    "byte {at} of {}",
                    known.der.len()
                );
            }
        }
        assert!(
            accepted < known.der.len() / 4,
            "{accepted} of {}",
            known.der.len()
        );
    }
}
