//! The call: devices, pictures, sound, chat.

use contract::Answer;
use contract::call::{
    CallCountersView, CallView, ChatRequest, DevicesView, FramesDrawnRequest, ImageView, PreviewRequest,
    SwitchRequest,
};
use tauri::State;
use tauri::ipc::{Channel, InvokeResponseBody};
use workflow::Core;

#[tauri::command]
pub(crate) async fn call_devices(core: State<'_, Core>) -> Answer<DevicesView> {
    core.call_devices().await
}

#[tauri::command]
pub(crate) async fn call_preview_start(core: State<'_, Core>, request: PreviewRequest) -> Answer<CallView> {
    core.call_preview_start(request).await
}

#[tauri::command]
pub(crate) async fn call_preview_stop(core: State<'_, Core>) -> Answer<()> {
    core.call_preview_stop();
    Ok(())
}

#[tauri::command]
pub(crate) async fn call_frames(core: State<'_, Core>, channel: Channel<InvokeResponseBody>) -> Answer<()> {
    // A window that is gone takes no pictures: there is nothing to tell anybody.
    core.call_frames(Box::new(move |picture| {
        drop(channel.send(InvokeResponseBody::Raw(picture)))
    }));
    Ok(())
}

#[tauri::command]
pub(crate) async fn call_frames_drawn(core: State<'_, Core>, request: FramesDrawnRequest) -> Answer<()> {
    core.call_frames_drawn(&request);
    Ok(())
}

#[tauri::command]
pub(crate) async fn call_microphone(core: State<'_, Core>, request: SwitchRequest) -> Answer<CallView> {
    core.call_microphone(request).await
}

#[tauri::command]
pub(crate) async fn call_camera(core: State<'_, Core>, request: SwitchRequest) -> Answer<CallView> {
    core.call_camera(request).await
}

#[tauri::command]
pub(crate) async fn call_chat(core: State<'_, Core>, request: ChatRequest) -> Answer<CallView> {
    core.call_chat(request).await
}

#[tauri::command]
pub(crate) async fn call_capture_image(core: State<'_, Core>) -> Answer<ImageView> {
    core.call_capture_image().await
}

#[tauri::command]
pub(crate) async fn call_hang_up(core: State<'_, Core>) -> Answer<CallView> {
    core.call_hang_up().await
}

#[tauri::command]
pub(crate) async fn call_state(core: State<'_, Core>) -> Answer<CallView> {
    Ok(core.call_state().await)
}

#[tauri::command]
pub(crate) async fn call_counters(core: State<'_, Core>) -> Answer<CallCountersView> {
    core.call_counters().await
}
