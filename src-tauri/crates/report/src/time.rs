//! Italian civil time, as documents write it.
//!
//! The rule of the European Union (directive 2000/84/EC) is written out, so that a document does not depend
//! on a time-zone database being installed.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

/// Central European Time with the present daylight rule.
const ITALY: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// A moment in Italian civil time; none only if the rule above were not readable.
pub(crate) fn italian(at: Timestamp) -> Option<Zoned> {
    TimeZone::posix(ITALY).ok().map(|zone| at.to_zoned(zone))
}

/// HL7 TS with offset, as `20261120093500+0100`.
pub(crate) fn hl7(at: Timestamp) -> Option<String> {
    let local = italian(at)?;
    let (year, minutes) = (local.year(), local.offset().seconds() / 60);
    if !(1900..=9999).contains(&year) {
        return None;
    }
    Some(format!(
        "{year:04}{:02}{:02}{:02}{:02}{:02}{}{:02}{:02}",
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second(),
        if minutes < 0 { '-' } else { '+' },
        minutes.abs() / 60,
        minutes.abs() % 60
    ))
}

/// HL7 date, as `19550312`.
pub(crate) fn hl7_date(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// `20/11/2026`.
pub(crate) fn date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// `20/11/2026` of a moment.
pub(crate) fn day(at: Timestamp) -> String {
    italian(at).map(|z| date(z.date())).unwrap_or_default()
}

/// `10:07` of a moment.
pub(crate) fn hour(at: Timestamp) -> String {
    italian(at)
        .map(|z| format!("{:02}:{:02}", z.hour(), z.minute()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_follows_the_season() {
        let at = |text: &str| text.parse::<Timestamp>().ok().and_then(hl7);
        assert_eq!(
            at("2026-11-20T08:35:00Z"),
            Some("20261120093500+0100".into()),
            "winter"
        );
        assert_eq!(
            at("2026-07-20T08:35:00Z"),
            Some("20260720103500+0200".into()),
            "summer"
        );
        assert_eq!(
            at("2026-10-25T00:59:59Z"),
            Some("20261025025959+0200".into()),
            "last second of summer"
        );
    }
}
