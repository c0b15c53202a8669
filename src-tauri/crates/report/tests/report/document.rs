//! x
use crate::fixture::*;
use report::*;
#[test]
fn dump() {
    let dir = std::path::PathBuf::from("/tmp/rep");
    std::fs::create_dir_all(&dir).unwrap();
    let mut long = full_form();
    long.history = "Ipertensione arteriosa in trattamento; perché l'assistito è già noto alla struttura, città di “Napoli” – costo 12,50 €, µg, ≥ 3, α-bloccante, naïve, Œuvre, Čapek, Łódź, Ελληνικά, русский, 漢字, 😀, → ½ °C. ".repeat(28).into();
    long.therapy = ("Bisoprololo 2,5 mg\n".repeat(30) + &"Parolalunghissima".repeat(20)).into();
    for (name, form, visit) in [
        ("full", full_form(), visit_with_picture()),
        ("short", short_form(), visit()),
        ("child", short_form(), visit_of_child()),
        ("long", long, visit_with_picture()),
    ] {
        let f = match freeze(&form, &visit, &ids(), now()) {
            Ok(f) => f,
            Err(e) => panic!("{e:?}"),
        };
        std::fs::write(dir.join(format!("{name}.xml")), f.cda.expose()).unwrap();
        std::fs::write(dir.join(format!("{name}.pdf")), f.pdf.expose()).unwrap();
    }
    let mut v = visit();
    v.end = None;
    v.call_outcome = None;
    v.identity = None;
    v.link = None;
    let p = preview_pdf(
        &ReportForm {
            question: "Controllo".into(),
            ..Default::default()
        },
        &v,
        now(),
    )
    .unwrap();
    std::fs::write(dir.join("preview.pdf"), p).unwrap();
}
