//! The encrypted databases of one user: outbox, cache, attachments, audit.
