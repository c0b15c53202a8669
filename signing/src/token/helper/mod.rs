//! The helper: a process of its own for each driver of cards and tokens.
//!
//! Vendor libraries crash, hang and print. They run in a child, so that none of it reaches the window or a call: a
//! crash becomes [`crate::DeviceError::ModuleStopped`], a hang [`crate::DeviceError::ModuleSilent`], and the next use
//! starts the child again. The child is the calling program itself, started with a hidden argument, so that a package
//! holds one file; a program offers itself by asking [`serve_if_asked`] first thing in its `main`.
//!
//! Not in it: what is asked (`pkcs11::wire`) and how (`pkcs11::owner`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};

pub(crate) mod frame;

/// The hidden argument: `PROGRAM --token-helper MODULE`.
pub const ARGUMENT: &str = "--token-helper";

static PROGRAM: Mutex<Option<PathBuf>> = Mutex::new(None);

/// First thing in `main`, with the arguments after the program's name: serves and gives back the exit code when
/// this process was started as a helper; otherwise makes the program its own helper and gives back nothing.
pub fn serve_if_asked(arguments: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.into_iter();
    match (arguments.next(), arguments.next()) {
        (Some(flag), Some(module)) if flag == ARGUMENT => {
            Some(super::pkcs11::serve::serve(Path::new(&module)))
        }
        _ => {
            if let Some(program) = this_program() {
                use_program(program);
            }
            None
        }
    }
}

/// Names another program as helper, one that calls [`serve_if_asked`]: for tests, whose own program cannot serve.
pub fn use_program(program: PathBuf) {
    *PROGRAM.lock().unwrap_or_else(PoisonError::into_inner) = Some(program);
}

/// The link of the kernel outlives an update that replaces the file.
#[cfg(target_os = "linux")]
fn this_program() -> Option<PathBuf> {
    Some(PathBuf::from("/proc/self/exe"))
}

#[cfg(not(target_os = "linux"))]
fn this_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}

/// The command that starts the helper of a module; none when no program serves.
pub(crate) fn command(module: &Path) -> Option<Command> {
    let program = PROGRAM.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
    let mut command = Command::new(program);
    command
        .arg(ARGUMENT)
        .arg(module)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // What a vendor library prints may hold anything: it goes nowhere.
        .stderr(Stdio::null());
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    Some(command)
}
