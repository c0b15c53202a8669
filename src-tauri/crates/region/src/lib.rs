//! The client of the regional backend, one file per service.
//!
//! Everything that this program asks of the region passes here, over one HTTP client with one proxy and one CA
//! policy; `CONTRACT.md` beside this crate says what is asked. Answers come as domain types or as one small
//! error. Not in it: the queue (`cache`), when to ask (`workflow`), media (`media`), any rule of a subject.

mod answer;
pub mod client;
pub mod error;
pub mod feed;
pub mod fhir;
pub mod frozen;
pub mod gateway;
pub mod health;
pub mod ice;
pub mod login;
pub mod multipart;
pub mod signalling;
pub mod token;
pub mod upload;

pub use client::{Region, Settings, SettingsError};
pub use error::{Problem, RegionError};
pub use feed::EventFeed;
pub use fhir::{Fhir, RelatedPerson, ResourceType};
pub use frozen::{Confirm, FrozenRequest, Method, Reply, RetryCause, Sent};
pub use gateway::Gateway;
pub use health::Health;
pub use ice::{IceServer, IceServers};
pub use login::{BrowserReturn, LoginCanceller, LoginError, LoginMethod, PendingLogin, Person};
pub use token::Tokens;
pub use upload::{Standing, UploadError, UploadPlan, Uploads};
