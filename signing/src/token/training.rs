//! A certification authority for training: invented people get keys that nobody trusts outside of it.
//!
//! The embedded region makes its specialists' key files with it at first start, the test PKI reuses it. Its
//! names say *formazione*, and no packaged build contains it. Certificates are shaped as those of Italian
//! signature cards (ETSI EN 319 412-2), qcStatements included, so that the training edition walks the same path.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan};
use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name, X509NameBuilder};
use secrecy::{ExposeSecret, SecretString};

use crate::identity::KeyUse;

const ORGANISATION: &str = "Formazione, senza valore legale";
const AUTHORITY_DAYS: i64 = 3650;

/// `SEQUENCE { { qcCompliance }, { qcSSCD } }` (EN 319 412-5).
const QC_STATEMENTS: [u8; 22] = [
    0x30, 0x14, 0x30, 0x08, 0x06, 0x06, 0x04, 0x00, 0x8e, 0x46, 0x01, 0x01, 0x30, 0x08, 0x06, 0x06, 0x04,
    0x00, 0x8e, 0x46, 0x01, 0x04,
];

/// Why the training authority could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// A certificate or key could not be made.
    #[error("a training certificate could not be made")]
    Crypto(#[from] ErrorStack),
    /// The folder cannot be read or written.
    #[error("the training folder cannot be used")]
    Folder(#[from] std::io::Error),
    /// A moment outside what certificates can say.
    #[error("the validity is out of range")]
    Validity,
}

/// The key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA 2048.
    Rsa2048,
    /// RSA 3072.
    Rsa3072,
    /// RSA 4096.
    Rsa4096,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

/// Whom a certificate is for. Invented people only.
#[derive(Clone, Debug)]
pub struct Holder<'a> {
    /// Full name, given name first.
    pub name: &'a str,
    /// Fiscal code, written in the subject's serialNumber as `TINIT-...` (ETSI EN 319 412-1).
    pub fiscal_code: &'a str,
}

/// From when until when.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// First moment.
    pub from: Timestamp,
    /// Last moment.
    pub until: Timestamp,
}

impl Validity {
    /// From a day before `now`, so that a slow clock does not refuse it, for three years.
    pub fn usual(now: Timestamp) -> Result<Self, TrainingError> {
        Ok(Self {
            from: shifted(now, -1)?,
            until: shifted(now, 3 * 365)?,
        })
    }
}

/// A root and an issuing authority below it. The root's key is thrown away once it has signed.
pub struct TrainingAuthority {
    root: X509,
    issuer: X509,
    key: PKey<Private>,
}

/// A key with its certificates.
pub struct TrainingKey {
    key: PKey<Private>,
    certificate: X509,
    issuer: X509,
    name: String,
}

impl TrainingAuthority {
    /// Opens the authority kept in a folder, or makes it there. `trust.pem` is written last and tells that
    /// the rest is complete.
    pub fn open_or_create(dir: &Path, now: Timestamp) -> Result<Self, TrainingError> {
        let [trust, issuer, key] = ["trust.pem", "issuer.pem", "issuer.key"].map(|name| dir.join(name));
        if trust.is_file() {
            return Ok(Self {
                root: X509::from_pem(&fs::read(trust)?)?,
                issuer: X509::from_pem(&fs::read(issuer)?)?,
                key: PKey::private_key_from_pem(&fs::read(key)?)?,
            });
        }
        fs::create_dir_all(dir)?;
        let authority = Self::create(now)?;
        write(&key, &authority.key.private_key_to_pem_pkcs8()?, true)?;
        write(&issuer, &authority.issuer.to_pem()?, false)?;
        write(&trust, &authority.root.to_pem()?, false)?;
        Ok(authority)
    }

    fn create(now: Timestamp) -> Result<Self, TrainingError> {
        let validity = Validity {
            from: shifted(now, -1)?,
            until: shifted(now, AUTHORITY_DAYS)?,
        };
        let root_key = KeyKind::P256.generate()?;
        let root_name = authority_name("Radice di formazione")?;
        let mut root = start(&root_name, &root_name, &root_key, validity)?;
        add_authority_extensions(&mut root, None, None)?;
        root.sign(&root_key, MessageDigest::sha256())?;
        let root = root.build();

        let key = KeyKind::P256.generate()?;
        let mut issuer = start(&authority_name("CA di formazione")?, &root_name, &key, validity)?;
        add_authority_extensions(&mut issuer, Some(&root), Some(0))?;
        issuer.sign(&root_key, MessageDigest::sha256())?;
        Ok(Self {
            root,
            issuer: issuer.build(),
            key,
        })
    }

    /// The PEM file with all roots that a validator needs.
    pub fn trust_pem(&self) -> Result<String, TrainingError> {
        Ok(String::from_utf8_lossy(&self.root.to_pem()?).into_owned())
    }

    /// Makes a key and its certificate.
    pub fn issue(
        &self,
        holder: &Holder<'_>,
        usage: KeyUse,
        kind: KeyKind,
        validity: Validity,
    ) -> Result<TrainingKey, TrainingError> {
        let key = kind.generate()?;
        let mut certificate = start(
            &holder_name(holder)?,
            &self.issuer.subject_name().to_owned()?,
            &key,
            validity,
        )?;
        let basic = BasicConstraints::new().critical().build()?;
        certificate.append_extension(basic)?;
        let mut allowed = KeyUsage::new();
        allowed.critical();
        match usage {
            KeyUse::Signature => {
                allowed.non_repudiation();
                let statements = Asn1OctetString::new_from_bytes(&QC_STATEMENTS)?;
                let oid = Asn1Object::from_str("1.3.6.1.5.5.7.1.3")?;
                certificate.append_extension(X509Extension::new_from_der(&oid, false, &statements)?)?;
            }
            KeyUse::Authentication => {
                allowed.digital_signature().key_encipherment();
            }
        }
        certificate.append_extension(allowed.build()?)?;
        add_key_identifiers(&mut certificate, Some(&self.issuer))?;
        certificate.sign(&self.key, MessageDigest::sha256())?;
        Ok(TrainingKey {
            key,
            certificate: certificate.build(),
            issuer: self.issuer.clone(),
            name: holder.name.to_owned(),
        })
    }
}

impl TrainingKey {
    /// As PKCS#12.
    pub fn pkcs12(&self, password: &SecretString) -> Result<Vec<u8>, TrainingError> {
        let mut issuers = Stack::new()?;
        issuers.push(self.issuer.clone())?;
        let p12 = Pkcs12::builder()
            .name(&self.name)
            .pkey(&self.key)
            .cert(&self.certificate)
            .ca(issuers)
            .build2(password.expose_secret())?;
        Ok(p12.to_der()?)
    }

    /// Certificate and issuers, PEM, the holder's first.
    pub fn chain_pem(&self) -> Result<String, TrainingError> {
        let pem = [self.certificate.to_pem()?, self.issuer.to_pem()?].concat();
        Ok(String::from_utf8_lossy(&pem).into_owned())
    }

    /// Certificate and issuers, DER, the holder's first.
    pub fn chain_der(&self) -> Result<Vec<Vec<u8>>, TrainingError> {
        Ok(vec![self.certificate.to_der()?, self.issuer.to_der()?])
    }

    /// The private key, PKCS#8 PEM, for import in a test token.
    pub fn key_pem(&self) -> Result<SecretString, TrainingError> {
        let pem = self.key.private_key_to_pem_pkcs8()?;
        Ok(SecretString::from(String::from_utf8_lossy(&pem).into_owned()))
    }

    /// Writes `STEM.p12` and `STEM.pem` in a folder, as [`super::pkcs12::Pkcs12Signer::folder`] reads them.
    pub fn save(&self, dir: &Path, stem: &str, password: &SecretString) -> Result<PathBuf, TrainingError> {
        fs::create_dir_all(dir)?;
        let p12 = dir.join(format!("{stem}.p12"));
        write(&p12, &self.pkcs12(password)?, true)?;
        write(
            &dir.join(format!("{stem}.pem")),
            self.chain_pem()?.as_bytes(),
            false,
        )?;
        Ok(p12)
    }
}

impl KeyKind {
    fn generate(self) -> Result<PKey<Private>, ErrorStack> {
        let curve = match self {
            Self::Rsa2048 => return PKey::from_rsa(Rsa::generate(2048)?),
            Self::Rsa3072 => return PKey::from_rsa(Rsa::generate(3072)?),
            Self::Rsa4096 => return PKey::from_rsa(Rsa::generate(4096)?),
            Self::P256 => Nid::X9_62_PRIME256V1,
            Self::P384 => Nid::SECP384R1,
        };
        PKey::from_ec_key(EcKey::generate(EcGroup::from_curve_name(curve)?.as_ref())?)
    }
}

fn start(
    subject: &X509Name,
    issuer: &X509Name,
    key: &PKey<Private>,
    validity: Validity,
) -> Result<X509Builder, TrainingError> {
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    let mut serial = BigNum::new()?;
    serial.rand(120, MsbOption::ONE, false)?;
    builder.set_serial_number(Asn1Integer::from_bn(&serial)?.as_ref())?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(Asn1Time::from_unix(validity.from.as_second())?.as_ref())?;
    builder.set_not_after(Asn1Time::from_unix(validity.until.as_second())?.as_ref())?;
    Ok(builder)
}

fn add_authority_extensions(
    builder: &mut X509Builder,
    issuer: Option<&X509>,
    path: Option<u32>,
) -> Result<(), ErrorStack> {
    let mut basic = BasicConstraints::new();
    basic.critical().ca();
    if let Some(path) = path {
        basic.pathlen(path);
    }
    builder.append_extension(basic.build()?)?;
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
    add_key_identifiers(builder, issuer)
}

fn add_key_identifiers(builder: &mut X509Builder, issuer: Option<&X509>) -> Result<(), ErrorStack> {
    let issuer = issuer.map(AsRef::as_ref);
    let own = SubjectKeyIdentifier::new().build(&builder.x509v3_context(issuer, None))?;
    builder.append_extension(own)?;
    if issuer.is_some() {
        let above = AuthorityKeyIdentifier::new()
            .keyid(true)
            .build(&builder.x509v3_context(issuer, None))?;
        builder.append_extension(above)?;
    }
    Ok(())
}

fn authority_name(name: &str) -> Result<X509Name, ErrorStack> {
    let mut builder = X509NameBuilder::new()?;
    builder.append_entry_by_nid(Nid::COUNTRYNAME, "IT")?;
    builder.append_entry_by_nid(Nid::ORGANIZATIONNAME, ORGANISATION)?;
    builder.append_entry_by_nid(Nid::COMMONNAME, name)?;
    Ok(builder.build())
}

fn holder_name(holder: &Holder<'_>) -> Result<X509Name, ErrorStack> {
    let (given, family) = holder.name.split_once(' ').unwrap_or(("", holder.name));
    let mut builder = X509NameBuilder::new()?;
    builder.append_entry_by_nid(Nid::COUNTRYNAME, "IT")?;
    builder.append_entry_by_nid(Nid::SURNAME, family)?;
    if !given.is_empty() {
        builder.append_entry_by_nid(Nid::GIVENNAME, given)?;
    }
    builder.append_entry_by_nid(Nid::SERIALNUMBER, &format!("TINIT-{}", holder.fiscal_code))?;
    builder.append_entry_by_nid(Nid::COMMONNAME, holder.name)?;
    Ok(builder.build())
}

fn shifted(time: Timestamp, days: i64) -> Result<Timestamp, TrainingError> {
    time.checked_add((days * 24).hours())
        .map_err(|_| TrainingError::Validity)
}

fn write(path: &Path, bytes: &[u8], private: bool) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    options.open(path)?.write_all(bytes)
}
