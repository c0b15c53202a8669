//! Teleconsults.

use contract::Answer;
use contract::teleconsult::{
    AttachRequest, DetachRequest, InvolveRequest, OpinionRequest, PrescribeRequest, PrescriptionListView,
    SaveTeleconsultRequest, SaveWordsRequest, SettleDraftRequest, TeleconsultAnswerRequest,
    TeleconsultDraftRequest, TeleconsultDraftView, TeleconsultListView, TeleconsultRequest,
    TeleconsultTextRequest, TeleconsultView,
};
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn teleconsult_list(core: State<'_, Core>) -> Answer<TeleconsultListView> {
    core.teleconsult_list().await
}

#[tauri::command]
pub(crate) async fn teleconsult_open(
    core: State<'_, Core>,
    request: TeleconsultRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_open(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_draft_open(
    core: State<'_, Core>,
    request: TeleconsultDraftRequest,
) -> Answer<TeleconsultDraftView> {
    core.teleconsult_draft_open(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_draft_save(
    core: State<'_, Core>,
    request: SaveTeleconsultRequest,
) -> Answer<TeleconsultDraftView> {
    core.teleconsult_draft_save(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_attach(
    core: State<'_, Core>,
    request: AttachRequest,
) -> Answer<TeleconsultDraftView> {
    core.teleconsult_attach(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_detach(
    core: State<'_, Core>,
    request: DetachRequest,
) -> Answer<TeleconsultDraftView> {
    core.teleconsult_detach(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_send(
    core: State<'_, Core>,
    request: TeleconsultRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_send(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_claim(
    core: State<'_, Core>,
    request: TeleconsultRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_claim(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_answer(
    core: State<'_, Core>,
    request: TeleconsultAnswerRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_answer(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_answer_save(
    core: State<'_, Core>,
    request: TeleconsultAnswerRequest,
) -> Answer<()> {
    core.teleconsult_answer_save(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_words_save(core: State<'_, Core>, request: SaveWordsRequest) -> Answer<()> {
    core.teleconsult_words_save(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_acknowledge(
    core: State<'_, Core>,
    request: TeleconsultTextRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_acknowledge(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_ask_information(
    core: State<'_, Core>,
    request: TeleconsultTextRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_ask_information(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_reply(
    core: State<'_, Core>,
    request: TeleconsultTextRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_reply(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_involve(
    core: State<'_, Core>,
    request: InvolveRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_involve(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_opinion(
    core: State<'_, Core>,
    request: OpinionRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_opinion(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_resolve(
    core: State<'_, Core>,
    request: TeleconsultRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_resolve(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_withdraw(core: State<'_, Core>, request: TeleconsultRequest) -> Answer<()> {
    core.teleconsult_withdraw(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_draft_settle(
    core: State<'_, Core>,
    request: SettleDraftRequest,
) -> Answer<TeleconsultDraftView> {
    core.teleconsult_draft_settle(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_prescriptions(core: State<'_, Core>) -> Answer<PrescriptionListView> {
    core.teleconsult_prescriptions().await
}

#[tauri::command]
pub(crate) async fn teleconsult_prescribe(
    core: State<'_, Core>,
    request: PrescribeRequest,
) -> Answer<PrescriptionListView> {
    core.teleconsult_prescribe(request).await
}
