//! *Registro accessi*.

use contract::Answer;
use contract::audit::AuditListView;
use tauri::State;
use workflow::Core;

#[tauri::command]
pub(crate) async fn audit_list(core: State<'_, Core>) -> Answer<AuditListView> {
    core.audit_list().await
}
