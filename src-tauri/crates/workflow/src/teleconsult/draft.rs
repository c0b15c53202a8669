//! `teleconsult_draft_open`, `teleconsult_draft_save`: a request in the making, durable at every save.

use ::teleconsult::Attachment;
use clinical::{PatientId, TeleconsultId, Title};
use contract::events::Tag;
use contract::teleconsult::{
    AttachmentView, SaveTeleconsultRequest, TeleconsultDraftRequest, TeleconsultDraftView,
};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::form::Body;
use super::{DRAFT, settle, template};
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::desk::Desk;
use crate::failure::OrFail;
use crate::{patient, views};

impl Core {
    /// `teleconsult_draft_open`: the draft begun for a patient, or a new one.
    pub async fn teleconsult_draft_open(
        &self,
        request: TeleconsultDraftRequest,
    ) -> Answer<TeleconsultDraftView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.patient_id)?;
        let view = blocking(move || {
            let patient = PatientId::from(request.patient_id);
            if patient::view_of(&desk, &patient, Timestamp::now()).is_none() {
                return Err(Failure::new(ErrorCode::NotFound, "teleconsult/patient"));
            }
            for draft in desk.outbox().drafts(DRAFT).or_fail()? {
                if Body::read(&draft).is_ok_and(|body| body.patient == patient) {
                    return view(&desk, &draft.subject);
                }
            }
            let id = TeleconsultId::new();
            let body = Body::new(patient).bytes()?;
            desk.outbox()
                .draft_save(id.as_str(), DRAFT, 0, body, Timestamp::now())
                .or_fail()?;
            view(&desk, id.as_str())
        })
        .await?;
        Ok(view)
    }

    /// `teleconsult_draft_save`. Two saves on the same revision: the first stands, the other is kept beside it.
    pub async fn teleconsult_draft_save(
        &self,
        request: SaveTeleconsultRequest,
    ) -> Answer<TeleconsultDraftView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.teleconsult_id)?;
        let view = blocking(move || {
            let now = Timestamp::now();
            let (mut body, _) = load(&desk, &request.teleconsult_id)?;
            body.take(request.form, now);
            let (id, revision) = (&request.teleconsult_id, i64::from(request.revision));
            desk.outbox()
                .draft_save(id, DRAFT, revision, body.bytes()?, now)
                .or_fail()?;
            view(&desk, id)
        })
        .await?;
        self.changed(&[Tag::Teleconsult]);
        Ok(view)
    }
}

/// A draft that has not been sent.
pub(super) fn load(desk: &Desk, id: &str) -> Result<(Body, cache::Draft), Failure> {
    let draft = desk
        .outbox()
        .draft_load(id)
        .or_fail()?
        .filter(|draft| draft.kind == DRAFT);
    let draft = draft.ok_or_else(|| Failure::new(ErrorCode::NotFound, "teleconsult/draft"))?;
    Ok((Body::read(&draft)?, draft))
}

/// The files of a draft, as the rules see them.
pub(super) fn files(desk: &Desk, id: &str) -> Result<Vec<Attachment>, Failure> {
    let found = desk.store.attachments.of(id).or_fail()?;
    Ok(found
        .into_iter()
        .map(|file| Attachment {
            id: file.id,
            title: file.name,
            content_type: file.media_type,
            size: file.size,
            sha256: file.sha256,
            document: None,
        })
        .collect())
}

/// Whether somebody must speak for the patient: a minor, or a person with a guardian. With a support administrator it
/// depends on the decree, which the doctor reads.
pub(super) fn is_represented(desk: &Desk, id: &PatientId, now: Timestamp) -> Result<bool, Failure> {
    let patient = desk.replica().patient(id).or_fail()?;
    let minor = patient.is_some_and(|patient| patient.is_minor_on(views::today(now)));
    Ok(minor
        || patient::related_of(desk, id)
            .iter()
            .any(|person| person.title == Some(Title::Guardian)))
}

pub(super) fn view(desk: &Desk, id: &str) -> Result<TeleconsultDraftView, Failure> {
    let now = Timestamp::now();
    let (body, draft) = load(desk, id)?;
    let directory = Directory::load(desk);
    let files = files(desk, id)?;
    let represented = is_represented(desk, &body.patient, now)?;
    let patient = patient::view_of(desk, &body.patient, now)
        .ok_or_else(|| Failure::new(ErrorCode::NotFound, "teleconsult/patient"))?;
    let attachments = files
        .iter()
        .map(|file| AttachmentView {
            id: file.id.to_string(),
            name: file.title.expose().clone(),
            media_type: file.content_type.clone(),
            size: u32::try_from(file.size).unwrap_or(u32::MAX),
            on_this_pc: true,
        })
        .collect();
    let template = template::view(desk, &body, now);
    let missing = body.missing(&body.draft(id, files, &directory, Vec::new(), now), represented);
    let other_version = settle::other_version(desk, id, &body)?;
    Ok(TeleconsultDraftView {
        id: id.to_owned(),
        patient,
        missing: missing.into_iter().map(str::to_owned).collect(),
        unsaid: template::unsaid(&body, &template),
        template,
        other_version,
        form: body.form,
        revision: u32::try_from(draft.revision).unwrap_or(u32::MAX),
        saved_at: Some(views::instant(draft.saved_at)),
        attachments,
        specialities: directory.specialities(),
    })
}
