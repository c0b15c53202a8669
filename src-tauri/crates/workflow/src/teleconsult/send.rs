//! `teleconsult_send`: *Invia richiesta*. The draft becomes a request that waits on this PC until the region has it.
//!
//! The files go first, each as an upload that becomes `Binary/<its id>`; then one transaction brings consent, documents, request and task,
//! or nothing of them. In the queue and on the way the request is the same bytes.

use ::teleconsult::Request;
use ::teleconsult::fhir::{OWN_IDENTIFIER, request_bundle, urn};
use cache::{AuditAction, ItemKind, NewItem, State, Step};
use contract::delivery::QueueSubject;
use contract::teleconsult::{TeleconsultRequest, TeleconsultView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;
use region::{Confirm, FrozenRequest, UploadPlan};
use serde_json::json;

use super::{DRAFT, SENT, Sent, draft, form::Body, template, view};
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::delivery::{Subject, to_outbox};
use crate::desk::Desk;
use crate::failure::{IntoFailure, OrFail, StepError};

impl Core {
    /// `teleconsult_send`. Sent twice it is one request.
    pub async fn teleconsult_send(&self, request: TeleconsultRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.teleconsult_id)?;
        let worker = desk.clone();
        let view = blocking(move || {
            let id = request.teleconsult_id;
            if super::load(&worker, &id)?.is_none() {
                send(&worker, &id)?;
            }
            view::case(&worker, &super::require(&worker, &id)?, Timestamp::now())
        })
        .await?;
        self.teleconsult_queued(&desk);
        Ok(view)
    }
}

fn send(desk: &Desk, id: &str) -> Result<(), Failure> {
    let now = Timestamp::now();
    let (body, kept) = draft::load(desk, id)?;
    let request = complete(desk, id, &body, now)?;
    let mut files = Vec::with_capacity(request.attachments.len());
    for file in &request.attachments {
        // Of a request that was taken back, the files may be there already.
        if is_there(desk, &file.id.to_string())? {
            continue;
        }
        files.push((file.id.to_string(), to_outbox(upload(file)?)?));
    }
    let bundle = to_outbox(transaction(desk, &request)?)?;
    let actor = desk.entry(AuditAction::TeleconsultAsked, id);
    let consent = desk.entry(AuditAction::ConsentRecorded, id);
    let id = id.to_owned();
    let done = desk.outbox().commit(now, move |step| -> Result<(), StepError> {
        // A save between the reading and this step: what was checked is not what stands.
        let stands = step
            .draft(&id)?
            .is_some_and(|d| d.kind == DRAFT && d.revision == kept.revision);
        if !stands {
            return Err(Failure::new(ErrorCode::Conflict, "draft/revision").into());
        }
        let items = enqueue(step, &id, files, bundle)?;
        let sent = Sent {
            request,
            items,
            draft: Some(body),
        };
        let sent =
            serde_json::to_vec(&sent).map_err(|_| Failure::new(ErrorCode::Internal, "teleconsult/sent"))?;
        step.draft_put(&id, SENT, &sent)?;
        step.audit(&consent)?;
        step.audit(&actor)?;
        Ok(())
    });
    done.or_fail()
}

/// Whether the region holds a file.
fn is_there(desk: &Desk, file: &str) -> Result<bool, Failure> {
    let subject = Subject::new(QueueSubject::Attachment, file).to_string();
    let items = desk.outbox().items_of(&subject).or_fail()?;
    Ok(items.iter().any(|item| item.progress.state == State::Confirmed))
}

fn enqueue(
    step: &mut Step<'_>,
    id: &str,
    files: Vec<(String, cache::FrozenRequest)>,
    bundle: cache::FrozenRequest,
) -> Result<Vec<cache::ItemId>, StepError> {
    let mut items = Vec::with_capacity(files.len() + 1);
    let new = |kind, subject: Subject, depends_on, request| NewItem {
        conversation: id.to_owned(),
        kind,
        subject: subject.to_string(),
        depends_on,
        request,
        etag: None,
        awaiting_signature: false,
    };
    for (file, request) in files {
        let subject = Subject::new(QueueSubject::Attachment, file);
        items.push(
            step.enqueue(new(ItemKind::AttachmentUpload, subject, Vec::new(), request))?
                .id,
        );
    }
    let subject = Subject::new(QueueSubject::TeleconsultRequest, id);
    let last = step
        .enqueue(new(ItemKind::FhirTransaction, subject, items.clone(), bundle))?
        .id;
    items.push(last);
    Ok(items)
}

fn complete(desk: &Desk, id: &str, body: &Body, now: Timestamp) -> Result<Request, Failure> {
    let incomplete =
        |field: &str| Failure::new(ErrorCode::RequestIncomplete, "teleconsult/incomplete").with_field(field);
    let files = draft::files(desk, id)?;
    let particulars = template::particulars(body, &template::view(desk, body, now));
    let draft = body.draft(id, files, &Directory::load(desk), particulars, now);
    let represented = draft::is_represented(desk, &body.patient, now)?;
    match body.missing(&draft, represented).first() {
        Some(&"attachments") => return Err(Failure::new(ErrorCode::AttachmentTooLarge, "attachment/size")),
        Some(field) => return Err(incomplete(field)),
        None => {}
    }
    draft
        .complete(represented, &desk.assignment().id, now)
        .map_err(|_| incomplete("question"))
}

/// The upload of a file, without its bytes: they are read when they leave.
fn upload(file: &::teleconsult::Attachment) -> Result<FrozenRequest, Failure> {
    let plan = UploadPlan {
        id: file.id.to_string(),
        media_type: file.content_type.clone(),
        size: file.size,
        sha256: file.sha256.clone(),
    };
    plan.freeze().map_err(IntoFailure::failure)
}

fn transaction(desk: &Desk, request: &Request) -> Result<FrozenRequest, Failure> {
    let mut bundle = request_bundle(request);
    let name = desk.practitioner.name.display();
    for entry in bundle
        .get_mut("entry")
        .and_then(|entries| entries.as_array_mut())
        .into_iter()
        .flatten()
    {
        // Who reads the case elsewhere has no directory of all askers.
        if let Some(requester) = entry.pointer_mut("/resource/requester") {
            requester["display"] = json!(name);
        }
    }
    let confirm = Confirm::Identifier {
        resource: "ServiceRequest".to_owned(),
        system: OWN_IDENTIFIER.to_owned(),
        value: urn(request.id.as_str()),
    };
    FrozenRequest::transaction(&bundle, Some(confirm)).map_err(IntoFailure::failure)
}
