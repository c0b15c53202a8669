//! What 200 strings typed and attached leave behind on a PC: files, log, temporary folders, a core dump, the memory of the
//! locked process.
//!
//! The station runs with every folder that a program may write to inside one that is searched afterwards, byte by byte, for
//! each string as UTF-8, UTF-16 and base64. The memory is looked at and told, not judged: copies that moves of values leave on
//! stacks and in freed memory are overwritten in their time, and only an administrator can read them. Not in it: the store's own folder while it is written (`cache`), the web view.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use session::{KdfCost, Keychain, PersonId, Purpose, Stations};
use testkit::station::PASSPHRASE;

use crate::driven::Driven;
use crate::region::Region;

/// Bytes by which a form is looked up.
const START: usize = 8;
const DOCTOR: &str = "ferrantino-guido";

/// What is looked for, by its first bytes.
struct Forms(HashMap<[u8; START], Vec<(String, Vec<u8>)>>);

impl Forms {
    fn new() -> Self {
        Self(HashMap::new())
    }

    fn add(&mut self, name: &str, form: Vec<u8>) {
        let start = form[..START].try_into().unwrap();
        self.0.entry(start).or_default().push((name.to_owned(), form));
    }

    fn of_texts(texts: &[String]) -> Self {
        let mut forms = Self::new();
        for text in texts {
            forms.add(text, text.as_bytes().to_vec());
            forms.add(text, text.to_lowercase().into_bytes());
            forms.add(text, text.encode_utf16().flat_map(u16::to_le_bytes).collect());
            // Wherever the text begins within what is encoded, one of three alignments holds.
            for skipped in 0..3 {
                let encoded = base64::engine::general_purpose::STANDARD.encode(&text.as_bytes()[skipped..]);
                forms.add(text, encoded.as_bytes()[..20].to_vec());
            }
        }
        forms
    }

    fn found_in(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (at, start) in bytes.windows(START).enumerate() {
            for (name, form) in self.0.get(start).into_iter().flatten() {
                if bytes[at..].starts_with(form) {
                    found.insert(name.as_str());
                }
            }
        }
        found
    }
}

/// Where in a folder they are: in names of files and in what these hold.
fn leaks(dir: &Path, forms: &Forms, seen: &mut usize) -> Vec<String> {
    let mut leaks = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        leaks.extend(
            forms
                .found_in(name.as_bytes())
                .iter()
                .map(|text| format!("{text} names {name}")),
        );
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            leaks.extend(self::leaks(&path, forms, seen));
        } else if path.is_file() {
            *seen += 1;
            let bytes = fs::read(&path).unwrap();
            leaks.extend(
                forms
                    .found_in(&bytes)
                    .iter()
                    .map(|text| format!("{text} in {}", path.display())),
            );
        }
    }
    leaks
}

/// Whether this PC writes the core of a program that aborts into the folder it runs in.
fn cores_are_written(dir: &Path) -> bool {
    let run = dir.join("control");
    fs::create_dir_all(&run).unwrap();
    let _ = Command::new("sh")
        .args(["-c", "ulimit -c unlimited && kill -ABRT $$"])
        .current_dir(&run)
        .stderr(Stdio::null())
        .status();
    fs::read_dir(&run).unwrap().next().is_some()
}

/// The readable memory of a process, piece by piece; none where this account may not read it.
#[cfg(target_os = "linux")]
fn memory(pid: u32, mut look: impl FnMut(&[u8])) -> Option<()> {
    use std::os::unix::fs::FileExt as _;
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let memory = fs::File::open(format!("/proc/{pid}/mem")).ok()?;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (Some(range), Some(rights)) = (words.next(), words.next()) else {
            continue;
        };
        // What cannot be written is the program and its libraries.
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-')?;
        let (from, to) = (
            u64::from_str_radix(from, 16).ok()?,
            u64::from_str_radix(to, 16).ok()?,
        );
        let mut bytes = vec![0; usize::try_from(to - from).ok()?];
        if memory.read_exact_at(&mut bytes, from).is_ok() {
            look(&bytes);
        }
    }
    Some(())
}

/// The keys of the person's archives, and the words that must not outlive the way in: computed here, apart from the station.
fn secrets(data: &Path) -> Forms {
    let folder = fs::read_dir(data.join("people"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let person = PersonId::parse(&folder.file_name().to_string_lossy()).unwrap();
    let stations = Stations::at(data.join("people"), Keychain::none(), KdfCost::default());
    let passphrase = SecretString::from(PASSPHRASE.to_owned());
    let keys = stations.unlock(&person, &passphrase, Timestamp::now()).unwrap();
    let mut forms = Forms::new();
    for purpose in [
        Purpose::Outbox,
        Purpose::Cache,
        Purpose::Audit,
        Purpose::Attachments,
        Purpose::Identity,
    ] {
        let key = keys.derive(purpose);
        let name = format!("{purpose:?}");
        forms.add(&name, key.to_vec());
        forms.add(&name, hex::encode(*key).into_bytes());
        forms.add(&name, hex::encode_upper(*key).into_bytes());
    }
    forms
}

#[test]
fn what_is_typed_and_attached_is_in_no_file_no_log_and_no_core() {
    let mut region = Region::open();
    let outside = tempfile::tempdir().unwrap();
    let sandbox = tempfile::tempdir().unwrap();
    let place = |name: &str| {
        let path = sandbox.path().join(name);
        fs::create_dir_all(&path).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut environment: Vec<(&str, String)> = [
        "HOME",
        "TMPDIR",
        "TMP",
        "TEMP",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
    ]
    .map(|name| (name, place(name)))
    .to_vec();
    // The program's own log at its fullest, and that of what carries its words.
    environment.push(("RUST_LOG", "debug".to_owned()));
    let data = sandbox.path().join("data");
    let run = place("run");
    let log = sandbox.path().join("log");
    let mut station = Driven::open_in(
        &data,
        &region.address,
        DOCTOR,
        &environment,
        Path::new(&run),
        &log,
    );
    let patient = station.patient("petracchi");
    region.stop();

    let texts: Vec<String> = (0..200)
        .map(|n| format!("CANARINO{n:03}XQZJWKV{n}NARICOTTERO"))
        .collect();
    let forms = Forms::of_texts(&texts);
    let (typed, attached) = texts.split_at(100);
    // Attached: five files of twenty strings; their names are strings too.
    let mut draft = station.eventually("the specialities arrive", |station| {
        let draft = station
            .ask("teleconsult_draft_open", json!({"patient_id": patient}))
            .unwrap();
        (!draft["specialities"].as_array().unwrap().is_empty()).then_some(draft)
    });
    for strings in attached.chunks(20) {
        let path = outside.path().join(format!("{}.dcm", strings[0]));
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM");
        bytes.extend(strings.join(" filler ").as_bytes());
        bytes.resize(300_000, b'x');
        fs::write(&path, bytes).unwrap();
        let request = json!({"teleconsult_id": draft["id"], "path": path});
        draft = station.ask("teleconsult_attach", request).unwrap();
    }
    assert_eq!(draft["attachments"].as_array().unwrap().len(), 5);
    // Typed: into the request, again and again, and into the searches.
    let mut form = draft["form"].clone();
    for strings in typed.chunks(4) {
        form["question"] = json!(strings[0]);
        form["diagnosis"] = json!(strings[1]);
        form["speciality"] = json!("02");
        form["priority"] = json!("B");
        form["consent"] = json!(true);
        let save = json!({"teleconsult_id": draft["id"], "revision": draft["revision"], "form": form});
        draft = station.ask("teleconsult_draft_save", save).unwrap();
        let _ = station.ask("patient_search", json!({"text": strings[2], "limit": 5}));
        let _ = station.ask("document_recent", json!({"text": strings[3], "limit": 5}));
    }
    station
        .ask("teleconsult_send", json!({"teleconsult_id": draft["id"]}))
        .unwrap();
    let case = station
        .ask("teleconsult_open", json!({"teleconsult_id": draft["id"]}))
        .unwrap();
    assert!(case.to_string().contains(&typed[96]), "it was really written");

    let mut seen = 0;
    let open = leaks(sandbox.path(), &forms, &mut seen);
    assert_eq!(open, Vec::<String>::new(), "while the archive is open");
    assert!(seen > 5, "only {seen} files were looked at");
    station.ask("session_lock", Value::Null).unwrap();
    let locked = leaks(sandbox.path(), &forms, &mut seen);
    assert_eq!(locked, Vec::<String>::new(), "after the lock");
    assert!(
        fs::metadata(&log).is_ok_and(|log| log.len() > 0),
        "nothing was logged"
    );

    // Tasks of the desk end a moment after the lock.
    std::thread::sleep(Duration::from_secs(3));
    look_at_memory(station.pid(), &secrets(&data), &forms);

    let cores = cores_are_written(outside.path());
    station.abort();
    let after = leaks(sandbox.path(), &forms, &mut seen);
    assert_eq!(after, Vec::<String>::new(), "after it was aborted");
    if cores {
        assert_eq!(
            fs::read_dir(&run).unwrap().count(),
            0,
            "it left something where it ran, where other programs leave a core"
        );
    }

    // The search itself finds what is there.
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("a{}", texts[7]));
    fs::write(sandbox.path().join("stray"), encoded).unwrap();
    assert_eq!(leaks(sandbox.path(), &forms, &mut seen).len(), 1);
}

/// Says what an administrator would still find.
#[cfg(target_os = "linux")]
fn look_at_memory(pid: u32, secrets: &Forms, forms: &Forms) {
    let (mut keys, mut words, mut looked) = (BTreeSet::new(), BTreeSet::new(), 0);
    let read = memory(pid, |bytes| {
        looked += bytes.len();
        keys.extend(secrets.found_in(bytes).into_iter().map(str::to_owned));
        words.extend(forms.found_in(bytes).into_iter().map(str::to_owned));
    });
    if read.is_none() {
        // A process that cannot be dumped is read by an administrator alone.
        println!("the memory of the locked process is not readable by this account: not looked at");
        return;
    }
    println!(
        "memory of the locked process: {} MB looked at, keys left: {keys:?}, strings left: {}",
        looked / 1_000_000,
        words.len()
    );
    assert!(looked > 1_000_000, "nothing was read");
}

#[cfg(not(target_os = "linux"))]
fn look_at_memory(_: u32, _: &Forms, _: &Forms) {}
