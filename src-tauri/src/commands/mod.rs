//! The commands of the window: one line each, into the method of `workflow::Core` that has the same name.
//!
//! The names are also in `commands.in` (their permissions) and in the table of `contract`; a test holds the three together.
//! Not in it: anything but passing on.

mod agenda;
mod audit;
mod call;
mod delivery;
mod document;
mod patient;
mod report;
mod session;
mod station;
mod teleconsult;
mod televisit;
mod transition;

/// All of them, as the builder wants them.
pub(crate) fn all() -> impl Fn(tauri::ipc::Invoke<tauri::Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        session::session_state,
        session::session_login,
        session::session_login_cancel,
        session::session_create_secret,
        session::session_choose_role,
        session::session_unlock,
        session::session_lock,
        session::session_leave,
        session::session_touch,
        station::station_state,
        station::station_check,
        station::station_set_region,
        station::shift_state,
        station::shift_prepare,
        agenda::agenda_day,
        televisit::televisit_open,
        televisit::televisit_confirm_identity,
        televisit::televisit_refuse_identity,
        televisit::televisit_record_consent,
        televisit::televisit_notify_delay,
        televisit::televisit_invite_caregiver,
        televisit::televisit_not_delivered,
        televisit::televisit_start,
        televisit::televisit_choose_outcome,
        call::call_devices,
        call::call_preview_start,
        call::call_preview_stop,
        call::call_frames,
        call::call_frames_drawn,
        call::call_microphone,
        call::call_camera,
        call::call_chat,
        call::call_capture_image,
        call::call_hang_up,
        call::call_state,
        call::call_counters,
        report::report_open,
        report::report_save,
        report::report_preview,
        report::report_image,
        report::report_signing_devices,
        report::report_sign_and_send,
        report::report_delivery,
        delivery::delivery_queue,
        delivery::delivery_retry_now,
        delivery::delivery_pause_upload,
        patient::patient_search,
        patient::patient_open,
        document::document_list,
        document::document_recent,
        document::document_content,
        teleconsult::teleconsult_list,
        teleconsult::teleconsult_open,
        teleconsult::teleconsult_draft_open,
        teleconsult::teleconsult_draft_save,
        teleconsult::teleconsult_attach,
        teleconsult::teleconsult_detach,
        teleconsult::teleconsult_send,
        teleconsult::teleconsult_claim,
        teleconsult::teleconsult_answer,
        teleconsult::teleconsult_answer_save,
        teleconsult::teleconsult_acknowledge,
        teleconsult::teleconsult_ask_information,
        teleconsult::teleconsult_reply,
        teleconsult::teleconsult_involve,
        teleconsult::teleconsult_opinion,
        teleconsult::teleconsult_resolve,
        teleconsult::teleconsult_draft_settle,
        teleconsult::teleconsult_prescriptions,
        teleconsult::teleconsult_prescribe,
        transition::transition_board,
        transition::transition_open,
        transition::transition_create,
        transition::transition_claim,
        transition::transition_move,
        transition::transition_log_call,
        transition::handover_offer,
        transition::handover_list,
        transition::handover_accept,
        transition::handover_refuse,
        transition::handover_acknowledge,
        transition::handover_sheet,
        transition::transition_filter,
        transition::transition_assign,
        transition::transition_check,
        transition::transition_detail,
        transition::transition_acknowledge,
        audit::audit_list,
    ]
}
