//! `firma precheck`: whether the FSE gateway would refuse a file.

use jiff::Timestamp;
use serde::Serialize;
use signing::precheck::{FsePrecheck, fse_precheck};

use crate::arguments::{Arguments, read};
use crate::{Answer, Unasked, print_line, words};

#[derive(Serialize)]
struct Output {
    version: u32,
    file: String,
    accepted: bool,
    #[serde(flatten)]
    answer: FsePrecheck,
}

pub(crate) fn run(mut arguments: Arguments) -> Result<Answer, Unasked> {
    let json = arguments.flag("--json");
    let path = arguments.file(&mut Vec::new())?;
    let answer = fse_precheck(&read(&path)?, Timestamp::now());
    let accepted = answer.accepted();
    let not_pdf_a_3 = answer.not_pdf_a_3;
    let file = path.display().to_string();
    if json {
        let output = Output {
            version: 1,
            file,
            accepted,
            answer,
        };
        let text = serde_json::to_string_pretty(&output)
            .map_err(|_| Unasked::new("il risultato non si può scrivere."))?;
        print_line(&text);
    } else if accepted {
        print_line(&format!(
            "{file}: le regole pubbliche del gateway FSE lo accettano."
        ));
    } else {
        print_line(&format!("{file}: il gateway FSE lo rifiuterebbe."));
        for problem in answer.problems {
            print_line(&format!("  - {}", words::fse(problem)));
        }
    }
    if not_pdf_a_3 && !json {
        print_line("  Avvertenza: non è un PDF/A-3, come le linee guida chiedono.");
    }
    Ok(if accepted { Answer::Yes } else { Answer::No })
}
