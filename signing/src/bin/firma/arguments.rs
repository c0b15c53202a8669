//! Options and files of a command. Few enough to need no library.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Unasked;

/// What is left of the command line.
pub(crate) struct Arguments {
    left: Vec<OsString>,
}

impl Arguments {
    pub(crate) fn new(left: Vec<OsString>) -> Self {
        // `--option=value` is `--option value`.
        let mut split = Vec::new();
        for argument in left {
            match argument.to_str().and_then(|a| a.split_once('=')) {
                Some((name, value)) if name.starts_with("--") => {
                    split.extend([OsString::from(name), OsString::from(value)]);
                }
                _ => split.push(argument),
            }
        }
        Self { left: split }
    }

    /// Takes a flag.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.left.len();
        self.left.retain(|a| a != name);
        self.left.len() < before
    }

    /// Takes an option's value. Given twice, or without a value, it is a mistake.
    pub(crate) fn option(&mut self, name: &str) -> Result<Option<OsString>, Unasked> {
        let Some(at) = self.left.iter().position(|a| a == name) else {
            return Ok(None);
        };
        self.left.remove(at);
        if at >= self.left.len() || is_option(&self.left[at]) {
            return Err(Unasked::new(format!("manca il valore di {name}.")));
        }
        let value = self.left.remove(at);
        if self.left.iter().any(|a| a == name) {
            return Err(Unasked::new(format!("{name} è indicato due volte.")));
        }
        Ok(Some(value))
    }

    /// An option's value as text.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Unasked> {
        self.option(name)?
            .map(|value| {
                value
                    .into_string()
                    .map_err(|_| Unasked::new(format!("il valore di {name} non è testo.")))
            })
            .transpose()
    }

    /// Takes every value of an option that may be repeated.
    pub(crate) fn repeated(&mut self, name: &str) -> Result<Vec<PathBuf>, Unasked> {
        let mut values = Vec::new();
        while let Some(at) = self.left.iter().position(|a| a == name) {
            self.left.remove(at);
            match self.left.get(at) {
                Some(value) if !is_option(value) => values.push(PathBuf::from(self.left.remove(at))),
                _ => return Err(Unasked::new(format!("manca il valore di {name}."))),
            }
        }
        Ok(values)
    }

    /// Takes every value of an option that may be repeated and may have several values at once.
    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<PathBuf>, Unasked> {
        let mut values = Vec::new();
        while let Some(at) = self.left.iter().position(|a| a == name) {
            self.left.remove(at);
            let before = values.len();
            while at < self.left.len() && !is_option(&self.left[at]) {
                values.push(PathBuf::from(self.left.remove(at)));
            }
            if values.len() == before {
                return Err(Unasked::new(format!("manca il valore di {name}.")));
            }
        }
        Ok(values)
    }

    /// Takes the only file that is left. `greedy`: a list that may have swallowed it, when it came last.
    pub(crate) fn file(mut self, greedy: &mut Vec<PathBuf>) -> Result<PathBuf, Unasked> {
        if let Some(unknown) = self.left.iter().find(|a| is_option(a)) {
            let unknown = unknown.to_string_lossy();
            return Err(Unasked::new(format!("l'opzione {unknown} non esiste.")));
        }
        match (self.left.pop(), self.left.is_empty()) {
            (Some(file), true) => Ok(PathBuf::from(file)),
            (Some(_), false) => Err(Unasked::new("si indica un solo file per volta.")),
            (None, _) if greedy.len() > 1 => greedy.pop().ok_or_else(|| Unasked::new("manca il file.")),
            (None, _) => Err(Unasked::new("manca il file.")),
        }
    }

    /// Nothing may be left.
    pub(crate) fn nothing(self) -> Result<(), Unasked> {
        match self.left.first() {
            None => Ok(()),
            Some(left) => {
                let left = left.to_string_lossy();
                Err(Unasked::new(format!("l'argomento {left} non serve qui.")))
            }
        }
    }
}

fn is_option(argument: &OsString) -> bool {
    argument.to_str().is_some_and(|a| a.starts_with("--"))
}

/// Reads a file that the question needs.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Unasked> {
    std::fs::read(path)
        .map_err(|error| Unasked::new(format!("{} non si può leggere: {error}.", path.display())))
}

/// A signed file is never written over another.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Unasked> {
    use std::io::Write as _;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| Unasked::new(format!("{} non si può scrivere: {error}.", path.display())))
}
