//! What crosses the border between the window and the core: requests, views, events and error codes.
//!
//! Each command takes one request and gives one answer or a [`Failure`]. The TypeScript in
//! `ui/src/ipc/generated` is written from these types by this crate's tests and committed; changing a shape
//! breaks the build on both sides. Not in it: rules, formatting (the window formats dates, ages and
//! sentences), secrets other than the one being typed, and anything of Tauri.
//!
//! Suffixes: `Request` comes in, `View` goes out. Instants are RFC 3339 text in UTC, days are `YYYY-MM-DD`.
//!
//! | module | commands |
//! |---|---|
//! | [`session`] | `session_state`, `session_login`, `session_login_cancel`, `session_create_secret`, `session_choose_role`, `session_unlock`, `session_lock`, `session_leave`, `session_touch`, `session_settings`, `session_set_card_lock` |
//! | [`station`] | `station_state`, `station_check`, `station_set_region`, `shift_state`, `shift_prepare` |
//! | [`agenda`] | `agenda_day` |
//! | [`televisit`] | `televisit_open`, `televisit_confirm_identity`, `televisit_refuse_identity`, `televisit_record_consent`, `televisit_notify_delay`, `televisit_invite_caregiver`, `televisit_not_delivered`, `televisit_start`, `televisit_choose_outcome` |
//! | [`call`] | `call_devices`, `call_preview_start`, `call_preview_stop`, `call_frames` (a channel), `call_frames_drawn`, `call_microphone`, `call_camera`, `call_chat`, `call_capture_image`, `call_hang_up`, `call_state`, `call_counters` |
//! | [`report`] | `report_open`, `report_save`, `report_preview`, `report_image`, `report_signing_devices`, `report_sign_and_send`, `report_send_otp`, `report_sign_waiting`, `report_withdraw`, `report_delivery` |
//! | [`signing`] | `signing_settings`, `signing_set_time_stamps`, `signing_set_remote`, `signing_log_in_remote`, `signing_forget_remote` |
//! | [`batch`] | `batch_list`, `batch_preview`, `batch_device`, `batch_start`, `batch_state`, `batch_authorise`, `batch_cancel`, `batch_close` |
//! | [`delivery`] | `delivery_queue`, `delivery_pause_upload`, `delivery_retry_now` |
//! | [`patient`] | `patient_search`, `patient_open` |
//! | [`document`] | `document_list`, `document_recent`, `document_content` |
//! | [`teleconsult`] | `teleconsult_list`, `teleconsult_open`, `teleconsult_draft_open`, `teleconsult_draft_save`, `teleconsult_attach`, `teleconsult_detach`, `teleconsult_send`, `teleconsult_claim`, `teleconsult_answer`, `teleconsult_answer_save`, `teleconsult_words_save`, `teleconsult_acknowledge`, `teleconsult_ask_information`, `teleconsult_reply`, `teleconsult_involve`, `teleconsult_opinion`, `teleconsult_resolve`, `teleconsult_withdraw`, `teleconsult_draft_settle`, `teleconsult_prescriptions`, `teleconsult_prescribe` |
//! | [`transition`] | `transition_board`, `transition_open`, `transition_create`, `transition_claim`, `transition_move`, `transition_log_call`, `handover_offer`, `handover_list`, `handover_accept`, `handover_refuse`, `handover_acknowledge`, `handover_sheet`, `transition_filter`, `transition_assign`, `transition_check`, `transition_detail`, `transition_acknowledge` |
//! | [`audit`] | `audit_list` |

pub mod agenda;
pub mod audit;
pub mod batch;
pub mod call;
pub mod delivery;
pub mod document;
pub mod error;
pub mod events;
pub mod patient;
pub mod report;
pub mod session;
pub mod signing;
pub mod station;
pub mod teleconsult;
pub mod televisit;
pub mod transition;

pub use error::{ErrorCode, Failure};

/// An answer to the window.
pub type Answer<T> = Result<T, Failure>;
