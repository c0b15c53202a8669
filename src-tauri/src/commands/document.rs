//! Earlier documents.

use contract::Answer;
use contract::document::{DocumentListView, DocumentRequest, RecentDocumentsRequest, RecentDocumentsView};
use contract::patient::PatientRequest;
use tauri::State;
use tauri::ipc::Response;
use workflow::Core;

#[tauri::command]
pub(crate) async fn document_list(
    core: State<'_, Core>,
    request: PatientRequest,
) -> Answer<DocumentListView> {
    core.document_list(request).await
}

#[tauri::command]
pub(crate) async fn document_recent(
    core: State<'_, Core>,
    request: RecentDocumentsRequest,
) -> Answer<RecentDocumentsView> {
    core.document_recent(request).await
}

#[tauri::command]
pub(crate) async fn document_content(core: State<'_, Core>, request: DocumentRequest) -> Answer<Response> {
    core.document_content(request).await.map(Response::new)
}
