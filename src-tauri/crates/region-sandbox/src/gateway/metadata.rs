//! The fields of `requestBody`, checked as the OpenAPI declares them.

use jiff::civil::DateTime;
use serde_json::Value;

use super::problem::{Fault, Problem};

const STRUCTURES: &[&str] = &[
    "Ospedale",
    "Prevenzione",
    "Territorio",
    "SistemaTS",
    "Cittadino",
    "MdsPN_DGC",
];
const KINDS: &[&str] = &[
    "WOR", "REF", "LDO", "RIC", "SUM", "TAC", "PRS", "PRE", "ESE", "PDC", "VAC", "CER", "VRB", "CON", "CNT",
    "CRT", "LET", "PRO", "COL",
];
const ACTIVITIES: &[&str] = &["PHR", "CON", "DIS", "ERP", "Sistema_TS", "INI", "PN_DGC", "OBS"];
const REGIMES: &[&str] = &["SSN", "INPATIENT", "NOSSN", "SSR", "DONOR", "AUTO"];

fn invalid(field: &str) -> Problem {
    Problem::new(
        Fault::BadFormat,
        format!("Il campo {field} deve essere valorizzato correttamente"),
    )
}

/// A mandatory text, not longer than the OpenAPI allows.
pub(crate) fn required<'a>(body: &'a Value, field: &str, longest: usize) -> Result<&'a str, Problem> {
    match &body[field] {
        Value::Null => Err(Problem::missing(field)),
        Value::String(text) if text.is_empty() => Err(Problem::missing(field)),
        Value::String(text) if text.chars().count() <= longest => Ok(text),
        _ => Err(invalid(field)),
    }
}

fn one_of(body: &Value, field: &str, allowed: &[&str]) -> Result<(), Problem> {
    let value = required(body, field, 100)?;
    if allowed.contains(&value) {
        Ok(())
    } else {
        Err(invalid(field))
    }
}

fn optional_one_of(body: &Value, field: &str, allowed: &[&str]) -> Result<(), Problem> {
    if body[field].is_null() {
        Ok(())
    } else {
        one_of(body, field, allowed)
    }
}

/// `activity`, `mode`, `healthDataFormat` of a validation; whether something is kept (`VALIDATION`).
pub(crate) fn check_validation(body: &Value) -> Result<bool, Problem> {
    one_of(body, "activity", &["VERIFICA", "VALIDATION"])?;
    check_format(body)?;
    Ok(body["activity"] == "VALIDATION")
}

fn check_format(body: &Value) -> Result<(), Problem> {
    optional_one_of(body, "healthDataFormat", &["CDA"])?;
    optional_one_of(body, "mode", &["ATTACHMENT", "RESOURCE"])
}

/// The fields of create and replace; gives the identifier of the document.
pub(crate) fn check_publication(body: &Value) -> Result<String, Problem> {
    let identifier = required(body, "identificativoDoc", 256)?.to_owned();
    required(body, "identificativoRep", 100)?;
    check_format(body)?;
    check_metadata(body)?;
    Ok(identifier)
}

/// The fields that a metadata update has too.
pub(crate) fn check_metadata(body: &Value) -> Result<(), Problem> {
    one_of(body, "tipologiaStruttura", STRUCTURES)?;
    one_of(body, "tipoDocumentoLivAlto", KINDS)?;
    one_of(body, "tipoAttivitaClinica", ACTIVITIES)?;
    let setting = required(body, "assettoOrganizzativo", 100)?;
    let number = setting.strip_prefix("AD_PSC").unwrap_or_default();
    if number.len() != 3 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid("assettoOrganizzativo"));
    }
    required(body, "identificativoSottomissione", 100)?;
    for field in ["dataInizioPrestazione", "dataFinePrestazione"] {
        check_date(body, field)?;
    }
    let regimes = match &body["administrativeRequest"] {
        Value::Null => &[][..],
        Value::Array(all) => all,
        _ => return Err(invalid("administrativeRequest")),
    };
    if regimes
        .iter()
        .any(|r| !r.as_str().is_some_and(|r| REGIMES.contains(&r)))
    {
        return Err(invalid("administrativeRequest"));
    }
    Ok(())
}

/// `yyyyMMddHHmmss`, or less precise.
fn check_date(body: &Value, field: &str) -> Result<(), Problem> {
    let bad = || {
        Problem::new(
            Fault::BadDate,
            format!("Il campo {field} deve essere valorizzato correttamente"),
        )
    };
    let Some(text) = body[field].as_str() else {
        return if body[field].is_null() { Ok(()) } else { Err(bad()) };
    };
    let whole = format!("{text:0<14}");
    let is_digits = matches!(text.len(), 8 | 10 | 12 | 14) && text.bytes().all(|b| b.is_ascii_digit());
    if is_digits && DateTime::strptime("%Y%m%d%H%M%S", whole).is_ok() {
        Ok(())
    } else {
        Err(bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body() -> Value {
        json!({"tipologiaStruttura": "Territorio", "attiCliniciRegoleAccesso": [],
            "identificativoDoc": "2.16.840.1.113883.2.9.2.150.4.4^150.TV.1", "identificativoRep": "2.16.1",
            "tipoDocumentoLivAlto": "REF", "assettoOrganizzativo": "AD_PSC008", "tipoAttivitaClinica": "ERP",
            "dataInizioPrestazione": "20261120090000", "identificativoSottomissione": "2.16.2",
            "administrativeRequest": ["SSN"], "healthDataFormat": "CDA", "mode": "ATTACHMENT"})
    }

    #[test]
    fn each_field_is_checked_as_declared() {
        assert!(check_publication(&body()).is_ok());
        for (field, value, fault) in [
            ("identificativoDoc", json!(null), Fault::MissingField),
            ("identificativoRep", json!(""), Fault::MissingField),
            (
                "identificativoSottomissione",
                json!("x".repeat(101)),
                Fault::BadFormat,
            ),
            ("tipologiaStruttura", json!("Casa"), Fault::BadFormat),
            ("assettoOrganizzativo", json!("AD_PSC08"), Fault::BadFormat),
            ("assettoOrganizzativo", json!("AD_PSCèè"), Fault::BadFormat),
            ("tipoAttivitaClinica", json!(7), Fault::BadFormat),
            ("administrativeRequest", json!(["FREE"]), Fault::BadFormat),
            ("dataInizioPrestazione", json!("20261320"), Fault::BadDate),
            ("dataFinePrestazione", json!("ieri"), Fault::BadDate),
            ("mode", json!("LINK"), Fault::BadFormat),
        ] {
            let mut body = body();
            body[field] = value;
            assert_eq!(
                check_publication(&body).map_err(|p| p.fault),
                Err(fault),
                "{field}"
            );
        }
    }
}
