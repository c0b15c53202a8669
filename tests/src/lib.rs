//! Use cases against the region sandbox and a software token, without a window.
