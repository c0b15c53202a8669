//! From what a CMS says of itself to a verdict: chain, time, revocation and level, the same for PAdES and CAdES.
//!
//! EN 319 102-1, 5.2 to 5.6, with one policy: nonRepudiation, SHA-256 and RSA 2048 or better, time-stamps that
//! stand in the file must hold. Times count as proven only by a valid time-stamp.

use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use openssl::hash::MessageDigest;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::report::{
    CountersignatureReport, Holder, Indication, LaterChanges, Level, RevocationStatus, SignatureReport,
    SubIndication, TimeStampReport, Warning,
};
use super::signature::{self, Outcome};
use super::signed_data::{self, Attribute, SignedData, Signer};
use super::tlv::Tlv;
use super::{Revocation, TrustRoots, value};
use crate::certificate::ReadCertificate;
use crate::identity::KeyUse;
use crate::path::{self, NoPath};
use crate::revocation::{Brought, Revocations, Status};

pub(super) const SIGNATURE_TIME_STAMP: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");
const REVOCATION_VALUES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.24");
const CERTIFICATE_VALUES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.23");
const ADOBE_REVOCATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113583.1.1.8");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

const COUNTERSIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.6");

/// Countersignatures on one signature.
const MAX_COUNTERSIGNATURES: usize = 16;
/// Time-stamps on one signature.
const MAX_TIME_STAMPS: usize = 16;
/// Values of one kind in an attribute.
const MAX_VALUES: usize = 1024;

/// What does not change from one signature of a file to the next.
pub(super) struct Context<'a> {
    pub(super) trust: &'a TrustRoots,
    pub(super) at: Timestamp,
    pub(super) revocation: Revocation,
    /// Certificates found beside the signatures.
    pub(super) others: Vec<Vec<u8>>,
    pub(super) evidence: Brought,
    /// Answers kept, for what the file does not bring.
    pub(super) kept: Option<&'a Revocations>,
}

/// A time-stamp, and whether the file brings all revocation data for it.
pub(super) struct TimeStamp {
    pub(super) report: TimeStampReport,
    pub(super) covered: bool,
}

impl TimeStamp {
    /// The time, when it is proven.
    pub(super) fn proof(&self) -> Option<Timestamp> {
        self.report
            .time
            .filter(|_| self.report.indication == Indication::TotalPassed)
    }
}

/// Certificates and revocation data of a CMS, for the whole file.
pub(super) fn gather(data: &SignedData<'_>, context: &mut Context<'_>) {
    let known: Vec<Vec<u8>> = data.certificates.iter().map(|c| c.to_vec()).collect();
    context.others.extend(known);
    data.crls
        .iter()
        .for_each(|c| context.evidence.add_crl(c.to_vec()));
    data.ocsps.iter().for_each(|o| context.evidence.add_ocsp(o));
    for signer in &data.signers {
        if let Some(values) = Attribute::only(&signer.unsigned, REVOCATION_VALUES) {
            gather_values(values, 0xa0, 0xa1, context);
        }
        if let Some(values) = Attribute::only(&signer.signed, ADOBE_REVOCATION) {
            gather_values(values, 0xa0, 0xa1, context);
        }
        let certificates = Attribute::only(&signer.unsigned, CERTIFICATE_VALUES)
            .and_then(Tlv::only)
            .and_then(|all| all.all(MAX_VALUES))
            .unwrap_or_default();
        context
            .others
            .extend(certificates.iter().map(|c| c.whole.to_vec()));
        // The authority of a time-stamp is known by the token alone.
        for token in tokens(signer) {
            if let Some((token, _)) = signed_data::definite(token)
                && let Some(inner) = signed_data::read(&token)
            {
                context
                    .others
                    .extend(inner.certificates.iter().map(|c| c.to_vec()));
                inner
                    .crls
                    .iter()
                    .for_each(|c| context.evidence.add_crl(c.to_vec()));
                inner.ocsps.iter().for_each(|o| context.evidence.add_ocsp(o));
            }
        }
    }
}

/// `RevocationValues` and Adobe's `RevocationInfoArchival` differ in name and agree in shape.
fn gather_values(values: &[u8], crls: u8, ocsps: u8, context: &mut Context<'_>) {
    let parts = Tlv::only(values)
        .and_then(|all| all.all(MAX_VALUES))
        .unwrap_or_default();
    for part in parts {
        let Some(list) = Tlv::only(part.content).and_then(|l| l.all(MAX_VALUES)) else {
            continue;
        };
        for one in list {
            if part.tag == crls {
                context.evidence.add_crl(one.whole.to_vec());
            } else if part.tag == ocsps {
                context.evidence.add_ocsp(one.whole);
            }
        }
    }
}

fn tokens<'a>(signer: &'a Signer<'a>) -> impl Iterator<Item = &'a [u8]> {
    signer
        .unsigned
        .iter()
        .filter(|a| a.oid == SIGNATURE_TIME_STAMP)
        .flat_map(|a| a.values.iter().copied())
        .take(MAX_TIME_STAMPS)
}

/// Fills a report with the verdict on one signer. `archived`: the time at which a time-stamp of the document
/// proves the whole. Returns whether every certificate is covered by the file's own revocation data.
pub(super) fn signer(
    report: &mut SignatureReport,
    outcome: Outcome,
    signer: &Signer<'_>,
    context: &Context<'_>,
    archived: Option<Timestamp>,
) -> bool {
    report.digest = Some(outcome.digest);
    report.baseline_gaps.extend(outcome.gaps);
    report.warnings.extend(outcome.warnings);
    report.certificate = outcome.signer.as_ref().map(|s| s.id().0);
    report.signer = outcome.signer.as_ref().map(holder);

    let time_stamps: Vec<TimeStamp> = tokens(signer)
        .map(|token| {
            let imprint = |digest| value::hash(digest, &[signer.value]);
            time_stamp(token, &imprint, context, archived.unwrap_or(context.at))
        })
        .collect();
    report.proven_time = time_stamps
        .iter()
        .filter_map(TimeStamp::proof)
        .chain(archived)
        .min()
        // A time after the judgement proves nothing for it.
        .filter(|t| *t <= context.at);
    let stamped = !time_stamps.is_empty() && time_stamps.iter().all(|t| t.proof().is_some());
    let stamps_covered = time_stamps.iter().all(|t| t.covered);
    let stamps_hold = stamped || time_stamps.is_empty();
    report.time_stamps = time_stamps.into_iter().map(|t| t.report).collect();

    report.countersignatures = countersignatures(signer, context);
    let held = |one: &CountersignatureReport| one.indication == Indication::TotalPassed;
    if !report.countersignatures.iter().all(held) {
        report.warnings.push(Warning::CountersignatureNotHeld);
    }

    let mut covered = false;
    let verdict = outcome.verdict.and_then(|()| {
        let certificate = outcome
            .signer
            .as_ref()
            .ok_or(SubIndication::NoSigningCertificateFound)?;
        if certificate.usage() != KeyUse::Signature {
            return Err(SubIndication::SigConstraintsFailure);
        }
        let at = report.proven_time.unwrap_or(context.at);
        let found = trusted(certificate, context, at, report.proven_time.is_some());
        report.revocation = found.revocation;
        covered = found.covered;
        if found.revocation == RevocationStatus::Unknown {
            report.warnings.push(Warning::RevocationUnknown);
        }
        found.verdict?;
        if stamps_hold {
            Ok(())
        } else {
            Err(SubIndication::SigConstraintsFailure)
        }
    });
    report.sub_indication = verdict.err();
    report.indication = verdict.map_or_else(SubIndication::indication, |()| Indication::TotalPassed);
    report.level = match (report.baseline_gaps.is_empty(), stamped) {
        (false, _) => Level::NotBaseline,
        (true, false) => Level::BB,
        (true, true) if covered && stamps_covered => Level::BLT,
        (true, true) => Level::BT,
    };
    covered && stamps_covered
}

/// Those who signed the signature value. They say something of it and change nothing of what it says.
fn countersignatures(signer: &Signer<'_>, context: &Context<'_>) -> Vec<CountersignatureReport> {
    let values = signer.unsigned.iter().filter(|a| a.oid == COUNTERSIGNATURE);
    values
        .flat_map(|a| a.values.iter())
        .take(MAX_COUNTERSIGNATURES)
        .map(|value| {
            let mut report = CountersignatureReport {
                certificate: None,
                signer: None,
                claimed_time: None,
                indication: Indication::TotalFailed,
                sub_indication: Some(SubIndication::FormatFailure),
            };
            let Some(by) = Tlv::only(value).and_then(signed_data::read_signer) else {
                return report;
            };
            let outcome = signature::check_countersigner(&context.others, &by, signer.value);
            report.claimed_time = outcome.signing_time;
            report.certificate = outcome.signer.as_ref().map(|s| s.id().0);
            report.signer = outcome.signer.as_ref().map(holder);
            let verdict = outcome.verdict.and_then(|()| {
                let certificate = outcome.signer.ok_or(SubIndication::NoSigningCertificateFound)?;
                trusted(&certificate, context, context.at, false).verdict
            });
            report.sub_indication = verdict.err();
            report.indication = verdict.map_or_else(SubIndication::indication, |()| Indication::TotalPassed);
            report
        })
        .collect()
}

struct Trusted {
    verdict: Result<(), SubIndication>,
    revocation: RevocationStatus,
    covered: bool,
}

fn trusted(certificate: &ReadCertificate, context: &Context<'_>, at: Timestamp, proven: bool) -> Trusted {
    let path = match path::to_anchor(certificate, &context.others, context.trust, at) {
        Ok(path) => path,
        Err(why) => {
            return Trusted {
                verdict: Err(without_path(why, proven)),
                revocation: RevocationStatus::NotChecked,
                covered: false,
            };
        }
    };
    let mut statuses = statuses(&path, context, at);
    let covered = statuses.iter().all(|s| *s != Status::Unknown);
    add_kept(&mut statuses, &path, context, at);
    let known = statuses.iter().all(|s| *s != Status::Unknown);
    if context.revocation == Revocation::None {
        return Trusted {
            verdict: Ok(()),
            revocation: RevocationStatus::NotChecked,
            covered,
        };
    }
    let revoked = statuses.iter().position(
        |s| matches!(s, Status::Revoked { at: since } | Status::Suspended { since } if *since <= at),
    );
    let (verdict, revocation) = match revoked {
        Some(_) if proven => (Err(SubIndication::Revoked), RevocationStatus::Revoked),
        Some(0) => (Err(SubIndication::RevokedNoPoe), RevocationStatus::Revoked),
        Some(_) => (Err(SubIndication::RevokedCaNoPoe), RevocationStatus::Revoked),
        None if known => (Ok(()), RevocationStatus::Good),
        None if context.revocation == Revocation::Require => {
            (Err(SubIndication::TryLater), RevocationStatus::Unknown)
        }
        None => (Ok(()), RevocationStatus::Unknown),
    };
    Trusted {
        verdict,
        revocation,
        covered,
    }
}

/// `proven`: the time is one at which a time-stamp proves the signature, and not merely that of the judgement.
fn without_path(why: NoPath, proven: bool) -> SubIndication {
    match why {
        NoPath::Expired if proven => SubIndication::Expired,
        NoPath::Expired | NoPath::IssuerOutOfBounds => SubIndication::OutOfBoundsNoPoe,
        NoPath::NotYetValid => SubIndication::NotYetValid,
        NoPath::NotFound => SubIndication::NoCertificateChainFound,
        NoPath::Weak => SubIndication::CryptoConstraintsFailure,
        NoPath::Constraints => SubIndication::ChainConstraintsFailure,
    }
}

/// Of every certificate below the anchor.
fn statuses(path: &[ReadCertificate], context: &Context<'_>, at: Timestamp) -> Vec<Status> {
    path.windows(2)
        .map(|pair| match pair {
            [certificate, issuer] => {
                context
                    .evidence
                    .status(certificate, issuer, &context.others, at, context.at)
            }
            _ => Status::Unknown,
        })
        .collect()
}

/// Fills from answers kept what the file leaves open.
fn add_kept(statuses: &mut [Status], path: &[ReadCertificate], context: &Context<'_>, at: Timestamp) {
    let Some(kept) = context.kept else { return };
    for (status, pair) in statuses.iter_mut().zip(path.windows(2)) {
        if let ([certificate, issuer], Status::Unknown) = (pair, *status)
            && let Ok(found) = kept.look_up(&certificate.der, &issuer.der, context.at)
            && !found.is_stale(at)
        {
            *status = found.status;
        }
    }
}

/// Judges an RFC 3161 token over something known by its digests, as of `at`.
pub(super) fn time_stamp(
    token: &[u8],
    imprint: &dyn Fn(MessageDigest) -> Option<Vec<u8>>,
    context: &Context<'_>,
    at: Timestamp,
) -> TimeStamp {
    let mut stamp = TimeStamp {
        report: TimeStampReport {
            field: None,
            time: None,
            authority: None,
            indication: Indication::TotalFailed,
            sub_indication: Some(SubIndication::FormatFailure),
            later_changes: LaterChanges::None,
        },
        covered: false,
    };
    let verdict = (|| {
        let (token, _) = signed_data::definite(token).ok_or(SubIndication::FormatFailure)?;
        let data = signed_data::read(&token).ok_or(SubIndication::FormatFailure)?;
        let ([signer], TST_INFO, Some(content)) = (
            data.signers.as_slice(),
            data.content_type,
            data.content.as_deref(),
        ) else {
            return Err(SubIndication::FormatFailure);
        };
        let info = read_info(content).ok_or(SubIndication::FormatFailure)?;
        stamp.report.time = Some(info.time);
        let outcome = signature::check(&data, signer, &|digest| value::hash(digest, &[content]));
        stamp.report.authority = outcome.signer.as_ref().map(holder);
        outcome.verdict?;
        let digest = value::digest_named(info.digest).ok_or(SubIndication::CryptoConstraintsFailure)?;
        if imprint(digest).as_deref() != Some(info.imprint) {
            return Err(SubIndication::HashFailure);
        }
        let authority = outcome.signer.ok_or(SubIndication::NoSigningCertificateFound)?;
        let usage = authority.parsed.tbs_certificate.get::<ExtendedKeyUsage>();
        if !matches!(usage, Ok(Some((_, usage))) if usage.0 == [TIME_STAMPING]) {
            return Err(SubIndication::SigConstraintsFailure);
        }
        let found = trusted(&authority, context, at, at < context.at);
        stamp.covered = found.covered;
        found.verdict
    })();
    stamp.report.sub_indication = verdict.err();
    stamp.report.indication = verdict.map_or_else(SubIndication::indication, |()| Indication::TotalPassed);
    stamp
}

struct Info<'a> {
    digest: ObjectIdentifier,
    imprint: &'a [u8],
    time: Timestamp,
}

/// `TSTInfo` (RFC 3161, 2.4.2).
fn read_info(content: &[u8]) -> Option<Info<'_>> {
    let mut fields = Tlv::only(content)?.values();
    fields.tagged(0x02)?;
    fields.tagged(0x06)?;
    let mut imprint = fields.tagged(0x30)?.values();
    let digest = imprint.tagged(0x30)?.values().next()?.oid()?;
    let value = imprint.tagged(0x04)?.content;
    fields.tagged(0x02)?;
    let time = std::str::from_utf8(fields.tagged(0x18)?.content).ok()?;
    Some(Info {
        digest,
        imprint: value,
        time: generalized(time)?,
    })
}

/// With or without a fraction, always in UTC.
fn generalized(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", clock)
        .ok()?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()?
        .timestamp();
    let plain = clock.len() == 14 && fraction.len() <= 9 && fraction.bytes().all(|b| b.is_ascii_digit());
    plain.then_some(())?;
    let nanoseconds: i32 = format!("{fraction:0<9}").parse().ok()?;
    Timestamp::new(whole.as_second(), nanoseconds).ok()
}

/// What is shown of a certificate.
pub(super) fn holder(certificate: &ReadCertificate) -> Holder {
    Holder {
        subject: certificate.subject(),
        issuer: certificate.issuer(),
        fiscal_code: certificate.fiscal_code(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
    }
}
