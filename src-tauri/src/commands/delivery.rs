//! The queue.

use contract::Answer;
use contract::delivery::{PauseUploadRequest, QueueView};
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn delivery_queue(core: State<'_, Core>) -> Answer<QueueView> {
    core.delivery_queue().await
}

#[tauri::command]
pub(crate) async fn delivery_retry_now(core: State<'_, Core>) -> Answer<QueueView> {
    core.delivery_retry_now().await
}

#[tauri::command]
pub(crate) async fn delivery_pause_upload(
    core: State<'_, Core>,
    request: PauseUploadRequest,
) -> Answer<QueueView> {
    core.delivery_pause_upload(request).await
}
