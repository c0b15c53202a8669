//! A televisit as state machines: waiting room, identity, consent, call, outcome.
