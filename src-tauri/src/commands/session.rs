//! Who is at the station.

use contract::Answer;
use contract::session::{
    ChooseRoleRequest, CreateSecretRequest, LoginRequest, SessionSettingsView, SessionView,
    SetCardLockRequest, UnlockRequest,
};
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn session_state(core: State<'_, Core>) -> Answer<SessionView> {
    Ok(core.session_state())
}

#[tauri::command]
pub(crate) async fn session_login(core: State<'_, Core>, request: LoginRequest) -> Answer<SessionView> {
    core.session_login(request).await
}

#[tauri::command]
pub(crate) async fn session_login_cancel(core: State<'_, Core>) -> Answer<SessionView> {
    Ok(core.session_login_cancel())
}

#[tauri::command]
pub(crate) async fn session_create_secret(
    core: State<'_, Core>,
    request: CreateSecretRequest,
) -> Answer<SessionView> {
    core.session_create_secret(request).await
}

#[tauri::command]
pub(crate) async fn session_choose_role(
    core: State<'_, Core>,
    request: ChooseRoleRequest,
) -> Answer<SessionView> {
    core.session_choose_role(request).await
}

#[tauri::command]
pub(crate) async fn session_unlock(core: State<'_, Core>, request: UnlockRequest) -> Answer<SessionView> {
    core.session_unlock(request).await
}

#[tauri::command]
pub(crate) async fn session_lock(core: State<'_, Core>) -> Answer<SessionView> {
    core.session_lock().await
}

#[tauri::command]
pub(crate) async fn session_leave(core: State<'_, Core>) -> Answer<SessionView> {
    core.session_leave().await
}

#[tauri::command]
pub(crate) async fn session_touch(core: State<'_, Core>) -> Answer<()> {
    core.session_touch();
    Ok(())
}

#[tauri::command]
pub(crate) async fn session_settings(core: State<'_, Core>) -> Answer<SessionSettingsView> {
    core.session_settings().await
}

#[tauri::command]
pub(crate) async fn session_set_card_lock(
    core: State<'_, Core>,
    request: SetCardLockRequest,
) -> Answer<SessionSettingsView> {
    core.session_set_card_lock(request).await
}
