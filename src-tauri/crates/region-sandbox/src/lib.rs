//! The region on loopback: the embedded default for development, training and tests.
