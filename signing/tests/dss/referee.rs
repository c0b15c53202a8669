//! EU DSS behind a pipe (`tests/dss/src/Dss.java`), and `firma verify` beside it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The Java program, for one test.
pub(crate) struct Dss {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a judge says of one signature: indication and level, as `firma` writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) indication: String,
    pub(crate) sub_indication: String,
    pub(crate) level: String,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.indication, self.sub_indication, self.level)
    }
}

impl Dss {
    /// Starts it, when `npm run dss` names its class path.
    pub(crate) fn open() -> Option<Self> {
        let Some(path) = std::env::var_os("POSTAZIONE_DSS") else {
            println!("referee check not run: EU DSS");
            return None;
        };
        let mut child = Command::new("java")
            .arg("-cp")
            .arg(path)
            .arg("Dss")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Java installed");
        let (questions, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Some(Self {
            child,
            questions,
            answers: BufReader::new(answers),
        })
    }

    pub(crate) fn ask(&mut self, words: &[&str]) -> String {
        writeln!(self.questions, "{}", words.join("\t")).unwrap();
        self.questions.flush().unwrap();
        let mut answer = String::new();
        let length = self.answers.read_line(&mut answer).unwrap();
        assert!(length > 0, "EU DSS ended at {words:?}");
        answer.trim().to_owned()
    }

    /// Each signature of a file, in its order. Empty when DSS finds none or cannot read the file.
    pub(crate) fn judge(&mut self, file: &Path, trust: &Path, content: Option<&Path>) -> Vec<Verdict> {
        let [file, trust] = [file, trust].map(|path| path.to_str().unwrap());
        let content = content.map_or("", |path| path.to_str().unwrap());
        let answer = self.ask(&["validate", file, trust, content]);
        if answer == "unsigned" || answer.starts_with("fault ") {
            return Vec::new();
        }
        let verdict = |said: &str| {
            let [indication, sub, level] = said.split('/').collect::<Vec<_>>()[..] else {
                panic!("{answer}")
            };
            Verdict {
                indication: indication.replace('_', "-"),
                sub_indication: sub.to_owned(),
                level: level
                    .rsplit_once("BASELINE-")
                    .map_or("NOT-BASELINE".into(), |(_, of)| format!("B-{of}")),
            }
        };
        answer.split(' ').map(verdict).collect()
    }
}

impl Drop for Dss {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `firma verify --json` says of each signature. The outermost envelope alone: DSS looks into none.
pub(crate) fn firma(file: &Path, trust: &Path, content: Option<&Path>) -> Vec<Verdict> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firma"));
    command
        .arg("verify")
        .arg(file)
        .arg("--trust")
        .arg(trust)
        .arg("--json");
    if let Some(content) = content {
        command.arg("--content").arg(content);
    }
    let output = command.output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let signatures = said["signatures"].as_array().unwrap();
    let outermost = signatures.iter().filter(|s| s["envelope"] == 0);
    outermost
        .map(|s| Verdict {
            indication: text(&s["indication"]),
            sub_indication: text(&s["sub_indication"]),
            level: text(&s["level"]),
        })
        .collect()
}
