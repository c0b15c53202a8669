//! The doors by which foreign bytes come in, one for each format: shared with the fuzzer (`fuzz/`), which includes this file.
//!
//! Each opens everything that a program could do with such bytes: judge them, sign them, raise them. Nothing is asserted
//! here; a door ends in time, without a panic, and with bounded memory, or its caller notices. The world is fixed: the
//! certificates and the moment of `fuzz/fixture`, and a network that gives one answer.

use jiff::Timestamp;
use signing::pades::{Means, Reach, Shape};
use signing::precheck::fse_precheck;
use signing::revocation::Revocations;
use signing::timestamp::{Authority, Imprint, TimeStamps};
use signing::transport::{Exchange, Transport, TransportError};
use signing::trust::{NamedList, Settings, Source, TrustedLists};
use signing::{
    Conditions, DeviceKind, Identity, IdentityId, KeyUse, PinState, Qualification, Question, Revocation,
    TrustRoots, cades, extend, judged, precheck, prepare_as, verify,
};

/// A door.
pub(crate) type Door = fn(&[u8]);

/// All of them by name, which is that of the folder of the corpus and of the fuzzer's target.
pub(crate) const DOORS: [(&str, Door); 6] = [
    ("pdf", pdf),
    ("cms", cms),
    ("tsp", tsp),
    ("ocsp", ocsp),
    ("crl", crl),
    ("list", list),
];

const ROOT: &[u8] = include_bytes!("../../fuzz/fixture/root.pem");
const SIGNER: &[u8] = include_bytes!("../../fuzz/fixture/signer.der");
const ISSUER: &[u8] = include_bytes!("../../fuzz/fixture/issuer.der");
const MOMENT: &str = include_str!("../../fuzz/fixture/moment");
const LIST_SIGNER: &[u8] = include_bytes!("../../fuzz/fixture/list-signer.pem");
const LIST_MOMENT: &str = include_str!("../../fuzz/fixture/list-moment");

/// What the time-stamps and detached signatures of the corpus are of.
pub(crate) const CONTENT: &[u8] = b"Referto";

/// Gives one answer to a POST, another to a GET, or none.
struct Canned {
    post: Option<Vec<u8>>,
    get: Option<Vec<u8>>,
}

impl Transport for Canned {
    fn send(&self, exchange: &Exchange<'_>) -> Result<Vec<u8>, TransportError> {
        let answer = if exchange.body.is_some() {
            &self.post
        } else {
            &self.get
        };
        let answer = answer.clone().ok_or(TransportError::Unreachable)?;
        if answer.len() > exchange.limit {
            return Err(TransportError::TooLong);
        }
        Ok(answer)
    }
}

fn nothing() -> Box<Canned> {
    Box::new(Canned {
        post: None,
        get: None,
    })
}

fn trust() -> TrustRoots {
    TrustRoots::from_pem(ROOT).unwrap_or_default()
}

fn moment() -> Timestamp {
    read(MOMENT)
}

fn read(moment: &str) -> Timestamp {
    moment.trim().parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn stamps(transport: Box<Canned>) -> TimeStamps {
    TimeStamps::new(vec![Authority::open("http://tsa.invalid/")], trust(), transport)
}

fn identity() -> Identity {
    Identity {
        id: IdentityId(String::new()),
        device: DeviceKind::File,
        device_label: String::new(),
        subject: String::new(),
        fiscal_code: None,
        issuer: String::new(),
        not_before: Timestamp::MIN,
        not_after: Timestamp::MAX,
        usage: KeyUse::Signature,
        qualification: Qualification::NotQualified,
        pin: PinState::Ready,
        pin_on_device: false,
        chain: vec![SIGNER.to_vec(), ISSUER.to_vec()],
    }
}

/// A PDF: judged, held against the gateway's rules, prepared for a signature, raised.
pub(crate) fn pdf(bytes: &[u8]) {
    let (trust, now) = (trust(), moment());
    let _ = verify(bytes, &trust, now);
    let _ = fse_precheck(bytes, now);
    let fse = Conditions {
        author: None,
        fse_precheck: true,
    };
    let _ = precheck(bytes, &fse);
    let room = Shape {
        time_stamp: true,
        ..Shape::default()
    };
    let _ = prepare_as(bytes, &identity(), &Conditions::default(), room, now);
    let (stamps, revocations) = (stamps(nothing()), Revocations::offline());
    let means = Means {
        stamps: &stamps,
        revocations: &revocations,
        trust: &trust,
    };
    let _ = extend(bytes, Reach::BLTA, &means, now);
}

/// A `.p7m` or `.p7s`, in DER, BER, base64 or PEM: judged with and without its content, raised.
pub(crate) fn cms(bytes: &[u8]) {
    let (trust, at) = (trust(), moment());
    for (content, revocation) in [(None, Revocation::Soft), (Some(CONTENT), Revocation::Require)] {
        let question = Question {
            trust: &trust,
            at,
            revocation,
            content,
        };
        let _ = judged(bytes, &question);
    }
    let _ = cades::timestamp(bytes, &stamps(nothing()), at);
}

/// The answer of a time-stamp authority.
pub(crate) fn tsp(bytes: &[u8]) {
    let answer = Canned {
        post: Some(bytes.to_vec()),
        get: None,
    };
    let _ = stamps(Box::new(answer)).stamp(&Imprint::of(CONTENT), moment());
}

/// The answer of an OCSP responder.
pub(crate) fn ocsp(bytes: &[u8]) {
    let answer = Canned {
        post: Some(bytes.to_vec()),
        get: None,
    };
    let _ = Revocations::new(Box::new(answer)).look_up(SIGNER, ISSUER, moment());
}

/// A certificate revocation list.
pub(crate) fn crl(bytes: &[u8]) {
    let answer = Canned {
        post: None,
        get: Some(bytes.to_vec()),
    };
    let _ = Revocations::new(Box::new(answer)).look_up(SIGNER, ISSUER, moment());
}

/// A trusted list: a national one, or the list of the lists. What is good is kept in a folder, which each passage finds
/// empty.
pub(crate) fn list(bytes: &[u8]) {
    let folder = std::env::temp_dir().join(format!("postazione-lists-{}", std::process::id()));
    let signer = folder.join("signer.pem");
    if std::fs::create_dir_all(&folder).is_err() || std::fs::write(&signer, LIST_SIGNER).is_err() {
        return;
    }
    let (url, now) = ("http://lists.invalid/".to_owned(), read(LIST_MOMENT));
    let national = NamedList {
        territory: "IT".to_owned(),
        url: url.clone(),
        signers: vec![signer.clone()],
    };
    let of_lists = Source {
        url,
        signers: vec![signer],
    };
    for (lists, list_of_lists) in [(vec![national], None), (Vec::new(), Some(of_lists))] {
        let settings = Settings {
            folder: folder.join("kept"),
            territories: vec!["IT".to_owned()],
            lists,
            list_of_lists,
            use_expired: true,
        };
        let answer = Canned {
            post: None,
            get: Some(bytes.to_vec()),
        };
        if let Ok(lists) = TrustedLists::open(settings) {
            let _ = lists.refresh(&answer, now);
            let _ = lists.stored(now);
        }
        let _ = std::fs::remove_dir_all(folder.join("kept"));
    }
}
