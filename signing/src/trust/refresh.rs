//! From the settings to the copies kept, and from there to anchors.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::list::{List, ListKind};
use super::service::ServiceKind;
use super::store::{Kept, Store};
use super::{
    Known, ListError, ListState, MAX_LIST, Settings, SettingsError, SignatureFault, Stored, anchors,
};
use crate::transport::{Exchange, Transport};
use crate::validation::TrustRoots;

/// The name of the list of the lists among territories.
const EU: &str = "EU";

/// Clocks differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Changes of signers of the list of the lists between two issues of the Official Journal.
const MAX_PIVOTS: usize = 16;

/// The lists of the settings, and their copies.
pub struct TrustedLists {
    settings: Settings,
    store: Store,
    /// Who may sign the list of the lists, DER.
    eu_signers: Vec<Vec<u8>>,
    /// As in the settings: territory, address, who may sign.
    named: Vec<(String, String, Vec<Vec<u8>>)>,
}

/// A list whose signature holds.
struct Good {
    list: List,
    confirmed: Timestamp,
}

impl TrustedLists {
    /// Reads the signers that the settings name. The network is not used.
    pub fn open(settings: Settings) -> Result<Self, SettingsError> {
        if settings.list_of_lists.is_none() && settings.lists.is_empty() {
            return Err(SettingsError::Empty);
        }
        let territories = settings
            .territories
            .iter()
            .chain(settings.lists.iter().map(|l| &l.territory));
        for territory in territories {
            // They become names of files.
            let two = territory.len() == 2 && territory.bytes().all(|b| b.is_ascii_uppercase());
            if !two || territory == EU {
                return Err(SettingsError::Territory(territory.clone()));
            }
        }
        let eu_signers = match &settings.list_of_lists {
            Some(source) => certificates(&source.signers)?,
            None => Vec::new(),
        };
        let named = settings
            .lists
            .iter()
            .map(|l| Ok((l.territory.clone(), l.url.clone(), certificates(&l.signers)?)))
            .collect::<Result<_, SettingsError>>()?;
        Ok(Self {
            store: Store::new(&settings.folder),
            settings,
            eu_signers,
            named,
        })
    }

    /// What the copies are good for. Offline; every copy is verified anew.
    pub fn stored(&self, now: Timestamp) -> Stored {
        let eu = self.kept_list_of_lists();
        let mut trust = TrustRoots::default();
        let mut lists = Vec::new();
        for territory in self.territories() {
            let kept = self.kept_national(territory, eu.as_ref().ok(), now);
            if let Ok(good) = &kept
                && (self.settings.use_expired || !good.list.is_expired(now))
            {
                trust.add_listed(anchors::of(&good.list));
            }
            lists.push(state(territory, kept, now));
        }
        if self.settings.list_of_lists.is_some() {
            lists.push(state(EU, eu, now));
        }
        Stored { trust, lists }
    }

    /// Fetches every list and keeps those that are good and not older than the copy there is. One that fails leaves
    /// its copy and the other lists alone; [`ListState::problem`] says why.
    pub fn refresh(&self, transport: &dyn Transport, now: Timestamp) -> Vec<ListState> {
        // The list of the lists first: it says who signs the others.
        let eu_problem = self
            .settings
            .list_of_lists
            .as_ref()
            .and_then(|source| self.refresh_list_of_lists(&source.url, transport, now).err());
        let eu = self.kept_list_of_lists();
        let mut states = Vec::new();
        for territory in self.territories() {
            let problem = self
                .refresh_national(territory, eu.as_ref().ok(), transport, now)
                .err();
            let mut state = state(
                territory,
                self.kept_national(territory, eu.as_ref().ok(), now),
                now,
            );
            state.problem = problem.or(state.problem);
            states.push(state);
        }
        if self.settings.list_of_lists.is_some() {
            let mut state = state(EU, eu, now);
            state.problem = eu_problem.or(state.problem);
            states.push(state);
        }
        states
    }

    /// Those of the settings, each once.
    fn territories(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        let named = self.named.iter().map(|(territory, _, _)| territory.as_str());
        for one in self.settings.territories.iter().map(String::as_str).chain(named) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    }

    /// Addresses and signers of a national list: those of the settings, then those to which the EU list points.
    fn sources(&self, territory: &str, eu: Option<&Good>, now: Timestamp) -> Result<Sources, ListError> {
        let named = self.named.iter().filter(|(t, _, _)| t == territory);
        let (mut addresses, mut signers) = (Vec::new(), Vec::new());
        for (_, url, its) in named {
            addresses.push(url.clone());
            signers.extend(its.iter().cloned());
        }
        let current = eu.filter(|good| self.settings.use_expired || !good.list.is_expired(now));
        for pointer in current
            .into_iter()
            .flat_map(|good| good.list.pointers_to(ListKind::National, territory))
        {
            addresses.push(pointer.location.clone());
            signers.extend(pointer.signers.iter().cloned());
        }
        if signers.is_empty() {
            return Err(ListError::NoSigners);
        }
        Ok(Sources { addresses, signers })
    }

    fn kept_national(&self, territory: &str, eu: Option<&Good>, now: Timestamp) -> Result<Good, ListError> {
        let kept = self.store.read(territory).ok_or(ListError::Missing)?;
        let signers = self.sources(territory, eu, now)?.signers;
        read(&kept, &signers, ListKind::National, territory)
    }

    fn refresh_national(
        &self,
        territory: &str,
        eu: Option<&Good>,
        transport: &dyn Transport,
        now: Timestamp,
    ) -> Result<(), ListError> {
        let sources = self.sources(territory, eu, now)?;
        let mut last = ListError::NoSigners;
        for url in &sources.addresses {
            let attempt = fetch(transport, url).and_then(|file| {
                let new = fresh(&file, &sources.signers, ListKind::National, territory, now)?;
                let kept = self.kept_national(territory, eu, now).ok();
                not_older(&new, kept.as_ref())?;
                self.store.write(territory, &file, now)
            });
            match attempt {
                Ok(()) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn kept_list_of_lists(&self) -> Result<Good, ListError> {
        let kept = self.store.read(EU).ok_or(ListError::Missing)?;
        let pivots: Vec<Vec<u8>> = (0..MAX_PIVOTS)
            .map_while(|n| self.store.read(&pivot_name(n)))
            .map(|kept| kept.file)
            .collect();
        match read(&kept, &self.eu_signers, ListKind::ListOfLists, EU) {
            Err(ListError::Signature(SignatureFault::Stranger)) => {
                let signers = through(&self.eu_signers, &pivots)?;
                read(&kept, &signers, ListKind::ListOfLists, EU)
            }
            other => other,
        }
    }

    fn refresh_list_of_lists(
        &self,
        url: &str,
        transport: &dyn Transport,
        now: Timestamp,
    ) -> Result<(), ListError> {
        let file = fetch(transport, url)?;
        let first = fresh(&file, &self.eu_signers, ListKind::ListOfLists, EU, now);
        let (new, pivots) = match first {
            Err(ListError::Signature(SignatureFault::Stranger)) => {
                let pivots = self.fetch_pivots(&file, url, transport)?;
                let signers = through(&self.eu_signers, &pivots)?;
                (fresh(&file, &signers, ListKind::ListOfLists, EU, now)?, pivots)
            }
            other => (other?, Vec::new()),
        };
        not_older(&new, self.kept_list_of_lists().ok().as_ref())?;
        // The pivots before the list that needs them: the copy before is verified with what was there, or fetched anew.
        for (n, pivot) in pivots.iter().enumerate() {
            self.store.write(&pivot_name(n), pivot, now)?;
        }
        self.store.write(EU, &file, now)
    }

    /// The pivots that lead from the settings' signers to those of a list, oldest first. What the list says of them
    /// is not verified yet; each of them is.
    fn fetch_pivots(
        &self,
        file: &[u8],
        url: &str,
        transport: &dyn Transport,
    ) -> Result<Vec<Vec<u8>>, ListError> {
        let stranger = ListError::Signature(SignatureFault::Stranger);
        let host = |url: &str| {
            url::Url::parse(url)
                .ok()
                .and_then(|u| u.host_str().map(str::to_owned))
        };
        let own = host(url).ok_or(stranger)?;
        let addresses = List::unverified_information(file)
            .into_iter()
            // The explanation and the Official Journal stand in the same list.
            .filter(|a| a.ends_with(".xml") && host(a).as_ref() == Some(&own))
            .take(MAX_PIVOTS);
        let mut pivots = Vec::new();
        for address in addresses {
            let pivot = fetch(transport, &address)?;
            let anchored = List::read(&pivot, &self.eu_signers);
            pivots.insert(0, pivot);
            // Newest first: the one that our signers signed is the end of the way back.
            match anchored {
                Ok(_) => return Ok(pivots),
                Err(ListError::Signature(SignatureFault::Stranger)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(stranger)
    }
}

struct Sources {
    addresses: Vec<String>,
    signers: Vec<Vec<u8>>,
}

fn pivot_name(n: usize) -> String {
    format!("{EU}-pivot-{n}")
}

/// From signers to those that follow them: each pivot, signed by the ones before, names the next ones.
fn through(signers: &[Vec<u8>], pivots: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, ListError> {
    let mut signers = signers.to_vec();
    for pivot in pivots {
        let list = List::read(pivot, &signers)?;
        signers = list
            .pointers_to(ListKind::ListOfLists, EU)
            .flat_map(|p| p.signers.iter().cloned())
            .collect();
    }
    Ok(signers)
}

fn fetch(transport: &dyn Transport, url: &str) -> Result<Vec<u8>, ListError> {
    Ok(transport.send(&Exchange {
        url,
        body: None,
        credentials: None,
        limit: MAX_LIST,
    })?)
}

fn read(kept: &Kept, signers: &[Vec<u8>], kind: ListKind, territory: &str) -> Result<Good, ListError> {
    let list = List::read(&kept.file, signers)?;
    if list.kind != kind || list.territory != territory {
        return Err(ListError::OtherList);
    }
    Ok(Good {
        // Nobody confirmed it: it is as old as it says.
        confirmed: kept.confirmed.unwrap_or(list.issued),
        list,
    })
}

/// A list that just came, and is one to keep but for the copy there is.
fn fresh(
    file: &[u8],
    signers: &[Vec<u8>],
    kind: ListKind,
    territory: &str,
    now: Timestamp,
) -> Result<List, ListError> {
    let kept = Kept {
        file: file.to_vec(),
        confirmed: Some(now),
    };
    let list = read(&kept, signers, kind, territory)?.list;
    if list.issued > now.saturating_add(SKEW).unwrap_or(now) {
        return Err(ListError::FromTheFuture);
    }
    if list.is_expired(now) {
        return Err(ListError::Expired {
            since: list.next_update,
        });
    }
    Ok(list)
}

fn not_older(new: &List, kept: Option<&Good>) -> Result<(), ListError> {
    match kept {
        Some(kept) if (new.sequence, new.issued) < (kept.list.sequence, kept.list.issued) => {
            Err(ListError::Older {
                kept: kept.list.sequence,
                got: new.sequence,
            })
        }
        _ => Ok(()),
    }
}

fn state(territory: &str, kept: Result<Good, ListError>, now: Timestamp) -> ListState {
    let (known, problem) = match kept {
        Ok(Good { list, confirmed }) => {
            let count = |kind: ServiceKind| list.services.iter().filter(|s| s.kind == kind).count();
            let known = Known {
                sequence: list.sequence,
                issued: list.issued,
                next_update: list.next_update,
                confirmed,
                issuers: count(ServiceKind::Certificates),
                time_stamps: count(ServiceKind::TimeStamps),
                responders: count(ServiceKind::Responder),
            };
            let expired = list.is_expired(now).then_some(ListError::Expired {
                since: list.next_update,
            });
            (Some(known), expired)
        }
        Err(error) => (None, Some(error)),
    };
    ListState {
        territory: territory.to_owned(),
        known,
        problem,
    }
}

/// All certificates of some PEM files, DER.
fn certificates(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, SettingsError> {
    let mut all = Vec::new();
    for path in files {
        let unreadable = || SettingsError::Signers(path.clone());
        let pem = std::fs::read(path).map_err(|_| unreadable())?;
        let read = openssl::x509::X509::stack_from_pem(&pem).map_err(|_| unreadable())?;
        if read.is_empty() {
            return Err(unreadable());
        }
        for certificate in read {
            all.push(certificate.to_der().map_err(|_| unreadable())?);
        }
    }
    Ok(all)
}
