//! Several archives opened at once as the first thing a process does. Alone in its binary: only the first opening of a
//! process initialises the cipher.
#![allow(missing_docs)] // a test binary has no public interface
#![allow(clippy::unwrap_used)] // a failure here is a test's failure

use std::sync::Barrier;

use cache::{SecretKey, StoreKeys, UserStore};
use jiff::Timestamp;

#[test]
fn the_first_archives_of_a_process_open_together() {
    const THREADS: usize = 8;
    let start = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for n in 0..THREADS {
            let start = &start;
            scope.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                let key = |purpose: u8| SecretKey::new([u8::try_from(n).unwrap() * 8 + purpose; 32]);
                let keys = StoreKeys {
                    outbox: key(1),
                    cache: key(2),
                    audit: key(3),
                    attachments: key(4),
                };
                start.wait();
                UserStore::create(dir.path(), &keys, Timestamp::now()).unwrap();
            });
        }
    });
}
