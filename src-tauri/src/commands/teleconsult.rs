//! Teleconsults.

use contract::Answer;
use contract::teleconsult::{
    AttachRequest, DetachRequest, SaveTeleconsultRequest, TeleconsultDraftRequest, TeleconsultDraftView,
    TeleconsultListView, TeleconsultRequest, TeleconsultTextRequest, TeleconsultView,
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
    request: TeleconsultTextRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_answer(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_answer_save(
    core: State<'_, Core>,
    request: TeleconsultTextRequest,
) -> Answer<()> {
    core.teleconsult_answer_save(request).await
}

#[tauri::command]
pub(crate) async fn teleconsult_acknowledge(
    core: State<'_, Core>,
    request: TeleconsultTextRequest,
) -> Answer<TeleconsultView> {
    core.teleconsult_acknowledge(request).await
}
