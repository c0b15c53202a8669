//! The helper as a process: it needs a program, ends with its pipe, and knows no secret from outside.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hostile_token::HostileToken;
use signing::DeviceError;
use signing::token::helper::ARGUMENT;
use signing::token::pkcs11::Pkcs11Signer;

const HELPER: &str = env!("CARGO_BIN_EXE_token-helper");

#[test]
fn a_helper_ends_when_its_pipe_does() {
    let mut child = Command::new(HELPER)
        .arg(ARGUMENT)
        .arg(HostileToken::library().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = [0; 16];
    child.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
    assert!(child.try_wait().unwrap().is_none(), "it waits for questions");
    drop(child.stdin.take());
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "it outlives its program"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_is_no_question_ends_the_helper() {
    let mut child = Command::new(HELPER)
        .arg(ARGUMENT)
        .arg(HostileToken::library().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    use std::io::Write as _;
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(b"\x00PSTOK1\n\x00\x00\x00\x09\"NoSuch\"}")
        .unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(60), "it goes on");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_program_without_a_helper_loads_no_driver() {
    // In a process of its own: other tests name a helper.
    const ALONE: &str = "SIGNING_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        let refused = Pkcs11Signer::open(&HostileToken::library().unwrap()).err();
        assert_eq!(refused, Some(DeviceError::HelperMissing));
        signing::token::helper::use_program("/nonexistent/helper".into());
        let refused = Pkcs11Signer::open(&HostileToken::library().unwrap()).err();
        assert_eq!(refused, Some(DeviceError::HelperMissing));
        return;
    }
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["helper::a_program_without_a_helper_loads_no_driver", "--exact"])
        .env(ALONE, "yes")
        .output()
        .unwrap();
    assert!(
        again.status.success(),
        "{}",
        String::from_utf8_lossy(&again.stdout)
    );
}
