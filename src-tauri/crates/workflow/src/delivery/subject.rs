//! What an item of the queue belongs to, as the outbox keeps it: a word and an identifier.

use std::fmt;

use contract::delivery::QueueSubject;

/// A subject: `report/0193…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) kind: QueueSubject,
    pub(crate) id: String,
}

const WORDS: [(QueueSubject, &str); 9] = [
    (QueueSubject::Report, "report"),
    (QueueSubject::TeleconsultRequest, "teleconsult-request"),
    (QueueSubject::TeleconsultAnswer, "teleconsult-answer"),
    (QueueSubject::TeleconsultMessage, "teleconsult-message"),
    (QueueSubject::Attachment, "attachment"),
    (QueueSubject::Transition, "transition"),
    (QueueSubject::Handover, "handover"),
    (QueueSubject::VisitRecord, "visit"),
    (QueueSubject::Audit, "audit"),
];

impl Subject {
    pub(crate) fn new(kind: QueueSubject, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// Reads what the outbox kept; none for what a newer version wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (word, id) = text.split_once('/')?;
        let (kind, _) = WORDS.iter().find(|(_, known)| *known == word)?;
        Some(Self::new(*kind, id))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS
            .iter()
            .find(|(kind, _)| *kind == self.kind)
            .map_or("other", |(_, word)| word);
        write!(f, "{word}/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back() {
        for (kind, _) in WORDS {
            let subject = Subject::new(kind, "0193-a");
            assert_eq!(
                Subject::parse(&subject.to_string()),
                Some(subject),
                "the stored form changed"
            );
        }
        assert_eq!(Subject::parse("newer/1"), None);
    }
}
