//! From where and to where: the settings between which a COT moves a person.
//!
//! A citizen never opens a case, but may be at its origin through MMG/PLS or the social services.

use serde::{Deserialize, Serialize};

/// Who reports the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Reparto ospedaliero.
    Ward,
    /// Pronto soccorso.
    EmergencyRoom,
    /// MMG o PLS.
    FamilyDoctor,
    /// Assistenza domiciliare integrata.
    HomeCare,
    /// Servizi sociali.
    SocialServices,
    /// Autorità giudiziaria.
    JudicialAuthority,
}

/// Where the person goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Domicilio con ADI.
    Home,
    /// Casa della Comunità.
    CommunityHouse,
    /// Ospedale di Comunità.
    CommunityHospital,
    /// Residenza sanitaria.
    NursingHome,
    /// Hospice.
    Hospice,
}

impl Origin {
    /// All, in the order of the form.
    pub const ALL: [Self; 6] = [
        Self::Ward,
        Self::EmergencyRoom,
        Self::FamilyDoctor,
        Self::HomeCare,
        Self::SocialServices,
        Self::JudicialAuthority,
    ];

    /// The code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ward => "ward",
            Self::EmergencyRoom => "emergency_room",
            Self::FamilyDoctor => "family_doctor",
            Self::HomeCare => "home_care",
            Self::SocialServices => "social_services",
            Self::JudicialAuthority => "judicial_authority",
        }
    }

    /// The words on the wire, in Italian for those who read the Task elsewhere.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ward => "Reparto ospedaliero",
            Self::EmergencyRoom => "Pronto soccorso",
            Self::FamilyDoctor => "MMG o PLS",
            Self::HomeCare => "Assistenza domiciliare integrata",
            Self::SocialServices => "Servizi sociali",
            Self::JudicialAuthority => "Autorità giudiziaria",
        }
    }

    /// From the code, or from the words that other programs write.
    pub fn of(code: &str) -> Option<Self> {
        let words = code.trim().to_lowercase();
        Self::ALL
            .into_iter()
            .find(|o| o.code() == code || o.words().to_lowercase() == words)
            .or(match words.as_str() {
                "ospedale" | "reparto" => Some(Self::Ward),
                "ps" => Some(Self::EmergencyRoom),
                "mmg" | "pls" | "mmg/pls" => Some(Self::FamilyDoctor),
                "casa" | "domicilio" | "adi" => Some(Self::HomeCare),
                _ => None,
            })
    }

    /// Whether the person is in hospital, so that a protected discharge is prepared.
    pub fn is_hospital(self) -> bool {
        matches!(self, Self::Ward | Self::EmergencyRoom)
    }
}

impl Destination {
    /// All, in the order of the form.
    pub const ALL: [Self; 5] = [
        Self::Home,
        Self::CommunityHouse,
        Self::CommunityHospital,
        Self::NursingHome,
        Self::Hospice,
    ];

    /// The code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::CommunityHouse => "community_house",
            Self::CommunityHospital => "community_hospital",
            Self::NursingHome => "nursing_home",
            Self::Hospice => "hospice",
        }
    }

    /// The words on the wire.
    pub fn words(self) -> &'static str {
        match self {
            Self::Home => "Domicilio con ADI",
            Self::CommunityHouse => "Casa della Comunità",
            Self::CommunityHospital => "Ospedale di Comunità",
            Self::NursingHome => "Residenza sanitaria",
            Self::Hospice => "Hospice",
        }
    }

    /// From the code, or from the words that other programs write.
    pub fn of(code: &str) -> Option<Self> {
        let words = code.trim().to_lowercase();
        Self::ALL
            .into_iter()
            .find(|d| d.code() == code || d.words().to_lowercase() == words)
            .or(match words.as_str() {
                "casa" | "casa con adi" | "domicilio" => Some(Self::Home),
                "residenza" | "rsa" => Some(Self::NursingHome),
                _ => None,
            })
    }
}
