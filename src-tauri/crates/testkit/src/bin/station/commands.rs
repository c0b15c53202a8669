//! The window's commands by name. One line each, as in `src-tauri/src/commands`; a test holds them to `commands.in`.
//!
//! Not here, because only a window can do them: `call_frames` (pictures on a channel) and `station_set_region` (the
//! program starts again).

use base64::Engine;
use contract::{Answer, ErrorCode, Failure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use workflow::Core;

macro_rules! commands {
    (request: $($with:ident)*; nothing: $($without:ident)*; bytes: $($bytes:ident)*; at_once: $($name:ident => $run:expr),* $(,)?) => {
        /// Every command of a headless station.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[
            $(stringify!($with),)* $(stringify!($without),)* $(stringify!($bytes),)* $(stringify!($name),)*
        ];

        /// Carries out a command of the window.
        pub(crate) async fn run(core: &Core, command: &str, request: Value) -> Answer<Value> {
            match command {
                $(stringify!($with) => view(core.$with(read(request)?).await?),)*
                $(stringify!($without) => view(core.$without().await?),)*
                $(stringify!($bytes) => Ok(encoded(&core.$bytes(read(request)?).await?)),)*
                $(stringify!($name) => {
                    let run: fn(&Core, Value) -> Answer<Value> = $run;
                    run(core, request)
                })*
                // The only one that waits and cannot fail.
                "call_state" => view(core.call_state().await),
                _ => Err(Failure::new(ErrorCode::BadRequest, "station/command")),
            }
        }
    };
}

commands! {
    request:
        agenda_day
        batch_device batch_start
        call_preview_start call_microphone call_camera call_chat
        delivery_pause_upload
        document_list document_recent
        handover_offer handover_accept handover_refuse handover_acknowledge
        patient_search patient_open
        report_open report_save report_sign_and_send report_send_otp report_sign_waiting report_withdraw report_delivery
        signing_set_time_stamps signing_set_remote
        session_login session_create_secret session_choose_role session_unlock session_set_card_lock
        teleconsult_open teleconsult_draft_open teleconsult_draft_save teleconsult_attach teleconsult_detach
        teleconsult_send teleconsult_claim teleconsult_answer teleconsult_answer_save teleconsult_words_save teleconsult_acknowledge
        teleconsult_ask_information teleconsult_reply teleconsult_involve teleconsult_opinion teleconsult_resolve teleconsult_withdraw
        teleconsult_draft_settle teleconsult_prescribe
        televisit_open televisit_confirm_identity televisit_refuse_identity televisit_record_consent
        televisit_notify_delay televisit_invite_caregiver televisit_not_delivered televisit_start
        televisit_choose_outcome
        transition_open transition_create transition_claim transition_move transition_log_call
        transition_filter transition_assign transition_check transition_detail transition_acknowledge;
    nothing:
        audit_list
        batch_list
        call_devices call_capture_image call_hang_up call_counters
        delivery_queue delivery_retry_now
        handover_list handover_sheet
        shift_state shift_prepare
        report_signing_devices
        signing_settings signing_log_in_remote signing_forget_remote
        session_lock session_leave session_settings
        station_state station_check
        teleconsult_list teleconsult_prescriptions
        transition_board;
    bytes:
        batch_preview document_content report_preview report_image;
    at_once:
        session_state => |core, _| view(core.session_state()),
        batch_state => |core, _| view(core.batch_state()?),
        batch_authorise => |core, request| view(core.batch_authorise(read(request)?)?),
        batch_cancel => |core, _| view(core.batch_cancel()?),
        batch_close => |core, _| view(core.batch_close()?),
        session_login_cancel => |core, _| view(core.session_login_cancel()),
        session_touch => |core, _| {
            core.session_touch();
            Ok(Value::Null)
        },
        call_preview_stop => |core, _| {
            core.call_preview_stop();
            Ok(Value::Null)
        },
        call_frames_drawn => |core, request| {
            core.call_frames_drawn(&read(request)?);
            Ok(Value::Null)
        },
}

fn read<T: DeserializeOwned>(request: Value) -> Answer<T> {
    serde_json::from_value(request).map_err(|_| Failure::new(ErrorCode::BadRequest, "station/request"))
}

fn view(answer: impl Serialize) -> Answer<Value> {
    serde_json::to_value(answer).map_err(|_| Failure::new(ErrorCode::Internal, "station/view"))
}

fn encoded(bytes: &[u8]) -> Value {
    json!({"base64": base64::engine::general_purpose::STANDARD.encode(bytes)})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::NAMES;

    const OF_THE_WINDOW: &[&str] = &include!("../../../../../commands.in");
    const ONLY_IN_A_WINDOW: [&str; 2] = ["call_frames", "station_set_region"];

    #[test]
    fn a_headless_station_has_every_command_that_needs_no_window() {
        let here: BTreeSet<&str> = NAMES.iter().copied().chain(["call_state"]).collect();
        let wanted: BTreeSet<&str> = OF_THE_WINDOW
            .iter()
            .copied()
            .filter(|name| !ONLY_IN_A_WINDOW.contains(name))
            .collect();
        assert_eq!(here, wanted, "src/bin/station/commands.rs against commands.in");
    }
}
