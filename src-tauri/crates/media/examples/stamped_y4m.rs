//! Makes the film and the tone for a browser's fake devices:
//! `cargo run -p media --example stamped_y4m -- --out FILE [--size 640x360] [--seconds N] [--wav FILE]`.
#![allow(clippy::print_stderr, reason = "a command-line tool")]

mod film;

use std::path::Path;
use std::process::ExitCode;

const USE: &str = "usage: stamped_y4m --out FILE [--size 640x360] [--seconds N] [--wav FILE]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let seconds = value("--seconds").map_or(Some(4), |text| text.parse().ok());
    let size = value("--size").unwrap_or_else(|| "640x360".to_owned());
    let size = size
        .split_once('x')
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    let (Some(seconds), Some((width, height))) = (seconds, size) else {
        eprintln!("{USE}");
        return ExitCode::FAILURE;
    };
    let (out, wav) = (value("--out"), value("--wav"));
    if out.is_none() && wav.is_none() {
        eprintln!("{USE}");
        return ExitCode::FAILURE;
    }
    let film = out.map_or(Ok(()), |path| {
        film::write_y4m(Path::new(&path), width, height, seconds)
    });
    let tone = wav.map_or(Ok(()), |path| film::write_wav(Path::new(&path), seconds));
    match film.and(tone) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
