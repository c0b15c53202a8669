//! Closing the window: nothing is lost by it, and whoever closes knows what waits.
//!
//! The outbox keeps what the region has not confirmed, and a visit in call resumes; the question is asked because a patient
//! would stay alone in the call, and because what is unsent leaves only while the program is open.

use contract::call::{CallPhase, CallView};
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};
use workflow::Core;

/// The window was asked to close: closes it at once, or asks.
pub(crate) fn requested(app: &AppHandle) {
    let app = app.clone();
    let core = app.state::<Core>().inner().clone();
    tauri::async_runtime::spawn(async move {
        let question = question(&core.call_state().await, core.unsent().unwrap_or(0));
        let Some(question) = question else {
            return app.exit(0);
        };
        let leaving = app.clone();
        app.dialog()
            .message(question)
            .title("Chiudere Postazione?")
            .kind(MessageDialogKind::Warning)
            .buttons(MessageDialogButtons::OkCancelCustom(
                "Chiudi".to_owned(),
                "Resta".to_owned(),
            ))
            .show(move |close| {
                if close {
                    leaving.exit(0);
                }
            });
    });
}

fn question(call: &CallView, unsent: u32) -> Option<String> {
    let in_call = call.televisit_id.is_some() && call.phase != CallPhase::Ended;
    let mut lines = Vec::new();
    if in_call {
        lines.push(
            "È in corso una televisita: l'assistito resta in attesa e la visita riprende alla riapertura."
                .to_owned(),
        );
    }
    match unsent {
        0 => {}
        1 => lines.push(
            "Un elemento non è ancora partito: è salvato su questo PC e parte alla riapertura.".to_owned(),
        ),
        many => {
            lines.push(format!("{many} elementi non sono ancora partiti: sono salvati su questo PC e partono alla riapertura."));
        }
    }
    if lines.is_empty() {
        None
    } else {
        Some(lines.join("\n\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::call::LinkQuality;

    fn call(televisit: Option<&str>, phase: CallPhase) -> CallView {
        CallView {
            televisit_id: televisit.map(str::to_owned),
            phase,
            started_at: None,
            quality: LinkQuality::Good,
            microphone_on: true,
            camera_on: true,
            synthetic: false,
            remote_audio: true,
            remote_video: true,
            patient_present: true,
            level_dbfs: None,
            chat: Vec::new(),
            image_acquired_at: None,
            phone: None,
        }
    }

    #[test]
    fn only_a_call_or_unsent_work_is_worth_a_question() {
        assert_eq!(question(&call(None, CallPhase::Ended), 0), None);
        assert_eq!(
            question(&call(None, CallPhase::Connecting), 0),
            None,
            "a preview is no call"
        );
        assert_eq!(question(&call(Some("v"), CallPhase::Ended), 0), None);
        let both = question(&call(Some("v"), CallPhase::Connected), 3).unwrap();
        assert!(
            both.contains("televisita") && both.contains("3 elementi"),
            "{both}"
        );
        assert!(
            question(&call(None, CallPhase::Ended), 1)
                .unwrap()
                .starts_with("Un elemento")
        );
    }
}
