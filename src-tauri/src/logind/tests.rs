//! Against a real D-Bus daemon of the test's own, where a small login1 answers, signals and counts inhibitors as logind does: by the
//! descriptor that closes.

use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use zbus::blocking::{Connection, connection};
use zbus::zvariant::{self, OwnedObjectPath, Value};
use zbus::{fdo, interface};

use crate::awake::Awake;
use crate::logind::{Mode, inhibit_sleep};
use crate::system_lock;

const PATIENCE: Duration = Duration::from_secs(60);
const OURS: &str = "/org/freedesktop/login1/session/_31";
const ANOTHERS: &str = "/org/freedesktop/login1/session/_32";

/// A bus that ends with the test.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn open() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed by `npm test`");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            daemon,
            address: address.trim().to_owned(),
        }
    }

    fn connect(&self) -> Connection {
        connection::Builder::address(&*self.address)
            .unwrap()
            .build()
            .unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// An inhibitor as logind keeps it.
struct Held {
    what: String,
    mode: String,
    ours: UnixStream,
}

impl Held {
    fn is_released(&self) -> bool {
        self.ours.set_nonblocking(true).unwrap();
        matches!((&self.ours).read(&mut [0]), Ok(0))
    }
}

#[derive(Clone, Default)]
struct Inhibitors(Arc<Mutex<Vec<Held>>>);

impl Inhibitors {
    /// The modes of those in force.
    fn in_force(&self) -> Vec<String> {
        let mut all = self.0.lock().unwrap();
        all.retain(|held| !held.is_released());
        all.iter()
            .map(|held| format!("{} {}", held.what, held.mode))
            .collect()
    }

    fn until(&self, wanted: &[&str]) {
        let give_up = Instant::now() + PATIENCE;
        while self.in_force() != wanted {
            assert!(
                Instant::now() < give_up,
                "in force: {:?}, not {wanted:?}",
                self.in_force()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

struct Manager(Inhibitors);

#[interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> fdo::Result<zvariant::OwnedFd> {
        assert_eq!(who, "Postazione");
        assert!(!why.is_empty());
        let (ours, theirs) = UnixStream::pair().unwrap();
        self.0.0.lock().unwrap().push(Held {
            what: what.to_owned(),
            mode: mode.to_owned(),
            ours,
        });
        Ok(OwnedFd::from(theirs).into())
    }

    #[zbus(name = "GetSessionByPID")]
    fn get_session_by_pid(&self, pid: u32) -> fdo::Result<OwnedObjectPath> {
        assert_eq!(pid, std::process::id());
        Ok(OwnedObjectPath::try_from(OURS).unwrap())
    }
}

/// logind as far as it is asked.
struct Login1 {
    bus: Connection,
    inhibitors: Inhibitors,
}

impl Login1 {
    fn on(bus: &Bus) -> Self {
        let inhibitors = Inhibitors::default();
        let connection = connection::Builder::address(&*bus.address)
            .unwrap()
            .serve_at("/org/freedesktop/login1", Manager(inhibitors.clone()))
            .unwrap()
            .name("org.freedesktop.login1")
            .unwrap()
            .build()
            .unwrap();
        Self {
            bus: connection,
            inhibitors,
        }
    }

    fn lock(&self, session: &str) {
        self.bus
            .emit_signal(None::<()>, session, "org.freedesktop.login1.Session", "Lock", &())
            .unwrap();
    }

    fn locked_hint(&self, session: &str, locked: bool) {
        let changed = std::collections::HashMap::from([("LockedHint", Value::from(locked))]);
        let body = ("org.freedesktop.login1.Session", changed, Vec::<String>::new());
        self.bus
            .emit_signal(
                None::<()>,
                session,
                "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                &body,
            )
            .unwrap();
    }

    fn prepare_for_sleep(&self, falls_asleep: bool) {
        self.bus
            .emit_signal(
                None::<()>,
                "/org/freedesktop/login1",
                "org.freedesktop.login1.Manager",
                "PrepareForSleep",
                &falls_asleep,
            )
            .unwrap();
    }
}

/// Listens as the program does; each lock is told with the inhibitors in force while it was being carried out.
fn listening(bus: &Bus, login1: &Login1) -> Receiver<Vec<String>> {
    let (to_test, locks): (Sender<Vec<String>>, _) = mpsc::channel();
    let (connection, inhibitors) = (bus.connect(), login1.inhibitors.clone());
    std::thread::spawn(move || {
        let _ = system_lock::listen(&connection, || {
            let _ = to_test.send(inhibitors.in_force());
        });
    });
    // It hears from here on: the delay is asked for after the signals.
    login1.inhibitors.until(&["sleep delay"]);
    locks
}

#[test]
fn the_session_s_lock_locks_the_station_and_another_account_s_does_not() {
    let bus = Bus::open();
    let login1 = Login1::on(&bus);
    let locks = listening(&bus, &login1);
    login1.lock(ANOTHERS);
    login1.locked_hint(ANOTHERS, true);
    login1.locked_hint(OURS, false);
    login1.prepare_for_sleep(false);
    login1.lock(OURS);
    locks.recv_timeout(PATIENCE).expect("Lock was not heard");
    login1.locked_hint(OURS, true);
    locks.recv_timeout(PATIENCE).expect("LockedHint was not heard");
    // Signals arrive in order: what came before these locked nothing.
    login1.lock(OURS);
    locks.recv_timeout(PATIENCE).unwrap();
    assert!(locks.try_recv().is_err(), "something else locked the station");
}

#[test]
fn sleep_waits_until_the_station_is_locked_and_is_held_again_after_it() {
    let bus = Bus::open();
    let login1 = Login1::on(&bus);
    let locks = listening(&bus, &login1);
    for _ in 0..2 {
        login1.prepare_for_sleep(true);
        let meanwhile = locks.recv_timeout(PATIENCE).expect("sleep did not lock");
        assert_eq!(
            meanwhile,
            ["sleep delay"],
            "the PC slept before the lock was done"
        );
        login1.inhibitors.until(&[]);
        login1.prepare_for_sleep(false);
        login1.inhibitors.until(&["sleep delay"]);
    }
}

#[test]
fn a_need_blocks_sleep_once_and_its_end_or_the_program_s_gives_it_back() {
    let bus = Bus::open();
    let login1 = Login1::on(&bus);
    let connection = bus.connect();
    let hold = move || inhibit_sleep(&connection, "prova", Mode::Block).ok();
    let awake = Awake::by(hold);
    awake.needed(true);
    awake.needed(true);
    login1.inhibitors.until(&["sleep block"]);
    awake.needed(false);
    login1.inhibitors.until(&[]);
    awake.needed(true);
    login1.inhibitors.until(&["sleep block"]);
    drop(awake);
    login1.inhibitors.until(&[]);
}

#[test]
fn without_logind_nothing_is_held_and_nothing_breaks() {
    let bus = Bus::open();
    let connection = bus.connect();
    assert!(inhibit_sleep(&connection, "prova", Mode::Block).is_err());
    let (tried, tries) = mpsc::channel();
    let awake = Awake::by(move || {
        let held = inhibit_sleep(&connection, "prova", Mode::Block).ok();
        let _ = tried.send(held.is_some());
        held
    });
    awake.needed(true);
    awake.needed(false);
    awake.needed(true);
    assert!(!tries.recv_timeout(PATIENCE).unwrap());
    assert!(
        !tries.recv_timeout(PATIENCE).unwrap(),
        "the next need does not ask again"
    );
}
