//! What went wrong with a device, a service or a level, in Italian: what happened, and what to do now.
//!
//! Every reason has its own sentence; a new one does not compile without. Not in it: refusals of documents and
//! certificates, and verdicts (`words`).

use signing::error::{Certified, ExtendError};
use signing::revocation::{RevocationError, Status};
use signing::timestamp::{NoTimeStamp, TimeStampError};
use signing::transport::TransportError;
use signing::{DeviceError, FinishError, PrepareError, RemoteRefusal};

use crate::words;

/// What a device answered.
pub(crate) fn device(error: &DeviceError) -> String {
    match error {
        DeviceError::ModuleMissing => "il driver non è al suo posto: si installa, o si indica con --module.",
        DeviceError::ModuleUnusable => "il driver non si carica: forse è per un altro sistema.",
        DeviceError::ModuleForeign => {
            "il driver è per un altro tipo di processore: ne serve la versione per questo PC."
        }
        DeviceError::ModuleStopped => "il driver si è interrotto: si riprova.",
        DeviceError::ModuleSilent => {
            "il driver non risponde ed è stato chiuso: si toglie la carta e si riprova."
        }
        DeviceError::HelperMissing => "manca il programma che ospita il driver: firma va reinstallato.",
        DeviceError::NoToken => "nessuna carta o chiavetta inserita.",
        DeviceError::IdentityGone => "il certificato scelto non è più sul dispositivo.",
        DeviceError::TokenRemoved => "la carta è stata tolta: si reinserisce e si ricomincia.",
        DeviceError::HeldByAnother => "un altro programma sta usando il dispositivo: si chiude e si riprova.",
        DeviceError::WrongPin => "PIN errato.",
        DeviceError::WrongPinFewLeft => "PIN errato; i tentativi rimasti sono pochi.",
        DeviceError::WrongPinFinalAttempt => "PIN errato; resta l'ultimo tentativo prima del blocco.",
        DeviceError::PinLocked => "il PIN è bloccato: serve il PUK, o chi ha rilasciato la carta.",
        DeviceError::PinToBeChanged => {
            "il PIN va cambiato prima dell'uso, con il programma di chi ha rilasciato la carta."
        }
        DeviceError::PinLength { min, max } => return format!("il PIN ha da {min} a {max} caratteri."),
        DeviceError::Cancelled => "annullato sul dispositivo, o il tempo è finito.",
        DeviceError::MechanismUnsupported => {
            "il dispositivo non fa questo tipo di firma: si prova con un altro --padding."
        }
        DeviceError::KeyMissing => "la chiave del certificato non è sul dispositivo: serve un'altra carta.",
        DeviceError::KeyMismatch => "la chiave non è quella del certificato: la carta va fatta controllare.",
        DeviceError::SignatureUnsound => {
            "il dispositivo ha dato una firma che non regge, e non è stata usata: si riprova."
        }
        DeviceError::Remote(refusal) => return remote(refusal),
        DeviceError::NotAuthorised => "il documento non è fra quelli autorizzati: si ricomincia.",
        DeviceError::KeyFileUnreadable => "il file di chiavi non si legge.",
        DeviceError::KeyFileAmbiguous => "il file di chiavi non contiene una sola chiave.",
        DeviceError::Failed { code } => {
            return format!(
                "il dispositivo non ha firmato (codice {code:#x}): si riprova, o si chiede a chi lo ha dato."
            );
        }
    }
    .into()
}

/// What a remote signature service answered.
fn remote(refusal: &RemoteRefusal) -> String {
    match refusal {
        RemoteRefusal::WrongOtp => "il codice temporaneo è errato.",
        RemoteRefusal::ExpiredOtp => "il codice temporaneo è scaduto: se ne chiede un altro.",
        RemoteRefusal::OtpNeeded => "serve il codice temporaneo.",
        RemoteRefusal::PinNeeded => "serve il PIN.",
        RemoteRefusal::BrowserNeeded => "questa firma si autorizza nel browser, sulla pagina del servizio.",
        RemoteRefusal::NoAnswer => "il servizio di firma non risponde. Non era stato firmato nulla: si riprova.",
        RemoteRefusal::AuthorisationExpired => "l'autorizzazione è scaduta: PIN e codice si danno di nuovo.",
        RemoteRefusal::TooManyDocuments { allowed } => {
            return format!("una sola autorizzazione vale per {allowed} documenti: si firma in più volte.");
        }
        RemoteRefusal::CredentialDisabled => "il certificato è disattivato presso il servizio di firma.",
        RemoteRefusal::AccessExpired => "l'accesso al servizio di firma è scaduto: si entra di nuovo.",
        RemoteRefusal::TooManyRequests {
            retry_after_s: Some(seconds),
        } => return format!("il servizio di firma chiede di aspettare {seconds} secondi."),
        RemoteRefusal::TooManyRequests { retry_after_s: None } => {
            "il servizio di firma chiede di aspettare: si riprova fra qualche minuto."
        }
        RemoteRefusal::OutcomeUnknown => {
            "la risposta del servizio non è arrivata: non si sa se abbia firmato. Non si ripete da sé; per firmare si \
             autorizza di nuovo."
        }
        RemoteRefusal::Unreachable => "il servizio di firma non si raggiunge: si controlla la rete.",
        RemoteRefusal::Unavailable { status } => {
            return format!("il servizio di firma non è disponibile ora (HTTP {status}): si riprova più tardi.");
        }
        RemoteRefusal::Garbled => "la risposta del servizio di firma non si legge: si avvisa chi lo gestisce.",
        RemoteRefusal::Refused { code } => {
            return format!("il servizio di firma ha rifiutato ({code}): si chiede a chi lo gestisce.");
        }
    }
    .into()
}

/// Why a signed file does not leave.
pub(crate) fn finish(error: &FinishError) -> String {
    match error {
        FinishError::PreparedAltered => "ciò che era pronto per la firma è cambiato: si ricomincia.".into(),
        FinishError::SpaceTooSmall => "la firma è più grande del posto lasciato: si ricomincia.".into(),
        FinishError::Encoding => "la firma non si è potuta scrivere.".into(),
        FinishError::SelfCheck(indication, sub_indication) => format!(
            "il file firmato non ha superato il controllo: {}.",
            words::outcome(*indication, *sub_indication)
        ),
    }
}

/// Why a level was not reached.
pub(crate) fn extend(error: &ExtendError) -> String {
    match error {
        ExtendError::Document(refusal) => words::refusal(&PrepareError::Document(*refusal)),
        ExtendError::NotSigned => "il file non è firmato.".into(),
        ExtendError::Broken => "una firma del file non regge: una marca proverebbe soltanto quello.".into(),
        ExtendError::ForeignEncoding => {
            "la firma è scritta in un modo a cui non si può aggiungere nulla, o ha più firmatari.".into()
        }
        ExtendError::CoveredByLaterRevision => {
            "una firma successiva copre il posto della marca: per quella firma è troppo tardi.".into()
        }
        ExtendError::SpaceTooSmall => "la marca è più grande del posto lasciato nella firma.".into(),
        ExtendError::NoTimeStamp(none) => no_time_stamp(none),
        ExtendError::NoChain { of } => format!(
            "il certificato {} non conduce a una radice: si indica con --trust.",
            whose(*of)
        ),
        ExtendError::RevocationUnknown { of, why } => {
            let why = match why {
                RevocationError::Certificate => "il certificato non si legge",
                RevocationError::NoSource => "il certificato non dice a chi chiedere",
                RevocationError::NoAnswer { .. } => {
                    "nessuno ha risposto in modo valido: si riprova più tardi"
                }
            };
            format!("non si sa se il certificato {} sia revocato: {why}.", whose(*of))
        }
        ExtendError::NotGood { of, status } => {
            let status = match status {
                Status::Revoked { .. } => "revocato",
                Status::Suspended { .. } => "sospeso",
                Status::Unknown | Status::Good => "sconosciuto a chi lo ha rilasciato",
            };
            format!("il certificato {} è {status}.", whose(*of))
        }
        ExtendError::Encoding => "il risultato non si è potuto scrivere.".into(),
        ExtendError::SelfCheck(indication, sub_indication) => format!(
            "il risultato non ha superato il controllo: {}.",
            words::outcome(*indication, *sub_indication)
        ),
    }
}

fn whose(of: Certified) -> &'static str {
    match of {
        Certified::Signer => "del firmatario",
        Certified::TimeStampAuthority => "di chi dà le marche",
        Certified::Issuer => "di un certificatore",
    }
}

/// One line for each authority that was asked.
pub(crate) fn no_time_stamp(none: &NoTimeStamp) -> String {
    let mut text = "nessuno ha dato una marca temporale.".to_owned();
    for (address, why) in &none.attempts {
        text += &format!("\n  {address}: {}", time_stamp(why));
    }
    text
}

fn time_stamp(error: &TimeStampError) -> &'static str {
    match error {
        TimeStampError::Transport(fault) => match fault {
            TransportError::Address => "l'indirizzo non si può usare",
            TransportError::Unreachable => "non si raggiunge",
            TransportError::TimedOut => "non ha risposto in tempo",
            TransportError::Denied => "ha rifiutato le credenziali",
            TransportError::Status(_) => "ha risposto con un errore HTTP",
            TransportError::TooLong => "ha risposto troppo a lungo",
        },
        TimeStampError::Request => "la domanda non si è potuta fare: la politica non è un identificativo",
        TimeStampError::Unreadable => "la risposta non è una marca",
        TimeStampError::Refused { .. } => "ha rifiutato",
        TimeStampError::WrongImprint => "la marca è di un altro documento",
        TimeStampError::WrongNonce => "la marca risponde a un'altra domanda",
        TimeStampError::WrongPolicy => "la marca è di un'altra politica",
        TimeStampError::WeakDigest => "la marca usa un'impronta debole",
        TimeStampError::BadSignature => "la firma della marca non regge",
        TimeStampError::NotAnAuthority => "il certificato non è di chi dà marche",
        TimeStampError::Untrusted => "non conduce a una radice: si indica con --trust",
        TimeStampError::ClocksDiffer { .. } => {
            "la sua ora e quella di questo PC differiscono: si regola l'orologio"
        }
    }
}
