//! Writes the films that a browser's fake camera and microphone play: stamped pictures and a tone.
//!
//! Shared by the example `stamped_y4m` and by the tests against a real browser. It is not in the crate, because nothing in the crate
//! writes pictures or sound.

use media::video::pattern;
use std::io::{BufWriter, Result, Write};
use std::path::Path;
use std::time::Duration;

/// Writes `seconds` of the test pattern at 30 pictures a second; the numbers start at 0.
pub(crate) fn write_y4m(path: &Path, width: u32, height: u32, seconds: u32) -> Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    let fps = pattern::FPS;
    writeln!(out, "YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg")?;
    for number in 0..seconds * fps {
        let frame = pattern::picture(width, height, number, Duration::from_secs(1) * number / fps);
        out.write_all(b"FRAME\n")?;
        out.write_all(frame.data())?;
    }
    out.flush()
}

/// Writes `seconds` of a tone of 440 Hz at -12 dBFS: 48 kHz, 16 bits, one channel.
pub(crate) fn write_wav(path: &Path, seconds: u32) -> Result<()> {
    let samples: u32 = seconds * 48_000;
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    out.write_all(b"RIFF")?;
    out.write_all(&(36 + samples * 2).to_le_bytes())?;
    out.write_all(b"WAVEfmt \x10\0\0\0\x01\0\x01\0")?;
    out.write_all(&48_000u32.to_le_bytes())?;
    out.write_all(&96_000u32.to_le_bytes())?;
    out.write_all(&[2, 0, 16, 0])?;
    out.write_all(b"data")?;
    out.write_all(&(samples * 2).to_le_bytes())?;
    for n in 0..samples {
        let angle = f64::from(n % 48_000) / 48_000.0 * 440.0 * std::f64::consts::TAU;
        out.write_all(&((angle.sin() * 11_585.0) as i16).to_le_bytes())?;
    }
    out.flush()
}
