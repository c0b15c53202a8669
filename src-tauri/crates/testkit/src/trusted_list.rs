//! Trusted lists (ETSI TS 119 612) for tests: what they say, and who signs them.
//!
//! The text is written so that its canonical form is known without computing it: no declaration, no empty-element tags,
//! attributes in order, each namespace where it is used first, and one that is never used. Nothing here shares code with
//! the reader that it tests.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{Id, PKey};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer};
use openssl::x509::X509;

use crate::authority::Authority;
use crate::pki::PkiError;

const TSL: &str = "http://uri.etsi.org/02231/v2#";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
const UNUSED: &str = " xmlns:unused=\"urn:unused\"";

/// Whose list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Of a Member State.
    National,
    /// The list of the lists.
    ListOfLists,
}

impl Scheme {
    fn uri(self) -> &'static str {
        match self {
            Self::National => "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric",
            Self::ListOfLists => "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists",
        }
    }
}

/// A pointer to another list.
#[derive(Clone, Debug)]
pub struct PointerText {
    /// Of which kind.
    pub scheme: Scheme,
    /// Of which territory.
    pub territory: String,
    /// Where it is.
    pub url: String,
    /// Who signs it: PEM files.
    pub signers: Vec<PathBuf>,
}

/// A service.
#[derive(Clone, Debug)]
pub struct ServiceText {
    /// The end of its type, for example `CA/QC`.
    pub kind: String,
    /// Its certificate, a PEM file.
    pub certificate: PathBuf,
    /// The ends of its statuses, for example `granted`, each with its beginning; the newest last.
    pub statuses: Vec<(String, Timestamp)>,
    /// XML of `Extension` elements of the newest status.
    pub extensions: String,
}

/// A list before it is signed.
#[derive(Clone, Debug)]
pub struct ListText {
    /// Of which kind.
    pub scheme: Scheme,
    /// 5 or 6.
    pub version: u32,
    /// `TSLSequenceNumber`.
    pub sequence: u64,
    /// `SchemeTerritory`.
    pub territory: String,
    /// `ListIssueDateTime`.
    pub issued: Timestamp,
    /// `NextUpdate`.
    pub next_update: Option<Timestamp>,
    /// `SchemeInformationURI`.
    pub information: Vec<String>,
    /// `PointersToOtherTSL`.
    pub pointers: Vec<PointerText>,
    /// All services, of one provider.
    pub services: Vec<ServiceText>,
}

/// How a list is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Exclusive canonicalization; else the inclusive one.
    pub exclusive: bool,
    /// RSASSA-PSS, where the key is RSA.
    pub pss: bool,
    /// `URI="#L1"` in place of the empty one.
    pub by_id: bool,
    /// The properties name another certificate than the one that signs.
    pub misnamed: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            exclusive: true,
            pss: false,
            by_id: false,
            misnamed: false,
        }
    }
}

fn der(path: &PathBuf) -> Result<Vec<u8>, PkiError> {
    Ok(X509::from_pem(&std::fs::read(path)?)?.to_der()?)
}

fn identity(path: &PathBuf) -> Result<String, PkiError> {
    Ok(format!(
        "<ServiceDigitalIdentity><DigitalId><X509Certificate>{}</X509Certificate></DigitalId></ServiceDigitalIdentity>",
        STANDARD.encode(der(path)?)
    ))
}

impl PointerText {
    fn xml(&self) -> Result<String, PkiError> {
        let signers: String = self.signers.iter().map(identity).collect::<Result<_, _>>()?;
        Ok(format!(
            "<OtherTSLPointer><ServiceDigitalIdentities>{signers}</ServiceDigitalIdentities><TSLLocation>{}</TSLLocation>\
             <AdditionalInformation><OtherInformation><TSLType>{}</TSLType></OtherInformation><OtherInformation>\
             <SchemeTerritory>{}</SchemeTerritory></OtherInformation><OtherInformation><a:MimeType \
             xmlns:a=\"http://uri.etsi.org/02231/v2/additionaltypes#\">application/vnd.etsi.tsl+xml</a:MimeType>\
             </OtherInformation></AdditionalInformation></OtherTSLPointer>",
            self.url,
            self.scheme.uri(),
            self.territory
        ))
    }
}

impl ServiceText {
    fn xml(&self) -> Result<String, PkiError> {
        let entry = |(status, from): &(String, Timestamp), identity: &str, extensions: &str| {
            format!(
                "<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/{}</ServiceTypeIdentifier><ServiceName>\
                 <Name xml:lang=\"it\">Prova &amp; figli</Name></ServiceName>{identity}<ServiceStatus>\
                 http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{status}</ServiceStatus><StatusStartingTime>{from}\
                 </StatusStartingTime>{extensions}",
                self.kind
            )
        };
        let extensions = match self.extensions.as_str() {
            "" => String::new(),
            some => format!("<ServiceInformationExtensions>{some}</ServiceInformationExtensions>"),
        };
        let mut newest_first = self.statuses.iter().rev();
        let current = newest_first
            .next()
            .map(|one| Ok::<_, PkiError>(entry(one, &identity(&self.certificate)?, &extensions)))
            .transpose()?
            .unwrap_or_default();
        let history: String = newest_first
            .map(|one| {
                let named = "<ServiceDigitalIdentity><DigitalId><X509SKI>AAAA</X509SKI></DigitalId></ServiceDigitalIdentity>";
                format!("<ServiceHistoryInstance>{}</ServiceHistoryInstance>", entry(one, named, ""))
            })
            .collect();
        Ok(format!(
            "<TSPService><ServiceInformation>{current}</ServiceInformation><ServiceHistory>{history}</ServiceHistory></TSPService>"
        ))
    }
}

impl ListText {
    /// A national list of that number, good for six months.
    pub fn national(territory: &str, sequence: u64, issued: Timestamp) -> Self {
        Self {
            scheme: Scheme::National,
            version: 6,
            sequence,
            territory: territory.to_owned(),
            issued,
            next_update: issued
                .checked_add(jiff::SignedDuration::from_hours(24 * 180))
                .ok(),
            information: Vec::new(),
            pointers: Vec::new(),
            services: Vec::new(),
        }
    }

    /// The list of the lists, good for six months.
    pub fn of_lists(sequence: u64, issued: Timestamp) -> Self {
        Self {
            scheme: Scheme::ListOfLists,
            ..Self::national("EU", sequence, issued)
        }
    }

    /// The text without a signature: what stands before and after its place.
    pub fn unsigned(&self) -> Result<(String, String), PkiError> {
        let information: String = self
            .information
            .iter()
            .map(|uri| format!("<URI xml:lang=\"en\">{uri}</URI>"))
            .collect();
        let pointers: String = self
            .pointers
            .iter()
            .map(PointerText::xml)
            .collect::<Result<_, _>>()?;
        let services: String = self
            .services
            .iter()
            .map(ServiceText::xml)
            .collect::<Result<_, _>>()?;
        let next = self
            .next_update
            .map_or(String::new(), |at| format!("<dateTime>{at}</dateTime>"));
        let before = format!(
            "<TrustServiceStatusList xmlns=\"{TSL}\"{UNUSED} Id=\"L1\" TSLTag=\"http://uri.etsi.org/19612/TSLTag\">\n  \
             <SchemeInformation><TSLVersionIdentifier>{}</TSLVersionIdentifier><TSLSequenceNumber>{}</TSLSequenceNumber>\
             <TSLType>{}</TSLType><SchemeInformationURI>{information}</SchemeInformationURI><SchemeTerritory>{}\
             </SchemeTerritory><PointersToOtherTSL>{pointers}</PointersToOtherTSL><ListIssueDateTime>{}\
             </ListIssueDateTime><NextUpdate>{next}</NextUpdate></SchemeInformation>\n  <TrustServiceProviderList>\
             <TrustServiceProvider><TSPServices>{services}</TSPServices></TrustServiceProvider>\
             </TrustServiceProviderList>\n",
            self.version,
            self.sequence,
            self.scheme.uri(),
            self.territory,
            self.issued,
        );
        Ok((before, "\n</TrustServiceStatusList>".to_owned()))
    }

    /// The list, signed by `signer` of the authority.
    pub fn signed(&self, authority: &Authority, signer: &str, manner: Manner) -> Result<String, PkiError> {
        let (before, after) = self.unsigned()?;
        let signature = signature(&format!("{before}{after}"), authority, signer, manner)?;
        Ok(format!("{before}{signature}{after}"))
    }
}

/// The enveloped signature of a text that is canonical but for the namespace that it never uses.
fn signature(text: &str, authority: &Authority, signer: &str, manner: Manner) -> Result<String, PkiError> {
    let (whole, inherited, own) = if manner.exclusive {
        (
            text.replacen(UNUSED, "", 1),
            String::new(),
            format!(" xmlns:ds=\"{DS}\""),
        )
    } else {
        (text.to_owned(), format!(" xmlns=\"{TSL}\""), String::new())
    };
    let method = if manner.exclusive {
        "http://www.w3.org/2001/10/xml-exc-c14n#"
    } else {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    };
    let sha256 = "Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"";
    let certificate = der(&authority.certificate(signer))?;
    let named = if manner.misnamed {
        der(&authority.certificate("issuer"))?
    } else {
        certificate.clone()
    };
    // Within the part that is signed by itself, the exclusive form declares the prefix at each first use.
    let properties = |ds: &str| {
        Ok::<_, ErrorStack>(format!(
            " Id=\"P1\"><xades:SignedSignatureProperties><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>\
             <ds:DigestMethod{ds} {sha256}></ds:DigestMethod><ds:DigestValue{ds}>{}</ds:DigestValue></xades:CertDigest>\
             </xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties>",
            digest(&named)?
        ))
    };
    let alone = if manner.exclusive {
        format!(
            "<xades:SignedProperties xmlns:xades=\"{XADES}\"{}",
            properties(&own)?
        )
    } else {
        format!(
            "<xades:SignedProperties{inherited} xmlns:ds=\"{DS}\"{UNUSED} xmlns:xades=\"{XADES}\"{}",
            properties("")?
        )
    };
    let key = PKey::private_key_from_pem(&std::fs::read(authority.key(signer))?)?;
    let algorithm = match (key.id(), manner.pss) {
        (Id::EC, _) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        (_, true) => "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        (_, false) => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    };
    let uri = if manner.by_id { "#L1" } else { "" };
    let info = format!(
        "<ds:CanonicalizationMethod Algorithm=\"{method}\"></ds:CanonicalizationMethod><ds:SignatureMethod \
         Algorithm=\"{algorithm}\"></ds:SignatureMethod><ds:Reference URI=\"{uri}\"><ds:Transforms><ds:Transform \
         Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform><ds:Transform \
         Algorithm=\"{method}\"></ds:Transform></ds:Transforms><ds:DigestMethod {sha256}></ds:DigestMethod>\
         <ds:DigestValue>{}</ds:DigestValue></ds:Reference><ds:Reference \
         Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#P1\"><ds:Transforms><ds:Transform \
         Algorithm=\"{method}\"></ds:Transform></ds:Transforms><ds:DigestMethod {sha256}></ds:DigestMethod>\
         <ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        digest(whole.as_bytes())?,
        digest(alone.as_bytes())?,
    );
    let unused = if manner.exclusive { "" } else { UNUSED };
    let signed = format!("<ds:SignedInfo{inherited} xmlns:ds=\"{DS}\"{unused}>{info}");
    let value = value(&key, signed.as_bytes(), manner.pss)?;
    Ok(format!(
        "<ds:Signature xmlns:ds=\"{DS}\" Id=\"S1\"><ds:SignedInfo>{info}<ds:SignatureValue>{}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>\
         <xades:QualifyingProperties xmlns:xades=\"{XADES}\" Target=\"#S1\"><xades:SignedProperties{}\
         </xades:QualifyingProperties></ds:Object></ds:Signature>",
        STANDARD.encode(value),
        STANDARD.encode(&certificate),
        properties("")?,
    ))
}

fn digest(bytes: &[u8]) -> Result<String, ErrorStack> {
    Ok(STANDARD.encode(hash(MessageDigest::sha256(), bytes)?))
}

fn value(key: &PKey<openssl::pkey::Private>, bytes: &[u8], pss: bool) -> Result<Vec<u8>, ErrorStack> {
    let mut signer = Signer::new(MessageDigest::sha256(), key)?;
    if pss {
        signer.set_rsa_padding(Padding::PKCS1_PSS)?;
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
    }
    let value = signer.sign_oneshot_to_vec(bytes)?;
    if key.id() != Id::EC {
        return Ok(value);
    }
    let (pair, size) = (
        EcdsaSig::from_der(&value)?,
        i32::try_from(key.bits().div_ceil(8)).unwrap_or(0),
    );
    Ok([pair.r().to_vec_padded(size)?, pair.s().to_vec_padded(size)?].concat())
}
