//! Smooths arriving sound: a small reorder buffer in front of the Opus decoder, with in-band FEC and concealment.
//!
//! Packets of 20 ms arrive early, late, twice or never. The buffer waits for three of them, then gives one every 20 ms; a missing one is
//! rebuilt from its successor (RFC 6716, section 2.1.7) or concealed, and a buffer that grew too long is shortened. What is not here:
//! the speaker.

use super::FRAME;
use bytes::Bytes;
use opus::{Channels, Decoder};
use std::collections::BTreeMap;

/// Packets that are gathered before playing starts: 60 ms.
const START: usize = 3;

/// Above this many the oldest are dropped: 240 ms is a conversation's limit.
const LIMIT: usize = 12;

/// Packets concealed in a row before playing waits for new ones.
const CONCEALED: u32 = 5;

/// Turns packets into frames of sound.
pub(crate) struct Playout {
    decoder: Decoder,
    packets: BTreeMap<u64, Bytes>,
    /// The next packet to play, while playing.
    next: Option<u64>,
    highest: Option<u64>,
    concealed: u32,
}

impl Playout {
    pub(crate) fn new() -> Result<Self, opus::Error> {
        Ok(Self {
            decoder: Decoder::new(super::RATE, Channels::Mono)?,
            packets: BTreeMap::new(),
            next: None,
            highest: None,
            concealed: 0,
        })
    }

    /// Forgets everything: a new connection begins.
    pub(crate) fn reset(&mut self) {
        self.packets.clear();
        self.next = None;
        self.highest = None;
        self.concealed = 0;
    }

    /// Takes a packet with its RTP sequence number.
    pub(crate) fn insert(&mut self, sequence: u16, payload: Bytes) {
        let place = unwrap(self.highest, sequence);
        if self
            .highest
            .is_some_and(|highest| place + 1_000 < highest || place > highest + 1_000)
        {
            // A sender that starts anew.
            self.reset();
        }
        self.highest = Some(self.highest.map_or(place, |highest| highest.max(place)));
        if self.next.is_none_or(|next| place >= next) {
            self.packets.insert(place, payload);
        }
        while self.packets.len() > LIMIT {
            self.packets.pop_first();
        }
    }

    /// The next 20 ms, or `None` while there is nothing to play.
    pub(crate) fn frame(&mut self) -> Option<[i16; FRAME]> {
        let mut out = [0; FRAME];
        let next = match self.next {
            Some(next) => next,
            None if self.packets.len() >= START => *self.packets.keys().next()?,
            None => return None,
        };
        // The buffer was shortened behind our back.
        let next = match self.packets.keys().next() {
            Some(&first) if self.packets.len() >= LIMIT => next.max(first),
            _ => next,
        };
        self.next = Some(next + 1);
        if let Some(packet) = self.packets.remove(&next) {
            self.concealed = 0;
            return self.decode(&packet, &mut out, false).then_some(out);
        }
        self.concealed += 1;
        if self.concealed > CONCEALED {
            self.next = None;
            self.concealed = 0;
            return None;
        }
        let rebuilt = self.packets.get(&(next + 1)).cloned();
        match rebuilt {
            Some(successor) => self.decode(&successor, &mut out, true),
            None => self.decode(&[], &mut out, false),
        }
        .then_some(out)
    }

    fn decode(&mut self, packet: &[u8], out: &mut [i16; FRAME], fec: bool) -> bool {
        // A packet of another length than 20 ms does not fit and is concealed: browsers send 20 ms unless asked.
        self.decoder.decode(packet, out, fec).is_ok() || self.decoder.decode(&[], out, false).is_ok()
    }
}

/// The sequence number without its wrap at 65536, nearest to the highest one seen.
fn unwrap(highest: Option<u64>, sequence: u16) -> u64 {
    let Some(highest) = highest else {
        // Room below, for a first packet that arrives out of order.
        return 0x1_0000 + u64::from(sequence);
    };
    let ahead = sequence.wrapping_sub(highest as u16) as i16;
    highest.saturating_add_signed(i64::from(ahead))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{RATE, level_dbfs};
    use opus::{Application, Encoder};

    fn packets(count: usize) -> Vec<Bytes> {
        let mut encoder = Encoder::new(RATE, Channels::Mono, Application::Voip).unwrap();
        encoder.set_inband_fec(true).unwrap();
        encoder.set_packet_loss_perc(20).unwrap();
        (0..count)
            .map(|k| {
                let frame: Vec<i16> = (0..FRAME)
                    .map(|n| {
                        (((k * FRAME + n) as f64 / 48_000.0 * 440.0 * std::f64::consts::TAU).sin() * 9_000.0)
                            as i16
                    })
                    .collect();
                encoder.encode_vec(&frame, 1_000).unwrap().into()
            })
            .collect()
    }

    fn play(order: &[usize], start: u16) -> Vec<[i16; FRAME]> {
        let packets = packets(40);
        let mut playout = Playout::new().unwrap();
        for &k in order {
            playout.insert(start.wrapping_add(k as u16), packets[k].clone());
        }
        std::iter::from_fn(|| playout.frame()).take(20).collect()
    }

    #[test]
    fn order_is_restored_also_where_the_number_wraps() {
        let straight = play(&[0, 1, 2, 3, 4, 5, 6, 7], 10);
        assert_eq!(play(&[1, 0, 3, 2, 2, 5, 4, 7, 6], 10)[..8], straight[..8]);
        assert_eq!(play(&[0, 2, 1, 3, 4, 5, 7, 6], 65_533)[..8], straight[..8]);
    }

    #[test]
    fn a_lost_packet_leaves_no_hole() {
        for lost in 3..6 {
            let order: Vec<usize> = (0..8).filter(|&k| k != lost).collect();
            let frames = play(&order, 0);
            assert!(frames.len() >= 8);
            assert!(
                level_dbfs(&frames[lost]) > -20.0,
                "frame {lost}: {}",
                level_dbfs(&frames[lost])
            );
        }
    }

    #[test]
    fn a_flood_is_shortened_and_silence_stops_playing() {
        let all: Vec<usize> = (0..40).collect();
        let frames = play(&all, 0);
        assert!(frames.len() <= LIMIT + CONCEALED as usize, "{}", frames.len());
        assert!(play(&[0, 1], 0).is_empty(), "two packets are too few to begin");
    }

    #[test]
    fn foreign_bytes_are_concealed() {
        let mut playout = Playout::new().unwrap();
        for (n, bytes) in [&[0xff; 300][..], &[], &[1], &[0xfc, 0xff, 0xfe]]
            .into_iter()
            .enumerate()
        {
            playout.insert(n as u16, Bytes::copy_from_slice(bytes));
        }
        assert!(std::iter::from_fn(|| playout.frame()).count() >= 4);
    }
}
