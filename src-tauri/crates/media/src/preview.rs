//! Looking at oneself before the call: pictures of the chosen camera and the level of the chosen microphone.
//!
//! What is not here: any network, and any judgement of whether the station is fit (see [`crate::check`]).

use crate::audio::{AudioError, AudioIo, FRAME, SILENCE, level_dbfs};
use crate::frame::VideoSize;
use crate::sink::FrameSink;
use crate::video::{VideoError, VideoSource, scale};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a preview knows at this moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PreviewState {
    /// Pictures so far.
    pub pictures: u64,
    /// Why there are none, when the camera failed.
    pub video: Option<VideoError>,
    /// Level of the microphone over the last 100 ms, in dBFS.
    pub level_dbfs: f32,
    /// Why there is no level, when the microphone failed.
    pub audio: Option<AudioError>,
}

#[derive(Debug)]
struct Common {
    stop: AtomicBool,
    state: Mutex<PreviewState>,
}

impl Common {
    fn state(&self) -> MutexGuard<'_, PreviewState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// A preview that runs until it is dropped; dropping waits until the devices are closed, so that a call may open them at once.
#[derive(Debug)]
pub struct Preview {
    common: Arc<Common>,
    threads: Vec<JoinHandle<()>>,
}

impl Preview {
    /// Opens the devices on threads of their own; pictures go to [`FrameSink::self_view`].
    pub fn start(
        video: Option<Box<dyn VideoSource>>,
        audio: Option<Box<dyn AudioIo>>,
        sink: Arc<dyn FrameSink>,
    ) -> Self {
        let common = Arc::new(Common {
            stop: AtomicBool::new(false),
            state: Mutex::new(PreviewState {
                pictures: 0,
                video: None,
                level_dbfs: SILENCE,
                audio: None,
            }),
        });
        let mut threads = Vec::new();
        let thread = |name: &str, body: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.to_owned()).spawn(body)
        };
        if let Some(video) = video {
            let own = common.clone();
            let body = move || {
                if let Err(error) = look(&own, &*video, &*sink) {
                    own.state().video = Some(error);
                }
            };
            match thread("preview-camera", Box::new(body)) {
                Ok(handle) => threads.push(handle),
                Err(_) => common.state().video = Some(VideoError::Stopped),
            }
        }
        if let Some(audio) = audio {
            let own = common.clone();
            let body = move || {
                if let Err(error) = listen(&own, &*audio) {
                    own.state().audio = Some(error);
                }
            };
            match thread("preview-sound", Box::new(body)) {
                Ok(handle) => threads.push(handle),
                Err(_) => common.state().audio = Some(AudioError::Stopped),
            }
        }
        Self { common, threads }
    }

    /// What is known now.
    pub fn state(&self) -> PreviewState {
        *self.common.state()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.common.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that panicked has closed its device as well.
            let _ = thread.join();
        }
    }
}

fn look(common: &Common, video: &dyn VideoSource, sink: &dyn FrameSink) -> Result<(), VideoError> {
    let mut stream = video.open(VideoSize::default())?;
    let size = VideoSize::P180;
    while !common.stopped() {
        let frame = stream.next()?;
        let pictures = {
            let mut state = common.state();
            state.pictures += 1;
            state.pictures
        };
        // Ten a second of the camera's thirty are enough for a look into the mirror.
        if pictures % 3 == 1 {
            sink.self_view(scale::fit(&frame, size.width(), size.height()));
        }
    }
    Ok(())
}

fn listen(common: &Common, audio: &dyn AudioIo) -> Result<(), AudioError> {
    let mut stream = audio.open()?;
    let mut frame = [0; FRAME];
    let mut stretch = Vec::with_capacity(FRAME * 5);
    while !common.stopped() {
        while stream.capture(&mut frame)? {
            stretch.extend_from_slice(&frame);
            if stretch.len() >= FRAME * 5 {
                common.state().level_dbfs = level_dbfs(&stretch);
                stretch.clear();
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
