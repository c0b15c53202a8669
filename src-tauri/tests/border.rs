//! The border of the window: what it may ask, where it may go, and who may know of it.
//!
//! Commands are written in four places (handler, permission, capability, contract); here they are held together. The
//! configuration is read as it is built into the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const COMMANDS: &[&str] = &include!("../commands.in");

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = package().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: &str) -> serde_json::Value {
    serde_json::from_str(&read(path)).unwrap()
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found: Vec<_> = std::fs::read_dir(package().join(folder))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| (path.clone(), read(&path)))
        .collect();
    found.sort();
    found
}

fn names<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_command_has_its_handler_its_permission_and_its_contract() {
    let commands = names(COMMANDS.iter().copied());
    assert_eq!(commands.len(), COMMANDS.len(), "a command is listed twice");
    assert!(commands.len() > 50, "the list was not read");

    let mut written = BTreeSet::new();
    let mut registered = BTreeSet::new();
    for (path, source) in sources("src/commands") {
        let subject = path.file_stem().unwrap().to_string_lossy().into_owned();
        for part in source.split("#[tauri::command]").skip(1) {
            let (_, after) = part.split_once("async fn ").expect("a command is an async fn");
            written.insert(after.split('(').next().unwrap().to_owned());
        }
        if subject == "mod" {
            for line in source.lines().map(str::trim) {
                if let Some((_, name)) = line.trim_end_matches(',').split_once("::")
                    && line.ends_with(',')
                {
                    registered.insert(name.to_owned());
                }
            }
        }
    }
    assert_eq!(written, commands, "src/commands against commands.in");
    assert_eq!(registered, commands, "the builder's list against commands.in");

    let capability = json("capabilities/main.json");
    let permissions: Vec<&str> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p.as_str().unwrap())
        .collect();
    let allowed = names(permissions.iter().filter_map(|p| p.strip_prefix("allow-")));
    let wanted = commands.iter().map(|name| name.replace('_', "-")).collect();
    assert_eq!(allowed, wanted, "capabilities/main.json against commands.in");

    let table = read("crates/contract/src/lib.rs");
    let promised: BTreeSet<String> = table
        .lines()
        .filter(|line| line.starts_with("//! | [`"))
        .flat_map(|line| line.split('|').nth(2).unwrap().split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        promised, commands,
        "the table of the contract against commands.in"
    );
}

#[test]
fn the_window_gets_nothing_of_the_plugins_and_no_remote_page() {
    let capability = json("capabilities/main.json");
    let foreign: Vec<&str> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|permission| {
            permission
                .as_str()
                .expect("a permission with a scope is for a file or an address")
        })
        .filter(|permission| !permission.starts_with("allow-"))
        .collect();
    assert_eq!(
        foreign,
        [
            "core:event:allow-listen",
            "core:event:allow-unlisten",
            "core:window:allow-set-title"
        ]
    );
    assert!(capability.get("remote").is_none());
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    let others: Vec<_> = std::fs::read_dir(package().join("capabilities"))
        .unwrap()
        .collect();
    assert_eq!(others.len(), 1, "one capability is what the configuration names");
}

#[test]
fn the_policy_loads_bundled_pages_only() {
    let configuration = json("tauri.conf.json");
    assert!(configuration["build"].get("devUrl").is_none());
    let application = &configuration["app"];
    assert_eq!(application["withGlobalTauri"], false);
    let security = &application["security"];
    assert_eq!(security["pattern"]["use"], "isolation");
    assert_eq!(security["freezePrototype"], true);
    assert!(security.get("dangerousDisableAssetCspModification").is_none());
    assert!(security.get("devCsp").is_none());
    assert_eq!(security["capabilities"], serde_json::json!(["main"]));
    let policy = security["csp"].as_object().expect("a policy by directive");
    assert_eq!(policy["default-src"], "'none'");
    // `ipc.localhost` is how WebView2 spells the program's own channel; no name of a network is ever `localhost`.
    let own = [
        "'none'",
        "'self'",
        "blob:",
        "data:",
        "ipc:",
        "http://ipc.localhost",
        "isolation:",
    ];
    for (directive, sources) in policy {
        for source in sources.as_str().unwrap().split_whitespace() {
            assert!(own.contains(&source), "{directive}: {source}");
        }
    }
    for script in ["script-src", "worker-src", "style-src"] {
        assert_eq!(policy[script], "'self'", "{script}");
    }
}

#[test]
fn no_crate_below_the_window_knows_tauri() {
    let asked = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--all-features",
            "--filter-platform",
            env!("BUILT_FOR"),
        ])
        .current_dir(package())
        .output()
        .unwrap();
    assert!(
        asked.status.success(),
        "{}",
        String::from_utf8_lossy(&asked.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&asked.stdout).unwrap();
    let ours: BTreeSet<&str> = metadata["workspace_members"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|m| m.as_str())
        .collect();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let needs = |id: &str| -> Vec<&str> {
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        node["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|d| d.as_str())
            .collect()
    };
    let name = |id: &str| {
        metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .find(|p| p["id"] == id)
            .unwrap()["name"]
            .clone()
    };
    let mut looked_at = 0;
    for member in &ours {
        let mut reached = BTreeSet::new();
        let mut open = vec![*member];
        while let Some(id) = open.pop() {
            if reached.insert(id) {
                open.extend(needs(id));
            }
        }
        let with_window: Vec<_> = reached
            .iter()
            .map(|id| name(id))
            .filter(|name| {
                name.as_str()
                    .is_some_and(|n| n == "tauri" || n.starts_with("tauri-") || n == "wry" || n == "tao")
            })
            .collect();
        if name(member) == "workstation" {
            assert!(!with_window.is_empty(), "the dependencies were not read");
        } else {
            looked_at += 1;
            assert!(with_window.is_empty(), "{member} reaches {with_window:?}");
        }
    }
    assert!(looked_at >= 13, "{looked_at} crates looked at");
}
