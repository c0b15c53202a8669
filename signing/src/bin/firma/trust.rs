//! `firma trust`: trusted lists fetched, shown with their age, and used by the other commands (`--trusted-lists`).

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use signing::TrustRoots;
use signing::transport::{Http, TransportError};
use signing::trust::{Known, ListError, ListState, Settings, SettingsError, SignatureFault, TrustedLists};

use crate::arguments::Arguments;
use crate::{Answer, Unasked, print_line, words};

/// A list weighs 3 MB, and the line of a surgery may be slow.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn run(mut arguments: Arguments) -> Result<Answer, Unasked> {
    let update = arguments.flag("update");
    let show = arguments.flag("show");
    if update == show {
        return Err(Unasked::new(
            "firma trust vuole update oppure show, e il file delle impostazioni.",
        ));
    }
    let lists = opened(&arguments.file(&mut Vec::new())?)?;
    let now = Timestamp::now();
    let states = if update {
        let http = Http::new(PATIENCE).map_err(|_| Unasked::new("la rete non si può usare."))?;
        lists.refresh(&http, now)
    } else {
        lists.stored(now).lists
    };
    for state in &states {
        print_line(&sentences(state, now));
    }
    let good = states.iter().all(|s| s.known.is_some() && s.problem.is_none());
    Ok(if good { Answer::Yes } else { Answer::No })
}

/// The anchors of the lists kept. How old they are, and what is wrong, is said beside the answer.
pub(crate) fn anchors(settings: &OsString) -> Result<TrustRoots, Unasked> {
    let now = Timestamp::now();
    let stored = opened(Path::new(settings))?.stored(now);
    for state in &stored.lists {
        eprintln!("firma: {}", sentences(state, now));
    }
    Ok(stored.trust)
}

fn opened(settings: &Path) -> Result<TrustedLists, Unasked> {
    Settings::read(settings)
        .and_then(TrustedLists::open)
        .map_err(|error| Unasked::new(format!("{}: {}", settings.display(), refused(&error))))
}

fn refused(error: &SettingsError) -> String {
    match error {
        SettingsError::Unreadable => "il file delle impostazioni non si può leggere.".into(),
        SettingsError::Malformed(why) => format!("le impostazioni sono scritte male ({why})."),
        SettingsError::Territory(text) => {
            format!("«{text}» non è un Paese: due lettere maiuscole, per esempio IT.")
        }
        SettingsError::Signers(path) => format!("{} non contiene certificati leggibili.", path.display()),
        SettingsError::Empty => "le impostazioni non indicano nessuna lista.".into(),
    }
}

/// What is known, how old it is, and what is wrong.
fn sentences(state: &ListState, now: Timestamp) -> String {
    let name = match state.territory.as_str() {
        "EU" => "lista europea delle liste".to_owned(),
        other => format!("lista di fiducia {other}"),
    };
    let known = match &state.known {
        None => "nessuna copia utilizzabile.".to_owned(),
        Some(known) => kept(known, now),
    };
    match &state.problem {
        None => format!("{name}: {known}"),
        Some(problem) => format!(
            "{name}: {known} Attenzione: {}",
            problem_text(problem, state.known.is_some())
        ),
    }
}

fn kept(known: &Known, now: Timestamp) -> String {
    let until = known.next_update.map_or("chiusa".to_owned(), |at| {
        format!("da aggiornare entro il {}", words::moment(at))
    });
    let services = match (known.issuers, known.time_stamps) {
        (0, 0) => String::new(),
        (issuers, stamps) => {
            format!(" Servizi: {issuers} per i certificati, {stamps} per le marche temporali.")
        }
    };
    format!(
        "n. {} del {}, confermata {}, {until}.{services}",
        known.sequence,
        words::moment(known.issued),
        ago(known.age(now).as_mins())
    )
}

fn ago(minutes: i64) -> String {
    match (minutes, minutes / 60, minutes / (24 * 60)) {
        (..2, _, _) => "adesso".to_owned(),
        (minutes, 0, _) => format!("{minutes} minuti fa"),
        (_, 1, _) => "un'ora fa".to_owned(),
        (_, hours, 0) => format!("{hours} ore fa"),
        (_, _, 1) => "un giorno fa".to_owned(),
        (_, _, days) => format!("{days} giorni fa"),
    }
}

fn problem_text(problem: &ListError, copy: bool) -> String {
    match problem {
        ListError::Missing => "la lista non è mai stata scaricata: si usa firma trust update.".into(),
        ListError::Transport(why) => format!("non si è potuta aggiornare ({}).", unreached(*why)),
        ListError::TooLarge => "ciò che è pubblicato è troppo grande per essere una lista.".into(),
        ListError::NotXml => "il file è danneggiato, o non è una lista.".into(),
        ListError::NotAList => "il file non è una lista di fiducia completa.".into(),
        ListError::Version => "la lista è di una versione sconosciuta.".into(),
        ListError::Signature(fault) if copy => {
            format!(
                "quella pubblicata ora non è stata accettata ({}); resta la copia.",
                fault_text(*fault)
            )
        }
        ListError::Signature(fault) => format!("la lista non è stata accettata: {}.", fault_text(*fault)),
        ListError::SignerOutOfBounds => {
            "il certificato di chi ha firmato la lista non valeva a quella data.".into()
        }
        ListError::OtherList => "al suo indirizzo si trova un'altra lista.".into(),
        ListError::Older { kept, got } => {
            format!("è pubblicata la n. {got}, più vecchia della n. {kept} che resta in uso.")
        }
        ListError::FromTheFuture => "la lista ha una data futura: si controlla l'orologio del PC.".into(),
        ListError::Expired { since: Some(since) } => format!(
            "la lista andava aggiornata entro il {}: finché non lo è non si usa, se le impostazioni non dicono altro.",
            words::moment(*since)
        ),
        ListError::Expired { since: None } => "la lista è stata chiusa e non si usa più.".into(),
        ListError::NoSigners => "manca la lista europea che dice chi la firma.".into(),
        ListError::NotKept => "la copia non si è potuta scrivere: si controlla la cartella.".into(),
    }
}

fn unreached(why: TransportError) -> &'static str {
    match why {
        TransportError::Address => "l'indirizzo non è valido",
        TransportError::Unreachable => "il servizio non si raggiunge",
        TransportError::TimedOut => "il servizio non ha risposto in tempo",
        TransportError::Denied => "il servizio nega l'accesso",
        TransportError::Status(_) => "il servizio risponde con un errore",
        TransportError::TooLong => "la risposta è troppo lunga",
    }
}

fn fault_text(fault: SignatureFault) -> &'static str {
    match fault {
        SignatureFault::Missing => "non è firmata",
        SignatureFault::Several => "porta più di una firma",
        SignatureFault::NotWhole => "la firma non la copre tutta",
        SignatureFault::Unsupported => "la firma usa algoritmi o forme non ammessi",
        SignatureFault::Stranger => "l'ha firmata chi non doveva",
        SignatureFault::Broken => "la firma non regge, il contenuto è stato cambiato",
        SignatureFault::OtherCertificate => "la firma nomina un altro certificato",
    }
}
