//! Opening one encrypted database: who made it, does the key fit, is it whole, is it of a known version.
//!
//! A database is created under another name and renamed when complete, so that one found half made never
//! exists under its own name. Not in it: what is done about a damaged one (`store`).

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::keys::Form;
use crate::{OpenError, SecretKey, StoreError, log_tail, mark};

#[allow(missing_docs, unreachable_pub)]
mod outbox_schema {
    refinery::embed_migrations!("src/migrations/outbox");
}
#[allow(missing_docs, unreachable_pub)]
mod cache_schema {
    refinery::embed_migrations!("src/migrations/cache");
}

/// Ending of the name of a mark.
const MARK: &str = "-mark";

/// SQLite refuses a page number above the file's end; below one page there is nothing to read.
const PAGE: u64 = 4096;

/// Statements that a connection keeps prepared: more than any of them has.
const STATEMENTS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Outbox,
    Cache,
}

impl Which {
    pub(crate) fn path(self, dir: &Path) -> PathBuf {
        dir.join(match self {
            Self::Outbox => "outbox.db",
            Self::Cache => "cache.db",
        })
    }

    fn runner(self) -> refinery::Runner {
        match self {
            Self::Outbox => outbox_schema::migrations::runner(),
            Self::Cache => cache_schema::migrations::runner(),
        }
    }

    fn known_version(self) -> i64 {
        self.runner()
            .get_migrations()
            .iter()
            .map(|m| i64::from(m.version()))
            .max()
            .unwrap_or(0)
    }

    /// What was acknowledged in the outbox must outlive a power cut; the cache can be fetched again.
    fn synchronous(self) -> &'static str {
        match self {
            Self::Outbox => "FULL",
            Self::Cache => "NORMAL",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    Short,
    Plaintext,
    /// Begins with the salt of this key.
    Ours(Form),
    Other,
}

fn head(path: &Path, key: &SecretKey) -> Result<Head, OpenError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(OpenError::Absent),
        Err(e) => return Err(e.into()),
    };
    let length = file.metadata()?.len();
    let mut first = [0u8; 16];
    if length < 16 {
        return Ok(Head::Short);
    }
    file.read_exact(&mut first)?;
    Ok(match &first {
        b"SQLite format 3\0" => Head::Plaintext,
        _ if length < PAGE => Head::Short,
        found if *found == key.salt(Form::Second) => Head::Ours(Form::Second),
        found if *found == key.salt(Form::First) => Head::Ours(Form::First),
        _ => Head::Other,
    })
}

/// Opens a database that exists. Creates nothing; changes nothing but by its migrations.
pub(crate) fn open(dir: &Path, key: &SecretKey, which: Which) -> Result<Connection, OpenError> {
    let path = which.path(dir);
    let head = head(&path, key)?;
    match head {
        Head::Short => return Err(OpenError::Damaged),
        Head::Plaintext => return Err(OpenError::Foreign),
        Head::Ours(_) | Head::Other => {}
    }
    // Before SQLite looks at the log: it would drop what follows a spoiled frame.
    if which == Which::Outbox && head != Head::Other && log_tail::is_damaged(&beside(&path, "-wal"))? {
        return Err(OpenError::Damaged);
    }
    let mut connection = match head {
        Head::Ours(form) => readable(&path, key, form)?,
        // Only the salt may be spoiled. Without it nothing says that the file was ever ours.
        _ => match readable(&path, key, Form::Second) {
            Err(OpenError::Damaged) => readable(&path, key, Form::First).map_err(|e| match e {
                OpenError::Damaged => OpenError::WrongKey,
                other => other,
            })?,
            found => found?,
        },
    };
    if which == Which::Outbox {
        not_behind_its_mark(&connection, &mark_path(dir), key)?;
    }
    configure(&connection, which)?;
    check(&connection, which)?;
    if head == Head::Other {
        // The key fits and only the salt is spoiled; rewriting the first page puts it back, and readers look for it there.
        let count = mark::count(&connection).map_err(|e| damaged_or(&e))?;
        let mended = format!(
            "PRAGMA user_version = {}; PRAGMA user_version = {count}; PRAGMA wal_checkpoint(TRUNCATE);",
            count ^ 1
        );
        let mended = connection.execute_batch(&mended);
        mended.map_err(|e| refused(&e))?;
    }
    migrate(&mut connection, which)?;
    Ok(connection)
}

/// A connection that could read the first page.
fn readable(path: &Path, key: &SecretKey, form: Form) -> Result<Connection, OpenError> {
    let connection = connect(path, key, form, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(|e| damaged_or(&e))?;
    Ok(connection)
}

/// Where the mark of an outbox is kept.
pub(crate) fn mark_path(dir: &Path) -> PathBuf {
    beside(&Which::Outbox.path(dir), MARK)
}

/// Before the log is brought in: what it would put over the database must not be another time's.
fn not_behind_its_mark(connection: &Connection, path: &Path, key: &SecretKey) -> Result<(), OpenError> {
    let count = mark::count(connection).map_err(|e| damaged_or(&e))?;
    if mark::read(path, key)?.is_none_or(|mark| mark <= count) {
        return Ok(());
    }
    // Closing would bring the log in.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(|e| refused(&e))?;
    Err(OpenError::Damaged)
}

/// Creates a database, complete before it has its name.
pub(crate) fn create(dir: &Path, key: &SecretKey, which: Which) -> Result<Connection, OpenError> {
    let path = which.path(dir);
    if path.try_exists()? {
        return Err(OpenError::AlreadyThere);
    }
    let new = path.with_extension("new");
    for suffix in ["", "-wal", "-shm", "-journal"] {
        remove(&beside(&new, suffix))?;
    }
    // A log left behind by a database of this name that was set aside must not be replayed into the new one.
    for suffix in ["-wal", "-shm", MARK] {
        remove(&beside(&path, suffix))?;
    }
    let mut connection = connect(
        &new,
        key,
        Form::Second,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    configure(&connection, which)?;
    migrate(&mut connection, which)?;
    connection.close().map_err(|(_, e)| refused(&e))?;
    File::open(&new)?.sync_all()?;
    std::fs::rename(&new, &path)?;
    sync_dir(dir)?;
    open(dir, key, which)
}

/// Opens a reader of a database that [`open`] has already checked.
pub(crate) fn reader(path: &Path, key: &SecretKey) -> Result<Connection, StoreError> {
    let form = match head(path, key) {
        Ok(Head::Ours(form)) => form,
        _ => Form::Second,
    };
    let connection =
        connect(path, key, form, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|_| StoreError::Disk)?;
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000;")?;
    Ok(connection)
}

/// Renames a database and its log, so that nothing of it is lost or replayed. Returns the new name.
pub(crate) fn set_aside(dir: &Path, which: Which, now: Timestamp) -> Result<PathBuf, OpenError> {
    let path = which.path(dir);
    let stamp = now.strftime("%Y%m%dT%H%M%S%.3fZ").to_string().replace('.', "");
    let mut aside = path.with_extension(format!("damaged-{stamp}.db"));
    let mut more = 1;
    while aside.try_exists()? {
        more += 1;
        aside = path.with_extension(format!("damaged-{stamp}-{more}.db"));
    }
    // The log first: if we stop between the two, the next start finds the database still damaged and goes on.
    for suffix in ["-wal", "-shm", MARK, ""] {
        match std::fs::rename(beside(&path, suffix), beside(&aside, suffix)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound || suffix.is_empty() => return Err(e.into()),
            _ => {}
        }
    }
    sync_dir(dir)?;
    Ok(aside)
}

/// Removes a cache that can be fetched again.
pub(crate) fn remove_cache(dir: &Path) -> Result<(), OpenError> {
    let path = Which::Cache.path(dir);
    for suffix in ["", "-wal", "-shm"] {
        remove(&beside(&path, suffix))?;
    }
    sync_dir(dir)
}

/// Makes a rename or a removal in a directory durable. Windows has no such call and does it by itself.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), OpenError> {
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

/// The library says that it is ready before its cipher is, so a thread that opens a database while another opens the
/// first one of the process is refused. Everybody waits here until a key is taken once.
fn cipher_is_ready() {
    static READY: Once = Once::new();
    READY.call_once(|| {
        for _ in 0..200 {
            let keyed = Connection::open_in_memory().and_then(|c| c.execute_batch("PRAGMA key = 'ready'"));
            if keyed.is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    });
}

fn connect(path: &Path, key: &SecretKey, form: Form, flags: OpenFlags) -> Result<Connection, OpenError> {
    cipher_is_ready();
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| refused(&e))?;
    let version = connection.query_row("PRAGMA cipher_version", [], |row| row.get::<_, String>(0));
    if !version.is_ok_and(|v| !v.is_empty()) {
        return Err(OpenError::NoCipher);
    }
    // It would write to standard error by itself; what it has to say comes back as typed errors.
    connection
        .pragma_update_and_check(None, "cipher_log_level", "NONE", |_| Ok(()))
        .map_err(|e| refused(&e))?;
    connection
        .execute_batch(key.pragma(form).as_str())
        .map_err(|e| refused(&e))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn configure(connection: &Connection, which: Which) -> Result<(), OpenError> {
    // Temporary tables and sorts stay in memory: SQLite would write them in the clear.
    let settings = format!(
        "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
         PRAGMA busy_timeout = 5000;",
        which.synchronous()
    );
    connection.execute_batch(&settings).map_err(|e| damaged_or(&e))
}

/// Reads every page of an outbox. A cache is found damaged when it is read, and rebuilt.
fn check(connection: &Connection, which: Which) -> Result<(), OpenError> {
    if which == Which::Cache {
        return Ok(());
    }
    // A page torn by a crash during a checkpoint is still whole in the log: bring the log in before judging.
    let moved = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    moved.map_err(|e| damaged_or(&e))?;
    let mut statement = connection
        .prepare("PRAGMA cipher_integrity_check")
        .map_err(|e| damaged_or(&e))?;
    if statement.exists([]).map_err(|e| damaged_or(&e))? {
        return Err(OpenError::Damaged);
    }
    let whole = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match whole {
        Ok(answer) if answer == "ok" => Ok(()),
        Ok(_) => Err(OpenError::Damaged),
        Err(e) => Err(damaged_or(&e)),
    }
}

fn migrate(connection: &mut Connection, which: Which) -> Result<(), OpenError> {
    let known = which.known_version();
    let exists = "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    let history: i64 = connection
        .query_row(exists, [], |row| row.get(0))
        .map_err(|e| damaged_or(&e))?;
    if history > 0 {
        let newest = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
        let found: i64 = connection
            .query_row(newest, [], |row| row.get(0))
            .map_err(|e| damaged_or(&e))?;
        if found > known {
            return Err(OpenError::NewerSchema { found, known });
        }
    }
    // A table that is made anew under its old name must not take along what refers to it.
    let off = connection.execute_batch("PRAGMA foreign_keys = OFF");
    off.map_err(|e| refused(&e))?;
    which
        .runner()
        // One transaction: by itself refinery writes a migration and that it was done in two, and a stop between them would
        // have the next opening do it again, and fail, for ever.
        .set_grouped(true)
        .run(connection)
        .map_err(|e| unmigrated(&e))?;
    connection
        .execute_batch("PRAGMA foreign_keys = ON")
        .map_err(|e| refused(&e))
}

/// A migration that did not go through: a disk that is full or refuses says nothing of the database.
fn unmigrated(error: &refinery::Error) -> OpenError {
    match std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<rusqlite::Error>()) {
        Some(cause) => damaged_or(cause),
        None => OpenError::Damaged,
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), OpenError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

fn unreadable(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}

pub(crate) fn refused(error: &rusqlite::Error) -> OpenError {
    match error {
        rusqlite::Error::SqliteFailure(e, _) if e.code == ErrorCode::DiskFull => {
            OpenError::Disk(std::io::ErrorKind::StorageFull)
        }
        rusqlite::Error::SqliteFailure(e, _) => OpenError::Refused(e.extended_code),
        _ => OpenError::Refused(0),
    }
}

fn damaged_or(error: &rusqlite::Error) -> OpenError {
    if unreadable(error) {
        OpenError::Damaged
    } else {
        refused(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(connection: &Connection, name: &str) -> String {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
        match connection.query_row(&format!("PRAGMA {name}"), [], read).unwrap() {
            rusqlite::types::Value::Integer(n) => n.to_string(),
            rusqlite::types::Value::Text(t) => t,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn an_outbox_outlives_a_power_cut_and_a_cache_need_not() {
        let dir = tempfile::tempdir().unwrap();
        let key = SecretKey::new([1; 32]);
        let outbox = create(dir.path(), &key, Which::Outbox).unwrap();
        // SIGKILL cannot tell FULL from NORMAL, only a power cut can: so the setting itself is held here.
        assert_eq!(setting(&outbox, "synchronous"), "2", "2 is FULL");
        assert_eq!(setting(&outbox, "journal_mode"), "wal");
        assert_eq!(setting(&outbox, "cipher_page_size"), "4096");
        assert_eq!(setting(&outbox, "cipher_hmac_algorithm"), "HMAC_SHA256");
        assert_eq!(setting(&outbox, "foreign_keys"), "1");
        assert_eq!(
            setting(&outbox, "temp_store"),
            "2",
            "2 is memory: a sort must not reach the disk in the clear"
        );
        let cache = create(dir.path(), &key, Which::Cache).unwrap();
        assert_eq!(setting(&cache, "synchronous"), "1", "1 is NORMAL");
    }

    #[test]
    fn a_database_is_never_made_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let key = SecretKey::new([1; 32]);
        drop(create(dir.path(), &key, Which::Outbox).unwrap());
        assert!(matches!(
            create(dir.path(), &key, Which::Outbox),
            Err(OpenError::AlreadyThere)
        ));
        assert!(matches!(
            open(dir.path(), &key, Which::Cache),
            Err(OpenError::Absent)
        ));
        assert!(!Which::Cache.path(dir.path()).exists(), "opening creates nothing");
    }

    #[test]
    fn sorts_that_spill_leave_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let connection = create(dir.path(), &SecretKey::new([1; 32]), Which::Outbox).unwrap();
        let sql = "CREATE TEMP TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                   SELECT i, hex(randomblob(200)) AS h FROM n; SELECT count(*) FROM (SELECT h FROM t ORDER BY h);";
        connection.execute_batch(sql).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["outbox.db", "outbox.db-shm", "outbox.db-wal"]);
    }
}
