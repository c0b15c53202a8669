//! Who can sign, as the device and its certificate tell it before any PIN.
//!
//! Not in it: whether the certificate is trusted or revoked (`validation`), and how devices are read (`token`).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Names a certificate on a device: SHA-256 of the certificate, in hex. Stable when the card moves to
/// another reader.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdentityId(pub String);

/// What holds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A card or USB token through PKCS#11.
    Token,
    /// A PKCS#12 file, in training only.
    File,
    /// A remote signature service.
    Remote,
}

/// What the key may be used for, by keyUsage (RFC 5280, 4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// nonRepudiation (contentCommitment): signatures that commit.
    Signature,
    /// Without nonRepudiation: authentication, as the second certificate of a CNS.
    Authentication,
}

/// What the certificate says of itself (ETSI EN 319 412-5). The trusted list is not asked here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualification {
    /// qcCompliance and qcSSCD: a qualified signature.
    QualifiedDevice,
    /// qcCompliance alone.
    Qualified,
    /// Neither.
    NotQualified,
}

/// The PIN as the device flags it. PKCS#11 gives no count, so none is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinState {
    /// Nothing to say.
    Ready,
    /// At least one wrong PIN since the last right one.
    Low,
    /// The next wrong PIN locks.
    FinalTry,
    /// Locked.
    Locked,
    /// Must be changed before use.
    ToBeChanged,
}

/// A certificate with its key on a device. `Debug` hides the person.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its name.
    pub id: IdentityId,
    /// What holds the key.
    pub device: DeviceKind,
    /// The device's own label.
    pub device_label: String,
    /// Common name of the subject.
    pub subject: String,
    /// Fiscal code, when the subject's serialNumber holds one (`TINIT-`, or `IT:`).
    pub fiscal_code: Option<String>,
    /// Common name of the issuer.
    pub issuer: String,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
    /// What the key is for.
    pub usage: KeyUse,
    /// Qualified or not, by its own word.
    pub qualification: Qualification,
    /// The PIN.
    pub pin: PinState,
    /// The PIN is typed on the device itself (PIN pad), never in the window.
    pub pin_on_device: bool,
    /// The certificate and the issuers that the device holds, in DER, the signer's first.
    pub chain: Vec<Vec<u8>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("id", &self.id)
            .field("device", &self.device)
            .field("usage", &self.usage)
            .field("qualification", &self.qualification)
            .field("pin", &self.pin)
            .finish_non_exhaustive()
    }
}
