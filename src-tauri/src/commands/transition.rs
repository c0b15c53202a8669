//! Transitions of care and handovers.

use contract::Answer;
use contract::transition::{
    AssignTransitionRequest, CheckTransitionRequest, CreateTransitionRequest, DetailTransitionRequest,
    HandoverListView, HandoverRequest, HandoverSheetView, LogCallRequest, MoveTransitionRequest,
    OfferHandoverRequest, TransitionBoardView, TransitionFilterRequest, TransitionRequest, TransitionView,
};
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn transition_board(core: State<'_, Core>) -> Answer<TransitionBoardView> {
    core.transition_board().await
}

#[tauri::command]
pub(crate) async fn transition_open(
    core: State<'_, Core>,
    request: TransitionRequest,
) -> Answer<TransitionView> {
    core.transition_open(request).await
}

#[tauri::command]
pub(crate) async fn transition_create(
    core: State<'_, Core>,
    request: CreateTransitionRequest,
) -> Answer<TransitionView> {
    core.transition_create(request).await
}

#[tauri::command]
pub(crate) async fn transition_claim(
    core: State<'_, Core>,
    request: TransitionRequest,
) -> Answer<TransitionView> {
    core.transition_claim(request).await
}

#[tauri::command]
pub(crate) async fn transition_move(
    core: State<'_, Core>,
    request: MoveTransitionRequest,
) -> Answer<TransitionView> {
    core.transition_move(request).await
}

#[tauri::command]
pub(crate) async fn transition_log_call(
    core: State<'_, Core>,
    request: LogCallRequest,
) -> Answer<TransitionView> {
    core.transition_log_call(request).await
}

#[tauri::command]
pub(crate) async fn handover_offer(
    core: State<'_, Core>,
    request: OfferHandoverRequest,
) -> Answer<TransitionView> {
    core.handover_offer(request).await
}

#[tauri::command]
pub(crate) async fn handover_list(core: State<'_, Core>) -> Answer<HandoverListView> {
    core.handover_list().await
}

#[tauri::command]
pub(crate) async fn handover_accept(
    core: State<'_, Core>,
    request: HandoverRequest,
) -> Answer<HandoverListView> {
    core.handover_accept(request).await
}

#[tauri::command]
pub(crate) async fn handover_refuse(
    core: State<'_, Core>,
    request: HandoverRequest,
) -> Answer<HandoverListView> {
    core.handover_refuse(request).await
}

#[tauri::command]
pub(crate) async fn handover_acknowledge(
    core: State<'_, Core>,
    request: HandoverRequest,
) -> Answer<HandoverListView> {
    core.handover_acknowledge(request).await
}

#[tauri::command]
pub(crate) async fn transition_filter(
    core: State<'_, Core>,
    request: TransitionFilterRequest,
) -> Answer<TransitionBoardView> {
    core.transition_filter(request).await
}

#[tauri::command]
pub(crate) async fn transition_assign(
    core: State<'_, Core>,
    request: AssignTransitionRequest,
) -> Answer<TransitionView> {
    core.transition_assign(request).await
}

#[tauri::command]
pub(crate) async fn transition_check(
    core: State<'_, Core>,
    request: CheckTransitionRequest,
) -> Answer<TransitionView> {
    core.transition_check(request).await
}

#[tauri::command]
pub(crate) async fn transition_detail(
    core: State<'_, Core>,
    request: DetailTransitionRequest,
) -> Answer<TransitionView> {
    core.transition_detail(request).await
}

#[tauri::command]
pub(crate) async fn transition_acknowledge(
    core: State<'_, Core>,
    request: TransitionRequest,
) -> Answer<TransitionView> {
    core.transition_acknowledge(request).await
}

#[tauri::command]
pub(crate) async fn handover_sheet(core: State<'_, Core>) -> Answer<HandoverSheetView> {
    core.handover_sheet().await
}
