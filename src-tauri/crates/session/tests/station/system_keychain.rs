//! The system's own keychain, where this machine has one to try: a Secret Service on a session bus of its own.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use session::{Keychain, Stations};

use crate::{CHEAP, PIN, at, person, profile, secret};

const DIR: &str = "SESSION_KEYCHAIN_DIR";

#[test]
#[ignore = "the child of the keychain test, which runs it on a bus of its own"]
fn child_on_a_bus_of_its_own() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let keychain = Keychain::system();
    assert!(
        keychain.is_available(),
        "the service answers, so it must be found"
    );
    let stations = Stations::at(&dir, keychain, CHEAP);
    let made = stations
        .enrol(&person(), &secret(PIN), &profile("X", 0), at(0))
        .unwrap();
    let again = Stations::at(&dir, Keychain::system(), CHEAP);
    let opened = again.unlock(&person(), &secret(PIN), at(1)).unwrap();
    assert_eq!(
        *made.derive(session::Purpose::Outbox),
        *opened.derive(session::Purpose::Outbox)
    );
}

#[test]
fn the_secret_service_holds_its_half() {
    let installed =
        |name: &str| std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|p| p.join(name).exists());
    if !installed("dbus-run-session") || !installed("gnome-keyring-daemon") {
        println!("keychain check not run: no dbus-run-session or gnome-keyring-daemon");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let script = "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$0\" \
                  --exact system_keychain::child_on_a_bus_of_its_own --ignored --test-threads=1";
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path())
        .env(DIR, home.path().join("users"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        Path::new(&home.path().join("users")).exists(),
        "the child wrote its key file here"
    );
}

#[test]
fn without_a_bus_there_is_no_keychain() {
    // A child again: the environment of this process is shared with other tests.
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "system_keychain::child_without_a_bus",
            "--ignored",
            "--test-threads=1",
        ])
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
#[ignore = "the child of the test above"]
fn child_without_a_bus() {
    assert!(!Keychain::system().is_available());
}
