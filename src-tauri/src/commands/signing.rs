//! The settings of signatures: time-stamps, remote signature.

use contract::Answer;
use contract::signing::{SetRemoteRequest, SetTimeStampsRequest, SigningSettingsView};
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn signing_settings(core: State<'_, Core>) -> Answer<SigningSettingsView> {
    core.signing_settings().await
}

#[tauri::command]
pub(crate) async fn signing_set_time_stamps(
    core: State<'_, Core>,
    request: SetTimeStampsRequest,
) -> Answer<SigningSettingsView> {
    core.signing_set_time_stamps(request).await
}

#[tauri::command]
pub(crate) async fn signing_set_remote(
    core: State<'_, Core>,
    request: SetRemoteRequest,
) -> Answer<SigningSettingsView> {
    core.signing_set_remote(request).await
}

#[tauri::command]
pub(crate) async fn signing_log_in_remote(core: State<'_, Core>) -> Answer<SigningSettingsView> {
    core.signing_log_in_remote().await
}

#[tauri::command]
pub(crate) async fn signing_forget_remote(core: State<'_, Core>) -> Answer<SigningSettingsView> {
    core.signing_forget_remote().await
}
