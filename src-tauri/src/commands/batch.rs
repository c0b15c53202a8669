//! *Firma massiva*: the reports ready to sign, and many of them signed in one go.

use contract::Answer;
use contract::batch::{
    BatchAuthoriseRequest, BatchDeviceRequest, BatchDeviceView, BatchDocumentRequest, BatchListView,
    BatchStartRequest, BatchView,
};
use tauri::State;
use tauri::ipc::Response;
use workflow::Core;

#[tauri::command]
pub(crate) async fn batch_list(core: State<'_, Core>) -> Answer<BatchListView> {
    core.batch_list().await
}

#[tauri::command]
pub(crate) async fn batch_preview(core: State<'_, Core>, request: BatchDocumentRequest) -> Answer<Response> {
    core.batch_preview(request).await.map(Response::new)
}

#[tauri::command]
pub(crate) async fn batch_device(
    core: State<'_, Core>,
    request: BatchDeviceRequest,
) -> Answer<BatchDeviceView> {
    core.batch_device(request).await
}

#[tauri::command]
pub(crate) async fn batch_start(core: State<'_, Core>, request: BatchStartRequest) -> Answer<BatchView> {
    core.batch_start(request).await
}

#[tauri::command]
pub(crate) async fn batch_state(core: State<'_, Core>) -> Answer<Option<BatchView>> {
    core.batch_state()
}

#[tauri::command]
pub(crate) async fn batch_authorise(
    core: State<'_, Core>,
    request: BatchAuthoriseRequest,
) -> Answer<Option<BatchView>> {
    core.batch_authorise(request)
}

#[tauri::command]
pub(crate) async fn batch_cancel(core: State<'_, Core>) -> Answer<Option<BatchView>> {
    core.batch_cancel()
}

#[tauri::command]
pub(crate) async fn batch_close(core: State<'_, Core>) -> Answer<()> {
    core.batch_close()
}
