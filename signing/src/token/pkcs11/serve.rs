//! The helper's side of the pipe: one module, one question at a time, until the pipe closes.
//!
//! Not in it: what is asked of a module (`owner`).

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::answer;
use super::owner::Owner;
use super::wire::{Reply, Request};
use crate::error::DeviceError;
use crate::token::Secret;
use crate::token::helper::frame;

/// How long a question in hand may go on after the program that asked it has gone.
const GRACE: Duration = Duration::from_secs(2);

/// Serves the module on standard input and output. Ends when the pipe does.
pub(in crate::token) fn serve(module: &Path) -> ExitCode {
    let (Ok(input), Ok(mut output)) = (own(&io::stdin()), own(&io::stdout())) else {
        return ExitCode::FAILURE;
    };
    let mut owner = match Owner::load(module) {
        Ok(owner) => owner,
        Err(error) => {
            let _ = reply(&mut output, &failed(error));
            return ExitCode::FAILURE;
        }
    };
    if reply(&mut output, &Reply::Ready).is_err() {
        return ExitCode::FAILURE;
    }
    let questions = read_aside(input);
    while let Ok((request, pin)) = questions.recv() {
        // What an earlier question met is no cause of this one's failure.
        drop(answer::last_cause());
        let answer = act(&mut owner, request, pin).unwrap_or_else(failed);
        if reply(&mut output, &answer).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn act(owner: &mut Owner, request: Request, pin: Option<SecretString>) -> Result<Reply, DeviceError> {
    Ok(match request {
        Request::List => {
            let (tokens, fault) = owner.tokens()?;
            Reply::Tokens { tokens, fault }
        }
        Request::Serials => Reply::Serials(owner.serials()?),
        Request::Authorise { identity, hashes, .. } => {
            let secret = pin.map_or(Secret::OnDevice, Secret::Pin);
            let (grant, certificate) = owner.authorise(&identity, hashes, secret)?;
            Reply::Granted { grant, certificate }
        }
        Request::Sign { grant, hash, padding } => Reply::Signed(owner.sign(grant, hash, padding)?),
        Request::End { grant } => {
            owner.end(grant);
            Reply::Ended
        }
    })
}

fn failed(error: DeviceError) -> Reply {
    Reply::Failed {
        error,
        cause: answer::last_cause(),
    }
}

fn reply(output: &mut File, reply: &Reply) -> io::Result<()> {
    frame::write(output, &serde_json::to_vec(reply)?)
}

/// The standard streams of the library buffer what passes through them; a PIN must not stay there.
#[cfg(unix)]
fn own(stream: &impl std::os::fd::AsFd) -> io::Result<File> {
    Ok(stream.as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn own(stream: &impl std::os::windows::io::AsHandle) -> io::Result<File> {
    Ok(stream.as_handle().try_clone_to_owned()?.into())
}

/// Reads on a thread of its own: a driver that hangs must not keep this process alive after the pipe has closed.
fn read_aside(mut input: File) -> mpsc::Receiver<(Request, Option<SecretString>)> {
    let (questions, inbox) = mpsc::channel();
    std::thread::spawn(move || {
        while let Some(question) = read_question(&mut input) {
            if questions.send(question).is_err() {
                break;
            }
        }
        drop(questions);
        std::thread::sleep(GRACE);
        // The driver's destructors run in `exit`, and may hang in their turn.
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            std::process::abort();
        });
        std::process::exit(1);
    });
    inbox
}

fn read_question(input: &mut File) -> Option<(Request, Option<SecretString>)> {
    let bytes = frame::read(input).ok()??;
    let request: Request = serde_json::from_slice(&bytes).ok()?;
    let pin = match request {
        Request::Authorise { pin: true, .. } => Some(secret(frame::read(input).ok()??)?),
        _ => None,
    };
    Some((request, pin))
}

/// The frame's buffer becomes the secret; nothing is copied, so nothing is left to wipe.
fn secret(mut bytes: Zeroizing<Vec<u8>>) -> Option<SecretString> {
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Some(SecretString::from(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            None
        }
    }
}
