//! Frames on a pipe: a mark, the length in four bytes (big endian), the bytes.
//!
//! A vendor library may print on the same pipe, on every system in its own way: what stands between two frames is
//! skipped, up to a limit. Not in it: what a frame means.

use std::io::{self, Read, Write};

use zeroize::Zeroizing;

/// No byte of it stands in it twice where a search could stumble: the first is unique.
const MARK: [u8; 8] = [0x00, b'P', b'S', b'T', b'O', b'K', b'1', b'\n'];

/// The longest frame: a token's certificates are far below it.
pub(crate) const LONGEST: usize = 4 * 1024 * 1024;

/// The most that is skipped before a frame.
const NOISE: usize = 1024 * 1024;

/// Writes one frame.
pub(crate) fn write(output: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len())
        .ok()
        .filter(|_| bytes.len() <= LONGEST)
        .ok_or(io::ErrorKind::InvalidInput)?;
    let mut whole = Zeroizing::new(Vec::with_capacity(MARK.len() + 4 + bytes.len()));
    whole.extend_from_slice(&MARK);
    whole.extend_from_slice(&length.to_be_bytes());
    whole.extend_from_slice(bytes);
    output.write_all(&whole)?;
    output.flush()
}

/// Reads one frame; none at the end of the pipe. The bytes go nowhere but into the buffer given back, which is
/// wiped: the input must not buffer on its own where a PIN may come.
pub(crate) fn read(input: &mut impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let (mut matched, mut skipped, mut byte) = (0, 0, [0u8]);
    while matched < MARK.len() {
        match input.read(&mut byte) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        }
        if MARK.get(matched) == Some(&byte[0]) {
            matched += 1;
        } else {
            matched = usize::from(byte[0] == MARK[0]);
            skipped += 1;
            if skipped > NOISE {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    input.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_library_prints_between_frames_is_skipped() {
        let mut pipe = b"bit4id: reader found\n\0\0PST".to_vec();
        write(&mut pipe, b"first").unwrap();
        pipe.extend(b"\x00PSTOK0 almost a mark");
        write(&mut pipe, b"").unwrap();
        let mut input = pipe.as_slice();
        assert_eq!(read(&mut input).unwrap().unwrap().as_slice(), b"first");
        assert!(read(&mut input).unwrap().unwrap().is_empty());
        assert!(read(&mut input).unwrap().is_none(), "the end is not an error");
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_memory_is_taken() {
        let mut pipe = MARK.to_vec();
        pipe.extend([0xff; 4]);
        assert_eq!(
            read(&mut pipe.as_slice()).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
        let endless = vec![b'x'; NOISE + 2];
        assert_eq!(
            read(&mut endless.as_slice()).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut input = bytes.as_slice();
            while let Ok(Some(_)) = read(&mut input) {}
        }

        #[test]
        fn what_is_written_is_read(frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..100), 0..6)) {
            let mut pipe = Vec::new();
            for frame in &frames {
                write(&mut pipe, frame).unwrap();
            }
            let mut input = pipe.as_slice();
            for frame in &frames {
                let back = read(&mut input).unwrap().unwrap();
                prop_assert_eq!(back.as_slice(), frame.as_slice());
            }
        }
    }
}
