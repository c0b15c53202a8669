//! EU DSS, the Commission's own library, as a referee of what we make and as a producer of what we judge: `npm run dss`.
//!
//! Indication and level must be the same for each signature; a damaged file must be refused by both. Where DSS is known to
//! say otherwise, [`EXPLAINED`] says why, and an explanation that no file needs any more is a failure, too. Both trust the same
//! root; revocation is asked by DSS of the same services on loopback, and read by us from the file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test crate: a panic is the failure report"
)]

#[path = "../signatures/document.rs"]
#[allow(dead_code, reason = "shared with the tests of signing")]
mod document;
mod office;
mod referee;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use signing::cades::Packaging;
use signing::pades::{Reach, RsaPadding};
use testkit::authority::Key;

use document::{Recipe, report};
use office::{CONTENT, Office, PEOPLE, PIN};
use referee::{Dss, Verdict, firma};

/// Whose keys.
const KEYS: [(&str, Key, RsaPadding); 5] = [
    ("rsa", Key::Rsa(2048), RsaPadding::Pkcs1),
    ("pss", Key::Rsa(2048), RsaPadding::Pss),
    ("rsa4096", Key::Rsa(4096), RsaPadding::Pkcs1),
    ("p256", Key::P256, RsaPadding::Pkcs1),
    ("p384", Key::P384, RsaPadding::Pkcs1),
];

/// What DSS says otherwise than we do: part of the file's name, our word, its word, and why both may stand.
const EXPLAINED: [(&str, &str, &str, &str); 0] = [];

/// Everything that both were asked.
#[derive(Default)]
struct Record {
    files: usize,
    agreed: usize,
    disagreed: Vec<String>,
    explained: BTreeSet<usize>,
}

impl Record {
    /// A sound file: each signature passes, at the same level.
    fn sound(&mut self, name: &str, ours: &[Verdict], theirs: &[Verdict]) {
        self.files += 1;
        assert!(
            ours.iter().all(|v| v.indication == "TOTAL-PASSED"),
            "{name}: {ours:?}"
        );
        let line = |all: &[Verdict]| all.iter().map(Verdict::to_string).collect::<Vec<_>>().join(", ");
        let (ours, theirs) = (line(ours), line(theirs));
        if ours == theirs && !ours.is_empty() {
            self.agreed += 1;
        } else {
            self.explain(name, &ours, &theirs);
        }
    }

    /// A damaged one: neither may pass all of its signatures.
    fn damaged(&mut self, name: &str, ours: &[Verdict], theirs: &[Verdict]) {
        self.files += 1;
        let word = |all: &[Verdict]| {
            let passed = !all.is_empty() && all.iter().all(|v| v.indication == "TOTAL-PASSED");
            if passed { "passed" } else { "refused" }
        };
        assert_eq!(
            word(ours),
            "refused",
            "{name}: we pass what was damaged: {ours:?}"
        );
        match word(theirs) {
            "refused" => self.agreed += 1,
            passed => self.explain(name, "refused", passed),
        }
    }

    fn explain(&mut self, name: &str, ours: &str, theirs: &str) {
        let reason = EXPLAINED
            .iter()
            .position(|(part, our, their, _)| name.contains(part) && *our == ours && *their == theirs);
        match reason {
            Some(reason) => {
                self.explained.insert(reason);
                println!("explained: {name}: {ours} | {theirs}");
            }
            None => self
                .disagreed
                .push(format!("{name}: firma {ours} | DSS {theirs}")),
        }
    }

    fn close(&self, least: usize) {
        println!(
            "EU DSS: {} files, {} agreed, {} explained, {} not explained",
            self.files,
            self.agreed,
            self.files - self.agreed - self.disagreed.len(),
            self.disagreed.len()
        );
        assert!(self.disagreed.is_empty(), "{}", self.disagreed.join("\n"));
        assert!(self.files >= least, "only {} files", self.files);
    }
}

/// Copies with one byte changed where the signature covers it.
fn damaged(bytes: &[u8], seed: usize) -> Vec<(usize, Vec<u8>)> {
    let hole = office::hole(bytes);
    let covered: Vec<usize> = (0..bytes.len()).filter(|at| !hole.contains(at)).collect();
    let places = (1..=5).map(|step| covered[(covered.len() * step / 6 + seed) % covered.len()]);
    places
        .map(|at| {
            let mut changed = bytes.to_vec();
            changed[at] ^= 0x11;
            (at, changed)
        })
        .collect()
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn dss_agrees_on_everything_we_make() {
    let Some(mut dss) = Dss::open() else { return };
    let mut record = Record::default();
    for (name, key, padding) in KEYS {
        let office = Office::open();
        let (dir, trust) = (office.dir.path(), office.services.authority.trust());
        let content = write(dir, "content", CONTENT);
        let signer = office.signer(PEOPLE[0], key);
        for (modern, form) in [(false, "classic"), (true, "modern")] {
            let pdf = Recipe {
                modern,
                ..Recipe::default()
            }
            .pdf();
            let bb = office.pades(&signer, PEOPLE[0].0, &pdf, padding);
            let mut files = vec![("b".to_owned(), bb.clone())];
            for (level, to) in [("t", Reach::BT), ("lt", Reach::BLT), ("lta", Reach::BLTA)] {
                files.push((level.to_owned(), office.extend(&bb, to)));
            }
            let second = office.signer(PEOPLE[1], Key::P256);
            let both = office.pades(&second, PEOPLE[1].0, &files[1].1, RsaPadding::Pkcs1);
            files.push(("two-t-b".into(), both.clone()));
            files.push(("two-lt".into(), office.extend(&both, Reach::BLT)));
            files.push(("two-lta".into(), office.extend(&both, Reach::BLTA)));
            for (level, bytes) in &files {
                let title = format!("ours-{name}-{form}-{level}.pdf");
                let path = write(dir, &title, bytes);
                record.sound(
                    &title,
                    &firma(&path, &trust, None),
                    &dss.judge(&path, &trust, None),
                );
            }
            for (at, changed) in damaged(&bb, name.len()) {
                let title = format!("damaged-{name}-{form}-{at}.pdf");
                let path = write(dir, &title, &changed);
                record.damaged(
                    &title,
                    &firma(&path, &trust, None),
                    &dss.judge(&path, &trust, None),
                );
            }
        }
        for (packaging, end) in [(Packaging::Enveloping, "p7m"), (Packaging::Detached, "p7s")] {
            let beside = (packaging == Packaging::Detached).then_some(content.as_path());
            let bb = office.cades(&signer, PEOPLE[0].0, packaging, padding);
            let bt = office.stamped(&bb);
            for (level, bytes) in [("b", &bb), ("t", &bt)] {
                let title = format!("ours-{name}-{level}.{end}");
                let path = write(dir, &title, bytes);
                record.sound(
                    &title,
                    &firma(&path, &trust, beside),
                    &dss.judge(&path, &trust, beside),
                );
            }
            if let Some(beside) = beside {
                let other = write(dir, "other", b"Altro");
                let path = write(dir, "other.p7s", &bb);
                record.damaged(
                    "other-content.p7s",
                    &firma(&path, &trust, Some(&other)),
                    &dss.judge(&path, &trust, Some(&other)),
                );
                assert!(beside.is_file());
            } else {
                let mut changed = bb.clone();
                let at = changed.windows(CONTENT.len()).position(|w| w == CONTENT).unwrap();
                changed[at] ^= 1;
                let path = write(dir, "changed.p7m", &changed);
                record.damaged(
                    "changed-content.p7m",
                    &firma(&path, &trust, None),
                    &dss.judge(&path, &trust, None),
                );
            }
        }
    }
    record.close(150);
}

#[test]
fn we_agree_on_what_dss_makes() {
    let Some(mut dss) = Dss::open() else { return };
    let mut record = Record::default();
    for (name, key, padding) in KEYS {
        let office = Office::open();
        let (dir, trust) = (office.dir.path(), office.services.authority.trust());
        let content = write(dir, "content", CONTENT);
        let pdf = write(dir, "report.pdf", &report());
        office.signer(PEOPLE[0], key);
        let p12 = office.p12(PEOPLE[0].0);
        let padding = if padding == RsaPadding::Pss { "pss" } else { "" };
        let tsa = office.services.tsa();
        let mut sign = |from: &Path, to: &Path, level: &str, detached: &str| {
            let [from, to, p12, trust] = [from, to, &p12, &trust].map(|path| path.to_str().unwrap());
            let made = dss.ask(&["sign", from, to, level, detached, padding, p12, PIN, &tsa, trust]);
            assert_eq!(made, "made", "{level}");
        };
        let mut made = Vec::new();
        for level in ["B", "T", "LT", "LTA"] {
            let to = dir.join(format!("dss-{name}-{level}.pdf"));
            sign(&pdf, &to, &format!("PAdES-BASELINE-{level}"), "");
            made.push((to, None));
        }
        let twice = dir.join(format!("dss-{name}-twice.pdf"));
        sign(&made[1].0, &twice, "PAdES-BASELINE-LT", "");
        made.push((twice, None));
        for level in ["B", "T"] {
            for (detached, end) in [("", "p7m"), ("detached", "p7s")] {
                let to = dir.join(format!("dss-{name}-{level}.{end}"));
                sign(&content, &to, &format!("CAdES-BASELINE-{level}"), detached);
                made.push((to, (end == "p7s").then_some(content.as_path())));
            }
        }
        for (path, beside) in made {
            let title = path.file_name().unwrap().to_str().unwrap().to_owned();
            let ours = firma(&path, &trust, beside);
            record.sound(&title, &ours, &dss.judge(&path, &trust, beside));
            let bytes = std::fs::read(&path).unwrap();
            if title.ends_with("-B.pdf") {
                for (at, changed) in damaged(&bytes, name.len()) {
                    let title = format!("damaged-{title}-{at}.pdf");
                    let path = write(dir, &title, &changed);
                    record.damaged(
                        &title,
                        &firma(&path, &trust, None),
                        &dss.judge(&path, &trust, None),
                    );
                }
            }
        }
    }
    record.close(70);
}
