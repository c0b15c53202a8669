//! The televisit outside of its call.

use contract::Answer;
use contract::televisit::{
    ChooseOutcomeRequest, ConfirmIdentityRequest, InviteCaregiverRequest, NotifyDelayRequest,
    RecordConsentRequest, StartTelevisitRequest, TelevisitRequest, TelevisitView,
};
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn televisit_open(
    core: State<'_, Core>,
    request: TelevisitRequest,
) -> Answer<TelevisitView> {
    core.televisit_open(request).await
}

#[tauri::command]
pub(crate) async fn televisit_confirm_identity(
    core: State<'_, Core>,
    request: ConfirmIdentityRequest,
) -> Answer<TelevisitView> {
    core.televisit_confirm_identity(request).await
}

#[tauri::command]
pub(crate) async fn televisit_refuse_identity(
    core: State<'_, Core>,
    request: TelevisitRequest,
) -> Answer<TelevisitView> {
    core.televisit_refuse_identity(request).await
}

#[tauri::command]
pub(crate) async fn televisit_record_consent(
    core: State<'_, Core>,
    request: RecordConsentRequest,
) -> Answer<TelevisitView> {
    core.televisit_record_consent(request).await
}

#[tauri::command]
pub(crate) async fn televisit_notify_delay(
    core: State<'_, Core>,
    request: NotifyDelayRequest,
) -> Answer<TelevisitView> {
    core.televisit_notify_delay(request).await
}

#[tauri::command]
pub(crate) async fn televisit_invite_caregiver(
    core: State<'_, Core>,
    request: InviteCaregiverRequest,
) -> Answer<TelevisitView> {
    core.televisit_invite_caregiver(request).await
}

#[tauri::command]
pub(crate) async fn televisit_not_delivered(
    core: State<'_, Core>,
    request: ChooseOutcomeRequest,
) -> Answer<TelevisitView> {
    core.televisit_not_delivered(request).await
}

#[tauri::command]
pub(crate) async fn televisit_start(
    core: State<'_, Core>,
    request: StartTelevisitRequest,
) -> Answer<TelevisitView> {
    core.televisit_start(request).await
}

#[tauri::command]
pub(crate) async fn televisit_choose_outcome(
    core: State<'_, Core>,
    request: ChooseOutcomeRequest,
) -> Answer<TelevisitView> {
    core.televisit_choose_outcome(request).await
}
