//! Reads just enough of a datagram to know what DTLS records it carries: RFC 6347 inside, RFC 8656 around it.
//!
//! All bytes are foreign: what does not fit is not a record. What is not here: what the records mean for a handshake.

use std::ops::Range;

/// Content types (RFC 6347, 4.1; RFC 5246, 6.2.1).
pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const APPLICATION_DATA: u8 = 23;

/// Handshake types (RFC 5246, 7.4; RFC 6347, 4.3.2).
pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const HELLO_VERIFY_REQUEST: u8 = 3;

const HEADER: usize = 13;

/// An epoch that no handshake reaches: the crate drops the record unread.
const NO_EPOCH: [u8; 2] = [0xff, 0xff];

/// One DTLS record of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// Where its header begins in the datagram.
    pub(super) at: usize,
    pub(super) content: u8,
    pub(super) epoch: u16,
    /// The message's type, of a handshake record that is not encrypted.
    pub(super) handshake: Option<u8>,
    /// The message's number, likewise.
    pub(super) message: Option<u16>,
}

/// The part of a datagram that the peers exchange: all of it, or what TURN wraps.
pub(super) fn payload(datagram: &[u8]) -> Range<usize> {
    let whole = 0..datagram.len();
    let half = |at: usize| {
        Some(usize::from(u16::from_be_bytes([
            *datagram.get(at)?,
            *datagram.get(at + 1)?,
        ])))
    };
    let wrapped = || match datagram.first()? {
        // ChannelData: channel number, length, data.
        0x40..=0x4f => {
            let length = half(2)?;
            (4 + length <= datagram.len()).then_some(4..4 + length)
        }
        // Send and Data indications: the DATA attribute.
        0x00 if matches!(datagram.get(1), Some(0x16 | 0x17)) => {
            let mut at = 20;
            loop {
                let (kind, length) = (half(at)?, half(at + 2)?);
                let value = at + 4..at + 4 + length;
                if value.end > datagram.len() {
                    return None;
                }
                if kind == 0x0013 {
                    return Some(value);
                }
                at = value.end.next_multiple_of(4);
            }
        }
        _ => None,
    };
    wrapped().unwrap_or(whole)
}

/// Whether these bytes are SRTP or SRTCP (RFC 7983).
pub(super) fn is_srtp(payload: &[u8]) -> bool {
    matches!(payload.first(), Some(128..=191))
}

/// The DTLS records of a datagram, in order.
pub(super) fn records(datagram: &[u8]) -> Vec<Record> {
    let Range { start, end } = payload(datagram);
    let mut at = start;
    let mut found = Vec::new();
    while let Some(header) = datagram[..end].get(at..at + HEADER) {
        let length = usize::from(u16::from_be_bytes([header[11], header[12]]));
        // RFC 7983: 20 to 63 is DTLS; the version's first byte is 254 in all of them.
        if !(20..=63).contains(&header[0]) || header[1] != 254 || at + HEADER + length > end {
            break;
        }
        let epoch = u16::from_be_bytes([header[3], header[4]]);
        let body = &datagram[at + HEADER..at + HEADER + length];
        let open = header[0] == HANDSHAKE && epoch == 0 && body.len() >= 12;
        found.push(Record {
            at,
            content: header[0],
            epoch,
            handshake: open.then(|| body[0]),
            message: open.then(|| u16::from_be_bytes([body[4], body[5]])),
        });
        at += HEADER + length;
    }
    found
}

/// Makes a record invisible to the crate.
pub(super) fn hide(datagram: &mut [u8], record: &Record) {
    if let Some(epoch) = datagram.get_mut(record.at + 3..record.at + 5) {
        epoch.copy_from_slice(&NO_EPOCH);
    }
}
