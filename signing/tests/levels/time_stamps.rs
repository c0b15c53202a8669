//! RFC 3161 with `openssl ts`, as it should be and in every way wrong.

use std::process::Command;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use signing::timestamp::{Authority, Imprint, TimeStampError};
use signing::transport::TransportError;
use testkit::responder::Service;
use testkit::tsa::TsaFault;

use crate::{Office, PATIENCE};

/// What the only authority's answer was refused for.
fn refusal(office: &Office, patience: Duration, now: Timestamp) -> TimeStampError {
    let stamps = office.time_stamps_of(vec![Authority::open(office.services.tsa())], patience);
    let failure = stamps.stamp(&Imprint::of(b"referto"), now).unwrap_err();
    let [(url, error)] = failure.attempts.as_slice() else {
        panic!("one authority, one attempt: {failure:?}")
    };
    assert_eq!(url, &office.services.tsa());
    *error
}

#[test]
fn a_time_stamp_is_taken_and_openssl_agrees() {
    let office = Office::open();
    let now = Timestamp::now();
    let stamp = office.time_stamps().stamp(&Imprint::of(b"referto"), now).unwrap();
    assert!(
        (stamp.time.as_second() - now.as_second()).abs() < 120,
        "{stamp:?}"
    );
    assert_eq!(stamp.authority, "TSA di prova");
    let [token, data] = ["token.der", "dati"].map(|name| office.dir.path().join(name));
    std::fs::write(&token, &stamp.token).unwrap();
    std::fs::write(&data, b"referto").unwrap();
    let verified = Command::new("openssl")
        .args(["ts", "-verify", "-token_in", "-in"])
        .arg(&token)
        .arg("-data")
        .arg(&data)
        .arg("-CAfile")
        .arg(office.services.authority.trust())
        .output()
        .unwrap();
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
}

#[test]
fn every_wrong_answer_has_its_own_error() {
    let office = Office::open();
    let now = Timestamp::now();
    let cases = [
        (TsaFault::WrongImprint, TimeStampError::WrongImprint),
        (TsaFault::WrongNonce, TimeStampError::WrongNonce),
        (
            TsaFault::Refuses,
            TimeStampError::Refused {
                status: 2,
                failure: Some(0),
            },
        ),
        (TsaFault::Stranger, TimeStampError::Untrusted),
        (TsaFault::OrdinaryCertificate, TimeStampError::NotAnAuthority),
        (TsaFault::Damaged, TimeStampError::BadSignature),
        (TsaFault::Garbage, TimeStampError::Unreadable),
    ];
    for (fault, expected) in cases {
        office.services.set_tsa(Service::Up, fault);
        assert_eq!(refusal(&office, PATIENCE, now), expected, "{fault:?}");
    }
    office.services.set_tsa(Service::Down, TsaFault::None);
    assert_eq!(
        refusal(&office, PATIENCE, now),
        TimeStampError::Transport(TransportError::Status(503))
    );
    office.services.set_tsa(Service::Silent, TsaFault::None);
    assert_eq!(
        refusal(&office, Duration::from_secs(2), now),
        TimeStampError::Transport(TransportError::TimedOut)
    );
}

#[test]
fn a_clock_that_is_wrong_is_named() {
    let office = Office::open();
    let wrong = Timestamp::now() - 2.hours();
    assert!(matches!(
        refusal(&office, PATIENCE, wrong),
        TimeStampError::ClocksDiffer { authority } if authority > wrong
    ));
}

#[test]
fn the_next_authority_is_asked_and_then_first() {
    let office = Office::open();
    let dead = "http://127.0.0.1:9/tsa".to_owned();
    let mine = Authority::open(office.services.tsa());
    let stamps = office.time_stamps_of(vec![Authority::open(&dead), mine], PATIENCE);
    stamps.stamp(&Imprint::of(b"uno"), Timestamp::now()).unwrap();
    office.services.set_tsa(Service::Down, TsaFault::None);
    let failure = stamps.stamp(&Imprint::of(b"due"), Timestamp::now()).unwrap_err();
    let order: Vec<&str> = failure.attempts.iter().map(|(url, _)| url.as_str()).collect();
    assert_eq!(order, [office.services.tsa().as_str(), dead.as_str()]);
    assert_eq!(
        failure.attempts[1].1,
        TimeStampError::Transport(TransportError::Unreachable)
    );
}

#[test]
fn the_policy_asked_for_is_the_policy_given() {
    let office = Office::open();
    let of = |policy: &str| {
        let authority = Authority {
            policy: Some(policy.into()),
            ..Authority::open(office.services.tsa())
        };
        let stamps = office.time_stamps_of(vec![authority], PATIENCE);
        stamps
            .stamp(&Imprint::of(b"referto"), Timestamp::now())
            .map_err(|e| e.attempts[0].1)
    };
    assert!(of("1.2.3.4.2").is_ok());
    assert_eq!(
        of("1.2.3.4.99").unwrap_err(),
        TimeStampError::Refused {
            status: 2,
            failure: Some(15)
        }
    );
    assert_eq!(of("non un identificativo").unwrap_err(), TimeStampError::Request);
}

#[test]
fn other_addresses_than_those_of_the_web_are_not_asked() {
    let office = Office::open();
    let stamps = office.time_stamps_of(vec![Authority::open("file:///etc/passwd")], PATIENCE);
    let failure = stamps
        .stamp(&Imprint::of(b"referto"), Timestamp::now())
        .unwrap_err();
    assert_eq!(
        failure.attempts[0].1,
        TimeStampError::Transport(TransportError::Address)
    );
}

#[test]
fn no_flipped_byte_of_a_token_makes_another_time_or_document() {
    let office = Office::open();
    let signer = office.signer(crate::PEOPLE[0], testkit::authority::Key::P256);
    let signed = office.sign(&signer, &crate::document::report(), crate::STAMPED);
    let stamped = office.extend(&signed, signing::pades::Reach::BT).unwrap().pdf;
    let before = signing::verify(&stamped, &office.trust(), Timestamp::now());
    let time = before.signatures[0].proven_time;
    assert!(time.is_some());
    // Two digits for each byte of the CMS; a sample, seeded by its step.
    let from = stamped.windows(10).position(|w| w == b"/Contents<").unwrap() + 10;
    let till = (from..stamped.len())
        .find(|at| stamped[*at..].iter().take(64).all(|d| *d == b'0'))
        .unwrap();
    for at in (from..till).step_by(13) {
        let mut flipped = stamped.clone();
        flipped[at] = if flipped[at] == b'0' { b'1' } else { b'0' };
        let told = signing::verify(&flipped, &office.trust(), Timestamp::now());
        for signature in &told.signatures {
            assert!(
                signature.proven_time.is_none_or(|proven| Some(proven) == time),
                "byte {at}: {told:?}"
            );
        }
    }
}
