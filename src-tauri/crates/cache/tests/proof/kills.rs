//! SIGKILL while a store is created, while its schema is brought up, while a person's secret changes.
//!
//! The child is this same test binary: it says a line when a thing is done, and the parent kills it a moment later. Kills while
//! requests, drafts and attachments are written are in `tests/store/kill.rs`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cache::{OpenError, UserStore};
use secrecy::SecretString;
use session::{KdfCost, Keychain, PersonId, Profile, Purpose, Stations};

use crate::work::{Chance, folder};
use crate::{at, create, item, keys, share};

const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/outbox-20261121.db");
const DIR: &str = "PROOF_KILL_DIR";
const FROM: &str = "PROOF_KILL_FROM";

fn say(number: u64) {
    let mut out = std::io::stdout();
    out.write_all(format!("done {number}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Runs a child until it has said so many lines, then kills it a moment later. The last number that it said.
fn killed(child: &str, dir: &Path, from: u64, chance: &mut Chance) -> u64 {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--ignored", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    // The test harness prints on the same line that the first of the child's ends.
    let number = |line: &str| {
        line.rsplit_once("done ")
            .map(|(_, number)| number.parse::<u64>().unwrap())
    };
    let wanted = chance.below(4);
    let mut said = from;
    let mut heard = 0;
    while heard < wanted {
        let line = lines.next().expect("the child ended by itself");
        if let Some(number) = number(&line) {
            said = number;
            heard += 1;
        }
    }
    std::thread::sleep(Duration::from_micros(chance.below(60_000) as u64));
    process.kill().unwrap();
    process.wait().unwrap();
    // What it had said before dying, and we had not read yet. Half a line says nothing.
    for line in lines {
        if let Some(more) = line
            .rsplit_once("done ")
            .and_then(|(_, number)| number.parse().ok())
        {
            said = said.max(more);
        }
    }
    said
}

/// Every second one from the file of the first version.
fn is_old(number: u64) -> bool {
    number % 2 == 1
}

#[test]
#[ignore = "the child of a kill test, which runs it"]
fn child_that_starts_stores() {
    let Ok(root) = std::env::var(DIR) else { return };
    let mut number: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    loop {
        number += 1;
        let dir = Path::new(&root).join(number.to_string());
        std::fs::create_dir_all(&dir).unwrap();
        if is_old(number) {
            std::fs::copy(FIRST, dir.join("outbox.db")).unwrap();
        }
        let opened = if is_old(number) {
            UserStore::open(&dir, &keys(), at(0))
        } else {
            UserStore::create(&dir, &keys(), at(0))
        };
        let (store, _) = opened.unwrap();
        store
            .outbox
            .commit(at(1), |step| step.enqueue(item("new", "new")))
            .unwrap();
        say(number);
        store.close();
    }
}

#[test]
fn a_store_killed_while_it_is_made_is_made_again_and_one_that_stood_stands() {
    let mut kills = 0;
    for round in share(4) {
        let root = folder();
        let mut chance = Chance(round);
        let said = killed("kills::child_that_starts_stores", root.path(), 0, &mut chance);
        kills += 1;
        for number in 1..=said + 1 {
            let dir = root.path().join(number.to_string());
            if number > said && is_old(number) && std::fs::metadata(dir.join("outbox.db")).is_err() {
                continue;
            }
            let store = match UserStore::open(&dir, &keys(), at(0)) {
                Ok((store, _)) => store,
                Err(OpenError::Absent) if number > said => create(&dir),
                // The file was being copied by the child itself.
                Err(OpenError::SetAside(_) | OpenError::WrongKey) if number > said && is_old(number) => {
                    continue;
                }
                Err(other) => panic!("round {round}, store {number} of {said}: {other:?}"),
            };
            let expected = usize::from(number <= said) + usize::from(is_old(number));
            let found = store.outbox.queue().unwrap().len();
            assert!(
                found == expected || number > said && found == expected + 1,
                "round {round}, store {number} of {said}: {found} items"
            );
        }
    }
    println!("torture: kills={kills} lost=0");
}

const CHEAP: KdfCost = KdfCost {
    memory_kib: 64,
    passes: 1,
};

fn stations(root: &Path) -> Stations {
    Stations::at(root, Keychain::none(), CHEAP)
}

fn person() -> PersonId {
    PersonId::of("https://region.example/", "dr-1")
}

fn secret(number: u64) -> SecretString {
    SecretString::from(format!("il mare in novembre {number}"))
}

#[test]
#[ignore = "the child of a kill test, which runs it"]
fn child_that_changes_its_secret() {
    let Ok(root) = std::env::var(DIR) else { return };
    let mut number: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let stations = stations(Path::new(&root));
    loop {
        let now = at(i64::try_from(number).unwrap() * 100_000);
        stations
            .change_secret(&person(), &secret(number), &secret(number + 1), now)
            .unwrap();
        number += 1;
        say(number);
    }
}

#[test]
fn a_secret_killed_while_it_changes_is_the_old_one_or_the_new_one() {
    let mut kills = 0;
    for round in share(4) {
        let root = folder();
        let profile = Profile {
            name: "ROSSI Ada".to_owned().into(),
            role: None,
            structure: None,
            last_access: at(0),
        };
        let first = stations(root.path())
            .enrol(&person(), &secret(0), &profile, at(0))
            .unwrap();
        let mut chance = Chance(round ^ 0x5EC);
        let said = killed(
            "kills::child_that_changes_its_secret",
            root.path(),
            0,
            &mut chance,
        );
        kills += 1;
        // Later than any pause that a try cut short has left.
        let later = at(9_000_000 + i64::try_from(said).unwrap() * 100_000);
        let stations = stations(root.path());
        let opened = stations
            .unlock(&person(), &secret(said), later)
            .or_else(|_| stations.unlock(&person(), &secret(said + 1), at(90_000_000_000)));
        let opened = opened
            .unwrap_or_else(|error| panic!("round {round}: neither secret {said} nor the next: {error:?}"));
        assert_eq!(
            *opened.derive(Purpose::Outbox),
            *first.derive(Purpose::Outbox),
            "round {round}: another key"
        );
    }
    println!("torture: kills={kills} lost=0");
}
