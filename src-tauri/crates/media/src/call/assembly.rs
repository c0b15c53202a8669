//! Puts the packets of arriving pictures into order and back together.
//!
//! The crate's own jitter buffer binds to the first stream only. This one waits for a missing packet as long as a
//! retransmission may take, then gives up on everything until the next keyframe, because a picture built on a missing
//! one is a smear on a face. What is not here: asking for retransmissions (the crate's NACK does) and decoding.

use bytes::{Bytes, BytesMut};
use rtc::rtp::Packet;
use rtc::rtp::codec::vp8::Vp8Packet;
use rtc::rtp::packetizer::Depacketizer;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a missing packet is waited for on a near link.
pub(super) const DEADLINE: Duration = Duration::from_millis(150);

/// Packets kept at most: about two seconds of 720p.
const LIMIT: usize = 1_024;

/// The largest picture put together.
const LARGEST: usize = 1 << 20;

/// A picture, whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) data: Bytes,
    pub(super) keyframe: bool,
    pub(super) timestamp: u32,
}

struct Piece {
    start: bool,
    marker: bool,
    timestamp: u32,
    payload: Bytes,
}

/// The buffer of one stream.
#[derive(Default)]
pub(super) struct Assembly {
    pieces: BTreeMap<u64, Piece>,
    next: Option<u64>,
    highest: Option<u64>,
    gap_since: Option<Instant>,
    /// Pictures are thrown away until a keyframe comes.
    broken: bool,
    pub(super) expected: u64,
    pub(super) missed: u64,
}

impl Assembly {
    /// Takes one packet as it arrives.
    pub(super) fn insert(&mut self, packet: &Packet) {
        let sequence = packet.header.sequence_number;
        let place = match self.highest {
            None => 0x1_0000 + u64::from(sequence),
            Some(highest) => {
                let ahead = sequence.wrapping_sub(highest as u16) as i16;
                highest.saturating_add_signed(i64::from(ahead))
            }
        };
        match self.highest {
            Some(highest) if place > highest => {
                self.expected += place - highest;
                self.missed += place - highest - 1;
                self.highest = Some(place);
            }
            None => {
                self.expected += 1;
                self.highest = Some(place);
                self.next = Some(place);
                self.broken = true;
            }
            _ => {}
        }
        if self.next.is_some_and(|next| place < next) {
            return;
        }
        let mut descriptor = Vp8Packet::default();
        // An empty or foreign payload holds its place, so that the order goes on (padding probes look like this).
        let payload = descriptor.depacketize(&packet.payload).unwrap_or_default();
        self.pieces.insert(
            place,
            Piece {
                start: descriptor.s == 1 && descriptor.pid == 0 && !payload.is_empty(),
                marker: packet.header.marker,
                timestamp: packet.header.timestamp,
                payload,
            },
        );
        while self.pieces.len() > LIMIT {
            self.pieces.pop_first();
            self.broken = true;
            self.next = self.pieces.keys().next().copied();
        }
    }

    /// A picture was lost behind this buffer: nothing is given out until a keyframe comes.
    pub(super) fn break_off(&mut self) {
        self.broken = true;
    }

    /// The next whole picture. The second part says that a keyframe must be asked for.
    pub(super) fn next(&mut self, now: Instant, deadline: Duration) -> (Option<Whole>, bool) {
        loop {
            let Some(next) = self.next else {
                return (None, false);
            };
            match self.scan(next) {
                Scan::Whole(last) => {
                    self.gap_since = None;
                    let whole = self.take(next, last);
                    match whole {
                        Some(whole) if whole.keyframe || !self.broken => {
                            self.broken = false;
                            return (Some(whole), false);
                        }
                        // Padding, or a picture whose ground is missing.
                        Some(_) => return (None, true),
                        None => {}
                    }
                }
                Scan::Open => {
                    self.gap_since = None;
                    return (None, false);
                }
                Scan::Gap(after) => {
                    let since = *self.gap_since.get_or_insert(now);
                    if now.saturating_duration_since(since) < deadline {
                        return (None, false);
                    }
                    self.gap_since = None;
                    self.broken = true;
                    // What follows the hole starts a picture, or is thrown away piece by piece.
                    let start = self
                        .pieces
                        .range(after..)
                        .find(|(_, piece)| piece.start)
                        .map(|(&at, _)| at);
                    let onward = start.unwrap_or_else(|| self.highest.unwrap_or(next) + 1);
                    self.pieces = self.pieces.split_off(&onward);
                    self.next = Some(onward);
                    return (None, true);
                }
            }
        }
    }

    fn scan(&self, next: u64) -> Scan {
        for (wanted, (&at, piece)) in (next..).zip(self.pieces.range(next..)) {
            if at != wanted {
                return Scan::Gap(at);
            }
            if piece.marker || (piece.payload.is_empty() && wanted == next) {
                return Scan::Whole(at);
            }
        }
        Scan::Open
    }

    fn take(&mut self, first: u64, last: u64) -> Option<Whole> {
        let rest = self.pieces.split_off(&(last + 1));
        let pieces = std::mem::replace(&mut self.pieces, rest);
        self.next = Some(last + 1);
        let mut data = BytesMut::new();
        let head = pieces.get(&first)?;
        let timestamp = head.timestamp;
        if !head.start {
            // The middle of a picture whose beginning was never seen.
            if !head.payload.is_empty() {
                self.broken = true;
            }
            return None;
        }
        for piece in pieces.range(first..=last).map(|(_, piece)| piece) {
            data.extend_from_slice(&piece.payload);
            if data.len() > LARGEST {
                self.broken = true;
                return None;
            }
        }
        Some(Whole {
            // RFC 6386, 9.1: the lowest bit of the first byte is clear in a keyframe.
            keyframe: data.first().is_some_and(|first| first & 1 == 0),
            data: data.freeze(),
            timestamp,
        })
    }
}

enum Scan {
    /// All packets up to here are there.
    Whole(u64),
    /// The picture is not finished yet.
    Open,
    /// A packet is missing before this one.
    Gap(u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets of pictures of three packets each; the first picture is a keyframe.
    fn film(pictures: u32, start: u16) -> Vec<Packet> {
        let mut out = Vec::new();
        let mut sequence = start;
        for picture in 0..pictures {
            for piece in 0..3u8 {
                let mut packet = Packet::default();
                packet.header.sequence_number = sequence;
                packet.header.timestamp = picture * 3_000;
                packet.header.marker = piece == 2;
                let descriptor = if piece == 0 { 0x10 } else { 0 };
                let first = if picture == 0 { 0x10 } else { 0x11 };
                packet.payload = Bytes::copy_from_slice(&[descriptor, first, piece, picture as u8]);
                out.push(packet);
                sequence = sequence.wrapping_add(1);
            }
        }
        out
    }

    fn drain(assembly: &mut Assembly, now: Instant) -> (Vec<u32>, bool) {
        let (mut got, mut asked) = (Vec::new(), false);
        loop {
            let (whole, ask) = assembly.next(now, DEADLINE);
            asked |= ask;
            match whole {
                Some(whole) => got.push(whole.timestamp / 3_000),
                None if ask => {}
                None => return (got, asked),
            }
        }
    }

    #[test]
    fn any_order_within_the_deadline_gives_the_same_pictures() {
        let mut packets = film(6, 65_530);
        packets[1..].reverse();
        packets.push(packets[3].clone());
        let mut assembly = Assembly::default();
        for packet in &packets {
            assembly.insert(packet);
        }
        assert_eq!(
            drain(&mut assembly, Instant::now()),
            (vec![0, 1, 2, 3, 4, 5], false)
        );
    }

    #[test]
    fn a_late_packet_is_waited_for_and_a_lost_one_is_given_up() {
        let packets = film(6, 10);
        let start = Instant::now();
        let mut assembly = Assembly::default();
        for (n, packet) in packets.iter().enumerate() {
            if n != 4 {
                assembly.insert(packet);
            }
        }
        assert_eq!(drain(&mut assembly, start), (vec![0], false));
        assembly.insert(&packets[4]);
        assert_eq!(drain(&mut assembly, start + DEADLINE / 2).0, [1, 2, 3, 4, 5]);

        let mut assembly = Assembly::default();
        for (n, packet) in packets.iter().enumerate() {
            if n != 4 {
                assembly.insert(packet);
            }
        }
        drain(&mut assembly, start);
        let (got, asked) = drain(&mut assembly, start + DEADLINE);
        assert!(got.is_empty(), "nothing is shown on a missing ground: {got:?}");
        assert!(asked, "a keyframe is asked for");
        for packet in film(1, 28) {
            assembly.insert(&packet);
        }
        assert_eq!(
            drain(&mut assembly, start + DEADLINE).0,
            [0],
            "a keyframe mends it"
        );
    }

    #[test]
    fn the_middle_of_a_film_shows_nothing_and_asks() {
        let packets = film(4, 0);
        let mut assembly = Assembly::default();
        for packet in &packets[4..] {
            assembly.insert(packet);
        }
        let (got, asked) = drain(&mut assembly, Instant::now());
        assert!(got.is_empty() && asked);
    }

    #[test]
    fn padding_does_not_stop_the_film() {
        let mut packets = film(1, 0);
        let mut padding = Packet::default();
        padding.header.sequence_number = 3;
        packets.push(padding);
        let mut more = film(2, 1);
        packets.extend(more.drain(3..));
        let mut assembly = Assembly::default();
        for packet in &packets {
            assembly.insert(packet);
        }
        assert_eq!(drain(&mut assembly, Instant::now()).0, [0, 1]);
    }

    #[test]
    fn a_picture_lost_later_on_stops_all_until_a_keyframe() {
        let mut assembly = Assembly::default();
        for packet in &film(3, 0)[..3] {
            assembly.insert(packet);
        }
        assert_eq!(drain(&mut assembly, Instant::now()).0, [0]);
        assembly.break_off();
        for packet in &film(3, 0)[3..] {
            assembly.insert(packet);
        }
        assert_eq!(drain(&mut assembly, Instant::now()), (vec![], true));
        for packet in film(1, 9) {
            assembly.insert(&packet);
        }
        assert_eq!(drain(&mut assembly, Instant::now()).0, [0]);
    }

    #[test]
    fn loss_is_counted() {
        let packets = film(4, 0);
        let mut assembly = Assembly::default();
        for (n, packet) in packets.iter().enumerate() {
            if n % 4 != 1 {
                assembly.insert(packet);
            }
        }
        assert_eq!((assembly.expected, assembly.missed), (12, 3));
    }
}
