//! The report: form, signature, receipts.

use contract::Answer;
use contract::report::{
    DeliveryView, ReportRequest, ReportSavedView, ReportView, SaveReportRequest, SendOtpRequest,
    SignAndSendRequest, SignWaitingRequest, SignedWaitingView, SigningDevicesView,
};
use tauri::State;
use tauri::ipc::Response;
use workflow::Core;

#[tauri::command]
pub(crate) async fn report_open(core: State<'_, Core>, request: ReportRequest) -> Answer<ReportView> {
    core.report_open(request).await
}

#[tauri::command]
pub(crate) async fn report_save(
    core: State<'_, Core>,
    request: SaveReportRequest,
) -> Answer<ReportSavedView> {
    core.report_save(request).await
}

#[tauri::command]
pub(crate) async fn report_preview(core: State<'_, Core>, request: ReportRequest) -> Answer<Response> {
    core.report_preview(request).await.map(Response::new)
}

#[tauri::command]
pub(crate) async fn report_image(core: State<'_, Core>, request: ReportRequest) -> Answer<Response> {
    core.report_image(request).await.map(Response::new)
}

#[tauri::command]
pub(crate) async fn report_signing_devices(core: State<'_, Core>) -> Answer<SigningDevicesView> {
    core.report_signing_devices().await
}

#[tauri::command]
pub(crate) async fn report_sign_and_send(
    core: State<'_, Core>,
    request: SignAndSendRequest,
) -> Answer<DeliveryView> {
    core.report_sign_and_send(request).await
}

#[tauri::command]
pub(crate) async fn report_send_otp(core: State<'_, Core>, request: SendOtpRequest) -> Answer<()> {
    core.report_send_otp(request).await
}

#[tauri::command]
pub(crate) async fn report_sign_waiting(
    core: State<'_, Core>,
    request: SignWaitingRequest,
) -> Answer<SignedWaitingView> {
    core.report_sign_waiting(request).await
}

#[tauri::command]
pub(crate) async fn report_withdraw(core: State<'_, Core>, request: ReportRequest) -> Answer<DeliveryView> {
    core.report_withdraw(request).await
}

#[tauri::command]
pub(crate) async fn report_delivery(core: State<'_, Core>, request: ReportRequest) -> Answer<DeliveryView> {
    core.report_delivery(request).await
}
