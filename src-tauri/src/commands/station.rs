//! The state of the PC, and the region that a packaged program asks for at its first start.

use contract::Answer;
use contract::station::{SetRegionRequest, ShiftView, StationCheckView, StationView};
use tauri::{AppHandle, State};
use workflow::Core;

use crate::region_address::RegionAddress;

#[tauri::command]
pub(crate) async fn station_state(
    core: State<'_, Core>,
    address: State<'_, RegionAddress>,
) -> Answer<StationView> {
    let state = core.station_state().await?;
    Ok(StationView {
        needs_region: address.is_missing(),
        ..state
    })
}

#[tauri::command]
pub(crate) async fn station_check(core: State<'_, Core>) -> Answer<StationCheckView> {
    core.station_check().await
}

#[tauri::command]
pub(crate) async fn station_set_region(
    app: AppHandle,
    address: State<'_, RegionAddress>,
    request: SetRegionRequest,
) -> Answer<()> {
    address.keep(&request.address)?;
    // The whole program stands on the address: it starts again, with nobody in yet.
    app.request_restart();
    Ok(())
}

#[tauri::command]
pub(crate) async fn shift_state(core: State<'_, Core>) -> Answer<ShiftView> {
    core.shift_state().await
}

#[tauri::command]
pub(crate) async fn shift_prepare(core: State<'_, Core>) -> Answer<ShiftView> {
    core.shift_prepare().await
}
