//! The day of a specialist.

use contract::Answer;
use contract::agenda::{AgendaDayRequest, AgendaDayView};
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn agenda_day(core: State<'_, Core>, request: AgendaDayRequest) -> Answer<AgendaDayView> {
    core.agenda_day(request).await
}
