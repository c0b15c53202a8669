//! Attachments: what was stored comes back, and spoiled pieces never do.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

use cache::attachments::PIECE;
use cache::{AttachmentError, UserStore};
use clinical::{AttachmentId, Sensitive};
use sha2::{Digest, Sha256};

use crate::{at, create, open};

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 31 + i / 251) as u8).collect()
}

fn store(store: &UserStore, bytes: &[u8]) -> cache::Attachment {
    let name = Sensitive::new("ecg.pdf".to_owned());
    store
        .attachments
        .store("teleconsult-1", "application/pdf", name, &mut &bytes[..], at(1))
        .unwrap()
}

fn file(dir: &std::path::Path, id: &AttachmentId) -> PathBuf {
    dir.join("attachments").join(id.as_str())
}

fn read(store: &UserStore, id: &AttachmentId) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    store.attachments.read(id).unwrap().read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[test]
fn every_size_around_a_piece_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let user = create(dir.path());
    for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5] {
        let bytes = content(size);
        let row = store(&user, &bytes);
        assert_eq!(
            (row.size, row.sha256),
            (size as u64, hex::encode(Sha256::digest(&bytes)))
        );
        assert!(
            read(&user, &row.id).unwrap() == bytes,
            "{size} bytes did not come back"
        );
    }
    user.close();
    assert_eq!(open(dir.path()).attachments.of("teleconsult-1").unwrap().len(), 7);
}

#[test]
fn pieces_cannot_be_spoiled_swapped_dropped_or_cut() {
    let dir = tempfile::tempdir().unwrap();
    let user = create(dir.path());
    let id = store(&user, &content(3 * PIECE)).id;
    let path = file(dir.path(), &id);
    let whole = fs::read(&path).unwrap();
    let (head, sealed) = (15, PIECE + 16);
    assert_eq!(whole.len(), head + 3 * sealed);
    let piece = |n: usize| &whole[head + n * sealed..head + (n + 1) * sealed];
    let mut flipped = whole.clone();
    flipped[head + sealed + 99] ^= 1;
    let spoiled = [
        ("a bit", flipped),
        ("swapped", [&whole[..head], piece(1), piece(0), piece(2)].concat()),
        ("dropped", [&whole[..head], piece(0), piece(2)].concat()),
        ("cut at a piece", whole[..head + 2 * sealed].to_vec()),
        ("cut inside", whole[..head + 2 * sealed + 100].to_vec()),
        ("longer", [&whole[..], b"more"].concat()),
        ("emptied", whole[..head].to_vec()),
    ];
    for (how, bytes) in spoiled {
        fs::write(&path, bytes).unwrap();
        let error = read(&user, &id).expect_err(how);
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{how}");
    }
    fs::write(&path, b"PST").unwrap();
    assert!(matches!(
        user.attachments.read(&id),
        Err(AttachmentError::Damaged)
    ));
    fs::remove_file(&path).unwrap();
    assert!(matches!(
        user.attachments.read(&id),
        Err(AttachmentError::Missing)
    ));
}

#[test]
fn one_file_cannot_stand_in_for_another() {
    let dir = tempfile::tempdir().unwrap();
    let user = create(dir.path());
    let (one, two) = (store(&user, b"of one patient").id, store(&user, b"of another").id);
    fs::copy(file(dir.path(), &one), file(dir.path(), &two)).unwrap();
    assert_eq!(
        read(&user, &two).expect_err("another's file was read").kind(),
        ErrorKind::InvalidData
    );
}

#[test]
fn a_file_is_read_from_any_byte_on_also_by_a_key_that_opens_only_it() {
    let dir = tempfile::tempdir().unwrap();
    let user = create(dir.path());
    let bytes = content(2 * PIECE + 77);
    let (one, other) = (store(&user, &bytes).id, store(&user, b"another").id);
    let sealed = user.attachments.sealed(&one).unwrap();
    let (path, id, key) = sealed.to_parts();
    let rest = |sealed: &cache::SealedFile, from: usize| {
        let mut found = Vec::new();
        sealed
            .read_from(from as u64)
            .unwrap()
            .read_to_end(&mut found)
            .unwrap();
        found
    };
    for from in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 76] {
        assert!(rest(&sealed, from) == bytes[from..], "read from {from} on");
    }
    user.close();
    let carried = cache::SealedFile::from_parts(path, &id, key);
    assert!(
        rest(&carried, PIECE) == bytes[PIECE..],
        "not without the user's keys"
    );
    let elsewhere = cache::SealedFile::from_parts(file(dir.path(), &other), other.as_str(), key);
    let mut found = Vec::new();
    let opened = elsewhere.read_from(0).unwrap().read_to_end(&mut found);
    assert!(opened.is_err() && found.is_empty(), "the key opened another file");
}

struct Failing(usize);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(ErrorKind::ConnectionReset.into());
        }
        self.0 -= 1;
        buffer.fill(7);
        Ok(buffer.len())
    }
}

#[test]
fn a_source_that_fails_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let user = create(dir.path());
    let name = Sensitive::new("ecg.pdf".to_owned());
    let failed = user
        .attachments
        .store("t", "application/pdf", name, &mut Failing(2), at(1));
    assert!(matches!(
        failed,
        Err(AttachmentError::Source(ErrorKind::ConnectionReset))
    ));
    assert_eq!(fs::read_dir(dir.path().join("attachments")).unwrap().count(), 0);
    assert_eq!(user.attachments.of("t").unwrap(), []);
}

#[test]
fn what_a_crash_left_half_written_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).close();
    let left = dir.path().join("attachments").join("0198.part");
    fs::write(&left, b"half").unwrap();
    open(dir.path());
    assert!(!left.exists());
}

#[test]
fn an_attachment_thrown_away_leaves_neither_row_nor_file() {
    let dir = tempfile::tempdir().unwrap();
    let user = create(dir.path());
    let (gone, kept) = (store(&user, b"uno"), store(&user, b"due"));
    user.attachments.discard(&gone.id, at(2)).unwrap();
    assert!(
        !file(dir.path(), &gone.id).exists(),
        "the file stayed on the disk"
    );
    assert_eq!(user.attachments.get(&gone.id).unwrap(), None);
    assert_eq!(
        user.attachments.of("teleconsult-1").unwrap(),
        std::slice::from_ref(&kept)
    );
    assert_eq!(read(&user, &kept.id).unwrap(), b"due");
    user.attachments.discard(&gone.id, at(3)).unwrap();
}
