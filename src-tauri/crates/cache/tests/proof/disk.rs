//! A disk between SQLite and the real one: writes down what is written and synced, is full when told, and can make a database
//! careless (`synchronous = NORMAL`), so that the power-cut rig can be seen to find what it should.
//!
//! It is SQLite's default file system of this process; it watches the directories that were given to it and lets everything
//! else through. Unsafe because SQLite's interface of file systems is C: every function forwards to the real file system
//! with the file that SQLite opened through it, and nothing is kept of a pointer beyond the call.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, OnceLock};

use rusqlite::ffi;

/// The files of the outbox that matter after a power cut; its index of the log is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Database,
    Log,
}

/// What reached the disk, in order.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Write {
        part: Part,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        part: Part,
        size: usize,
    },
    Sync {
        part: Part,
    },
    Delete {
        part: Part,
        synced: bool,
    },
    /// Put in by the test: a write of that number was acknowledged.
    Acknowledged(usize),
}

/// One watched directory.
#[derive(Default)]
pub(crate) struct Watch {
    ops: Mutex<Vec<Op>>,
    recording: AtomicBool,
    careless: AtomicBool,
    /// Writes until the disk is full; below zero it never is.
    until_full: AtomicI64,
    /// Writes that are refused then.
    refused: AtomicI64,
    pub(crate) refusals: AtomicU64,
}

impl Watch {
    /// Watches a directory. What was opened before is not seen.
    pub(crate) fn over(dir: &Path) -> Arc<Self> {
        install();
        let watch = Arc::new(Self::default());
        watch.until_full.store(-1, Ordering::SeqCst);
        watched().lock().unwrap().insert(dir.to_owned(), watch.clone());
        watch
    }

    pub(crate) fn record(&self) {
        self.recording.store(true, Ordering::SeqCst);
    }

    pub(crate) fn acknowledged(&self, number: usize) {
        self.ops.lock().unwrap().push(Op::Acknowledged(number));
    }

    pub(crate) fn ops(&self) -> Vec<Op> {
        self.ops.lock().unwrap().clone()
    }

    /// Databases opened from now on are not synced at each commit.
    pub(crate) fn make_careless(&self) {
        self.careless.store(true, Ordering::SeqCst);
    }

    /// After so many writes the disk is full, for so many writes.
    pub(crate) fn full_after(&self, writes: i64, refused: i64) {
        self.refused.store(refused, Ordering::SeqCst);
        self.until_full.store(writes, Ordering::SeqCst);
    }

    pub(crate) fn freed(&self) {
        self.until_full.store(-1, Ordering::SeqCst);
    }

    fn is_full(&self) -> bool {
        let left = self.until_full.load(Ordering::SeqCst);
        if left < 0 {
            return false;
        }
        if left > 0 {
            self.until_full.store(left - 1, Ordering::SeqCst);
            return false;
        }
        let refused = self.refused.fetch_sub(1, Ordering::SeqCst);
        if refused <= 0 {
            self.freed();
            return false;
        }
        self.refusals.fetch_add(1, Ordering::SeqCst);
        true
    }

    fn note(&self, part: Option<Part>, op: impl FnOnce(Part) -> Op) {
        if let Some(part) = part
            && self.recording.load(Ordering::SeqCst)
        {
            self.ops.lock().unwrap().push(op(part));
        }
    }
}

fn watched() -> &'static Mutex<HashMap<PathBuf, Arc<Watch>>> {
    static WATCHED: OnceLock<Mutex<HashMap<PathBuf, Arc<Watch>>>> = OnceLock::new();
    WATCHED.get_or_init(Mutex::default)
}

struct Seen {
    watch: Arc<Watch>,
    part: Option<Part>,
}

fn seen(name: *const c_char) -> Option<Seen> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite gives a file name that ends with zero.
    let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
    let path = Path::new(name);
    let watch = watched().lock().unwrap().get(path.parent()?)?.clone();
    let part = match path.file_name()?.to_str()? {
        "outbox.db" => Some(Part::Database),
        "outbox.db-wal" => Some(Part::Log),
        _ => None,
    };
    Some(Seen { watch, part })
}

/// A file as SQLite holds it; the real file system's own follows in the same room.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    seen: *mut Seen,
}

/// The real file system.
static mut REAL: *mut ffi::sqlite3_vfs = std::ptr::null_mut();

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the default file system lives as long as the process; the copy is leaked and does too. Nothing reads REAL
        // before it is registered.
        unsafe {
            REAL = ffi::sqlite3_vfs_find(std::ptr::null());
            let mut ours = *REAL;
            ours.pNext = std::ptr::null_mut();
            ours.zName = c"watched".as_ptr();
            ours.szOsFile = (*REAL).szOsFile + c_int::try_from(size_of::<File>()).unwrap();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            assert_eq!(
                ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1),
                ffi::SQLITE_OK
            );
        }
    });
}

// SAFETY of all that follows: SQLite calls them with a file that `open` prepared, and keeps it alive during the call.

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    unsafe {
        let file = file.cast::<File>();
        (*file).base.pMethods = std::ptr::null();
        (*file).seen = std::ptr::null_mut();
        let real = real(file);
        let done = (*REAL).xOpen.unwrap()(REAL, name, real, flags, out);
        if !(*real).pMethods.is_null() {
            (*file).base.pMethods = &METHODS;
            if let Some(seen) = seen(name) {
                (*file).seen = Box::into_raw(Box::new(seen));
            }
        }
        done
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    let done = unsafe { (*REAL).xDelete.unwrap()(REAL, name, sync_dir) };
    if let Some(seen) = seen(name) {
        seen.watch.note(seen.part, |part| Op::Delete {
            part,
            synced: sync_dir != 0,
        });
    }
    done
}

unsafe fn real(file: *mut File) -> *mut ffi::sqlite3_file {
    unsafe { file.add(1).cast() }
}

unsafe fn parts<'a>(
    file: *mut ffi::sqlite3_file,
) -> (
    *mut ffi::sqlite3_file,
    &'a ffi::sqlite3_io_methods,
    Option<&'a Seen>,
) {
    unsafe {
        let file = file.cast::<File>();
        let real = real(file);
        (real, &*(*real).pMethods, (*file).seen.as_ref())
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    unsafe {
        let (real, methods, _) = parts(file);
        let done = methods.xClose.unwrap()(real);
        let file = file.cast::<File>();
        if !(*file).seen.is_null() {
            drop(Box::from_raw((*file).seen));
            (*file).seen = std::ptr::null_mut();
        }
        done
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    offset: i64,
) -> c_int {
    unsafe {
        let (real, methods, seen) = parts(file);
        if seen.is_some_and(|seen| seen.watch.is_full()) {
            return ffi::SQLITE_FULL;
        }
        let done = methods.xWrite.unwrap()(real, from, length, offset);
        if let (Some(seen), ffi::SQLITE_OK) = (seen, done) {
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(length).unwrap());
            seen.watch.note(seen.part, |part| Op::Write {
                part,
                offset: usize::try_from(offset).unwrap(),
                bytes: bytes.to_vec(),
            });
        }
        done
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    unsafe {
        let (real, methods, seen) = parts(file);
        let done = methods.xTruncate.unwrap()(real, size);
        if let (Some(seen), ffi::SQLITE_OK) = (seen, done) {
            let size = usize::try_from(size).unwrap();
            seen.watch.note(seen.part, |part| Op::Truncate { part, size });
        }
        done
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    unsafe {
        let (real, methods, seen) = parts(file);
        let done = methods.xSync.unwrap()(real, flags);
        if let (Some(seen), ffi::SQLITE_OK) = (seen, done) {
            seen.watch.note(seen.part, |part| Op::Sync { part });
        }
        done
    }
}

unsafe extern "C" fn control(file: *mut ffi::sqlite3_file, op: c_int, argument: *mut c_void) -> c_int {
    unsafe {
        let (real, methods, seen) = parts(file);
        if op == ffi::SQLITE_FCNTL_PRAGMA
            && seen.is_some_and(|seen| seen.watch.careless.load(Ordering::SeqCst))
        {
            // Name and value of a PRAGMA, before SQLite reads them: `FULL` becomes `1`, which is NORMAL.
            let words = argument.cast::<*mut c_char>();
            let (name, value) = (*words.add(1), *words.add(2));
            if !name.is_null()
                && !value.is_null()
                && CStr::from_ptr(name)
                    .to_bytes()
                    .eq_ignore_ascii_case(b"synchronous")
                && CStr::from_ptr(value).to_bytes() == b"FULL"
            {
                *value = b'1'.cast_signed() as c_char;
                *value.add(1) = 0;
            }
        }
        methods.xFileControl.unwrap()(real, op, argument)
    }
}

macro_rules! forward {
    ($($name:ident => $method:ident($($argument:ident: $kind:ty),*) $(-> $back:ty)?;)*) => {
        $(unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file, $($argument: $kind),*) $(-> $back)? {
            unsafe {
                let (real, methods, _) = parts(file);
                methods.$method.unwrap()(real, $($argument),*)
            }
        })*
    };
}

forward! {
    read => xRead(to: *mut c_void, length: c_int, offset: i64) -> c_int;
    file_size => xFileSize(size: *mut i64) -> c_int;
    lock => xLock(kind: c_int) -> c_int;
    unlock => xUnlock(kind: c_int) -> c_int;
    check_lock => xCheckReservedLock(out: *mut c_int) -> c_int;
    sector_size => xSectorSize() -> c_int;
    characteristics => xDeviceCharacteristics() -> c_int;
    shm_map => xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int;
    shm_lock => xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    shm_barrier => xShmBarrier();
    shm_unmap => xShmUnmap(remove: c_int) -> c_int;
    fetch => xFetch(offset: i64, amount: c_int, out: *mut *mut c_void) -> c_int;
    unfetch => xUnfetch(offset: i64, page: *mut c_void) -> c_int;
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};
