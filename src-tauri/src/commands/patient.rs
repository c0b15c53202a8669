//! People under care.

use contract::Answer;
use contract::patient::{PatientListView, PatientRequest, PatientSearchRequest, PatientView};
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn patient_search(
    core: State<'_, Core>,
    request: PatientSearchRequest,
) -> Answer<PatientListView> {
    core.patient_search(request).await
}

#[tauri::command]
pub(crate) async fn patient_open(core: State<'_, Core>, request: PatientRequest) -> Answer<PatientView> {
    core.patient_open(request).await
}
