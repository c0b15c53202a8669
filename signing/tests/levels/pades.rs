//! PAdES from B-B to B-LTA, judged by our validator and by others'.

use std::path::PathBuf;

use jiff::Timestamp;
use signing::error::{Certified, ExtendError};
use signing::pades::{Reach, Shape, Stamped, awaits_time_stamp, timestamp};
use signing::revocation::Status;
use signing::timestamp::{TimeStampError, TimeStampPolicy};
use signing::transport::TransportError;
use signing::{Level, verify};
use testkit::authority::{Key, Reason};
use testkit::responder::Service;
use testkit::tsa::TsaFault;

use crate::document::{Recipe, report};
use crate::referees::{passes, pdfsig, verapdf};
use crate::{Office, PEOPLE, STAMPED};

impl Office {
    fn file(&self, name: &str, pdf: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, pdf).unwrap();
        path
    }

    /// Our validator passes every signature at this level.
    fn reached(&self, pdf: &[u8], level: Level) {
        let report = verify(pdf, &self.trust(), Timestamp::now());
        assert!(report.passed(), "{report:#?}");
        for signature in &report.signatures {
            assert_eq!(signature.level, level, "{report:#?}");
        }
    }
}

#[test]
fn b_t_b_lt_and_b_lta_pass_every_referee_with_every_key() {
    for (kind, modern) in [(Key::Rsa(2048), false), (Key::P256, true), (Key::P384, false)] {
        let office = Office::open();
        let trust = office.services.authority.trust();
        let recipe = Recipe {
            modern,
            ..Recipe::default()
        };
        let signed = office.sign(&office.signer(PEOPLE[0], kind), &recipe.pdf(), STAMPED);
        let [t, lt, lta] =
            [Reach::BT, Reach::BLT, Reach::BLTA].map(|to| office.extend(&signed, to).unwrap().pdf);
        for (pdf, name, level) in [
            (&t, "b-t.pdf", Level::BT),
            (&lt, "b-lt.pdf", Level::BLT),
            (&lta, "b-lta.pdf", Level::BLTA),
        ] {
            office.reached(pdf, level);
            let file = office.file(name, pdf);
            let expected = name.trim_end_matches(".pdf").to_uppercase();
            let mut options = vec!["--expect", expected.as_str()];
            if level != Level::BLTA {
                options.push("--fse");
            }
            passes(&file, &trust, &options);
            // Poppler does not judge document time-stamps.
            pdfsig(&file, 1);
            verapdf(&[&file]);
        }
        // With its store, revocation is proved without asking anybody.
        passes(
            &office.file("b-lt.pdf", &lt),
            &trust,
            &["--expect", "B-LT", "--fse", "--revocation", "require"],
        );
        assert_eq!(
            t.len(),
            signed.len(),
            "the time-stamp fits in the room that was left"
        );
        assert!(
            lt.get(..signed.len())
                .is_some_and(|start| start.len() == signed.len())
        );
    }
}

#[test]
fn a_pending_time_stamp_is_completed_later_without_a_pin() {
    let office = Office::open();
    let signed = office.sign(&office.signer(PEOPLE[0], Key::P256), &report(), STAMPED);
    assert!(awaits_time_stamp(&signed));
    let stamps = office.time_stamps();
    office.services.set_tsa(Service::Down, TsaFault::None);
    let blocked = timestamp(signed.clone(), &stamps, TimeStampPolicy::Block, Timestamp::now()).unwrap_err();
    assert!(
        matches!(&blocked, ExtendError::NoTimeStamp(why)
            if why.attempts[0].1 == TimeStampError::Transport(TransportError::Status(503))),
        "{blocked:?}"
    );
    let Stamped::Pending { pdf, .. } = timestamp(
        signed.clone(),
        &stamps,
        TimeStampPolicy::Pending,
        Timestamp::now(),
    )
    .unwrap() else {
        panic!("nobody gave a time-stamp")
    };
    assert_eq!(pdf, signed, "what waits is as it was");
    office.reached(&pdf, Level::BB);
    passes(
        &office.file("attesa.pdf", &pdf),
        &office.services.authority.trust(),
        &["--expect", "B-B", "--fse"],
    );

    office.services.set_tsa(Service::Up, TsaFault::None);
    let Stamped::Complete(complete) =
        timestamp(pdf, &stamps, TimeStampPolicy::Pending, Timestamp::now()).unwrap()
    else {
        panic!("the authority is back")
    };
    office.reached(&complete, Level::BT);
    assert!(!awaits_time_stamp(&complete));
    let [asked, ..] = office.services.asked();
    let Stamped::Complete(again) = timestamp(
        complete.clone(),
        &stamps,
        TimeStampPolicy::Block,
        Timestamp::now(),
    )
    .unwrap() else {
        panic!("it is complete")
    };
    assert_eq!(again, complete);
    assert_eq!(
        office.services.asked()[0],
        asked,
        "a signature that has its time-stamp asks for none"
    );
}

#[test]
fn a_wrong_time_stamp_is_never_put_in() {
    let office = Office::open();
    let signed = office.sign(&office.signer(PEOPLE[0], Key::P256), &report(), STAMPED);
    for fault in [TsaFault::WrongImprint, TsaFault::Stranger, TsaFault::Damaged] {
        office.services.set_tsa(Service::Up, fault);
        let refused = office.extend(&signed, Reach::BT).unwrap_err();
        assert!(
            matches!(refused, ExtendError::NoTimeStamp(_)),
            "{fault:?}: {refused:?}"
        );
    }
}

#[test]
fn without_room_and_under_a_later_signature_it_is_too_late() {
    let office = Office::open();
    // The longest signature leaves the least room beside it.
    let first = office.signer(PEOPLE[0], Key::Rsa(4096));
    let tight = office.sign(&first, &report(), Shape::default());
    assert!(!awaits_time_stamp(&tight));
    assert_eq!(
        office.extend(&tight, Reach::BT).unwrap_err(),
        ExtendError::SpaceTooSmall
    );
    assert_eq!(
        office.extend(&report(), Reach::BT).unwrap_err(),
        ExtendError::NotSigned
    );

    // The first signature stays without; the second is the last, and gets its own.
    let second = office.signer(PEOPLE[1], Key::P256);
    let both = office.sign(&second, &office.sign(&first, &report(), STAMPED), STAMPED);
    let raised = office.extend(&both, Reach::BT).unwrap().pdf;
    let levels: Vec<Level> = verify(&raised, &office.trust(), Timestamp::now())
        .signatures
        .iter()
        .map(|s| s.level)
        .collect();
    assert_eq!(levels, [Level::BB, Level::BT]);
}

#[test]
fn two_signers_each_with_a_time_stamp_stay_valid_together() {
    let office = Office::open();
    let trust = office.services.authority.trust();
    let mut pdf = report();
    for (person, kind) in PEOPLE.into_iter().zip([Key::Rsa(2048), Key::P384]) {
        pdf = office.sign(&office.signer(person, kind), &pdf, STAMPED);
        pdf = office.extend(&pdf, Reach::BLT).unwrap().pdf;
    }
    office.reached(&pdf, Level::BLT);
    let file = office.file("due.pdf", &pdf);
    passes(&file, &trust, &["--expect", "B-LT", "--fse"]);
    pdfsig(&file, 2);
    verapdf(&[&file]);
}

#[test]
fn what_is_there_is_not_written_twice_and_an_archive_is_renewed() {
    let office = Office::open();
    let signed = office.sign(&office.signer(PEOPLE[0], Key::P256), &report(), STAMPED);
    let revocations = office.revocations();
    let nobody = signing::revocation::Revocations::offline();
    let (stamps, trust, now) = (office.time_stamps(), office.trust(), Timestamp::now());
    let means = signing::pades::Means {
        stamps: &stamps,
        revocations: &revocations,
        trust: &trust,
    };
    let once = signing::pades::extend(&signed, Reach::BLT, &means, now).unwrap();
    let means_alone = signing::pades::Means {
        revocations: &nobody,
        ..means
    };
    let twice = signing::pades::extend(&once.pdf, Reach::BLT, &means_alone, now).unwrap();
    assert_eq!(once.pdf, twice.pdf);
    assert!(once.oldest_evidence.is_some_and(|at| at <= Timestamp::now()));

    let archived = signing::pades::extend(&once.pdf, Reach::BLTA, &means, now)
        .unwrap()
        .pdf;
    let renewed = signing::pades::extend(&archived, Reach::BLTA, &means, now)
        .unwrap()
        .pdf;
    assert!(renewed.starts_with(&archived) && renewed.len() > archived.len());
    office.reached(&renewed, Level::BLTA);
    let file = office.file("rinnovo.pdf", &renewed);
    passes(&file, &office.services.authority.trust(), &["--expect", "B-LTA"]);
    verapdf(&[&file]);
}

#[test]
fn long_term_data_are_never_those_of_a_certificate_that_is_not_good() {
    let office = Office::open();
    let signer = office.signer(PEOPLE[0], Key::P256);
    let signed = office
        .extend(&office.sign(&signer, &report(), STAMPED), Reach::BT)
        .unwrap()
        .pdf;
    office.services.set_ocsp(Service::Down);
    office.services.set_crl(Service::Down);
    assert!(matches!(
        office.extend(&signed, Reach::BLT).unwrap_err(),
        ExtendError::RevocationUnknown {
            of: Certified::TimeStampAuthority,
            ..
        }
    ));
    office.services.set_crl(Service::Up);
    let by_list = office.extend(&signed, Reach::BLT).unwrap().pdf;
    office.reached(&by_list, Level::BLT);
    assert!(
        by_list.starts_with(&signed),
        "the store is appended, and touches no signature"
    );
    // As of now: as of the time-stamp, pyHanko finds the list, which came later, too new.
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
    let options = ["--expect", "B-LT", "--fse", "--at", &now];
    passes(
        &office.file("crl.pdf", &by_list),
        &office.services.authority.trust(),
        &options,
    );

    office.services.set_ocsp(Service::Up);
    office
        .services
        .authority
        .revoke(PEOPLE[0].0, Reason::CertificateHold)
        .unwrap();
    assert!(matches!(
        office.extend(&signed, Reach::BLT).unwrap_err(),
        ExtendError::NotGood {
            of: Certified::Signer,
            status: Status::Suspended { .. }
        }
    ));
}

#[test]
fn a_broken_signature_is_not_raised() {
    let office = Office::open();
    let mut signed = office.sign(&office.signer(PEOPLE[0], Key::P256), &report(), STAMPED);
    let at = signed.windows(8).position(|w| w == b"Clinical").unwrap();
    signed[at] = b'c';
    assert_eq!(
        office.extend(&signed, Reach::BT).unwrap_err(),
        ExtendError::Broken
    );
}
