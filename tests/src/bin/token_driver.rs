//! The process in which a driver of cards runs, for tests whose own program cannot serve as one.

use std::process::ExitCode;

fn main() -> ExitCode {
    workflow::serve_token_helper(std::env::args_os().skip(1)).unwrap_or(ExitCode::FAILURE)
}
