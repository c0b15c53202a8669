//! The program's entry: reads the command line and hands over to the library.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    workstation::run(std::env::args_os().skip(1))
}
