//! The Italian sentences of `firma`.

use jiff::Timestamp;
use signing::precheck::FseProblem;
use signing::validation::{
    BaselineGap, DocumentFault, Format, LaterChanges, RevocationStatus, TimeStampReport, Warning,
};
use signing::{
    CertificateRefusal, DocumentRefusal, Identity, Indication, KeyUse, Level, PinState, PrepareError,
    SignatureReport, SubIndication, VerifyReport,
};

/// What `firma` can do.
pub(crate) const USAGE: &str = "\
Uso:
  firma verify FILE --trust PEM... [--trusted-lists IMPOSTAZIONI] [--content FILE] [--revocation none|soft|require]
               [--cache CARTELLA] [--at ORA] [--json]
  firma precheck FILE [--json]
  firma devices [--module FILE]... [--json]
  firma identities [--module FILE]... [--json]
  firma sign FILE --out FILE [--format pades|p7m|p7s] [--parallel [--content FILE]] [--module FILE]... [--identity ID]
             [--author CODICE_FISCALE] [--fse] [--trust PEM...] [--pin-fd N] [--padding pkcs1|pss]
             [--stamp last|PAGINA] [--stamp-at SINISTRA,BASSO]
  firma timestamp FILE --out FILE [--tsa URL]... --trust PEM...
  firma extend FILE --to B-T|B-LT|B-LTA --out FILE [--tsa URL]... --trust PEM... [--cache CARTELLA]
  firma trust update|show IMPOSTAZIONI

Uscita: 0 sì, 1 no, 2 la domanda non si può porre (uso errato, file illeggibile).
Il PIN si scrive quando è chiesto, oppure si passa con --pin-fd o nella variabile FIRMA_PIN.";

/// The whole judgement.
pub(crate) fn report(file: &str, report: &VerifyReport) -> String {
    let mut lines = Vec::new();
    let verdict = if report.passed() {
        "FIRMA VALIDA"
    } else {
        "FIRMA NON VALIDA"
    };
    let verdict = if report.signatures.is_empty() {
        "NESSUNA FIRMA VERIFICABILE"
    } else {
        verdict
    };
    lines.push(format!("{file}: {verdict}"));
    if let Some(fault) = report.fault {
        lines.push(format!("  {}", document(fault)));
    } else if report.signatures.is_empty() {
        lines.push("  Il file non è firmato.".to_owned());
    }
    for (number, signature) in report.signatures.iter().enumerate() {
        lines.push(String::new());
        one_signature(number + 1, report.format, signature, &mut lines);
    }
    for stamp in &report.time_stamps {
        lines.push(String::new());
        lines.push(format!("Marca del documento: {}", time_stamp(stamp)));
    }
    lines.join("\n")
}

fn one_signature(number: usize, format: Format, signature: &SignatureReport, lines: &mut Vec<String>) {
    let mut title = format!("Firma {number}");
    if !signature.field.is_empty() {
        title.push_str(&format!(" (campo {})", signature.field));
    }
    if signature.envelope > 0 {
        title.push_str(&format!(" (busta interna {})", signature.envelope));
    }
    lines.push(title);
    let mut say = |name: &str, text: String| lines.push(format!("  {name}: {text}"));
    say("Esito", outcome(signature.indication, signature.sub_indication));
    if let Some(signer) = &signature.signer {
        let code = signer
            .fiscal_code
            .as_deref()
            .map_or(String::new(), |c| format!(" ({c})"));
        say("Firmatario", format!("{}{code}", signer.subject));
        say("Certificato rilasciato da", signer.issuer.clone());
        let (from, until) = (moment(signer.not_before), moment(signer.not_after));
        say("Certificato valido", format!("dal {from} al {until}"));
    }
    let kind = if format == Format::Cades { "CAdES" } else { "PAdES" };
    say(
        "Livello",
        match signature.level {
            Level::NotBaseline => format!("non è una firma {kind} baseline"),
            Level::BB => format!("{kind} B-B"),
            Level::BT => format!("{kind} B-T"),
            Level::BLT => format!("{kind} B-LT"),
            Level::BLTA => format!("{kind} B-LTA"),
        },
    );
    for gap in &signature.baseline_gaps {
        say("Manca al livello", baseline(*gap).to_owned());
    }
    if let Some(time) = signature.claimed_time {
        say("Ora dichiarata dal firmatario", moment(time));
    }
    if let Some(time) = signature.proven_time {
        say("Esistente almeno dal", moment(time));
    }
    for stamp in &signature.time_stamps {
        say("Marca temporale", time_stamp(stamp));
    }
    for one in &signature.countersignatures {
        let name = one
            .signer
            .as_ref()
            .map_or("certificato assente", |s| s.subject.as_str());
        let said = outcome(one.indication, one.sub_indication);
        say("Controfirma", format!("{name}: {said}"));
    }
    say("Revoca", revocation(signature.revocation).to_owned());
    if format == Format::Pades {
        say("Dopo la firma", changes(signature.later_changes).to_owned());
    }
    if let Some(level) = signature.certification {
        say("Certificazione", format!("modifiche ammesse: P={level}"));
    }
    for one in &signature.warnings {
        say("Avvertenza", warning(*one).to_owned());
    }
}

pub(crate) fn moment(time: Timestamp) -> String {
    time.strftime("%d/%m/%Y %H:%M:%S UTC").to_string()
}

fn time_stamp(stamp: &TimeStampReport) -> String {
    let time = stamp.time.map_or("senza ora leggibile".to_owned(), moment);
    let authority = stamp
        .authority
        .as_ref()
        .map_or(String::new(), |a| format!(", {}", a.subject));
    format!(
        "{time}{authority}: {}",
        outcome(stamp.indication, stamp.sub_indication)
    )
}

pub(crate) fn outcome(indication: Indication, sub_indication: Option<SubIndication>) -> String {
    let standard = match indication {
        Indication::TotalPassed => "TOTAL-PASSED",
        Indication::Indeterminate => "INDETERMINATE",
        Indication::TotalFailed => "TOTAL-FAILED",
    };
    match sub_indication {
        None => format!("{standard}, integra e di fiducia"),
        Some(sub_indication) => format!("{standard}, {}", reason(sub_indication)),
    }
}

fn reason(sub_indication: SubIndication) -> &'static str {
    match sub_indication {
        SubIndication::FormatFailure => {
            "FORMAT_FAILURE: la firma non copre il documento come deve, o il documento è stato cambiato dopo la firma"
        }
        SubIndication::HashFailure => "HASH_FAILURE: ciò che è firmato è stato cambiato",
        SubIndication::SigCryptoFailure => {
            "SIG_CRYPTO_FAILURE: la firma non corrisponde alla chiave del certificato"
        }
        SubIndication::NoSigningCertificateFound => {
            "NO_SIGNING_CERTIFICATE_FOUND: manca il certificato del firmatario, o non è quello che la firma indica"
        }
        SubIndication::NoCertificateChainFound => {
            "NO_CERTIFICATE_CHAIN_FOUND: il certificato non conduce a una radice di fiducia"
        }
        SubIndication::ChainConstraintsFailure => {
            "CHAIN_CONSTRAINTS_FAILURE: la catena dei certificati non è ammissibile"
        }
        SubIndication::SigConstraintsFailure => {
            "SIG_CONSTRAINTS_FAILURE: il certificato non è di firma, o la marca temporale non regge"
        }
        SubIndication::CryptoConstraintsFailure => {
            "CRYPTO_CONSTRAINTS_FAILURE: impronta o chiave troppo deboli"
        }
        SubIndication::Revoked => "REVOKED: il certificato era revocato quando la firma fu apposta",
        SubIndication::RevokedNoPoe => {
            "REVOKED_NO_POE: il certificato è revocato e niente prova che la firma sia anteriore"
        }
        SubIndication::RevokedCaNoPoe => {
            "REVOKED_CA_NO_POE: il certificatore è revocato e niente prova che la firma sia anteriore"
        }
        SubIndication::Expired => "EXPIRED: la firma è posteriore alla scadenza del certificato",
        SubIndication::OutOfBoundsNoPoe => {
            "OUT_OF_BOUNDS_NO_POE: il certificato è scaduto e niente prova che la firma sia anteriore"
        }
        SubIndication::NotYetValid => "NOT_YET_VALID: il certificato non era ancora valido",
        SubIndication::TryLater => "TRY_LATER: mancano i dati di revoca richiesti",
        SubIndication::SignedDataNotFound => {
            "SIGNED_DATA_NOT_FOUND: manca ciò che è firmato; per una firma separata si indica con --content"
        }
    }
}

fn document(fault: DocumentFault) -> &'static str {
    match fault {
        DocumentFault::Empty => "Il file è vuoto.",
        DocumentFault::UnknownFormat => "Il file non è né un PDF né un p7m.",
        DocumentFault::Damaged => "Il file è danneggiato: la sua struttura non si legge così com'è.",
        DocumentFault::Encrypted => "Il PDF è cifrato: va salvato senza protezione prima di verificarlo.",
        DocumentFault::HybridCrossReference => {
            "Il PDF ha due indici diversi (xref ibrido): due lettori potrebbero vedere due documenti."
        }
        DocumentFault::TooLarge => "Il file è troppo grande.",
        DocumentFault::TooMany => "Il file contiene più firme o buste di quante se ne leggano.",
    }
}

fn baseline(gap: BaselineGap) -> &'static str {
    match gap {
        BaselineGap::SubFilter => "SubFilter ETSI.CAdES.detached",
        BaselineGap::NoSigningCertificateAttribute => "l'attributo signing-certificate",
        BaselineGap::SigningTimeAttribute => "l'ora soltanto in /M (sta in un attributo firmato)",
        BaselineGap::NoSigningTime => "l'ora della firma in /M",
        BaselineGap::CertEntry => "un dizionario di firma senza /Cert",
    }
}

fn revocation(status: RevocationStatus) -> &'static str {
    match status {
        RevocationStatus::NotChecked => "non verificata",
        RevocationStatus::Good => "nessun certificato revocato",
        RevocationStatus::Unknown => "sconosciuta: il file non porta tutti i dati",
        RevocationStatus::Revoked => "certificato revocato",
    }
}

fn changes(changes: LaterChanges) -> &'static str {
    match changes {
        LaterChanges::None => "nessuna modifica",
        LaterChanges::Archival => "aggiunti soltanto dati di conservazione",
        LaterChanges::Signatures => "aggiunte altre firme",
        LaterChanges::FormFilling => "compilati campi, come la certificazione ammette",
        LaterChanges::Forbidden => "il documento è stato cambiato",
    }
}

fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::RevocationUnknown => "mancano dati di revoca per almeno un certificato",
        Warning::NoClaimedTime => "la firma non dichiara un'ora",
        Warning::CountersignatureNotHeld => "una controfirma non regge, o non è di fiducia",
        Warning::CertificateNamedBySha1 => "il certificato è indicato con la sua impronta SHA-1",
    }
}

/// Why the gateway would refuse.
pub(crate) fn fse(problem: FseProblem) -> &'static str {
    match problem {
        FseProblem::NotPdf => "non è un PDF",
        FseProblem::Damaged => "la struttura del PDF è danneggiata",
        FseProblem::Encrypted => "il PDF è cifrato",
        FseProblem::HybridCrossReference => "il PDF ha due indici diversi (xref ibrido)",
        FseProblem::TooLarge => "il file è troppo grande",
        FseProblem::CdaMissing => "manca l'allegato cda.xml",
        FseProblem::CdaMisnamed => "il documento clinico è allegato con un nome diverso da cda.xml",
        FseProblem::CdaTwice => "cda.xml è allegato più di una volta",
        FseProblem::CdaUnreadable => "cda.xml non contiene un documento clinico",
        FseProblem::AttachmentsTooDeep => "l'albero degli allegati è più profondo di quanto il gateway legga",
        FseProblem::NotSigned => "non è firmato",
        FseProblem::EmptySignatureField => {
            "ha un campo di firma vuoto, che il gateway prende per una firma non valida"
        }
        FseProblem::DocumentTimeStamp => {
            "ha una marca temporale del documento (B-LTA), che il gateway prende per una firma non valida: si \
             pubblica la copia B-T o B-LT"
        }
        FseProblem::NoSigningTime => "una firma non ha l'ora (/M)",
        FseProblem::NotPades => "una firma non è ETSI.CAdES.detached",
        FseProblem::SignatureBroken => "una firma non regge, o il documento è stato cambiato dopo la firma",
    }
}

/// Why a document is not prepared.
pub(crate) fn refusal(refusal: &PrepareError) -> String {
    match refusal {
        PrepareError::Document(document) => match document {
            DocumentRefusal::NotPdf => "il file non è un PDF.".into(),
            DocumentRefusal::Damaged => "il PDF è danneggiato.".into(),
            DocumentRefusal::Encrypted => "il PDF è cifrato: va salvato senza protezione.".into(),
            DocumentRefusal::Certified => "il PDF è certificato e non ammette firme.".into(),
            DocumentRefusal::EmptySignatureField => "il PDF ha un campo di firma vuoto.".into(),
            DocumentRefusal::Xfa => {
                "il PDF contiene un modulo XFA: ciò che si vede non è ciò che si firma.".into()
            }
            DocumentRefusal::NoSuchPage => "il PDF non ha la pagina indicata con --stamp.".into(),
            DocumentRefusal::NoRoomForStamp => {
                "lì non c'è posto per il timbro: coprirebbe un'altra firma o uscirebbe dalla pagina.".into()
            }
            DocumentRefusal::NotEnvelope => {
                "il file non è un p7m: --parallel aggiunge una firma a un p7m.".into()
            }
            DocumentRefusal::ContentMissing => {
                "la firma è separata: ciò che è firmato si indica con --content.".into()
            }
            DocumentRefusal::EarlierSignatureBroken => {
                "una firma che c'è già non regge: il file va chiesto di nuovo a chi lo ha dato.".into()
            }
            DocumentRefusal::CdaMissing => "manca l'allegato cda.xml.".into(),
            DocumentRefusal::CdaMisnamed => "il documento clinico non si chiama cda.xml.".into(),
            DocumentRefusal::CdaTwice => "cda.xml è allegato due volte.".into(),
            other => format!("il PDF non si può firmare ({other})."),
        },
        PrepareError::Certificate(certificate) => match certificate {
            CertificateRefusal::Expired { not_after } => {
                format!("il certificato è scaduto il {}.", moment(*not_after))
            }
            CertificateRefusal::NotYetValid { not_before } => {
                format!("il certificato vale dal {}.", moment(*not_before))
            }
            CertificateRefusal::NotForSignature => "il certificato è di autenticazione, non di firma.".into(),
            CertificateRefusal::NotTheAuthor => "il certificato è di un'altra persona.".into(),
            CertificateRefusal::NoFiscalCode => "il certificato non porta un codice fiscale.".into(),
            CertificateRefusal::UnsupportedKey => "il tipo di chiave non è ammesso.".into(),
            CertificateRefusal::Unreadable => "il certificato non si legge.".into(),
        },
        #[allow(unreachable_patterns, reason = "reasons may join")]
        other => format!("il documento non si può firmare ({other})."),
    }
}

/// A certificate in a few lines.
pub(crate) fn identity(identity: &Identity) -> String {
    let usage = match identity.usage {
        KeyUse::Signature => "firma",
        KeyUse::Authentication => "autenticazione",
    };
    let pin = match identity.pin {
        PinState::Ready => "pronto",
        PinState::Low => "i tentativi rimasti sono pochi",
        PinState::FinalTry => "ultimo tentativo prima del blocco",
        PinState::Locked => "bloccato",
        PinState::ToBeChanged => "da cambiare",
    };
    format!(
        "{}\n  Titolare: {}{}\n  Uso: {usage}\n  Rilasciato da: {}\n  Scadenza: {}\n  Dispositivo: {}\n  PIN: {pin}",
        identity.id.0,
        identity.subject,
        identity
            .fiscal_code
            .as_deref()
            .map_or(String::new(), |c| format!(" ({c})")),
        identity.issuer,
        moment(identity.not_after),
        identity.device_label,
    )
}
