//! A time-stamp authority: `openssl ts` behind an answer to bytes, and the ways in which one can be wrong.
//!
//! What is wrong is wrong for real: an answer to another request, another document's stamp, a rejection that
//! OpenSSL itself wrote, a stranger's signature. HTTP is [`crate::responder`]'s part.

use std::fs;

use crate::authority::Authority;
use crate::pki::PkiError;

/// How the authority behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TsaFault {
    /// As it should.
    #[default]
    None,
    /// The stamp of another document.
    WrongImprint,
    /// Our document's, with the nonce of another request.
    WrongNonce,
    /// A rejection: the digest is not accepted.
    Refuses,
    /// Signed by an authority of another root.
    Stranger,
    /// Signed with a certificate that is not for time-stamping.
    OrdinaryCertificate,
    /// A stamp whose signature was damaged.
    Damaged,
    /// Bytes that are nothing.
    Garbage,
}

/// The answer to a request, DER in, DER out.
pub fn answer(authority: &Authority, request: &[u8], fault: TsaFault) -> Result<Vec<u8>, PkiError> {
    let scratch = tempfile::tempdir()?;
    let file = |name: &str| scratch.path().join(name).display().to_string();
    let [asked, answered] = ["query.tsq", "reply.tsr"].map(file);
    match fault {
        TsaFault::Garbage => return Ok(b"<html>502 Bad Gateway</html>".to_vec()),
        TsaFault::WrongImprint => query(authority, &"ab".repeat(32), &asked)?,
        TsaFault::WrongNonce => query(authority, &digest_of(request), &asked)?,
        _ => fs::write(&asked, request)?,
    }
    let section = match fault {
        TsaFault::Refuses => "tsa_refusing",
        TsaFault::Stranger => "tsa_stranger",
        _ => "tsa",
    };
    authority.openssl(&[
        "ts",
        "-reply",
        "-config",
        &authority.path("authority.cnf"),
        "-section",
        section,
        "-queryfile",
        &asked,
        "-out",
        &answered,
    ])?;
    let mut reply = fs::read(&answered)?;
    match fault {
        TsaFault::Damaged => {
            if let Some(last) = reply.last_mut() {
                *last ^= 1;
            }
        }
        TsaFault::OrdinaryCertificate => {
            let [token, content, signed] = ["token.der", "content.der", "signed.der"].map(file);
            authority.openssl(&["ts", "-reply", "-in", &answered, "-token_out", "-out", &token])?;
            authority.openssl(&[
                "cms",
                "-verify",
                "-noverify",
                "-inform",
                "DER",
                "-in",
                &token,
                "-out",
                &content,
            ])?;
            authority.openssl(&[
                "cms",
                "-sign",
                "-binary",
                "-nodetach",
                "-cades",
                "-econtent_type",
                "1.2.840.113549.1.9.16.1.4",
                "-signer",
                &authority.path("responder.pem"),
                "-inkey",
                &authority.path("responder.key"),
                "-certfile",
                &authority.path("issuer.pem"),
                "-in",
                &content,
                "-outform",
                "DER",
                "-out",
                &signed,
            ])?;
            reply = granted(&fs::read(signed)?);
        }
        _ => {}
    }
    Ok(reply)
}

fn query(authority: &Authority, digest: &str, to: &str) -> Result<(), PkiError> {
    authority.openssl(&["ts", "-query", "-digest", digest, "-sha256", "-cert", "-out", to])
}

/// The 32 bytes after the tag of the only OCTET STRING of a request.
fn digest_of(request: &[u8]) -> String {
    let at = request
        .windows(2)
        .position(|w| w == [0x04, 0x20])
        .map_or(0, |at| at + 2);
    hex::encode(request.get(at..at + 32).unwrap_or_default())
}

/// `TimeStampResp` with status granted.
fn granted(token: &[u8]) -> Vec<u8> {
    let content = [&[0x30, 0x03, 0x02, 0x01, 0x00], token].concat();
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[0x30, 0x82], length.as_slice(), &content].concat()
}
