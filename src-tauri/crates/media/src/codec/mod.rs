//! The picture's codec. Sound needs no module of its own: the `opus` crate is safe and complete.

pub(crate) mod vp8;
