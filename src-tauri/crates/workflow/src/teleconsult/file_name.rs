//! The name of an attached file as it is kept and shown: the person's own, without what could deceive who reads it.
//!
//! Control characters and the marks that turn the direction of writing go (`referto\u{202e}fdp.exe` would be read
//! *refertoexe.pdf*: Unicode TR 36, 2.10), and so does what is not a name. Not in it: the type, which is told by content.

use std::path::Path;

/// Characters that are kept, the extension with them.
const LONGEST: usize = 120;
/// What a file without a usable name is called.
const NAMELESS: &str = "allegato";

/// The name to show for a file.
pub(super) fn shown(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut clean: String = name
        .chars()
        .filter(|c| !c.is_control() && !turns_writing(*c) && !matches!(c, '/' | '\\'))
        .collect();
    clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.chars().count() > LONGEST {
        let extension = match clean.rsplit_once('.') {
            Some((_, extension)) if extension.chars().count() <= 8 => format!(".{extension}"),
            _ => String::new(),
        };
        let room = LONGEST - extension.chars().count();
        clean = clean.chars().take(room).collect::<String>() + &extension;
    }
    if clean.is_empty() {
        NAMELESS.to_owned()
    } else {
        clean
    }
}

/// Marks of direction and joining that show nothing themselves (Unicode, *Cf*).
fn turns_writing(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{061c}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{LONGEST, shown};

    #[test]
    fn a_name_is_kept_and_what_deceives_is_not() {
        let kept = "ECG di Assunta (2ª prova), però breve.pdf";
        assert_eq!(shown(Path::new(kept)), kept);
        assert_eq!(
            shown(Path::new("/tmp/a/referto\u{202e}fdp.exe")),
            "refertofdp.exe"
        );
        assert_eq!(shown(Path::new("a\u{7}\nb\t.png")), "ab.png");
        for nameless in ["/", "..", ".", "\u{200b}", " . "] {
            assert_eq!(shown(Path::new(nameless)), "allegato", "{nameless:?}");
        }
        let long = format!("{}.dcm", "è".repeat(300));
        let short = shown(Path::new(&long));
        assert!(
            short.chars().count() == LONGEST && short.ends_with("è.dcm"),
            "{short}"
        );
    }
}
