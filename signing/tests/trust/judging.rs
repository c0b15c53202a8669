//! Signatures judged by the anchors of a list, as of their own time.

use jiff::Timestamp;
use signing::pades::{Shape, Stamped, prepare_as};
use signing::timestamp::{Authority, TimeStampPolicy, TimeStamps};
use signing::token::pkcs12::Pkcs12Signer;
use signing::transport::Http;
use signing::trust::TrustedLists;
use signing::{
    Conditions, Indication, Question, Revocation, Secret, Signer as _, SubIndication, TrustRoots, finish,
    judged,
};
use testkit::authority::Key;
use testkit::trusted_list::{ListText, ServiceText};

use crate::document::report;
use crate::{Office, PATIENCE, later, now, refresh, summary};

/// Signed by the authority's issuer, without and with a time-stamp of its time-stamp authority.
pub(crate) struct Documents {
    pub(crate) office: Office,
    pub(crate) b_b: Vec<u8>,
    pub(crate) b_t: Vec<u8>,
}

impl Documents {
    pub(crate) fn sign() -> Self {
        let office = Office::open(&[("gestore", Key::P256)]);
        let folder = office
            .services
            .authority
            .signer(
                "primo",
                "Rofilo Del Vecchio",
                "DLVRFO57L04X000A",
                Key::P256,
                "12345678",
            )
            .unwrap();
        let signer = Pkcs12Signer::folder(&folder).unwrap();
        let identity = signer.identities().unwrap().remove(0);
        let room = Shape {
            time_stamp: true,
            ..Shape::default()
        };
        let at = Timestamp::now();
        let prepared = prepare_as(&report(), &identity, &Conditions::default(), room, at).unwrap();
        let mut grant = signer
            .authorise(&identity.id, &[prepared.hash()], Secret::pin("12345678"))
            .unwrap();
        let value = grant.sign(&prepared.hash()).unwrap();
        let b_b = finish(prepared, &value, None, at).unwrap().pdf;
        let root = std::fs::read(office.services.authority.trust()).unwrap();
        let stamps = TimeStamps::new(
            vec![Authority::open(office.services.tsa())],
            TrustRoots::from_pem(&root).unwrap(),
            Box::new(Http::new(PATIENCE).unwrap()),
        );
        let stamped = signing::timestamp(b_b.clone(), &stamps, TimeStampPolicy::Block, Timestamp::now());
        let Ok(Stamped::Complete(b_t)) = stamped else {
            panic!("not stamped");
        };
        Self { office, b_b, b_t }
    }

    /// What a list with these services makes of a document, `hours` from now.
    fn judge(&self, services: Vec<ServiceText>, document: &[u8], hours: i64) -> Option<SubIndication> {
        let settings = self.office.settings("gestore");
        let _ = std::fs::remove_dir_all(&settings.folder);
        let list = ListText {
            services,
            ..ListText::national("IT", 1, now())
        };
        self.office
            .publisher
            .publish("it.xml", self.office.signed(&list, "gestore"));
        assert_eq!(summary(&refresh(&settings, now())[0]), (Some(1), None));
        let trust = TrustedLists::open(settings).unwrap().stored(now()).trust;
        let question = Question {
            trust: &trust,
            at: later(Timestamp::now(), hours),
            revocation: Revocation::None,
            content: None,
        };
        let said = judged(document, &question).signatures.remove(0);
        assert_eq!(
            said.indication == Indication::TotalPassed,
            said.sub_indication.is_none()
        );
        said.sub_indication
    }

    pub(crate) fn service(&self, kind: &str, certificate: &str, statuses: &[(&str, i64)]) -> ServiceText {
        let statuses: Vec<_> = statuses
            .iter()
            .map(|(s, hours)| (*s, later(now(), *hours)))
            .collect();
        self.office.service(kind, certificate, &statuses)
    }

    pub(crate) fn tsa(&self) -> ServiceText {
        self.service("TSA/QTST", "tsa", &[("granted", -1000)])
    }
}

const NO_CHAIN: Option<SubIndication> = Some(SubIndication::NoCertificateChainFound);

#[test]
fn a_service_counts_while_it_was_granted() {
    let documents = Documents::sign();
    let (b_b, b_t) = (documents.b_b.as_slice(), documents.b_t.as_slice());
    let with =
        |statuses: &[(&str, i64)]| vec![documents.service("CA/QC", "issuer", statuses), documents.tsa()];
    let granted = || with(&[("granted", -1000)]);
    assert_eq!(documents.judge(granted(), b_b, 0), None);
    assert_eq!(documents.judge(granted(), b_t, 0), None);
    // Withdrawn in an hour: the time-stamp proves that the signature was before.
    let withdrawn_later = || with(&[("granted", -1000), ("withdrawn", 1)]);
    assert_eq!(documents.judge(withdrawn_later(), b_b, 0), None);
    assert_eq!(documents.judge(withdrawn_later(), b_t, 2), None);
    assert_eq!(documents.judge(withdrawn_later(), b_b, 2), NO_CHAIN);
    // Withdrawn an hour before.
    let withdrawn_before = || with(&[("granted", -1000), ("withdrawn", -1)]);
    assert_eq!(documents.judge(withdrawn_before(), b_t, 0), NO_CHAIN);
    assert_eq!(documents.judge(withdrawn_before(), b_b, 0), NO_CHAIN);
    // Granted only after the signature.
    assert_eq!(documents.judge(with(&[("granted", 1)]), b_t, 2), NO_CHAIN);
    // The names of before July 2016, and a grant that came back.
    let old = with(&[
        ("undersupervision", -3000),
        ("supervisionceased", -2000),
        ("accredited", -1000),
    ]);
    assert_eq!(documents.judge(old, b_b, 0), None);
    let ceased = with(&[("undersupervision", -3000), ("supervisionceased", -2000)]);
    assert_eq!(documents.judge(ceased, b_b, 0), NO_CHAIN);
    let national = with(&[("recognisedatnationallevel", -3000)]);
    assert_eq!(documents.judge(national, b_b, 0), NO_CHAIN);
}

#[test]
fn a_service_counts_for_what_it_is() {
    let documents = Documents::sign();
    let (b_b, b_t) = (documents.b_b.as_slice(), documents.b_t.as_slice());
    let one = |kind: &str| documents.service(kind, "issuer", &[("granted", -1000)]);
    for kind in ["TSA/QTST", "Certstatus/OCSP/QC", "CA/PKC", "IdV"] {
        assert_eq!(
            documents.judge(vec![one(kind), documents.tsa()], b_b, 0),
            NO_CHAIN,
            "{kind}"
        );
    }
    // The time-stamp does not hold where its authority is not listed as one, though its issuer issues certificates.
    let unlisted = documents.judge(vec![one("CA/QC")], b_t, 0);
    assert_eq!(unlisted, Some(SubIndication::SigConstraintsFailure));
    assert_eq!(documents.judge(vec![one("CA/QC"), one("TSA/QTST")], b_t, 0), None);
    let extended = |extensions: &str| {
        let service = ServiceText {
            extensions: extensions.to_owned(),
            ..one("CA/QC")
        };
        documents.judge(vec![service], b_b, 0)
    };
    let used_for = |name: &str| {
        format!(
            "<Extension Critical=\"true\"><AdditionalServiceInformation><URI xml:lang=\"en\">\
             http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/{name}</URI></AdditionalServiceInformation></Extension>"
        )
    };
    assert_eq!(extended(&used_for("ForeSignatures")), None);
    assert_eq!(extended(&used_for("ForWebSiteAuthentication")), NO_CHAIN);
    let both = used_for("ForWebSiteAuthentication") + &used_for("ForeSeals");
    assert_eq!(extended(&both), None);
    assert_eq!(
        extended("<Extension Critical=\"false\"><Nuova></Nuova></Extension>"),
        None
    );
    assert_eq!(
        extended("<Extension Critical=\"true\"><Nuova></Nuova></Extension>"),
        NO_CHAIN
    );
}
