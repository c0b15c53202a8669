//! What the command line and the environment say.
//!
//! The command line comes before the environment. Not in it: defaults that depend on the system (`lib`) or on the edition (`region_address`).

use std::ffi::OsString;
use std::path::PathBuf;

use url::Url;

/// What was asked for at the start.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// The region, in place of the embedded or the configured one.
    pub(crate) region: Option<Url>,
    /// Where archives are kept.
    pub(crate) data: Option<PathBuf>,
    /// Port of the embedded region (training).
    pub(crate) port: Option<u16>,
    /// Drivers of cards and tokens.
    pub(crate) pkcs11: Vec<PathBuf>,
    /// Roots of signatures, a PEM file.
    pub(crate) signature_roots: Option<PathBuf>,
    /// Time-stamp authorities, asked in this order.
    pub(crate) time_stamp_authorities: Vec<String>,
    /// Roots of time-stamp authorities, a PEM file.
    pub(crate) time_stamp_roots: Option<PathBuf>,
    /// Folder of the templates, ladder and checklists of the region.
    pub(crate) assets: Option<PathBuf>,
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Open the window.
    Start(Box<Options>),
    /// Print the version and end.
    Version,
    /// Print how it is used and end.
    Help,
    /// The command line is not understood; the word concerned.
    Wrong(String),
}

/// How it is used.
pub(crate) const USAGE: &str = "Uso: postazione [--region INDIRIZZO] [--data CARTELLA] [--port PORTA] [--version]\n\
    --region   indirizzo della Regione (anche POSTAZIONE_REGION)\n\
    --data     cartella degli archivi cifrati (anche POSTAZIONE_DATA)\n\
    --port     porta della Regione di prova compresa nel programma\n\
    POSTAZIONE_PKCS11            moduli di carte e token\n\
    POSTAZIONE_SIGNATURE_ROOTS   certificati radice delle firme (PEM)\n\
    POSTAZIONE_TSA               indirizzi delle autorità di marca temporale, separati da spazi\n\
    POSTAZIONE_TSA_ROOTS         certificati radice delle marche temporali (PEM)\n\
    POSTAZIONE_ASSETS            cartella dei dati della Regione: teleconsult/templates.json, cot/escalation.json, cot/paths.json\n";

/// Reads the command line; `variable` reads the environment.
pub(crate) fn read(
    mut arguments: impl Iterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Wish {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut options = Options {
        data: set("POSTAZIONE_DATA").map(PathBuf::from),
        pkcs11: set("POSTAZIONE_PKCS11")
            .map(|list| std::env::split_paths(&list).collect())
            .unwrap_or_default(),
        signature_roots: set("POSTAZIONE_SIGNATURE_ROOTS").map(PathBuf::from),
        time_stamp_authorities: set("POSTAZIONE_TSA")
            .map(|list| {
                list.to_string_lossy()
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default(),
        time_stamp_roots: set("POSTAZIONE_TSA_ROOTS").map(PathBuf::from),
        assets: set("POSTAZIONE_ASSETS").map(PathBuf::from),
        ..Options::default()
    };
    if let Some(region) = set("POSTAZIONE_REGION") {
        match region.to_str().and_then(|text| Url::parse(text).ok()) {
            Some(region) => options.region = Some(region),
            None => return Wish::Wrong("POSTAZIONE_REGION".to_owned()),
        }
    }
    while let Some(argument) = arguments.next() {
        let name = argument.to_string_lossy().into_owned();
        match name.as_str() {
            "--version" | "-V" => return Wish::Version,
            "--help" | "-h" => return Wish::Help,
            "--region" | "--data" | "--port" => {}
            _ => return Wish::Wrong(name),
        }
        let Some(value) = arguments.next() else {
            return Wish::Wrong(name);
        };
        let understood = match name.as_str() {
            "--data" => {
                options.data = Some(PathBuf::from(value));
                true
            }
            "--region" => {
                options.region = value.to_str().and_then(|text| Url::parse(text).ok());
                options.region.is_some()
            }
            _ => {
                options.port = value.to_str().and_then(|text| text.parse().ok());
                options.port.is_some()
            }
        };
        if !understood {
            return Wish::Wrong(name);
        }
    }
    Wish::Start(Box::new(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str], environment: &[(&str, &str)]) -> Wish {
        read(words.iter().map(OsString::from), |name| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    fn started(wish: Wish) -> Options {
        match wish {
            Wish::Start(options) => *options,
            other => panic!("not a start: {other:?}"),
        }
    }

    #[test]
    fn the_command_line_comes_before_the_environment() {
        let environment = [
            ("POSTAZIONE_REGION", "https://uno.example/"),
            ("POSTAZIONE_DATA", "/uno"),
            ("POSTAZIONE_ASSETS", "/tre"),
        ];
        let options = started(asked(
            &["--region", "https://due.example/", "--port", "8787"],
            &environment,
        ));
        assert_eq!(
            options.region.map(String::from).as_deref(),
            Some("https://due.example/")
        );
        assert_eq!(options.data, Some(PathBuf::from("/uno")));
        assert_eq!(options.assets, Some(PathBuf::from("/tre")));
        assert_eq!(options.port, Some(8787));
    }

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        let options = started(asked(&[], &[("POSTAZIONE_REGION", ""), ("POSTAZIONE_DATA", "")]));
        assert!(options.region.is_none() && options.data.is_none());
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (words, named) in [
            (&["--regione"][..], "--regione"),
            (&["--region", "non un indirizzo"], "--region"),
            (&["--port", "99999"], "--port"),
            (&["--data"], "--data"),
        ] {
            assert!(
                matches!(asked(words, &[]), Wish::Wrong(word) if word == named),
                "{words:?}"
            );
        }
        assert!(matches!(
            asked(&[], &[("POSTAZIONE_REGION", "::")]),
            Wish::Wrong(_)
        ));
        assert!(matches!(asked(&["--version"], &[]), Wish::Version));
    }
}
