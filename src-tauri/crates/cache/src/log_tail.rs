//! Damage in a write-ahead log, told from a write that was cut short.
//!
//! SQLite ends a log silently at the first frame whose checksum is wrong: right after a power cut, where that
//! frame was never acknowledged; wrong after a spoiled bit, where commits that follow it would vanish. With
//! `synchronous=FULL` a commit is on the disk before the next transaction writes its first frame. So a frame
//! that is followed by a commit, and that commit by another frame of the same log, had been acknowledged.
//!
//! Format: <https://sqlite.org/fileformat2.html#the_write_ahead_log>. Not told here: damage to the
//! last commit, and a log that was cut or removed whole; that is what the mark is for (`mark`).

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Whether acknowledged commits of a log would be lost by opening it.
pub(crate) fn is_damaged(log: &Path) -> std::io::Result<bool> {
    let file = match File::open(log) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut header = [0u8; HEADER];
    if !full(&mut file, &mut header)? {
        return Ok(false);
    }
    let big_endian = word(&header, 0) & 1 == 1;
    let page = word(&header, 8) as usize;
    if !(512..=65536).contains(&page) {
        return Ok(false);
    }
    let (salts, mut sum) = (
        header[16..24].to_vec(),
        checksum(big_endian, (0, 0), &header[..24]),
    );
    // With a spoiled header SQLite would leave the whole log out.
    let mut broken = sum != (word(&header, 24), word(&header, 28));
    let mut commit_after = false;
    let mut frame = vec![0u8; FRAME_HEADER + page];
    while full(&mut file, &mut frame)? {
        if frame[8..16] != salts {
            // Left by an earlier round of the log, or itself spoiled.
            broken = true;
            continue;
        }
        if commit_after {
            return Ok(true);
        }
        if !broken {
            sum = checksum(big_endian, sum, &frame[..8]);
            sum = checksum(big_endian, sum, &frame[FRAME_HEADER..]);
            broken = sum != (word(&frame, 16), word(&frame, 20));
        }
        // The frame that is broken may itself be the commit.
        commit_after = broken && word(&frame, 4) != 0;
    }
    Ok(false)
}

fn full(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

fn checksum(big_endian: bool, (mut one, mut two): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    for pair in bytes.chunks_exact(8) {
        let read = |at: usize| {
            if big_endian {
                word(pair, at)
            } else {
                word(pair, at).swap_bytes()
            }
        };
        one = one.wrapping_add(read(0)).wrapping_add(two);
        two = two.wrapping_add(read(4)).wrapping_add(one);
    }
    (one, two)
}
