//! `firma sign`: one PDF, PAdES B-B, with a card or token, or in training with a key file.

use std::path::PathBuf;

use jiff::Timestamp;
use signing::pades::Shape;
use signing::{Conditions, Identity, KeyUse, Signer, finish, prepare_as};

use crate::arguments::{Arguments, read, write_new};
use crate::devices::{no, open};
use crate::secret::Source;
use crate::{Answer, Unasked, print_line, verify, words};

pub(crate) fn run(mut arguments: Arguments) -> Result<Answer, Unasked> {
    let modules = arguments.repeated("--module")?;
    let mut anchors = arguments.list("--trust")?;
    let out = arguments
        .option("--out")?
        .map(PathBuf::from)
        .ok_or_else(|| Unasked::new("manca --out: il file firmato è sempre un file nuovo."))?;
    let wanted = arguments.text("--identity")?;
    let author = arguments.text("--author")?;
    let fse_precheck = arguments.flag("--fse");
    let source = Source::of(&mut arguments)?;
    #[cfg(feature = "training")]
    let key_file = arguments.option("--p12")?.map(PathBuf::from);
    let path = arguments.file(&mut anchors)?;
    if out.exists() {
        return Err(Unasked::new(format!("{} esiste già.", out.display())));
    }
    let trust = if anchors.is_empty() {
        None
    } else {
        Some(verify::trust(&anchors)?)
    };
    let pdf = read(&path)?;
    let question = Signing {
        pdf,
        out,
        wanted,
        conditions: Conditions { author, fse_precheck },
        source,
        trust,
    };
    #[cfg(feature = "training")]
    if let Some(file) = key_file {
        return question.with_key_file(&file);
    }
    question.with(&open(&modules)?, None)
}

struct Signing {
    pdf: Vec<u8>,
    out: PathBuf,
    wanted: Option<String>,
    conditions: Conditions,
    source: Source,
    trust: Option<signing::TrustRoots>,
}

impl Signing {
    /// Everything that can be refused is refused before the PIN is asked for.
    fn with(self, device: &dyn Signer, known: Option<signing::Secret>) -> Result<Answer, Unasked> {
        let identity = match device.identities() {
            Ok(all) => match choose(all, self.wanted.as_deref()) {
                Ok(identity) => identity,
                Err(reason) => return no(reason),
            },
            Err(error) => return no(&words::device(&error)),
        };
        // Room for a time-stamp, or `firma timestamp` would come too late.
        let room = Shape {
            time_stamp: true,
            ..Shape::default()
        };
        let prepared = match prepare_as(&self.pdf, &identity, &self.conditions, room, Timestamp::now()) {
            Ok(prepared) => prepared,
            Err(refusal) => return no(&words::refusal(&refusal)),
        };
        let secret = match known {
            Some(secret) => secret,
            None => self.source.read(identity.pin_on_device)?,
        };
        let hash = prepared.hash();
        let value = device
            .authorise(&identity.id, &[hash], secret)
            .and_then(|mut grant| grant.sign(&hash));
        let value = match value {
            Ok(value) => value,
            Err(error) => return no(&words::device(&error)),
        };
        match finish(prepared, &value, self.trust.as_ref(), Timestamp::now()) {
            Ok(signed) => {
                write_new(&self.out, &signed.pdf)?;
                print_line(&format!("{}: firmato.", self.out.display()));
                Ok(Answer::Yes)
            }
            Err(error) => no(&format!(
                "il file firmato non ha superato il controllo ({error})."
            )),
        }
    }

    /// The key file's password is asked for first: its certificate is inside.
    #[cfg(feature = "training")]
    fn with_key_file(self, file: &std::path::Path) -> Result<Answer, Unasked> {
        let signing::Secret::Pin(password) = self.source.read(false)? else {
            return Err(Unasked::new("un file di chiavi vuole la sua password."));
        };
        let mut keys = signing::token::pkcs12::Pkcs12Signer::default();
        if let Err(error) = keys.add(file, &password) {
            return no(&words::device(&error));
        }
        self.with(&keys, Some(signing::Secret::Pin(password)))
    }
}

/// The signature certificate, when there is no doubt which.
fn choose(all: Vec<Identity>, wanted: Option<&str>) -> Result<Identity, &'static str> {
    let mut fitting: Vec<Identity> = match wanted {
        Some(id) => all.into_iter().filter(|i| i.id.0.starts_with(id)).collect(),
        None => all.into_iter().filter(|i| i.usage == KeyUse::Signature).collect(),
    };
    match (fitting.pop(), fitting.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => {
            Err("più certificati: si sceglie con --identity, come li elenca firma identities.")
        }
        (None, _) => Err("non c'è nessun certificato di firma."),
    }
}
