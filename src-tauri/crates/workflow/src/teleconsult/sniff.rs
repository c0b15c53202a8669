//! What a file is, by its first bytes: names and extensions are not believed.
//!
//! Sources: PNG (ISO/IEC 15948), JPEG (ITU-T T.81), PDF (ISO 32000-2, 7.5.2), DICOM (PS3.10, 7.1), SCP-ECG (EN 1064:
//! the header of section 0 carries `SCPECG`).

/// Bytes that are enough to tell.
pub(super) const ENOUGH: usize = 512;

/// The media type of a file that begins with these bytes; none for one that is not taken.
pub(super) fn media_type(first: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, mark: &[u8]| first.get(offset..).is_some_and(|rest| rest.starts_with(mark));
    if at(0, b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if at(0, b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    if at(0, b"%PDF-") {
        return Some("application/pdf");
    }
    if at(128, b"DICM") {
        return Some("application/dicom");
    }
    // Record: checksum (2), length (4); section 0: checksum (2), number (2, zero), length (4), versions (2), the mark.
    if at(8, &[0, 0]) && at(16, b"SCPECG") {
        return Some("application/x-scp-ecg");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn types_are_told_by_content() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0JFIF"), Some("image/jpeg"));
        assert_eq!(media_type(b"%PDF-1.7\n"), Some("application/pdf"));
        let mut dicom = vec![0; 128];
        dicom.extend_from_slice(b"DICM");
        assert_eq!(media_type(&dicom), Some("application/dicom"));
        let scp = [
            &[1, 2, 0, 1, 0, 0, 9, 9, 0, 0, 136, 0, 0, 0, 20, 20][..],
            b"SCPECG",
        ]
        .concat();
        assert_eq!(media_type(&scp), Some("application/x-scp-ecg"));
        for other in [&b"MZ\x90\0"[..], b"PK\x03\x04", b"", b"<html>", b"\x89PNG"] {
            assert_eq!(media_type(other), None, "{other:?} was taken");
        }
    }
}
