//! A station in a process of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Generous: the machine may be busy with everything else.
const PATIENCE: Duration = Duration::from_secs(180);

/// A driven station. Killed when dropped.
pub(crate) struct Driven {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    next: u64,
    folder: PathBuf,
    region: String,
    user: String,
}

impl Driven {
    /// Starts a station without waiting for it.
    pub(crate) fn spawn(folder: &Path, region: &str, user: &str, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_station"));
        command.env("RUST_LOG", "error");
        Self::started(command, folder, region, user, more)
    }

    fn started(mut command: Command, folder: &Path, region: &str, user: &str, more: &[&str]) -> Self {
        let mut child = command
            .args(["--region", region, "--user", user, "--data"])
            .arg(folder)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Killed in the middle of a line, a station leaves half of one.
                let Ok(value) = serde_json::from_str(&line) else {
                    return;
                };
                if to.send(value).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            lines,
            next: 0,
            folder: folder.to_owned(),
            region: region.to_owned(),
            user: user.to_owned(),
        }
    }

    /// Starts a station and waits until its desk is open.
    pub(crate) fn open(folder: &Path, region: &str, user: &str, more: &[&str]) -> Self {
        let mut station = Self::spawn(folder, region, user, more);
        station.until_ready();
        station
    }

    /// The same with an environment of its own.
    pub(crate) fn open_with(
        folder: &Path,
        region: &str,
        user: &str,
        more: &[&str],
        environment: &[(&str, String)],
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_station"));
        command.env("RUST_LOG", "error").envs(environment.iter().cloned());
        let mut station = Self::started(command, folder, region, user, more);
        station.until_ready();
        station
    }

    /// In a folder of its own, its log in a file, allowed by the system to leave a core of any size.
    pub(crate) fn open_in(
        folder: &Path,
        region: &str,
        user: &str,
        environment: &[(&str, String)],
        run: &Path,
        log: &Path,
    ) -> Self {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""])
            .arg(env!("CARGO_BIN_EXE_station"))
            .envs(environment.iter().cloned())
            .current_dir(run)
            .stderr(File::create(log).unwrap());
        let mut station = Self::started(command, folder, region, user, &[]);
        station.until_ready();
        station
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends as a program that crashes.
    pub(crate) fn abort(mut self) {
        let sent = Command::new("kill")
            .args(["-ABRT", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        self.child.wait().unwrap();
    }

    pub(crate) fn until_ready(&mut self) -> Value {
        let line = self.until("the desk opens", |line| line["event"] == "ready");
        line["payload"].clone()
    }

    /// The blow of SIGKILL, then the same station again.
    pub(crate) fn killed_and_back(mut self) -> Self {
        self.kill();
        Self::open(
            &self.folder.clone(),
            &self.region.clone(),
            &self.user.clone(),
            &[],
        )
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Writes a line without waiting for its answer.
    pub(crate) fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        // A station that ended is noticed by whoever waits for its answer.
        let _ = input
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| input.flush());
    }

    /// Asks for a command without waiting; the number of its answer.
    pub(crate) fn begin(&mut self, command: &str, request: Value) -> u64 {
        self.next += 1;
        let id = self.next;
        self.say(&json!({"id": id, "command": command, "request": request}).to_string());
        id
    }

    pub(crate) fn answer(&mut self, id: u64) -> Result<Value, Value> {
        let line = self.until("an answer", |line| line["id"] == id);
        match line.get("ok") {
            Some(view) => Ok(view.clone()),
            None => Err(line["failure"].clone()),
        }
    }

    pub(crate) fn ask(&mut self, command: &str, request: Value) -> Result<Value, Value> {
        let id = self.begin(command, request);
        self.answer(id)
    }

    /// The first line that holds, those before it thrown away.
    pub(crate) fn until(&mut self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let give_up = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(Duration::from_secs(1)) {
                Ok(line) if holds(&line) => return line,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => {
                    assert!(
                        Instant::now() < give_up,
                        "{}: it never happened: {what}",
                        self.user
                    );
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("{}: the station ended before: {what}", self.user)
                }
            }
        }
    }

    /// Asks again and again until what is found pleases.
    pub(crate) fn eventually<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let give_up = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(
                Instant::now() < give_up,
                "{}: it never happened: {what}",
                self.user
            );
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    /// Ends the input; the status the station ends with, and every line it still wrote.
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<Value>) {
        drop(self.input.take());
        let left = self.lines.iter().collect();
        (self.child.wait().unwrap().code(), left)
    }

    /// Items that the region has not confirmed, as the queue's page counts them.
    pub(crate) fn waiting(&mut self) -> usize {
        let queue = self.ask("delivery_queue", Value::Null).expect("the queue opens");
        let count = |name: &str| queue[name].as_array().map_or(0, Vec::len);
        count("queued") + count("to_correct")
    }

    /// The record of a patient of this person, once the first sync has brought it.
    pub(crate) fn patient(&mut self, name: &str) -> String {
        self.eventually("the patient's record arrives", |station| {
            let found = station
                .ask("patient_search", json!({"text": name, "limit": 5}))
                .unwrap();
            found["patients"][0]["id"].as_str().map(str::to_owned)
        })
    }

    /// Begins, fills and sends a teleconsult: it returns when the sending was acknowledged.
    pub(crate) fn teleconsult(&mut self, patient: &str, question: &str, file: Option<&Path>) {
        let id = self.draft(patient, question, file);
        self.ask("teleconsult_send", json!({"teleconsult_id": id}))
            .unwrap();
    }

    /// Begins and fills a teleconsult; its identity.
    pub(crate) fn draft(&mut self, patient: &str, question: &str, file: Option<&Path>) -> String {
        let mut draft = self.eventually("the specialities arrive", |station| {
            let draft = station
                .ask("teleconsult_draft_open", json!({"patient_id": patient}))
                .unwrap();
            (!draft["specialities"].as_array().unwrap().is_empty()).then_some(draft)
        });
        let id = draft["id"].as_str().unwrap().to_owned();
        if let Some(file) = file {
            let request = json!({"teleconsult_id": id, "path": file});
            draft = self.ask("teleconsult_attach", request).unwrap();
        }
        let mut form = draft["form"].clone();
        form["question"] = json!(question);
        form["speciality"] = json!("02");
        form["priority"] = json!("B");
        form["diagnosis"] = json!("Blocco di branca sinistra");
        form["consent"] = json!(true);
        let save = json!({"teleconsult_id": id, "revision": draft["revision"], "form": form});
        let saved = self.ask("teleconsult_draft_save", save).unwrap();
        assert_eq!(saved["missing"], json!([]), "the request lacks nothing");
        id
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
