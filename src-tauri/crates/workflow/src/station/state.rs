//! `station_state`: what the first screen shows, before anybody is in.

use contract::session::PersonView;
use contract::station::{KnownPersonView, StationView};
use contract::{Answer, Failure};
use jiff::Timestamp;
use session::StationPerson;

use crate::core::{Core, blocking};
use crate::failure::OrFail;
use crate::views;

impl Core {
    /// `station_state`.
    pub async fn station_state(&self) -> Answer<StationView> {
        let stations = self.inner.stations.clone();
        let now = Timestamp::now();
        let people = blocking(move || stations.people(now).or_fail()).await?;
        let settings = self.settings();
        Ok(StationView {
            version: settings.version.clone(),
            training: settings.training.is_some(),
            region: settings.region.to_string(),
            citizen_address: settings
                .training
                .as_ref()
                .and_then(|training| training.citizen_address.clone()),
            link: self.link_view(),
            people: people
                .iter()
                .filter_map(|person| self.known_person(person, now))
                .collect::<Vec<_>>(),
            check: self.lock(&self.inner.check).clone(),
            needs_region: false,
        })
    }

    fn known_person(&self, person: &StationPerson, now: Timestamp) -> Option<KnownPersonView> {
        let profile = person.profile.as_ref()?;
        let shown = profile.name.expose();
        let (family, given): (Vec<&str>, Vec<&str>) = shown
            .split_whitespace()
            .partition(|word| word.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase));
        Some(KnownPersonView {
            person: PersonView {
                id: person.id.as_str().to_owned(),
                family: family.join(" "),
                given: given.join(" "),
            },
            structure: profile.structure.clone().unwrap_or_default(),
            last_access: views::instant(profile.last_access),
            secret: self.secret_kind(&person.id, now),
        })
    }
}

impl Core {
    /// Whether somebody is at work with items that the region has not confirmed: leaving then warns.
    pub fn unsent(&self) -> Result<u32, Failure> {
        Ok(self.link_view().queued)
    }
}
