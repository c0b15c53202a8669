//! A headless station, for tests and load: `cargo run -p testkit --bin station -- --region URL --data DIR --user NAME`.
//!
//! The window's own commands (`src-tauri/commands.in`), one JSON request a line in, one JSON answer a line out, so that
//! many stations can be driven at once. Never shipped: people and passphrase are invented.
//!
//! # What comes in (standard input)
//!
//! `{"id": 7, "command": "teleconsult_open", "request": {"teleconsult_id": "0193…"}}`
//!
//! `id` is any JSON value and comes back unchanged. `request` is the request of `contract`, as the window sends it; commands
//! without one leave it out. Commands are carried out one at a time, in the order of their lines. Blank lines are skipped.
//!
//! # What goes out (standard output)
//!
//! | Line | When |
//! |---|---|
//! | `{"id": 7, "ok": VIEW}` | the command is done, and whatever it wrote is on the disk; commands that give bytes say `{"base64": "…"}` |
//! | `{"id": 7, "failure": {"code": …, "detail": …}}` | the contract's `Failure`; the command changed nothing, or what the contract says |
//! | `{"event": "ready", "payload": SESSION}` | once: the desk is open and the lines are being read |
//! | `{"event": NAME, "payload": …}` | the window's events: `changed`, `call`, `link`, `session`, `login_failed`; and `notice` |
//! | `{"event": "not_in", "payload": FAILURE}` | the way in failed and is tried again (a region that does not answer) |
//!
//! A line that cannot be read is answered `{"id": null, "failure": {"code": "bad_request", "detail": "station/line"}}`. The
//! order of events among answers means nothing. Standard error has the log (`RUST_LOG`, `warn` unless said).
//!
//! # How it behaves
//!
//! - Somebody new to DIR logs in through the issuer's own page as NAME (`ferrantino-guido`), creates the station's secret and
//!   takes the first role. Somebody known comes in with the secret alone, with a region or without; the login follows as soon as
//!   the region answers, and again whenever the region asks for one (`--no-login` leaves that to the commands).
//! - Killed at any moment and started again on the same DIR, it goes on from what is on the disk.
//! - The end of standard input is the end: every line read is answered, the person leaves, status 0. Unsent items stay in DIR.
//! - Each command counts as the person's presence: the idle lock falls five minutes after the last.
//!
//! Status 1: nobody came in within `--patience`, or the archive was refused. Status 2: the command line.

mod commands;
mod host;
mod keeper;
mod lines;
mod options;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::session::{SessionView, UnlockRequest};
use contract::{ErrorCode, Failure};
use serde_json::{Value, json};
use testkit::station::{EnterError, enter};
use workflow::{Core, Settings, Training};

use host::Headless;
use lines::{Incoming, Lines};
use options::Options;

/// Between two tries to come in.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a login in the browser may take.
pub(crate) const LOGIN: Duration = Duration::from_secs(90);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    workflow::keep_out_of_dumps();
    if let Some(code) = workflow::serve_token_helper(std::env::args_os().skip(1)) {
        return code;
    }
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let options = match options::read(std::env::args().skip(1), |name| std::env::var(name).ok()) {
        Ok(options) => options,
        Err(options::Wish::Help) => {
            let _ = std::io::Write::write_all(&mut std::io::stdout(), options::USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(options::Wish::Wrong(word)) => {
            tracing::error!(word, "not understood\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let lines = Lines::open();
    let done = run(&options, &lines).await;
    lines.close();
    done
}

async fn run(options: &Options, lines: &Lines) -> ExitCode {
    let identities = options.data.join("identities");
    if let Err(error) = std::fs::create_dir_all(&identities) {
        tracing::error!(kind = ?error.kind(), "the data folder cannot be made");
        return ExitCode::FAILURE;
    }
    let host = Arc::new(Headless::new(options.user.clone(), lines.clone()));
    let settings = Settings {
        data_dir: options.data.clone(),
        region: options.region.clone(),
        extra_authorities: None,
        pkcs11_modules: options.pkcs11.clone(),
        signature_roots: None,
        time_stamps: workflow::StationTimeStamps::default(),
        assets: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        training: Some(Training {
            citizen_address: None,
            identities,
            loopback_calls: true,
        }),
    };
    let core = match Core::start(settings, host.clone()) {
        Ok(core) => core,
        Err(error) => {
            tracing::error!(%error, "the station does not start");
            return ExitCode::FAILURE;
        }
    };
    let session = match come_in(&core, &host, options, lines).await {
        Ok(session) => session,
        Err(failure) => {
            lines.event("not_in", &failure);
            tracing::error!(code = ?failure.code, detail = failure.detail, "nobody came in");
            return ExitCode::FAILURE;
        }
    };
    lines.event("ready", &session);
    if options.log_in {
        tokio::spawn(keeper::keep_logged_in(core.clone(), host));
    }
    let mut incoming = Incoming::of_standard_input();
    while let Some(line) = incoming.next().await {
        core.session_touch();
        let (id, answer) = match line {
            Ok(asked) => (
                asked.id,
                commands::run(&core, &asked.command, asked.request).await,
            ),
            Err(failure) => (Value::Null, Err(failure)),
        };
        lines.write(&match answer {
            Ok(view) => json!({"id": id, "ok": view}),
            Err(failure) => json!({"id": id, "failure": failure}),
        });
    }
    if let Err(failure) = core.session_leave().await {
        tracing::warn!(detail = failure.detail, "not left in order");
    }
    ExitCode::SUCCESS
}

/// The way in: by the secret alone where the person is known, else by a login, tried again until the patience is over.
async fn come_in(
    core: &Core,
    host: &Headless,
    options: &Options,
    lines: &Lines,
) -> Result<SessionView, Failure> {
    let give_up = Instant::now() + options.patience;
    let mut told = None;
    loop {
        let failure = match way_in(core, host, options).await {
            Ok(session) => return Ok(session),
            Err(EnterError::Refused(failure)) => failure,
            Err(_) => host
                .last_login_failure()
                .unwrap_or_else(|| Failure::new(ErrorCode::LoginCancelled, "station/login")),
        };
        if !worth_another_try(&failure, host) || Instant::now() > give_up {
            return Err(failure);
        }
        if told.as_ref() != Some(&failure.code) {
            told = Some(failure.code);
            lines.event("not_in", &failure);
        }
        let wait = failure
            .retry_after_s
            .map_or(PAUSE, |seconds| Duration::from_secs(u64::from(seconds)));
        tokio::time::sleep(wait).await;
    }
}

/// What passes by itself: a region that is away or misbehaves, and the pause after tries that a kill cut short.
fn worth_another_try(failure: &Failure, host: &Headless) -> bool {
    let passing = matches!(
        failure.code,
        ErrorCode::RegionUnreachable
            | ErrorCode::RegionUnavailable
            | ErrorCode::NotTheRegion
            | ErrorCode::RegionGarbled
            | ErrorCode::FirstLoginNeedsNetwork
            | ErrorCode::LoginCancelled
            | ErrorCode::LoginNotTrusted
            | ErrorCode::AccessExpired
            | ErrorCode::StationSecretDelayed
    );
    passing && !host.is_refused()
}

async fn way_in(core: &Core, host: &Headless, options: &Options) -> Result<SessionView, EnterError> {
    let secret = options.secret.as_str();
    if let SessionView::Out = core.session_state() {
        if let Some(person_id) = known(core, &options.user).await? {
            let secret = secret.to_owned();
            core.session_unlock(UnlockRequest { person_id, secret }).await?;
        } else {
            host.log_in(core).await?;
        }
    }
    enter(core, secret, options.role.as_deref()).await
}

/// The person of this name, where the station knows them: `FERRANTINO Guido` is `ferrantino-guido`.
async fn known(core: &Core, user: &str) -> Result<Option<String>, Failure> {
    let people = core.station_state().await?.people;
    let name = |family: &str, given: &str| {
        format!("{family}-{given}")
            .to_lowercase()
            .replace([' ', '\''], "-")
    };
    Ok(people
        .into_iter()
        .map(|known| known.person)
        .find(|person| name(&person.family, &person.given) == user)
        .map(|person| person.id))
}
