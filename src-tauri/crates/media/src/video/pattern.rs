//! The synthetic camera: a moving pattern with a clock and the frame number of [`crate::stamp`].
