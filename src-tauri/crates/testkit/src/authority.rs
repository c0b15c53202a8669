//! Authorities for tests, made by the OpenSSL command line from one configuration: a root, the issuer below it,
//! a time-stamp authority, an OCSP responder, and signers that may be revoked.
//!
//! Unlike [`crate::pki`], which reuses the training authority of `signing`, nothing here shares code with what it
//! tests. It needs `openssl` 3. [`crate::tsa`] and [`crate::responder`] answer for it on loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pki::PkiError;

/// The one file from which everything is made; `DIR` and `URL` are filled in.
const CONFIGURATION: &str = r"
[req]
distinguished_name = no_names
[no_names]

[root]
database = DIR/root.index
serial = DIR/root.serial
crlnumber = DIR/root.crlnumber
new_certs_dir = DIR/issued
certificate = DIR/root.pem
private_key = DIR/root.key
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any_name
unique_subject = no
copy_extensions = none

[issuer]
database = DIR/issuer.index
serial = DIR/issuer.serial
crlnumber = DIR/issuer.crlnumber
new_certs_dir = DIR/issued
certificate = DIR/issuer.pem
private_key = DIR/issuer.key
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any_name
unique_subject = no
copy_extensions = none

[any_name]
countryName = optional
organizationName = optional
commonName = supplied
serialNumber = optional

[root_extensions]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash

[issuer_extensions]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:URL/root.crl

[signer_extensions]
basicConstraints = critical, CA:false
keyUsage = critical, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:URL/ocsp
crlDistributionPoints = URI:URL/issuer.crl

[tsa_extensions]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:URL/ocsp
crlDistributionPoints = URI:URL/issuer.crl

[responder_extensions]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid

[checked_responder_extensions]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:URL/issuer.crl

[tsa]
serial = DIR/tsa.serial
signer_cert = DIR/tsa.pem
signer_key = DIR/tsa.key
certs = DIR/tsa-chain.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256, sha384, sha512
accuracy = secs:1
clock_precision_digits = 3
tsa_name = yes
ess_cert_id_alg = sha256

[tsa_refusing]
serial = DIR/tsa.serial
signer_cert = DIR/tsa.pem
signer_key = DIR/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha512

[tsa_stranger]
serial = DIR/tsa.serial
signer_cert = DIR/stranger.pem
signer_key = DIR/stranger.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
";

/// The kind of a signer's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// RSA of so many bits.
    Rsa(u16),
    /// RSA of so many bits, certified for PSS alone.
    RsaPss(u16),
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

impl Key {
    fn options(self) -> [String; 2] {
        let option = match self {
            Self::Rsa(bits) => return ["rsa".into(), format!("rsa_keygen_bits:{bits}")],
            Self::RsaPss(bits) => return ["RSA-PSS".into(), format!("rsa_keygen_bits:{bits}")],
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        };
        ["EC".into(), format!("ec_paramgen_curve:{option}")]
    }
}

/// Why a certificate is revoked, as OpenSSL names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The key was stolen.
    KeyCompromise,
    /// Suspended: it may be taken back.
    CertificateHold,
}

/// The authorities, in a folder.
#[derive(Clone, Debug)]
pub struct Authority {
    dir: PathBuf,
}

impl Authority {
    /// Makes them in an empty folder. `url`, without a final stroke, is where [`crate::responder`] will answer.
    pub fn create(dir: &Path, url: &str) -> Result<Self, PkiError> {
        fs::create_dir_all(dir.join("issued"))?;
        let filled = CONFIGURATION
            .replace("DIR", &dir.display().to_string())
            .replace("URL", url);
        fs::write(dir.join("authority.cnf"), filled)?;
        for name in ["root", "issuer"] {
            fs::write(dir.join(format!("{name}.index")), "")?;
            fs::write(dir.join(format!("{name}.index.attr")), "unique_subject = no\n")?;
            fs::write(dir.join(format!("{name}.serial")), "1000\n")?;
            fs::write(dir.join(format!("{name}.crlnumber")), "01\n")?;
        }
        fs::write(dir.join("tsa.serial"), "01\n")?;
        let authority = Self { dir: dir.to_owned() };
        for name in ["root", "stranger"] {
            let extensions = if name == "root" {
                "root_extensions"
            } else {
                "tsa_extensions"
            };
            authority.request(name, &format!("/C=IT/O=Prova/CN={name} di prova"), Key::P256)?;
            authority.openssl(&[
                "x509",
                "-req",
                "-days",
                "30",
                "-in",
                &authority.path(&format!("{name}.csr")),
                "-signkey",
                &authority.path(&format!("{name}.key")),
                "-extfile",
                &authority.path("authority.cnf"),
                "-extensions",
                extensions,
                "-out",
                &authority.path(&format!("{name}.pem")),
            ])?;
        }
        authority.issue(
            "issuer",
            "/C=IT/O=Prova/CN=CA di prova",
            Key::P256,
            "root",
            "issuer_extensions",
        )?;
        let below = [
            ("tsa", "TSA di prova", "tsa_extensions"),
            ("responder", "OCSP di prova", "responder_extensions"),
        ];
        for (name, subject, extensions) in below {
            authority.issue(
                name,
                &format!("/C=IT/O=Prova/CN={subject}"),
                Key::P256,
                "issuer",
                extensions,
            )?;
        }
        // Real tokens carry more than they need, too.
        let mut chain = Vec::new();
        for name in ["issuer", "root", "stranger", "responder"] {
            chain.extend(fs::read(authority.certificate(name))?);
        }
        fs::write(authority.path("tsa-chain.pem"), chain)?;
        Ok(authority)
    }

    /// The PEM file with the root.
    pub fn trust(&self) -> PathBuf {
        self.dir.join("root.pem")
    }

    /// The PEM file with a root that has nothing to do with the others: that of the strange time-stamp authority.
    pub fn stranger(&self) -> PathBuf {
        self.dir.join("stranger.pem")
    }

    /// The certificate of `name`, PEM: `issuer`, `tsa`, `responder` or a signer.
    pub fn certificate(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.pem"))
    }

    /// The private key of `name`, PEM.
    pub fn key(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.key"))
    }

    /// Makes a signer, and `keys/NAME.p12` with `keys/NAME.pem` beside it, as the PKCS#12 device reads them.
    /// The answer is the folder.
    pub fn signer(
        &self,
        name: &str,
        person: &str,
        fiscal_code: &str,
        kind: Key,
        password: &str,
    ) -> Result<PathBuf, PkiError> {
        let subject = format!("/C=IT/CN={person}/serialNumber=TINIT-{fiscal_code}");
        self.issue(name, &subject, kind, "issuer", "signer_extensions")?;
        let folder = self.dir.join(format!("keys-{name}"));
        fs::create_dir_all(&folder)?;
        let [p12, pem] = ["p12", "pem"].map(|end| folder.join(format!("{name}.{end}")));
        self.openssl(&[
            "pkcs12",
            "-export",
            "-inkey",
            &self.path(&format!("{name}.key")),
            "-in",
            &self.path(&format!("{name}.pem")),
            "-certfile",
            &self.path("issuer.pem"),
            "-passout",
            &format!("pass:{password}"),
            "-out",
            &p12.display().to_string(),
        ])?;
        let chain = [
            fs::read(self.certificate(name))?,
            fs::read(self.certificate("issuer"))?,
        ]
        .concat();
        fs::write(pem, chain)?;
        Ok(folder)
    }

    /// From now on the OCSP responder has a certificate of its own that must be asked about, and may be revoked.
    pub fn check_responder(&self) -> Result<(), PkiError> {
        let subject = "/C=IT/O=Prova/CN=OCSP da controllare";
        self.issue(
            "responder",
            subject,
            Key::P256,
            "issuer",
            "checked_responder_extensions",
        )
    }

    /// Revokes or suspends a certificate.
    pub fn revoke(&self, name: &str, reason: Reason) -> Result<(), PkiError> {
        let reason = match reason {
            Reason::KeyCompromise => "keyCompromise",
            Reason::CertificateHold => "certificateHold",
        };
        let by = if name == "issuer" { "root" } else { "issuer" };
        self.openssl(&[
            "ca",
            "-batch",
            "-config",
            &self.path("authority.cnf"),
            "-name",
            by,
            "-revoke",
            &self.path(&format!("{name}.pem")),
            "-crl_reason",
            reason,
        ])
    }

    /// A fresh CRL of `root` or `issuer`, DER.
    pub fn crl(&self, by: &str) -> Result<Vec<u8>, PkiError> {
        let scratch = tempfile::tempdir()?;
        let [pem, der] = ["crl.pem", "crl.der"].map(|name| scratch.path().join(name).display().to_string());
        self.openssl(&[
            "ca",
            "-gencrl",
            "-config",
            &self.path("authority.cnf"),
            "-name",
            by,
            "-out",
            &pem,
        ])?;
        self.openssl(&["crl", "-in", &pem, "-outform", "DER", "-out", &der])?;
        Ok(fs::read(der)?)
    }

    /// The answer of the OCSP responder to a request, good for a day.
    pub fn ocsp(&self, request: &[u8]) -> Result<Vec<u8>, PkiError> {
        let scratch = tempfile::tempdir()?;
        let [asked, answer] = ["req.der", "resp.der"].map(|name| scratch.path().join(name));
        fs::write(&asked, request)?;
        self.openssl(&[
            "ocsp",
            "-index",
            &self.path("issuer.index"),
            "-CA",
            &self.path("issuer.pem"),
            "-rsigner",
            &self.path("responder.pem"),
            "-rkey",
            &self.path("responder.key"),
            "-ndays",
            "1",
            "-reqin",
            &asked.display().to_string(),
            "-respout",
            &answer.display().to_string(),
        ])?;
        Ok(fs::read(answer)?)
    }

    fn issue(
        &self,
        name: &str,
        subject: &str,
        kind: Key,
        by: &str,
        extensions: &str,
    ) -> Result<(), PkiError> {
        self.request(name, subject, kind)?;
        self.openssl(&[
            "ca",
            "-batch",
            "-notext",
            "-config",
            &self.path("authority.cnf"),
            "-name",
            by,
            "-extensions",
            extensions,
            "-in",
            &self.path(&format!("{name}.csr")),
            "-out",
            &self.path(&format!("{name}.pem")),
        ])
    }

    fn request(&self, name: &str, subject: &str, kind: Key) -> Result<(), PkiError> {
        let [algorithm, option] = kind.options();
        let key = self.path(&format!("{name}.key"));
        self.openssl(&[
            "genpkey",
            "-algorithm",
            &algorithm,
            "-pkeyopt",
            &option,
            "-out",
            &key,
        ])?;
        self.openssl(&[
            "req",
            "-new",
            "-utf8",
            "-config",
            &self.path("authority.cnf"),
            "-key",
            &key,
            "-subj",
            subject,
            "-out",
            &self.path(&format!("{name}.csr")),
        ])
    }

    pub(crate) fn path(&self, file: &str) -> String {
        self.dir.join(file).display().to_string()
    }

    pub(crate) fn openssl(&self, arguments: &[&str]) -> Result<(), PkiError> {
        let output = Command::new("openssl")
            .args(arguments)
            .output()
            .map_err(|e| PkiError::Tool {
                tool: "openssl",
                message: format!("not started: {e}"),
            })?;
        if output.status.success() {
            return Ok(());
        }
        Err(PkiError::Tool {
            tool: "openssl",
            message: format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)),
        })
    }
}
