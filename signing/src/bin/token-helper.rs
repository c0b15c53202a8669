//! The helper of a driver as a program of its own, for tests: a test's own program cannot serve as one.

use std::process::ExitCode;

fn main() -> ExitCode {
    signing::token::helper::serve_if_asked(std::env::args_os().skip(1)).unwrap_or(ExitCode::FAILURE)
}
