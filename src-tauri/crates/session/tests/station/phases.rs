//! A morning at the station: login, work, lock during a call, unlock, logout.

use session::{Confirmed, OpenUser, Outcome, PersonId, Phase, PhaseError, RegionTokens, Session, UserKeys};

use crate::{PASSPHRASE, assignment, at, person, practitioner, profile, secret, without_keychain};

fn keys() -> UserKeys {
    let dir = tempfile::tempdir().unwrap();
    without_keychain(dir.path())
        .enrol(&person(), &secret(PASSPHRASE), &profile("X", 0), at(0))
        .unwrap()
}

fn tokens() -> RegionTokens {
    RegionTokens {
        access: secret("access-token"),
        refresh: Some(secret("refresh-token")),
        expires_at: at(900),
    }
}

fn open_session() -> Session {
    let mut session = Session::new(at(0));
    session
        .logged_in(
            person(),
            practitioner(),
            vec![assignment("a"), assignment("b")],
            tokens(),
        )
        .unwrap();
    session.open(assignment("a"), keys(), at(0)).unwrap();
    session
}

#[test]
fn from_login_to_logout() {
    let mut session = Session::new(at(0));
    assert_eq!(
        session.open(assignment("a"), keys(), at(0)).unwrap_err(),
        PhaseError::NotOpen,
        "nobody has logged in"
    );
    session
        .logged_in(person(), practitioner(), vec![assignment("a")], tokens())
        .unwrap();
    assert_eq!(
        session.open(assignment("z"), keys(), at(0)).unwrap_err(),
        PhaseError::RoleNotHeld
    );
    session.open(assignment("a"), keys(), at(0)).unwrap();
    assert_eq!(session.user().unwrap().assignment.id, "a");
    let other = session.logged_in(person(), practitioner(), vec![], tokens());
    assert_eq!(
        other.unwrap_err(),
        PhaseError::Occupied,
        "who is at work locks or leaves first"
    );
    session.log_out(at(10));
    assert!(session.user().is_none() && session.tokens().is_none());
    assert_eq!(session.keys().unwrap_err(), PhaseError::NotOpen);
}

#[test]
fn a_lock_drops_the_keys_and_confirmed_requests_go_on() {
    let mut session = open_session();
    let item = uuid::Uuid::now_v7();
    session
        .lock(|queue| {
            queue
                .push(&Confirmed {
                    item,
                    request: b"frozen".to_vec(),
                })
                .unwrap()
        })
        .unwrap();
    assert_eq!(session.keys().unwrap_err(), PhaseError::NotOpen);
    assert!(session.tokens().is_some(), "lock is not logout");
    let queue = session.delivery().unwrap();
    assert_eq!(queue.first().unwrap().unwrap().request, b"frozen");
    queue
        .settle(&Outcome {
            item,
            outcome: b"201".to_vec(),
        })
        .unwrap();
    assert_eq!(queue.waiting(), 0);

    let stranger = PersonId::of("https://region.example/", "dr-2");
    assert_eq!(
        session.unlock(&stranger, keys(), at(60)).unwrap_err(),
        PhaseError::OtherPerson
    );
    assert!(
        matches!(session.phase(), Phase::Locked { .. }),
        "a stranger changes nothing"
    );
    let outcomes = session
        .unlock(&person(), keys(), at(60))
        .unwrap()
        .into_outcomes()
        .unwrap();
    assert_eq!(
        outcomes,
        [Outcome {
            item,
            outcome: b"201".to_vec()
        }]
    );
    assert!(session.keys().is_ok());
    assert_eq!(
        session.unlock(&person(), keys(), at(61)).unwrap_err(),
        PhaseError::NotLocked
    );
}

#[test]
fn a_call_holds_off_the_idle_lock_and_not_the_manual_one() {
    let mut session = open_session();
    session.call_started();
    assert!(!session.should_lock(at(3600)));
    session.lock(|_| ()).unwrap();
    assert!(session.in_call(), "the call goes on behind the covered screen");
    session.unlock(&person(), keys(), at(3600)).unwrap();
    session.call_ended(at(3600));
    assert!(!session.should_lock(at(3899)));
    assert!(session.should_lock(at(3900)));
    session.lock(|_| ()).unwrap();
    assert!(
        !session.should_lock(at(9999)),
        "what is locked is not locked again"
    );
    assert_eq!(session.lock(|_| ()).unwrap_err(), PhaseError::NotOpen);
}

#[test]
fn work_begins_without_the_network_for_who_is_known() {
    let mut session = Session::new(at(0));
    let user = OpenUser {
        person: person(),
        practitioner: practitioner(),
        assignment: assignment("a"),
    };
    session.open_offline(user, keys(), at(0)).unwrap();
    assert!(session.tokens().is_none());
    session.set_tokens(Some(tokens()));
    session.change_role(assignment("b")).unwrap();
    assert_eq!(session.user().unwrap().assignment.id, "b");
}

#[test]
fn nothing_secret_is_printed() {
    let session = open_session();
    let text = format!("{session:?} {:?} {:?}", session.tokens(), session.keys());
    for secret in [
        "access-token",
        "refresh-token",
        "Cardone",
        practitioner().fiscal_code.as_str(),
    ] {
        assert!(!text.contains(secret), "{secret} was printed");
    }
}
