//! `firma`: signatures at the command line, for hospital IT and for tests.
//!
//! Exit codes: 0 yes, 1 no, 2 the question could not be asked (usage, unreadable files). Never 100 or more, not
//! even if something unforeseen happens: a judge that stops has not said yes. Secrets come from a prompt, a file
//! descriptor or an environment variable, never from an argument, which every user of the PC could read.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool prints"
)]

mod arguments;
mod devices;
mod failures;
mod levels;
mod precheck;
mod secret;
mod sign;
mod trust;
mod verify;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use arguments::Arguments;

/// What a command came to.
pub(crate) enum Answer {
    /// Exit 0.
    Yes,
    /// Exit 1.
    No,
}

/// Why the question could not be asked. Exit 2.
pub(crate) struct Unasked(pub(crate) String);

impl Unasked {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

fn main() -> ExitCode {
    // A card's driver runs in a child, which is this program again.
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(code) = signing::token::helper::serve_if_asked(arguments.iter().cloned()) {
        return code;
    }
    // Whatever stops a judgement must not look like a shell's or a panic's code.
    std::panic::set_hook(Box::new(|_| {}));
    let answer = std::panic::catch_unwind(|| run(arguments));
    match answer {
        Ok(Ok(Answer::Yes)) => ExitCode::SUCCESS,
        Ok(Ok(Answer::No)) => ExitCode::from(1),
        Ok(Err(Unasked(text))) => {
            eprintln!("firma: {text}");
            ExitCode::from(2)
        }
        Err(_) => {
            eprintln!("firma: errore interno; il file non è stato accettato.");
            ExitCode::from(1)
        }
    }
}

fn run(arguments: Vec<OsString>) -> Result<Answer, Unasked> {
    let mut arguments = arguments.into_iter();
    let command = arguments.next().unwrap_or_default();
    let rest = Arguments::new(arguments.collect());
    match command.to_str() {
        Some("verify") => verify::run(rest),
        Some("precheck") => precheck::run(rest),
        Some("devices") => devices::devices(rest),
        Some("identities") => devices::identities(rest),
        Some("sign") => sign::run(rest),
        Some("timestamp") => levels::timestamp(rest),
        Some("extend") => levels::extend(rest),
        Some("trust") => trust::run(rest),
        Some("help" | "--help" | "-h") => {
            print_line(words::USAGE);
            Ok(Answer::Yes)
        }
        Some("--version" | "-V") => {
            print_line(concat!("firma ", env!("CARGO_PKG_VERSION")));
            Ok(Answer::Yes)
        }
        _ => Err(Unasked::new(words::USAGE)),
    }
}

/// Prints a line; a reader that went away (`firma ... | head`) is no fault.
pub(crate) fn print_line(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}
