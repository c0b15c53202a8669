//! A call with a real browser at the other end: sound and picture both ways, chat, switches, a picture taken, an interruption.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod patient;

use media::audio::SyntheticAudio;
use media::signalling::ByeReason;
use media::video::pattern::TestPattern;
use media::{Call, CallConfig, CallEvent, CallHandle, FrameSink, I420Frame, VideoSize, stamp};
use patient::Patient;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// One call at a time: their threads are counted, and two browsers at once would want of each other's processor.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What the window would draw.
#[derive(Default)]
struct Window {
    stamps: Mutex<Vec<u32>>,
    own: Mutex<Vec<(u32, u32)>>,
}

impl FrameSink for Window {
    fn remote(&self, frame: I420Frame) {
        if let Some(stamp) = stamp::read(&frame) {
            self.stamps.lock().unwrap().push(stamp);
        }
    }

    fn self_view(&self, frame: I420Frame) {
        self.own.lock().unwrap().push((frame.width(), frame.height()));
    }
}

struct Station {
    call: CallHandle,
    events: mpsc::Receiver<CallEvent>,
    window: Arc<Window>,
}

impl Station {
    fn start(patient: &mut Patient, size: VideoSize) -> Self {
        let window = Arc::new(Window::default());
        let (tell, events) = mpsc::channel(256);
        let config = CallConfig {
            ice_servers: Vec::new(),
            video: Some(Box::new(TestPattern)),
            audio: Box::new(SyntheticAudio::tone()),
            size,
            sink: window.clone(),
            loopback: true,
        };
        let incoming = patient.incoming.take().unwrap();
        let call = Call::start(config, incoming, patient.outgoing.clone(), tell).unwrap();
        Self { call, events, window }
    }

    /// Waits for an event; all others before it are passed over.
    async fn until<T>(&mut self, what: &str, wanted: impl Fn(&CallEvent) -> Option<T>) -> T {
        let limit = Duration::from_secs(40);
        let found = tokio::time::timeout(limit, async {
            loop {
                let event = self.events.recv().await.expect("the call tells more");
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
        });
        found
            .await
            .unwrap_or_else(|_| panic!("no event: {what}; {:?}", self.call.stats()))
    }

    async fn connected(&mut self) -> Option<u64> {
        self.until("connected", |event| match event {
            CallEvent::Connected { first_picture_ms } => Some(*first_picture_ms),
            _ => None,
        })
        .await
    }
}

fn threads_of_calls() -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| ["call-capture", "call-encode", "call-decode", "call-sound"].contains(&name.trim()))
        .count()
}

// One browser serves the whole story: starting one costs more than everything that it shows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_from_admission_to_good_bye() {
    let _alone = ALONE.lock().await;
    let mut patient = Patient::arrive().await;
    patient.ready().await;
    let mut station = Station::start(&mut patient, VideoSize::P360);
    let first = station.connected().await;
    assert!(first.is_some(), "a picture of the patient was decoded");

    // Picture both ways, by the numbers inside the pictures.
    let seen = patient
        .until("100 pictures drawn", |seen| {
            seen["increasing"].as_u64() >= Some(100)
        })
        .await;
    assert_eq!(seen["size"], "640x360");
    let stats = station.call.stats();
    assert!(stats.fps_sent > 20.0 && stats.fps_received > 20.0, "{stats:?}");
    {
        let stamps = station.window.stamps.lock().unwrap();
        let rising = stamps.windows(2).filter(|pair| pair[1] > pair[0]).count();
        assert!(rising > 60, "{rising} of {} stamps rise", stamps.len());
        assert!(
            station
                .window
                .own
                .lock()
                .unwrap()
                .iter()
                .all(|size| *size == (320, 180))
        );
    }

    // Sound both ways.
    patient
        .until("a tone is heard", |seen| seen["level"].as_f64() > Some(-30.0))
        .await;
    station
        .until("the patient is heard", |event| match event {
            CallEvent::Stats(stats) if stats.remote_dbfs > -30.0 => Some(()),
            _ => None,
        })
        .await;

    // Chat both ways, with receipts.
    let id = station.call.chat("Buongiorno, mi vede bene?").await.unwrap();
    station
        .until("the receipt", |event| {
            (*event == CallEvent::ChatReceived { id }).then_some(())
        })
        .await;
    patient
        .until("the chat", |seen| seen["chats"][0] == "Buongiorno, mi vede bene?")
        .await;
    patient
        .order(json!({"do": "chat", "text": "Sì, dottoressa."}))
        .await;
    let text = station
        .until("the patient's chat", |event| match event {
            CallEvent::Chat { text, .. } => Some(text.clone()),
            _ => None,
        })
        .await;
    assert_eq!(text, "Sì, dottoressa.");
    patient
        .until("our receipt", |seen| {
            seen["receipts"].as_array().is_some_and(|all| all.len() == 1)
        })
        .await;

    // Switches.
    station.call.set_microphone(false);
    patient
        .until("our microphone is off", |seen| {
            seen["states"].as_array().and_then(|s| s.last()) == Some(&json!([false, true]))
        })
        .await;
    patient
        .until("silence", |seen| seen["level"].as_f64() < Some(-70.0))
        .await;
    station.call.set_microphone(true);
    station.call.set_camera(false);
    patient
        .until("our camera is off", |seen| {
            seen["states"].as_array().and_then(|s| s.last()) == Some(&json!([true, false]))
        })
        .await;
    let stopped = station.until("no picture sent", |event| match event {
        CallEvent::Stats(stats) if stats.fps_sent == 0.0 => Some(stats.count.video_sent),
        _ => None,
    });
    let stopped = stopped.await;
    station.call.set_camera(true);
    station
        .until("pictures again", |event| match event {
            CallEvent::Stats(stats) if stats.count.video_sent > stopped + 20 => Some(()),
            _ => None,
        })
        .await;
    patient.order(json!({"do": "mute"})).await;
    station
        .until("the patient's microphone is off", |event| {
            (*event
                == CallEvent::RemoteState {
                    audio: false,
                    video: true,
                })
            .then_some(())
        })
        .await;

    // A picture at its full size.
    let picture = station.call.capture_picture().await.unwrap();
    let reader = png::Decoder::new(std::io::Cursor::new(picture))
        .read_info()
        .unwrap();
    assert_eq!((reader.info().width, reader.info().height), (640, 360));
    patient
        .until("a picture was taken", |seen| seen["images"] == 1)
        .await;

    // The network breaks and returns.
    patient.network.cut(true);
    station
        .until("interrupted", |event| {
            matches!(event, CallEvent::Interrupted { .. }).then_some(())
        })
        .await;
    assert_eq!(
        station.call.chat("Mi sente?").await,
        Err(media::CallError::Interrupted)
    );
    assert!(station.call.capture_picture().await.is_err());
    let sent = station.call.stats().count;
    station
        .until("a second of interruption", |event| {
            matches!(event, CallEvent::Stats(_)).then_some(())
        })
        .await;
    station
        .until("another", |event| {
            matches!(event, CallEvent::Stats(_)).then_some(())
        })
        .await;
    let later = station.call.stats().count;
    assert!(
        later.video_sent <= sent.video_sent + 60
            && later.audio_packets_received == station.call.stats().count.audio_packets_received
    );
    let still = station.call.stats().count;
    station
        .until("a third", |event| {
            matches!(event, CallEvent::Stats(_)).then_some(())
        })
        .await;
    let now = station.call.stats().count;
    assert_eq!(
        (still.video_sent, still.audio_packets_sent),
        (now.video_sent, now.audio_packets_sent),
        "nothing is sent meanwhile"
    );
    patient.network.cut(false);
    station
        .until("resumed", |event| {
            matches!(event, CallEvent::Resumed { .. }).then_some(())
        })
        .await;
    let before = patient.seen.borrow()["increasing"].as_u64().unwrap();
    patient
        .until("pictures after the interruption", |seen| {
            seen["increasing"].as_u64() >= Some(before + 30)
        })
        .await;

    // The page is loaded anew.
    patient.order(json!({"do": "reload"})).await;
    station
        .until("interrupted by the reload", |event| {
            matches!(event, CallEvent::Interrupted { .. }).then_some(())
        })
        .await;
    station
        .until("resumed after the reload", |event| {
            matches!(event, CallEvent::Resumed { .. }).then_some(())
        })
        .await;
    patient
        .until("a new page draws", |seen| seen["increasing"].as_u64() >= Some(20))
        .await;
    patient
        .until("a new page hears", |seen| seen["level"].as_f64() > Some(-30.0))
        .await;

    // Good-bye: nothing is left behind.
    assert_eq!(threads_of_calls(), 4);
    let Station { call, mut events, .. } = station;
    call.hang_up(ByeReason::Ended).await;
    assert_eq!(threads_of_calls(), 0, "every thread of the call has ended");
    let mut last = None;
    while let Some(event) = events.recv().await {
        last = Some(event);
    }
    assert!(
        matches!(
            last,
            Some(CallEvent::Ended {
                reason: ByeReason::Ended,
                ..
            })
        ),
        "{last:?}"
    );
    patient.until("good-bye", |seen| seen["byes"][0] == "ended").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lossy_link_still_carries_a_call() {
    let _alone = ALONE.lock().await;
    let mut patient = Patient::arrive().await;
    patient.ready().await;
    // From before the handshake to the end, one datagram in twenty is lost.
    patient.network.lose(5);
    let mut station = Station::start(&mut patient, VideoSize::P720);
    station.connected().await;
    patient
        .until("300 pictures drawn", |seen| {
            seen["increasing"].as_u64() >= Some(300)
        })
        .await;
    station
        .until(
            "300 pictures decoded, and the loss is seen",
            |event| match event {
                CallEvent::Stats(stats)
                    if stats.count.video_stamped >= 300 && stats.loss_received_percent > 0.5 =>
                {
                    Some(())
                }
                _ => None,
            },
        )
        .await;
    let id = station.call.chat("Mi sente?").await.unwrap();
    station
        .until("the receipt", |event| {
            (*event == CallEvent::ChatReceived { id }).then_some(())
        })
        .await;
    let stats = station.call.stats();
    assert!(
        stats.sent_height >= 360,
        "chance loss does not starve the picture: {stats:?}"
    );
    station.call.hang_up(ByeReason::Ended).await;
}
