//! What signing costs, each figure beside its peer in the same run:
//! `cargo run --release -p signing --features training --example signing_figures -- RUNS [PYTHON SCRIPT]`.
//! Called by `npm run bench`.
//!
//! Prints one JSON array of `{name, unit, values, peer, peer_values, aim}`. One SoftHSM token (RSA 2048) serves everybody: this
//! library as the program uses it (prepare, one authorisation, sign through the helper process, finish with its own verification),
//! pyHanko through PYTHON and SCRIPT, and the bare `C_Sign` of the module in a process that does nothing else. Who signs does so
//! in a process of its own, in turn with the others; reading and writing files is nobody's part.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement"
)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass};
use cryptoki::session::UserType;
use jiff::Timestamp;
use lopdf::{Dictionary, Document, Object, Stream, StringFormat, dictionary};
use serde_json::{Value, json};
use signing::batch::{Attendant, Batch, Outcome, Question, sign_all};
use signing::pades::Shape;
use signing::token::pkcs11::Pkcs11Signer;
use signing::token::training::KeyKind;
use signing::{Conditions, Identity, KeyUse, Secret, Signer as _, TrustRoots};
use testkit::pki::{SoftToken, TestPki};

const PIN: &str = "12345678";
const AUTHOR: &str = "DLVRFO57L04X000A";
const REPORTS: usize = 100;
const REPORT_BYTES: usize = 200_000;
const LARGE_BYTES: usize = 20_000_000;
const FOLDER: &str = "SIGNING_FIGURES_FOLDER";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(code) = signing::token::helper::serve_if_asked(arguments.iter().cloned()) {
        return code;
    }
    let words: Vec<String> = arguments
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let folder = || PathBuf::from(std::env::var_os(FOLDER).expect("the folder"));
    match words.first().map(String::as_str) {
        Some("own") => println!("{}", own(&folder(), &words[1], &words[2])),
        Some("bare") => println!("{}", bare(&words[1])),
        Some(runs) => measure(
            runs.parse().expect("the number of runs"),
            words.get(1..).unwrap_or_default(),
        ),
        None => {
            eprintln!("signing_figures RUNS [PYTHON SCRIPT]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// The parent: makes the token and the reports, lets each sign in turn.
fn measure(runs: usize, peer: &[String]) {
    let dir = tempfile::tempdir().unwrap();
    let pki = TestPki::create(dir.path()).unwrap();
    let keys = [KeyUse::Authentication, KeyUse::Signature].map(|usage| {
        pki.key("Rofilo Del Vecchio", AUTHOR, usage, KeyKind::Rsa2048, None)
            .unwrap()
    });
    let token = pki
        .softhsm_token_with(&dir.path().join("card"), &keys, PIN)
        .unwrap();
    for n in 0..REPORTS {
        std::fs::write(dir.path().join(format!("{n}.pdf")), report(REPORT_BYTES, n)).unwrap();
    }
    std::fs::write(dir.path().join("large.pdf"), report(LARGE_BYTES, REPORTS)).unwrap();

    let module = token.module.to_str().unwrap();
    let this = std::env::current_exe().unwrap();
    let ask = |program: &Path, words: &[&str]| answered(program, words, &token, dir.path());
    let count = REPORTS.to_string();
    let (mut owns, mut bares, mut peers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut beyond, mut worked, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let alone = ask(&this, &["bare", module]);
        let whole = ask(&this, &["own", module, &count]);
        let each = |reply: &Value, key: &str| number(reply, key) / REPORTS as f64;
        let (bare, own) = (each(&alone, "ms"), each(&whole, "ms"));
        worked.push(each(&whole, "processor_ms") - each(&alone, "processor_ms"));
        if let [python, script] = peer {
            let reply = ask(Path::new(python), &[script, module, &count]);
            peers.push(number(&reply, "ms") / REPORTS as f64);
        }
        beyond.push(own - bare);
        owns.push(own);
        bares.push(bare);
        weights.push(number(&ask(&this, &["own", module, "large"]), "mb"));
    }
    let runs_of = |value: f64| vec![value; runs];
    if peers.is_empty() {
        eprintln!("pyHanko: not measured");
    }
    let by_hanko = (!peers.is_empty()).then_some(("pyHanko, stesso dispositivo", peers));
    let figure = |name: &str,
                  unit: &str,
                  values: &[f64],
                  peer: Option<(&str, Vec<f64>)>,
                  aim: Option<f64>| {
        let aim = aim.filter(|_| peer.is_some());
        let (peer, peer_values) = peer.unzip();
        json!({ "name": name, "unit": unit, "values": values, "peer": peer, "peer_values": peer_values, "aim": aim })
    };
    let limit = || Some(("limite voluto", runs_of(2.0)));
    let document = Some(("il documento", runs_of(LARGE_BYTES as f64 / 1e6)));
    println!(
        "{}",
        json!([
            figure(
                "firma di un referto da 200 KB, fra cento",
                "ms",
                &owns,
                by_hanko,
                Some(0.1)
            ),
            figure(
                "firma: la stessa, accanto a C_Sign",
                "ms",
                &owns,
                Some(("C_Sign da sola", bares)),
                None
            ),
            figure("firma: oltre il dispositivo", "ms", &beyond, limit(), Some(1.0)),
            figure(
                "firma: oltre il dispositivo, di CPU",
                "ms",
                &worked,
                limit(),
                Some(1.0)
            ),
            figure(
                "firma di 20 MB: memoria, al massimo",
                "MB",
                &weights,
                document,
                Some(3.0)
            ),
        ])
    );
}

fn answered(program: &Path, words: &[&str], token: &SoftToken, folder: &Path) -> Value {
    let done = Command::new(program)
        .args(words)
        .env("SOFTHSM2_CONF", &token.conf)
        .env("SIGNING_FIGURES_PIN", PIN)
        .env("SIGNING_FIGURES_TOKEN", &token.label)
        .env(FOLDER, folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{words:?}: {said}");
    serde_json::from_slice(&done.stdout).unwrap()
}

fn number(reply: &Value, key: &str) -> f64 {
    reply[key].as_f64().expect("a number")
}

/// Signs as the program does. `ms`: from the first document to the last result, the identity known and the helper warm.
/// `processor_ms`: what this process and its helper computed meanwhile; unlike `ms`, others on the machine do not lengthen it.
/// `mb`: the most that this process held.
fn own(folder: &Path, module: &str, what: &str) -> Value {
    let trust = TrustRoots::from_pem(&std::fs::read(folder.join("trust.pem")).unwrap()).unwrap();
    let device = Pkcs11Signer::open(Path::new(module)).unwrap();
    let all = device.identities().unwrap();
    let identity: Identity = all
        .into_iter()
        .find(|i| i.usage == KeyUse::Signature)
        .expect("a signature certificate");
    let names: Vec<String> = match what.parse::<usize>() {
        Ok(count) => (0..count).map(|n| format!("{n}.pdf")).collect(),
        Err(_) => vec![format!("{what}.pdf")],
    };
    let documents: Vec<Vec<u8>> = names
        .iter()
        .map(|name| std::fs::read(folder.join(name)).unwrap())
        .collect();
    let count = documents.len();
    let conditions = Conditions {
        author: Some(AUTHOR.to_owned()),
        fse_precheck: true,
    };
    let batch = Batch {
        device: &device,
        identity: &identity,
        conditions: &conditions,
        trust: Some(&trust),
        shape: Shape {
            time_stamp: true,
            ..Shape::default()
        },
        now: Timestamp::now(),
    };
    let mut desk = Desk(Vec::new());
    let (began, computed) = (Instant::now(), computed_ms());
    let summary = sign_all(&batch, documents, &mut desk);
    let ms = began.elapsed().as_secs_f64() * 1e3;
    let processor = computed_ms() - computed;
    let mb = most_held();
    assert_eq!(summary.signed, count, "all are signed");
    for (n, pdf) in desk.0.iter().enumerate() {
        std::fs::write(folder.join(format!("own-{n}.pdf")), pdf).unwrap();
    }
    json!({ "ms": ms, "processor_ms": processor, "mb": mb })
}

struct Desk(Vec<Vec<u8>>);

impl Attendant for Desk {
    fn secret(&mut self, question: &Question) -> Option<Secret> {
        assert_eq!(question.refused, None);
        Some(Secret::pin(PIN))
    }

    fn done(&mut self, _: usize, outcome: Outcome) {
        match outcome {
            Outcome::Signed(signed) => self.0.push(signed.pdf),
            other => panic!("{other:?}"),
        }
    }
}

/// What this process and its children have computed, in milliseconds, by the kernel's ticks of ten.
fn computed_ms() -> f64 {
    let this = std::process::id();
    let mut ticks = 0u64;
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        // `self` and `thread-self` are this process once more.
        if entry.file_name().to_string_lossy().parse::<u32>().is_err() {
            continue;
        }
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // The name, in parentheses, may hold anything.
        let Some((head, rest)) = stat.rsplit_once(')') else {
            continue;
        };
        let rest: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| rest.get(at).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        if number(1) == u64::from(this) || head.starts_with(&format!("{this} ")) {
            ticks += number(11) + number(12);
        }
    }
    ticks as f64 * 10.0
}

/// The peak of this process's resident memory, in megabytes. Linux tells it; elsewhere it is not measured.
fn most_held() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

/// The module, the key, and nothing else.
fn bare(module: &str) -> Value {
    // DigestInfo of SHA-256 (RFC 8017, 9.2), which is what a signer gives the module.
    let mut info = vec![
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
    info.extend([7; 32]);
    let context = Pkcs11::new(module).unwrap();
    context
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    let session = context.open_ro_session(slot).unwrap();
    session.login(UserType::User, Some(&PIN.into())).unwrap();
    let key = session
        .find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(vec![2])])
        .unwrap()[0];
    session.sign(&Mechanism::RsaPkcs, key, &info).unwrap();
    let (began, computed) = (Instant::now(), computed_ms());
    for _ in 0..REPORTS {
        session.sign(&Mechanism::RsaPkcs, key, &info).unwrap();
    }
    json!({ "ms": began.elapsed().as_secs_f64() * 1e3, "processor_ms": computed_ms() - computed })
}

/// A report of some size: `cda.xml`, text, and what takes most of a real one, fonts and images, which are compressed already.
fn report(size: usize, seed: usize) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let cda = format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\">{}</ClinicalDocument>",
        "<p>pressione 120/80</p>".repeat(size.min(REPORT_BYTES) / 100)
    );
    let cda = document.add_object(Stream::new(
        dictionary! { "Type" => "EmbeddedFile", "Subtype" => "text/xml" },
        cda.into_bytes(),
    ));
    let specification = document.add_object(dictionary! {
        "Type" => "Filespec", "F" => Object::string_literal("cda.xml"), "UF" => Object::string_literal("cda.xml"),
        "AFRelationship" => "Source", "EF" => dictionary! { "F" => cda, "UF" => cda },
    });
    let mut state = (seed as u64 + 1) * 0x9e37_79b9_7f4a_7c15;
    let mut left = size.saturating_sub(size.min(REPORT_BYTES) / 4);
    let mut images = Dictionary::new();
    while left > 0 {
        let some = left.min(4_000_000);
        left -= some;
        let noise = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        });
        let bytes: Vec<u8> = noise.flatten().take(some).collect();
        let image = dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => (some / 100) as i64, "Height" => 100, "BitsPerComponent" => 8,
            "ColorSpace" => "DeviceGray",
        };
        let id = document.add_object(Stream::new(image, bytes));
        images.set(format!("I{left}"), id);
    }
    let contents = document.add_object(Stream::new(Dictionary::new(), b"q Q".to_vec()));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => contents,
        "Resources" => dictionary! { "XObject" => images },
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let kids = dictionary! { "Type" => "Pages", "Kids" => vec![Object::from(page)], "Count" => 1 };
    document.set_object(pages, kids);
    let catalog = document.add_object(dictionary! {
        "Type" => "Catalog", "Pages" => pages, "AF" => vec![Object::from(specification)],
        "Names" => dictionary! { "EmbeddedFiles" => dictionary! {
            "Names" => vec![Object::string_literal("cda.xml"), specification.into()] } },
    });
    document.trailer.set("Root", catalog);
    let id = Object::String(vec![7; 16], StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![id.clone(), id]);
    let mut pdf = Vec::new();
    document.save_to(&mut pdf).unwrap();
    pdf
}
