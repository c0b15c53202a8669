//! What arrives on a link: packets become pictures and sound for the threads.
//!
//! What is not here: decoding, and the order of packets (see `assembly`).

use super::assembly::{Assembly, DEADLINE};
use super::link::Ground;
use super::workers::{ToDecode, ToPlay};
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};

/// Asking for a keyframe more often than this only adds to the load.
const ASK_GAP: Duration = Duration::from_millis(400);

pub(super) async fn audio(track: Arc<dyn TrackRemote>, ground: Ground) {
    while let Some(event) = track.poll().await {
        match event {
            TrackRemoteEvent::OnRtpPacket(packet) => {
                ground.shared.audio_received.add(1);
                ground.shared.bytes_received.add(packet.payload.len() as u64 + 12);
                // A sound thread that does not keep up has no use for more.
                let _ = ground.play.try_send(ToPlay::Packet {
                    sequence: packet.header.sequence_number,
                    payload: packet.payload,
                });
            }
            TrackRemoteEvent::OnEnded => return,
            _ => {}
        }
    }
}

pub(super) async fn video(track: Arc<dyn TrackRemote>, ground: Ground) {
    let shared = &ground.shared;
    let mut assembly = Assembly::default();
    let mut asked: Option<Instant> = None;
    let mut first = None;
    let mut ssrc = None;
    let mut counted = (0, 0);
    let mut ticker = tokio::time::interval(Duration::from_millis(20));
    ticker.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            event = track.poll() => match event {
                Some(TrackRemoteEvent::OnRtpPacket(packet)) => {
                    shared.bytes_received.add(packet.payload.len() as u64 + 12);
                    ssrc = Some(packet.header.ssrc);
                    assembly.insert(&packet);
                    shared.expected.add(assembly.expected - counted.0);
                    shared.missed.add(assembly.missed - counted.1);
                    counted = (assembly.expected, assembly.missed);
                }
                Some(TrackRemoteEvent::OnEnded) | None => return,
                Some(_) => continue,
            },
            _ = ticker.tick() => {}
        }
        let mut ask = shared.want_keyframe.swap(false, Ordering::Relaxed);
        loop {
            let (whole, broken) = assembly.next(Instant::now(), DEADLINE);
            ask |= broken;
            let Some(whole) = whole else {
                if broken {
                    continue;
                }
                break;
            };
            shared.video_received.add(1);
            let start = *first.get_or_insert(whole.timestamp);
            let ticks = u64::from(whole.timestamp.wrapping_sub(start));
            let picture = ToDecode::Picture {
                data: whole.data,
                pts: Duration::from_micros(ticks * 100 / 9),
            };
            // A decoder that does not keep up begins again at a keyframe: those in between would be smears.
            if ground.decode.try_send(picture).is_err() {
                assembly.break_off();
                ask = true;
            }
        }
        if ask && asked.is_none_or(|at| at.elapsed() >= ASK_GAP) {
            asked = Some(Instant::now());
            if let Some(media_ssrc) = ssrc {
                let request = PictureLossIndication {
                    sender_ssrc: 0,
                    media_ssrc,
                };
                // Lost or refused, it is asked again.
                let _ = track.write_rtcp(vec![Box::new(request)]).await;
            }
        } else if ask {
            shared.want_keyframe.store(true, Ordering::Relaxed);
        }
    }
}
