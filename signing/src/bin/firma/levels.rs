//! `firma timestamp` and `firma extend`: higher levels of a signed PDF, and B-T of a p7m, without a device and without a PIN.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use signing::TrustRoots;
use signing::pades::{Means, Reach, Stamped};
use signing::revocation::Revocations;
use signing::timestamp::{Authority, TimeStampPolicy, TimeStamps};
use signing::transport::Http;

use crate::arguments::{Arguments, read, write_new};
use crate::devices::no;
use crate::{Answer, Unasked, failures, print_line, verify};

/// How long an authority or a responder may take.
const PATIENCE: Duration = Duration::from_secs(20);

struct Question {
    pdf: Vec<u8>,
    out: PathBuf,
    trust: TrustRoots,
    stamps: TimeStamps,
}

fn question(mut arguments: Arguments) -> Result<Question, Unasked> {
    let authorities = arguments.repeated("--tsa")?;
    let mut anchors = arguments.list("--trust")?;
    let lists = arguments.option("--trusted-lists")?;
    let out = arguments
        .option("--out")?
        .map(PathBuf::from)
        .ok_or_else(|| Unasked::new("manca --out: il risultato è sempre un file nuovo."))?;
    let path = arguments.file(&mut anchors)?;
    if authorities.is_empty() {
        return Err(Unasked::new("manca --tsa: l'indirizzo di chi dà le marche."));
    }
    if out.exists() {
        return Err(Unasked::new(format!("{} esiste già.", out.display())));
    }
    let trust = verify::trust_of(&anchors, lists.as_ref())?;
    let authorities = authorities
        .into_iter()
        .map(|url| Authority::open(url.to_string_lossy()))
        .collect();
    Ok(Question {
        pdf: read(&path)?,
        out,
        stamps: TimeStamps::new(authorities, trust.clone(), Box::new(http()?)),
        trust,
    })
}

fn http() -> Result<Http, Unasked> {
    Http::new(PATIENCE).map_err(|_| Unasked::new("la rete non si può usare."))
}

/// B-T.
pub(crate) fn timestamp(arguments: Arguments) -> Result<Answer, Unasked> {
    let question = question(arguments)?;
    if !question.pdf.starts_with(b"%PDF-") {
        return match signing::cades::timestamp(&question.pdf, &question.stamps, Timestamp::now()) {
            Ok(cms) => done(&question.out, &cms),
            Err(error) => no(&failures::extend(&error)),
        };
    }
    let stamped = signing::timestamp(
        question.pdf,
        &question.stamps,
        TimeStampPolicy::Block,
        Timestamp::now(),
    );
    match stamped {
        Ok(Stamped::Complete(pdf)) => done(&question.out, &pdf),
        Ok(Stamped::Pending { why, .. }) => no(&failures::no_time_stamp(&why)),
        Err(error) => no(&failures::extend(&error)),
    }
}

/// B-T, B-LT or B-LTA.
pub(crate) fn extend(mut arguments: Arguments) -> Result<Answer, Unasked> {
    let to = match arguments.text("--to")?.as_deref() {
        Some("B-T") => Reach::BT,
        Some("B-LT") => Reach::BLT,
        Some("B-LTA") => Reach::BLTA,
        _ => return Err(Unasked::new("--to vale B-T, B-LT o B-LTA.")),
    };
    let cache = arguments.option("--cache")?;
    let question = question(arguments)?;
    let mut revocations = Revocations::new(Box::new(http()?));
    if let Some(folder) = cache {
        revocations = revocations.kept_in(folder.into());
    }
    let means = Means {
        stamps: &question.stamps,
        revocations: &revocations,
        trust: &question.trust,
    };
    match signing::extend(&question.pdf, to, &means, Timestamp::now()) {
        Ok(extended) => done(&question.out, &extended.pdf),
        Err(error) => no(&failures::extend(&error)),
    }
}

fn done(out: &std::path::Path, pdf: &[u8]) -> Result<Answer, Unasked> {
    write_new(out, pdf)?;
    print_line(&format!("{}: scritto.", out.display()));
    Ok(Answer::Yes)
}
