//! SIGKILL at any moment: what was acknowledged is there, whole and in order.
//!
//! The child is this same test binary: it writes, and prints a line only when a write has returned.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use cache::{State, StoreError, UserStore};
use clinical::Sensitive;

use crate::{at, create, item, keys};

const DIR: &str = "CACHE_KILL_DIR";
const FROM: &str = "CACHE_KILL_FROM";

#[test]
#[ignore = "the child of the kill test, which runs it"]
fn child_that_writes_until_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let mut n: i64 = std::env::var(FROM).unwrap().parse().unwrap();
    let (store, _) = UserStore::open(Path::new(&dir), &keys(), at(0)).unwrap();
    let mut revision = store
        .outbox
        .draft_load("draft")
        .unwrap()
        .map_or(0, |d| d.revision);
    let mut out = std::io::stdout();
    let mut say = |line: String| {
        out.write_all(line.as_bytes()).unwrap();
        out.flush().unwrap();
    };
    loop {
        n += 1;
        revision = store
            .outbox
            .draft_save("draft", "report", revision, text(n), at(n))
            .unwrap()
            .revision;
        say(format!("draft {n}\n"));
        let queued = store
            .outbox
            .commit(at(n), move |step| step.enqueue(item("c", &n.to_string())))
            .unwrap();
        say(format!("item {n} {}\n", queued.id));
        if n % 3 == 0 {
            let bytes = vec![n as u8; 300_000];
            let name = Sensitive::new("image.png".to_owned());
            let row = store
                .attachments
                .store("t", "image/png", name, &mut bytes.as_slice(), at(n))
                .unwrap();
            say(format!("file {n} {}\n", row.id));
        }
    }
}

fn text(n: i64) -> Vec<u8> {
    format!("revision {n} ").repeat(400).into_bytes()
}

fn spawn(dir: &Path, from: i64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::child_that_writes_until_killed",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DIR, dir)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Twelve kills; `TORTURE_COUNT` asks for more stretches of twelve, each on a store of its own.
#[test]
fn nothing_acknowledged_is_lost() {
    let stretches = std::env::var("TORTURE_COUNT").ok().and_then(|n| n.parse().ok());
    let stretches: u32 = stretches.unwrap_or(1);
    for _ in 0..stretches {
        twelve_kills();
    }
    println!("torture: kills={} lost=0", stretches * 12);
}

fn twelve_kills() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).close();
    let mut items: Vec<(i64, String)> = Vec::new();
    let mut files: Vec<(i64, String)> = Vec::new();
    let mut draft = 0i64;
    for round in 0..12usize {
        let last = items.last().map_or(0, |(n, _)| *n).max(draft);
        let mut child = spawn(dir.path(), last);
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut heard = 0;
        let mut take = |line: &str| {
            // The test harness prints on the same line that the first acknowledgement ends.
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some(from) = words.iter().position(|w| matches!(*w, "draft" | "item" | "file")) else {
                return false;
            };
            match words[from..] {
                ["draft", n] => draft = n.parse().unwrap(),
                ["item", n, id] => items.push((n.parse().unwrap(), id.to_owned())),
                ["file", n, id] => files.push((n.parse().unwrap(), id.to_owned())),
                _ => panic!("half a line: {line}"),
            }
            true
        };
        let mut line = String::new();
        while heard < 5 + round * 3 {
            line.clear();
            assert!(
                output.read_line(&mut line).unwrap() > 0,
                "round {round}: the child ended by itself"
            );
            heard += usize::from(take(&line));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had acknowledged before dying, and we had not read yet.
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        for line in rest.split_inclusive('\n').filter(|l| l.ends_with('\n')) {
            take(line);
        }
        verify(dir.path(), draft, &items, &files);
    }
    assert!(
        items.len() > 60 && files.len() > 15,
        "the children wrote: {} items, {} files",
        items.len(),
        files.len()
    );
}

fn verify(dir: &Path, draft: i64, items: &[(i64, String)], files: &[(i64, String)]) {
    let (store, _) = UserStore::open(dir, &keys(), at(0)).expect("a killed writer leaves a whole store");
    let saved = store
        .outbox
        .draft_load("draft")
        .unwrap()
        .expect("the draft was acknowledged");
    // One more may have been written and not yet acknowledged.
    assert!(
        saved.body == text(draft) || saved.body == text(draft + 1),
        "the draft is not the one acknowledged"
    );
    let queue = store.outbox.queue().unwrap();
    let mut last = 0;
    for (n, id) in items {
        let line = queue
            .iter()
            .find(|l| l.id.to_string() == *id)
            .unwrap_or_else(|| panic!("item {n} was lost"));
        assert_eq!(line.state, State::Ready);
        assert!(line.seq > last, "item {n} is out of order");
        last = line.seq;
        assert_eq!(
            store.outbox.item(line.id).unwrap().request.body,
            n.to_string().into_bytes()
        );
    }
    for (n, id) in files {
        let mut bytes = Vec::new();
        let mut reader = store
            .attachments
            .read(&id.as_str().into())
            .expect("the file of an acknowledged row");
        reader.read_to_end(&mut bytes).unwrap();
        assert!(bytes == vec![*n as u8; 300_000], "file {n} is not whole");
    }
    for row in store.attachments.of("t").unwrap() {
        assert!(store.attachments.read(&row.id).is_ok(), "a row without its file");
    }
    let gone: Result<_, StoreError> = store.outbox.draft_load("another");
    assert_eq!(gone.unwrap(), None);
}
