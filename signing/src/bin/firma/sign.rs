//! `firma sign`: one PDF as PAdES B-B, or any file as CAdES B-B (`.p7m`, or a `.p7s` beside it), with a card or token, or in
//! training with a key file.

use std::path::PathBuf;

use jiff::Timestamp;
use signing::cades::{self, Packaging};
use signing::pades::{Page, RsaPadding, Shape, SigningHash, Visible};
use signing::{
    Authorised, Conditions, DeviceError, FinishError, Identity, KeyUse, PrepareError, SignatureValue, Signer,
    finish, prepare_as,
};

use crate::arguments::{Arguments, read, write_new};
use crate::devices::{no, open};
use crate::secret::Source;
use crate::{Answer, Unasked, failures, print_line, verify, words};

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
    let format = match arguments.text("--format")?.as_deref() {
        None | Some("pades") => Format::Pades,
        Some("p7m") => Format::Cades(Packaging::Enveloping),
        Some("p7s") => Format::Cades(Packaging::Detached),
        Some(_) => return Err(Unasked::new("--format vale pades, p7m o p7s.")),
    };
    if fse_precheck && format != Format::Pades {
        return Err(Unasked::new("--fse vale per un PDF firmato dentro (pades)."));
    }
    let padding = match arguments.text("--padding")?.as_deref() {
        None | Some("pkcs1") => RsaPadding::Pkcs1,
        Some("pss") => RsaPadding::Pss,
        Some(_) => return Err(Unasked::new("--padding vale pkcs1 o pss.")),
    };
    let parallel = arguments.flag("--parallel");
    let beside = arguments.option("--content")?;
    if parallel && format == Format::Pades {
        return Err(Unasked::new(
            "--parallel vuole --format p7m o p7s: un PDF si firma di nuovo e basta.",
        ));
    }
    if beside.is_some() && !parallel {
        return Err(Unasked::new("--content serve soltanto con --parallel."));
    }
    let visible = visible(arguments.text("--stamp")?, arguments.text("--stamp-at")?)?;
    if visible.is_some() && format != Format::Pades {
        return Err(Unasked::new("--stamp vale per un PDF firmato dentro (pades)."));
    }
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
    let question = Signing {
        content: read(&path)?,
        parallel,
        beside: beside.map(|path| read(path.as_ref())).transpose()?,
        format,
        padding,
        visible,
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

/// `--stamp last` or a page's number, and `--stamp-at LEFT,BOTTOM` in points.
fn visible(page: Option<String>, at: Option<String>) -> Result<Option<Visible>, Unasked> {
    let page = match page.as_deref() {
        None if at.is_some() => return Err(Unasked::new("--stamp-at vuole anche --stamp.")),
        None => return Ok(None),
        Some("last") => Page::Last,
        Some(number) => match number.parse() {
            Ok(number) if number > 0 => Page::Number(number),
            _ => return Err(Unasked::new("--stamp vale last, o il numero della pagina.")),
        },
    };
    let at = at
        .map(|text| {
            let corner = text
                .split_once(',')
                .and_then(|(left, bottom)| Some((left.trim().parse().ok()?, bottom.trim().parse().ok()?)));
            corner.ok_or_else(|| Unasked::new("--stamp-at vuole due numeri interi in punti, come 350,24."))
        })
        .transpose()?;
    Ok(Some(Visible { page, at }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Pades,
    Cades(Packaging),
}

/// What waits for the device's answer.
enum Prepared {
    Pades(signing::Prepared),
    Cades(cades::Prepared),
}

impl Prepared {
    fn of(question: &Signing, identity: &Identity) -> Result<Self, PrepareError> {
        let (content, conditions, now) = (&question.content, &question.conditions, Timestamp::now());
        match question.format {
            Format::Pades => {
                // Room for a time-stamp, or `firma timestamp` would come too late.
                let room = Shape {
                    time_stamp: true,
                    padding: question.padding,
                    visible: question.visible,
                };
                prepare_as(content, identity, conditions, room, now).map(Self::Pades)
            }
            Format::Cades(_) if question.parallel => {
                let (beside, padding) = (question.beside.clone(), question.padding);
                cades::prepare_beside(content, beside, identity, conditions, padding, now).map(Self::Cades)
            }
            Format::Cades(packaging) => cades::prepare(
                content.clone(),
                identity,
                conditions,
                packaging,
                question.padding,
                now,
            )
            .map(Self::Cades),
        }
    }

    fn hash(&self) -> SigningHash {
        match self {
            Self::Pades(prepared) => prepared.hash(),
            Self::Cades(prepared) => prepared.hash(),
        }
    }

    fn signed_by(&self, grant: &mut dyn Authorised) -> Result<SignatureValue, DeviceError> {
        match self {
            Self::Pades(prepared) => prepared.signed_by(grant),
            Self::Cades(prepared) => prepared.signed_by(grant),
        }
    }

    /// The signed file, checked.
    fn finish(
        self,
        value: &SignatureValue,
        trust: Option<&signing::TrustRoots>,
    ) -> Result<Vec<u8>, FinishError> {
        let now = Timestamp::now();
        match self {
            Self::Pades(prepared) => finish(prepared, value, trust, now).map(|signed| signed.pdf),
            Self::Cades(prepared) => cades::finish(prepared, value, trust, now).map(|signed| signed.cms),
        }
    }
}

struct Signing {
    content: Vec<u8>,
    /// The file is a p7m, and one more signer joins it.
    parallel: bool,
    /// What that p7m signs, when it is detached.
    beside: Option<Vec<u8>>,
    format: Format,
    padding: RsaPadding,
    visible: Option<Visible>,
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
            Err(error) => return no(&failures::device(&error)),
        };
        let prepared = match Prepared::of(&self, &identity) {
            Ok(prepared) => prepared,
            Err(refusal) => return no(&words::refusal(&refusal)),
        };
        let secret = match known {
            Some(secret) => secret,
            None => self.source.read(identity.pin_on_device)?,
        };
        let value = device
            .authorise(&identity.id, &[prepared.hash()], secret)
            .and_then(|mut grant| prepared.signed_by(grant.as_mut()));
        let value = match value {
            Ok(value) => value,
            Err(error) => return no(&failures::device(&error)),
        };
        match prepared.finish(&value, self.trust.as_ref()) {
            Ok(signed) => {
                write_new(&self.out, &signed)?;
                print_line(&format!("{}: firmato.", self.out.display()));
                Ok(Answer::Yes)
            }
            Err(error) => no(&failures::finish(&error)),
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
            return no(&failures::device(&error));
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
