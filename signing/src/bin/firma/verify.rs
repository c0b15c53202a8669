//! `firma verify`: every signature of a file, in words or as JSON (`schema/verify.schema.json`).

use std::ffi::OsString;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use signing::revocation::Revocations;
use signing::{
    Indication, Question, Revocation, SubIndication, TrustRoots, VerifyReport, judged, judged_with,
};

use crate::arguments::{Arguments, read};
use crate::{Answer, Unasked, print_line, trust, words};

/// The form of the JSON; a change that a reader must know of counts it up.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Output<'a> {
    version: u32,
    file: String,
    passed: bool,
    indication: Indication,
    sub_indication: Option<SubIndication>,
    at: Timestamp,
    revocation: &'static str,
    #[serde(flatten)]
    report: &'a VerifyReport,
}

pub(crate) fn run(mut arguments: Arguments) -> Result<Answer, Unasked> {
    let mut anchors = arguments.list("--trust")?;
    let lists = arguments.option("--trusted-lists")?;
    let cache = arguments.option("--cache")?;
    let content = arguments.option("--content")?;
    let revocation = arguments.text("--revocation")?;
    let at = arguments.text("--at")?;
    let json = arguments.flag("--json");
    let path = arguments.file(&mut anchors)?;
    let (revocation, revocation_name) = match revocation.as_deref() {
        None | Some("soft") => (Revocation::Soft, "soft"),
        Some("none") => (Revocation::None, "none"),
        Some("require") => (Revocation::Require, "require"),
        Some(_) => return Err(Unasked::new("--revocation vale none, soft o require.")),
    };
    let trust = trust_of(&anchors, lists.as_ref())?;
    let at = match at {
        None => Timestamp::now(),
        Some(text) => moment(&text)
            .ok_or_else(|| Unasked::new("--at vuole un'ora come 2026-11-21T10:00:00Z, o un giorno."))?,
    };
    let content = content.map(|path| read(path.as_ref())).transpose()?;
    let file = read(&path)?;
    let question = Question {
        trust: &trust,
        at,
        revocation,
        content: content.as_deref(),
    };
    let report = match cache {
        None => judged(&file, &question),
        Some(folder) => judged_with(&file, &question, &Revocations::offline().kept_in(folder.into())),
    };
    let passed = report.passed();
    let (indication, sub_indication) = report.overall();
    if json {
        let output = Output {
            version: VERSION,
            file: path.display().to_string(),
            passed,
            indication,
            sub_indication,
            at,
            revocation: revocation_name,
            report: &report,
        };
        let text = serde_json::to_string_pretty(&output)
            .map_err(|_| Unasked::new("il risultato non si può scrivere."))?;
        print_line(&text);
    } else {
        print_line(&words::report(&path.display().to_string(), &report));
    }
    Ok(if passed { Answer::Yes } else { Answer::No })
}

/// The anchors of PEM files and of trusted lists; there must be some.
pub(crate) fn trust_of(anchors: &[PathBuf], lists: Option<&OsString>) -> Result<TrustRoots, Unasked> {
    if anchors.is_empty() && lists.is_none() {
        return Err(Unasked::new(
            "manca --trust: senza radici non si può dire di chi ci si fida.",
        ));
    }
    let mut all = trust(anchors)?;
    if let Some(settings) = lists {
        all.add(trust::anchors(settings)?);
    }
    if all.is_empty() {
        return Err(Unasked::new(
            "nessuna lista di fiducia è utilizzabile: si aggiorna con firma trust update.",
        ));
    }
    Ok(all)
}

pub(crate) fn trust(anchors: &[PathBuf]) -> Result<TrustRoots, Unasked> {
    let mut trust = TrustRoots::default();
    for path in anchors {
        trust
            .add_anchors(&read(path)?)
            .map_err(|_| Unasked::new(format!("{} non contiene certificati leggibili.", path.display())))?;
    }
    Ok(trust)
}

/// A moment with its zone; without one, in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let utc = |civil: jiff::civil::DateTime| {
        civil
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|z| z.timestamp())
    };
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| text.parse::<jiff::civil::DateTime>().ok().and_then(utc))
}
