//! The window of Postazione: start, plugins, commands; wiring and nothing else.
//!
//! What the commands do is in `workflow`; what they say is in `contract`. Not in it: any rule.

mod awake;
mod closing;
mod commands;
mod host;
#[cfg(target_os = "linux")]
mod logind;
mod options;
mod region_address;
#[cfg(target_os = "linux")]
mod system_lock;
#[cfg(feature = "training")]
mod training;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use options::{Options, Wish};
use region_address::RegionAddress;
use tauri::{App, AppHandle, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder, WindowEvent};
use workflow::{Core, Settings};

/// The one window.
const WINDOW: &str = "main";

/// Why the program did not start; each is a sentence for who started it.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("la finestra non si apre: {0}")]
    Window(#[from] tauri::Error),
    #[error("la cartella dei dati non si può creare in {folder}: {cause}")]
    Data { folder: PathBuf, cause: std::io::Error },
    #[error("il file dei certificati radice non si legge: {0}")]
    Roots(std::io::Error),
    #[error("l'indirizzo della Regione non è valido: {0}")]
    Address(#[from] url::ParseError),
    #[error("il programma non parte: {0}")]
    Core(#[from] workflow::StartError),
    #[cfg(feature = "training")]
    #[error(transparent)]
    Training(#[from] training::TrainingStartError),
}

/// Starts the program and returns when its window is closed.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let options = match options::read(arguments, |name| std::env::var_os(name)) {
        Wish::Start(options) => options,
        Wish::Version => return said(concat!("Postazione ", env!("CARGO_PKG_VERSION"), "\n")),
        Wish::Help => return said(options::USAGE),
        Wish::Wrong(word) => return refused(&format!("Non capisco {word}.\n{}", options::USAGE), 2),
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
    match start(*options) {
        Ok(app) => {
            app.run(handle);
            ExitCode::SUCCESS
        }
        Err(error) => refused(&format!("Postazione: {error}.\n"), 1),
    }
}

fn said(text: &str) -> ExitCode {
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn refused(text: &str, code: u8) -> ExitCode {
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::from(code)
}

fn start(options: Options) -> Result<App, StartError> {
    // The single instance comes first: a second start ends here, before it touches the archives.
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| show(app)))
        .plugin(tauri_plugin_window_state::Builder::new().build())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(commands::all())
        .build(tauri::generate_context!())?;
    let data_dir = match &options.data {
        Some(folder) => folder.clone(),
        None => app.path().app_local_data_dir()?,
    };
    std::fs::create_dir_all(&data_dir).map_err(|cause| StartError::Data {
        folder: data_dir.clone(),
        cause,
    })?;
    let (settings, address) = settle(&app, &options, data_dir)?;
    let host = Arc::new(host::Window::new(app.handle().clone()));
    let core = tauri::async_runtime::block_on(async { Core::start(settings, host) })?;
    #[cfg(target_os = "linux")]
    system_lock::watch(core.clone());
    app.manage(core);
    app.manage(address);
    WebviewWindowBuilder::new(&app, WINDOW, WebviewUrl::App("index.html".into()))
        .title("Postazione")
        .inner_size(1366.0, 768.0)
        .min_inner_size(900.0, 600.0)
        .build()?;
    Ok(app)
}

/// Puts together what the core stands on: region, identities, roots.
fn settle(app: &App, options: &Options, data_dir: PathBuf) -> Result<(Settings, RegionAddress), StartError> {
    let signature_roots = match &options.signature_roots {
        Some(file) => Some(std::fs::read(file).map_err(StartError::Roots)?),
        None => None,
    };
    let time_stamps = workflow::StationTimeStamps {
        authorities: options.time_stamp_authorities.clone(),
        roots: match &options.time_stamp_roots {
            Some(file) => Some(std::fs::read(file).map_err(StartError::Roots)?),
            None => None,
        },
    };
    let mut settings = Settings {
        region: options
            .region
            .clone()
            .map_or_else(|| RegionAddress::of(&data_dir, None).url(), Ok)?,
        data_dir,
        extra_authorities: None,
        pkcs11_modules: options.pkcs11.clone(),
        signature_roots,
        time_stamps,
        assets: options.assets.clone().or_else(|| installed_assets(app)),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        training: None,
    };
    let given = settle_training(app, options, &mut settings)?.or_else(|| options.region.clone());
    let address = RegionAddress::of(&settings.data_dir, given);
    settings.region = address.url()?;
    Ok((settings, address))
}

/// `assets` beside the installed program, which only an administrator writes.
fn installed_assets(app: &App) -> Option<PathBuf> {
    let folder = app.path().resource_dir().ok()?.join("assets");
    folder.is_dir().then_some(folder)
}

/// Without another region, the training edition carries its own.
#[cfg(feature = "training")]
fn settle_training(
    app: &App,
    options: &Options,
    settings: &mut Settings,
) -> Result<Option<url::Url>, StartError> {
    let data_dir = settings.data_dir.clone();
    let mut training = workflow::Training {
        citizen_address: None,
        identities: training::identities_dir(&data_dir),
        loopback_calls: true,
    };
    let folder = training.identities.clone();
    std::fs::create_dir_all(&folder).map_err(|cause| StartError::Data { folder, cause })?;
    let mut embedded = None;
    if let Some(region) = &options.region {
        training.loopback_calls = region_address::is_this_machine(region);
    } else {
        let region = tauri::async_runtime::block_on(training::start_region(&data_dir, options.port))?;
        let roots = training::make_identities(&region, &data_dir)?;
        let _ = std::io::stdout().write_all(
            format!(
                "Regione di prova: {}\nPagina del cittadino: {}\nPIN delle firme di prova: {}\n",
                region.base_url,
                region.portal_url,
                training::PIN
            )
            .as_bytes(),
        );
        settings.signature_roots =
            Some([settings.signature_roots.take().unwrap_or_default(), roots.into()].concat());
        training.citizen_address = Some(region.portal_url.clone());
        embedded = Some(url::Url::parse(&region.base_url)?);
        app.manage(region);
    }
    settings.training = Some(training);
    Ok(embedded)
}

#[cfg(not(feature = "training"))]
fn settle_training(_: &App, _: &Options, _: &mut Settings) -> Result<Option<url::Url>, StartError> {
    Ok(None)
}

fn handle(app: &AppHandle, event: RunEvent) {
    if let RunEvent::WindowEvent {
        event: WindowEvent::CloseRequested { api, .. },
        ..
    } = event
    {
        api.prevent_close();
        closing::requested(app);
    }
}

fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(WINDOW) {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}
