//! The conversation while a case is open: *Chiedi altre informazioni*, the asker's reply, *Coinvolgi specialista*, opinions.

use ::teleconsult::{Case, CaseRefusal, Message, MessageKind};
use cache::AuditAction;
use contract::delivery::QueueSubject;
use contract::teleconsult::{InvolveRequest, OpinionRequest, TeleconsultTextRequest, TeleconsultView};
use contract::{Answer, ErrorCode, Failure};
use jiff::Timestamp;

use super::{say, view};
use crate::colleague::Directory;
use crate::core::{Core, blocking};
use crate::desk::Desk;

impl Core {
    /// `teleconsult_ask_information`: the answer clock stands still until the asker replies.
    pub async fn teleconsult_ask_information(
        &self,
        request: TeleconsultTextRequest,
    ) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().answers_teleconsults(), &request.teleconsult_id)?;
        let make = move |desk: &Desk| Ok(say::message(desk, MessageKind::InformationRequest, &request.text));
        self.converse(request.teleconsult_id.clone(), make, Case::ask_information)
            .await
    }

    /// `teleconsult_reply`: the asker answers an information request, and the clock runs again.
    pub async fn teleconsult_reply(&self, request: TeleconsultTextRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().asks_teleconsults(), &request.teleconsult_id)?;
        let make = move |desk: &Desk| Ok(say::message(desk, MessageKind::Information, &request.text));
        self.converse(request.teleconsult_id.clone(), make, Case::give_information)
            .await
    }

    /// `teleconsult_involve`.
    pub async fn teleconsult_involve(&self, request: InvolveRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().answers_teleconsults(), &request.teleconsult_id)?;
        let make = move |desk: &Desk| {
            let known = Directory::load(desk);
            known
                .get(&request.role)
                .filter(|colleague| colleague.role.answers_teleconsults())
                .ok_or_else(|| Failure::new(ErrorCode::NotFound, "teleconsult/colleague"))?;
            let mut message = say::message(desk, MessageKind::Involvement, &request.text);
            message.to = Some(request.role);
            Ok(message)
        };
        self.converse(request.teleconsult_id.clone(), make, Case::involve)
            .await
    }

    /// `teleconsult_opinion`. It stays beside the others, whatever the answer says.
    pub async fn teleconsult_opinion(&self, request: OpinionRequest) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        desk.allow(desk.role().answers_teleconsults(), &request.teleconsult_id)?;
        let make = move |desk: &Desk| {
            let mut message = say::message(desk, MessageKind::Opinion, &request.text);
            message.disagrees = request.disagrees;
            Ok(message)
        };
        self.converse(request.teleconsult_id.clone(), make, Case::give_opinion)
            .await
    }

    async fn converse(
        &self,
        id: String,
        make: impl FnOnce(&Desk) -> Result<Message, Failure> + Send + 'static,
        rule: fn(&mut Case, Message) -> Result<(), CaseRefusal>,
    ) -> Answer<TeleconsultView> {
        let desk = self.desk()?;
        let worker = desk.clone();
        let view = blocking(move || {
            let known = super::require(&worker, &id)?;
            let message = make(&worker)?;
            let mut case = known.case.clone();
            rule(&mut case, message.clone()).map_err(|refusal| super::refused(refusal, &known, &worker))?;
            let subject = QueueSubject::TeleconsultMessage;
            say::say(
                &worker,
                &known,
                &case,
                message,
                subject,
                AuditAction::TeleconsultMessage,
            )?;
            view::case(&worker, &super::require(&worker, &id)?, Timestamp::now())
        })
        .await?;
        self.teleconsult_queued(&desk);
        Ok(view)
    }
}
