//! Our verdict against pyHanko's (through `validate-pades`) on more than 250 good and damaged files of three
//! producers: pyHanko, OpenSSL and ourselves. Each disagreement stands in a table with its reason.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use signing::token::pkcs12::Pkcs12Signer;
use signing::{Question, Revocation, TrustRoots, judged};

use crate::desk::sign_with;
use crate::document::{Recipe, report};
use crate::flips::Seeded;

/// Files about which we and the referee differ, and why. Every one must occur.
const DISAGREEMENTS: &[(&str, &str)] = &[
    (
        "ok-scaduto-con-marca.pdf",
        "the referee holds the certificate against --at; we hold it against the time that its time-stamp proves",
    ),
    (
        "compilato-ok-modulo-rsa.pdf",
        "pyHanko lets fields be filled after any signature; we want a certification that allows it, since the page \
         shows another text than the one signed",
    ),
    (
        "no-coda.pdf",
        "bytes after the last revision belong to nobody; pyHanko looks for the last startxref and passes over them",
    ),
    (
        "no-coda.p7m",
        "bytes after the CMS belong to nobody; the referee's parser passes over them",
    ),
    (
        "no-annidata-interna.p7m",
        "the referee judges the outer envelope alone; we judge the inner one too",
    ),
];

struct Row {
    name: String,
    expected: bool,
    what: String,
    content: Option<String>,
    revocation: Revocation,
    at: Option<Timestamp>,
}

fn rows(folder: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    text.lines()
        .map(|line| {
            let [name, expected, what, content, revocation, at] = line.split('\t').collect::<Vec<_>>()[..]
            else {
                panic!("a row has six columns: {line}")
            };
            Row {
                name: name.to_owned(),
                expected: expected == "0",
                what: what.to_owned(),
                content: (!content.is_empty()).then(|| content.to_owned()),
                revocation: match revocation {
                    "none" => Revocation::None,
                    "require" => Revocation::Require,
                    _ => Revocation::Soft,
                },
                at: (!at.is_empty()).then(|| at.parse().unwrap()),
            }
        })
        .collect()
}

/// Ours: signed with the keys of the corpus, and damaged.
fn add_ours(folder: &Path) {
    let mut list = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let mut keep = |name: String, expected: u8, what: &str, pdf: &[u8]| {
        std::fs::write(folder.join("files").join(&name), pdf).unwrap();
        list += &format!("{name}\t{expected}\t{what}\t\tsoft\t\n");
    };
    let mut seeded = Seeded(4);
    for key in ["rsa", "p256", "p384"] {
        let keys = folder.join("keys");
        let alone = folder.join(format!("ours-{key}"));
        std::fs::create_dir_all(&alone).unwrap();
        std::fs::copy(keys.join(format!("{key}.p12")), alone.join("k.p12")).unwrap();
        std::fs::copy(keys.join(format!("chain-{key}.pem")), alone.join("k.pem")).unwrap();
        let signer = Pkcs12Signer::folder(&alone).unwrap();
        for modern in [false, true] {
            let recipe = Recipe {
                modern,
                ..Recipe::default()
            };
            let form = if modern { "flussi" } else { "tabella" };
            let once = sign_with(&signer, &recipe.pdf());
            let twice = sign_with(&signer, &once);
            keep(format!("nostro-{key}-{form}.pdf"), 0, "ours", &once);
            keep(format!("nostro-{key}-{form}-due.pdf"), 0, "ours, twice", &twice);
            for number in 0..4 {
                let mut changed = once.clone();
                let at = seeded.below(report().len().min(changed.len()));
                changed[at] ^= 1 << seeded.below(8);
                keep(
                    format!("nostro-no-{key}-{form}-{number}.pdf"),
                    1,
                    "ours, flipped",
                    &changed,
                );
            }
        }
    }
    std::fs::write(folder.join("expected.tsv"), list).unwrap();
}

/// The Python that `validate-pades` made for itself.
fn python(tool: &Path) -> PathBuf {
    // It makes its environment before it looks at the file.
    let _ = Command::new(tool)
        .args(["/nonexistent", "--trust", "/nonexistent"])
        .output()
        .unwrap();
    let home = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = home("VALIDATE_PADES_CACHE")
        .or_else(|| home("XDG_CACHE_HOME").map(|c| c.join("validate-pades")))
        .or_else(|| home("HOME").map(|h| h.join(".cache/validate-pades")))
        .unwrap();
    let found = std::fs::read_dir(cache)
        .unwrap()
        .filter_map(|e| e.ok().map(|e| e.path().join("bin/python")))
        .find(|p| p.is_file());
    found.expect("the environment of validate-pades")
}

fn run(python: &Path, script: &str, arguments: &[&Path]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/verification/corpus")
        .join(script);
    let done = Command::new(python).arg(script).args(arguments).output().unwrap();
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn we_agree_with_the_referee_or_say_why() {
    let Some(shared) = std::env::var_os("POSTAZIONE_SHARED").map(PathBuf::from) else {
        println!("referee check not run: corpus");
        return;
    };
    let tool = shared.join("tools/validate-pades");
    assert!(
        tool.is_file(),
        "POSTAZIONE_SHARED is set and has no tools/validate-pades"
    );
    let python = python(&tool);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    run(&python, "make.py", &[folder]);
    add_ours(folder);
    run(&python, "referee.py", &[&tool, folder]);

    let mut trust = TrustRoots::default();
    trust
        .add_anchors(&std::fs::read(folder.join("root.pem")).unwrap())
        .unwrap();
    let said = std::fs::read_to_string(folder.join("referee.tsv")).unwrap();
    let rows = rows(folder);
    assert!(rows.len() >= 200 && said.lines().count() == rows.len());
    let (mut wrong, mut differ) = (Vec::new(), Vec::new());
    for (row, referee) in rows.iter().zip(said.lines()) {
        let files = folder.join("files");
        let file = std::fs::read(files.join(&row.name)).unwrap();
        let content = row
            .content
            .as_ref()
            .map(|c| std::fs::read(files.join(c)).unwrap());
        let report = judged(
            &file,
            &Question {
                trust: &trust,
                at: row.at.unwrap_or_else(Timestamp::now),
                revocation: row.revocation,
                content: content.as_deref(),
            },
        );
        if report.passed() != row.expected {
            wrong.push(format!("{} ({}): {report:?}", row.name, row.what));
        }
        let (referee_code, referee_levels) = referee.split_once('\t').unwrap();
        // Of nested envelopes the referee names the outer one.
        let levels: Vec<String> = report
            .signatures
            .iter()
            .filter(|s| s.envelope == 0)
            .map(|s| serde_json::to_string(&s.level).unwrap().replace('"', ""))
            .collect();
        let same_level = !report.passed() || levels.join(",") == referee_levels;
        if (referee_code == "0") != report.passed() || !same_level {
            differ.push(row.name.clone());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!(
        "corpus: {} questions, {} disagreements with validate-pades",
        rows.len(),
        differ.len()
    );
    for name in &differ {
        let reason = DISAGREEMENTS.iter().find(|(known, _)| known == name);
        let (_, reason) = reason.unwrap_or_else(|| panic!("an unexplained disagreement: {name}"));
        println!("  {name}: {reason}");
    }
    for (known, _) in DISAGREEMENTS {
        assert!(
            differ.iter().any(|n| n == known),
            "explained, and no longer so: {known}"
        );
    }
}
