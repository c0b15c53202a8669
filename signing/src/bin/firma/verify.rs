//! `firma verify`: every signature of a file, in words or as JSON (`schema/verify.schema.json`).

use jiff::Timestamp;
use serde::Serialize;
use signing::{Indication, Question, Revocation, SubIndication, TrustRoots, VerifyReport, judged};

use crate::arguments::{Arguments, read};
use crate::{Answer, Unasked, print_line, words};

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
    if anchors.is_empty() {
        return Err(Unasked::new(
            "manca --trust: senza radici non si può dire di chi ci si fida.",
        ));
    }
    let trust = trust(&anchors)?;
    let at = match at {
        None => Timestamp::now(),
        Some(text) => moment(&text)
            .ok_or_else(|| Unasked::new("--at vuole un'ora come 2026-11-21T10:00:00Z, o un giorno."))?,
    };
    let content = content.map(|path| read(path.as_ref())).transpose()?;
    let file = read(&path)?;
    let report = judged(
        &file,
        &Question {
            trust: &trust,
            at,
            revocation,
            content: content.as_deref(),
        },
    );
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

pub(crate) fn trust(anchors: &[std::path::PathBuf]) -> Result<TrustRoots, Unasked> {
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
