//! The four threads of a call: capture, encode, decode, sound.
//!
//! They are threads of the operating system because each blocks or computes for milliseconds, which would starve the
//! network's tasks. Between them stand bounded queues: when sending lags, pictures are skipped before they are encoded, and an
//! encoded one is never dropped, since the ones after it need it. What is not here: the network.

use super::rate::{self, Step};
use super::shared::{Shared, Slot};
use crate::audio::playout::Playout;
use crate::audio::{AudioError, AudioIo, FRAME, RATE, level_dbfs};
use crate::codec::vp8::{Encoded, Vp8Decoder, Vp8Encoder};
use crate::frame::{I420Frame, VideoSize};
use crate::stamp;
use crate::video::{VideoError, VideoSource, scale};
use bytes::Bytes;
use opus::{Application, Bitrate, Channels, Encoder};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long a thread may sleep before it looks whether the call ended.
const GLANCE: Duration = Duration::from_millis(100);

/// Between two self views: 10 a second.
const SELF_VIEW: Duration = Duration::from_millis(100);

/// Between two keyframes asked for by the other end: a lossy link asks more often than it can carry.
const KEYFRAME_GAP: Duration = Duration::from_millis(300);

/// Sound kept ready for the speaker, in samples: 40 ms.
const READY: usize = FRAME * 2;

/// What a thread reports to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    Camera(VideoError),
    Sound(AudioError),
    /// The first picture of this connection is decoded.
    Picture,
}

/// A picture of the other end, whole.
#[derive(Debug)]
pub(super) enum ToDecode {
    Picture {
        data: Bytes,
        pts: Duration,
    },
    /// A new connection begins.
    Reset,
}

/// Sound of the other end.
#[derive(Debug)]
pub(super) enum ToPlay {
    Packet {
        sequence: u16,
        payload: Bytes,
    },
    /// A new connection begins.
    Reset,
}

/// The ends of the queues that the threads hold.
pub(super) struct Queues {
    pub(super) encoded: mpsc::Sender<Encoded>,
    pub(super) spoken: mpsc::Sender<Bytes>,
    pub(super) decode: Receiver<ToDecode>,
    pub(super) play: Receiver<ToPlay>,
    pub(super) reports: mpsc::UnboundedSender<Report>,
}

/// Starts the threads; they end when `shared.stop` is set.
pub(super) fn start(
    shared: &Arc<Shared>,
    video: Option<Box<dyn VideoSource>>,
    audio: Box<dyn AudioIo>,
    queues: Queues,
) -> std::io::Result<Vec<JoinHandle<()>>> {
    let Queues {
        encoded,
        spoken,
        decode,
        play,
        reports,
    } = queues;
    let mut threads = Vec::new();
    let thread = |name: &str, body: Box<dyn FnOnce() + Send>| {
        std::thread::Builder::new().name(name.to_owned()).spawn(body)
    };
    let result = (|| {
        if let Some(video) = video {
            let slot = Arc::new(Slot::default());
            let (own, pictures, told) = (shared.clone(), slot.clone(), reports.clone());
            threads.push(thread(
                "call-capture",
                Box::new(move || capture(&own, &*video, &pictures, &told)),
            )?);
            let own = shared.clone();
            threads.push(thread(
                "call-encode",
                Box::new(move || encode(&own, &slot, &encoded)),
            )?);
        }
        let (own, told) = (shared.clone(), reports.clone());
        threads.push(thread(
            "call-decode",
            Box::new(move || decode_pictures(&own, &decode, &told)),
        )?);
        let own = shared.clone();
        threads.push(thread(
            "call-sound",
            Box::new(move || sound(&own, &*audio, &spoken, &play, &reports)),
        )?);
        Ok(())
    })();
    if result.is_err() {
        // Threads already started must not outlive a call that never was.
        shared.stop.store(true, Ordering::Relaxed);
    }
    result.map(|()| threads)
}

fn capture(
    shared: &Shared,
    video: &dyn VideoSource,
    slot: &Slot<I420Frame>,
    reports: &mpsc::UnboundedSender<Report>,
) {
    let mut stream = None;
    let mut shown: Option<Instant> = None;
    while !shared.stopped() {
        if !shared.is(&shared.camera) {
            // Off means off: the device is closed, and its light goes out.
            stream = None;
            std::thread::sleep(GLANCE);
            continue;
        }
        let open = match &mut stream {
            Some(open) => open,
            None => match video.open(shared.size) {
                Ok(opened) => stream.insert(opened),
                Err(error) => {
                    camera_failed(shared, reports, error);
                    continue;
                }
            },
        };
        match open.next() {
            Ok(frame) => {
                if shown.is_none_or(|at| at.elapsed() >= SELF_VIEW) {
                    shown = Some(Instant::now());
                    let size = VideoSize::P180;
                    shared
                        .sink
                        .self_view(scale::fit(&frame, size.width(), size.height()));
                }
                slot.put(frame);
            }
            Err(error) => {
                stream = None;
                camera_failed(shared, reports, error);
            }
        }
    }
}

/// A failed camera is a camera that is off: the clinician may turn it on again once it is mended.
fn camera_failed(shared: &Shared, reports: &mpsc::UnboundedSender<Report>, error: VideoError) {
    shared.camera.store(false, Ordering::Relaxed);
    // Without a session nobody needs the news.
    let _ = reports.send(Report::Camera(error));
}

fn encode(shared: &Shared, slot: &Slot<I420Frame>, encoded: &mpsc::Sender<Encoded>) {
    let mut encoder: Option<(Step, Vp8Encoder)> = None;
    let mut last_keyframe: Option<Instant> = None;
    let mut step = Step::start(shared.size);
    while !shared.stopped() {
        let Some(frame) = slot.take(GLANCE) else {
            continue;
        };
        let target = shared.target.load(Ordering::Relaxed);
        step = step.next(target, shared.size);
        let Some(size) = step
            .size()
            .filter(|_| shared.is(&shared.sending) && shared.is(&shared.camera))
        else {
            shared.height.store(0, Ordering::Relaxed);
            // Whoever comes back needs a picture to begin with.
            shared.keyframe.store(true, Ordering::Relaxed);
            continue;
        };
        let rate = rate::video(target, size) as u32;
        if encoder.as_ref().is_none_or(|(made_for, _)| *made_for != step) {
            encoder = Vp8Encoder::new(size.width(), size.height(), rate)
                .ok()
                .map(|made| (step, made));
        }
        let Some((_, codec)) = &mut encoder else {
            tracing::error!("the picture encoder cannot be started");
            return;
        };
        let rested = last_keyframe.is_none_or(|at| at.elapsed() >= KEYFRAME_GAP);
        let keyframe = rested && shared.keyframe.swap(false, Ordering::Relaxed);
        if keyframe {
            last_keyframe = Some(Instant::now());
        }
        let frame = scale::fit(&frame, size.width(), size.height());
        // A refused rate keeps the last one.
        let _ = codec.set_rate(rate);
        match codec.encode(&frame, keyframe) {
            Ok(Some(picture)) => {
                shared.height.store(size.height(), Ordering::Relaxed);
                if encoded.blocking_send(picture).is_err() {
                    return;
                }
            }
            Ok(None) => {}
            Err(_) => encoder = None,
        }
    }
}

fn decode_pictures(shared: &Shared, pictures: &Receiver<ToDecode>, reports: &mpsc::UnboundedSender<Report>) {
    let mut decoder = None;
    let mut told = false;
    while !shared.stopped() {
        let (data, pts) = match pictures.recv_timeout(GLANCE) {
            Ok(ToDecode::Picture { data, pts }) => (data, pts),
            Ok(ToDecode::Reset) => {
                decoder = None;
                told = false;
                continue;
            }
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if decoder.is_none() {
            decoder = Vp8Decoder::new().ok();
        }
        let Some(codec) = &mut decoder else {
            tracing::error!("the picture decoder cannot be started");
            return;
        };
        match codec.decode(&data, pts) {
            Ok(Some(frame)) => {
                shared.video_decoded.add(1);
                if stamp::read(&frame).is_some() {
                    shared.video_stamped.add(1);
                }
                *shared.last_remote() = Some(frame.clone());
                shared.sink.remote(frame);
                if !told {
                    told = true;
                    let _ = reports.send(Report::Picture);
                }
            }
            Ok(None) => {}
            Err(_) => shared.want_keyframe.store(true, Ordering::Relaxed),
        }
    }
}

fn sound(
    shared: &Shared,
    audio: &dyn AudioIo,
    spoken: &mpsc::Sender<Bytes>,
    play: &Receiver<ToPlay>,
    reports: &mpsc::UnboundedSender<Report>,
) {
    let tell = |error| {
        let _ = reports.send(Report::Sound(error));
    };
    let (mut encoder, mut playout) = match (speech_encoder(), Playout::new()) {
        (Ok(encoder), Ok(playout)) => (encoder, playout),
        _ => return tell(AudioError::Format),
    };
    let mut stream = match audio.open() {
        Ok(stream) => stream,
        Err(error) => return tell(error),
    };
    let mut frame = [0i16; FRAME];
    let mut packet = [0u8; 1_275];
    let mut meters = (Meter::default(), Meter::default());
    let mut loss = 0;
    while !shared.stopped() {
        loop {
            match stream.capture(&mut frame) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return tell(error),
            }
            let open = shared.is(&shared.microphone);
            shared
                .microphone_level
                .set(meters.0.add(if open { &frame } else { &[0; FRAME] }));
            if !open || !shared.is(&shared.sending) {
                continue;
            }
            let now = shared.loss.load(Ordering::Relaxed);
            if now != loss {
                loss = now;
                // Without it, FEC keeps its last strength.
                let _ = encoder.set_packet_loss_perc(loss.clamp(5, 30) as i32);
            }
            if let Ok(length) = encoder.encode(&frame, &mut packet) {
                // A network that takes no sound for a third of a second has lost it anyway.
                let _ = spoken.try_send(Bytes::copy_from_slice(&packet[..length]));
            }
        }
        while let Ok(item) = play.try_recv() {
            match item {
                ToPlay::Packet { sequence, payload } => playout.insert(sequence, payload),
                ToPlay::Reset => playout.reset(),
            }
        }
        while stream.queued() < READY {
            let Some(heard) = playout.frame() else {
                shared.remote_level.set(meters.1.add(&[0; FRAME / 4]));
                break;
            };
            shared.remote_level.set(meters.1.add(&heard));
            stream.play(&heard);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn speech_encoder() -> Result<Encoder, opus::Error> {
    let mut encoder = Encoder::new(RATE, Channels::Mono, Application::Voip)?;
    encoder.set_bitrate(Bitrate::Bits(32_000))?;
    encoder.set_inband_fec(true)?;
    encoder.set_packet_loss_perc(5)?;
    Ok(encoder)
}

/// The level over the last 100 ms, so that a meter does not flicker.
#[derive(Default)]
struct Meter {
    samples: std::collections::VecDeque<i16>,
}

impl Meter {
    fn add(&mut self, samples: &[i16]) -> f32 {
        self.samples.extend(samples);
        let over = self.samples.len().saturating_sub(RATE as usize / 10);
        self.samples.drain(..over);
        level_dbfs(self.samples.make_contiguous())
    }
}
