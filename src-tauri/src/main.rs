//! The program's entry: reads the command line and hands over to the library.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    workflow::keep_out_of_dumps();
    if let Some(code) = workflow::serve_token_helper(std::env::args_os().skip(1)) {
        return code;
    }
    workstation::run(std::env::args_os().skip(1))
}
