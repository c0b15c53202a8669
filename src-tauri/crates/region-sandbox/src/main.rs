//! `region-sandbox --data DIR --port N`: the region alone, for training and for work on the workstation.

use std::io::Write;
use std::process::ExitCode;

use region_sandbox::{Options, StartError, start};

const USAGE: &str =
    "Uso: region-sandbox [--data CARTELLA] [--port PORTA] [--fhir INDIRIZZO] [--senza-turn]\n";

enum Wish {
    Start(Options),
    Help,
    Wrong,
}

fn wish(mut arguments: impl Iterator<Item = String>) -> Wish {
    let mut options = Options::new("region-sandbox-data");
    options.port = 8787;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--data" => match arguments.next() {
                Some(folder) => options.data_dir = folder.into(),
                None => return Wish::Wrong,
            },
            "--port" => match arguments.next().and_then(|p| p.parse().ok()) {
                Some(port) => options.port = port,
                None => return Wish::Wrong,
            },
            "--fhir" => match arguments.next() {
                Some(address) => options.fhir = Some(address),
                None => return Wish::Wrong,
            },
            "--senza-turn" => options.turn = false,
            "--help" | "-h" => return Wish::Help,
            _ => return Wish::Wrong,
        }
    }
    Wish::Start(options)
}

/// What happened and what to do, in Italian.
fn sentence(error: &StartError) -> &'static str {
    match error {
        StartError::DataDirectory(_) => {
            "la cartella dei dati non si può usare. Ne indichi un'altra con --data."
        }
        StartError::Port(_) => {
            "la porta è già in uso. Ne indichi un'altra con --port, oppure 0 per una qualsiasi."
        }
        StartError::Database(_) | StartError::Store(_) => {
            "i dati non si leggono. Se non servono più, cancelli la cartella dei dati e riprovi."
        }
        StartError::Relay(_) => "il server TURN non parte. Può avviarla senza, con --senza-turn.",
        StartError::Key(_)
        | StartError::Random(_)
        | StartError::Client(_)
        | StartError::Thread(_)
        | StartError::Ended => {
            "il computer non ha concesso quanto serve. Riprovi; se accade ancora, avvii con RUST_LOG=debug."
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let mut out = std::io::stdout();
    let options = match wish(std::env::args().skip(1)) {
        Wish::Start(options) => options,
        Wish::Help => {
            let _ = out.write_all(USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        Wish::Wrong => {
            let _ = std::io::stderr().write_all(USAGE.as_bytes());
            return ExitCode::from(2);
        }
    };
    let data_dir = options.data_dir.display().to_string();
    let running = match start(options).await {
        Ok(running) => running,
        Err(error) => {
            tracing::debug!(?error, "not started");
            let _ = writeln!(
                std::io::stderr(),
                "La Regione di prova non parte: {}",
                sentence(&error)
            );
            return ExitCode::FAILURE;
        }
    };
    let _ = writeln!(
        out,
        "Regione di prova avviata. Persone inventate, nessun valore legale, dati in chiaro in {data_dir}\n\
         Indirizzo per Postazione:  {}\n\
         Pagina del cittadino:      {}\n\
         Per fermarla: Ctrl+C",
        running.base_url, running.portal_url
    );
    let _ = out.flush();
    let _ = tokio::signal::ctrl_c().await;
    running.shutdown().await;
    ExitCode::SUCCESS
}
