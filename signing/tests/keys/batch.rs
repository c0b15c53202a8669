//! Many documents: one PIN, one outcome each, whatever happens in between.

use hostile_token::Mood;
use jiff::Timestamp;
use signing::batch::{Attendant, Batch, Outcome, Question, Summary, sign_all};
use signing::pades::Shape;
use signing::{DeviceError, DocumentRefusal, PrepareError, Secret};

use crate::card::{Card, author, card, signature_identity};
use crate::document::report;
use crate::{PIN, WRONG};

/// What happens to the card when so many documents are done.
type Event<'a> = Box<dyn Fn(&Card, usize) + 'a>;

/// Types what it is told to, and plays with the card between two documents.
struct Person<'a> {
    card: &'a Card,
    types: Vec<&'static str>,
    questions: Vec<Question>,
    outcomes: Vec<(usize, Outcome)>,
    after: Event<'a>,
    stops_after: usize,
}

impl<'a> Person<'a> {
    fn new(card: &'a Card, types: &[&'static str]) -> Self {
        Self {
            card,
            types: types.to_vec(),
            questions: Vec::new(),
            outcomes: Vec::new(),
            after: Box::new(|_, _| {}),
            stops_after: usize::MAX,
        }
    }

    fn signed(&self) -> Vec<usize> {
        let signed = |(document, outcome): &(usize, Outcome)| {
            matches!(outcome, Outcome::Signed(_)).then_some(*document)
        };
        self.outcomes.iter().filter_map(signed).collect()
    }

    fn outcome(&self, document: usize) -> &Outcome {
        let mut all = self.outcomes.iter().filter(|(number, _)| *number == document);
        let (_, outcome) = all.next().expect("an outcome for each");
        assert!(all.next().is_none(), "one outcome for each");
        outcome
    }
}

impl Attendant for Person<'_> {
    fn secret(&mut self, question: &Question) -> Option<Secret> {
        self.questions.push(question.clone());
        (!self.types.is_empty()).then(|| Secret::pin(self.types.remove(0)))
    }

    fn done(&mut self, document: usize, outcome: Outcome) {
        self.outcomes.push((document, outcome));
        (self.after)(self.card, self.outcomes.len());
    }

    fn cancelled(&self) -> bool {
        self.outcomes.len() >= self.stops_after
    }
}

fn run(card: &Card, documents: Vec<Vec<u8>>, person: &mut Person<'_>) -> Summary {
    let device = card.open();
    let identity = signature_identity(&device).unwrap();
    let (conditions, trust) = (author(), card.trust());
    let batch = Batch {
        device: &device,
        identity: &identity,
        conditions: &conditions,
        trust: Some(&trust),
        shape: Shape::default(),
        now: Timestamp::now(),
    };
    sign_all(&batch, documents, person)
}

#[test]
fn one_pin_signs_them_all_and_a_bad_document_stops_none() {
    let Some(card) = card("batch::one_pin_signs_them_all_and_a_bad_document_stops_none") else {
        return;
    };
    let mut documents = vec![report(); 20];
    documents[3] = b"not a PDF".to_vec();
    let mut person = Person::new(&card, &[PIN]);
    let summary = run(&card, documents, &mut person);
    assert_eq!(
        summary,
        Summary {
            signed: 19,
            failed: 1,
            cancelled: 0
        }
    );
    assert!(matches!(
        person.outcome(3),
        Outcome::NotPrepared(PrepareError::Document(DocumentRefusal::NotPdf))
    ));
    assert_eq!(card.token.logins(), 1, "one authorisation");
    assert_eq!(person.questions.len(), 1);
    assert_eq!(person.questions[0].documents, 19);
}

#[test]
fn a_false_signature_in_the_middle_is_one_failure() {
    let Some(card) = card("batch::a_false_signature_in_the_middle_is_one_failure") else {
        return;
    };
    let mut person = Person::new(&card, &[PIN]);
    person.after = Box::new(|card, done| {
        let mood = if done == 2 { Mood::Lies } else { Mood::Good };
        card.token.set(mood).unwrap();
    });
    let summary = run(&card, vec![report(); 5], &mut person);
    assert_eq!((summary.signed, summary.failed), (4, 1));
    assert!(matches!(
        person.outcome(2),
        Outcome::NotSigned(DeviceError::SignatureUnsound)
    ));
}

#[test]
fn a_card_pulled_out_leaves_what_is_signed_and_tells_the_rest() {
    let Some(card) = card("batch::a_card_pulled_out_leaves_what_is_signed_and_tells_the_rest") else {
        return;
    };
    let mut person = Person::new(&card, &[PIN]);
    person.after = Box::new(|card, done| {
        if done == 2 {
            card.token.remove().unwrap();
        }
    });
    let summary = run(&card, vec![report(); 5], &mut person);
    assert_eq!((summary.signed, summary.failed), (2, 3));
    assert_eq!(person.signed(), [0, 1]);
    for document in 2..5 {
        assert!(matches!(
            person.outcome(document),
            Outcome::NotSigned(DeviceError::TokenRemoved)
        ));
    }
    assert_eq!(card.token.logins(), 1);
}

#[test]
fn a_wrong_pin_is_asked_again_of_the_person_and_nobody_else() {
    let Some(card) = card("batch::a_wrong_pin_is_asked_again_of_the_person_and_nobody_else") else {
        return;
    };
    let mut person = Person::new(&card, &[WRONG, PIN]);
    let summary = run(&card, vec![report(); 3], &mut person);
    assert_eq!(summary.signed, 3);
    assert_eq!(person.questions[0].refused, None);
    assert_eq!(
        person.questions[1].refused,
        Some(DeviceError::WrongPinFewLeft),
        "the second question says why"
    );
    assert_eq!(card.token.logins(), 2);
}

#[test]
fn who_does_not_type_cancels_and_who_stops_keeps_what_is_signed() {
    let Some(card) = card("batch::who_does_not_type_cancels_and_who_stops_keeps_what_is_signed") else {
        return;
    };
    let mut silent = Person::new(&card, &[]);
    let summary = run(&card, vec![report(); 3], &mut silent);
    assert_eq!(summary.cancelled, 3);
    assert_eq!(card.token.logins(), 0);
    let mut stops = Person::new(&card, &[PIN]);
    stops.stops_after = 2;
    let summary = run(&card, vec![report(); 4], &mut stops);
    assert_eq!((summary.signed, summary.cancelled), (2, 2));
}

#[test]
fn a_lock_ends_the_questions() {
    let Some(card) = card("batch::a_lock_ends_the_questions") else {
        return;
    };
    let mut person = Person::new(&card, &[WRONG, WRONG, WRONG, PIN]);
    let summary = run(&card, vec![report(); 2], &mut person);
    assert_eq!(summary.failed, 2);
    assert_eq!(person.questions.len(), 3, "a locked card is not asked for again");
    for document in 0..2 {
        assert!(matches!(
            person.outcome(document),
            Outcome::NotAuthorised(DeviceError::PinLocked)
        ));
    }
}
