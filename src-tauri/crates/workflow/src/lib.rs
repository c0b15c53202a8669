//! The use cases, one file per verb: what the window, the tests and a headless station ask for.
//!
//! [`Core`] is the running program without its window. Each command of the window is a method of it, written in the
//! file that carries its name; requests and views are those of `contract`. Beside the commands two tasks work for
//! the person at the station: the sender of the outbox ([`delivery`]) and the sync with the region ([`sync`]).
//!
//! Not in it: the rules of a subject (`televisit`, `teleconsult`, `transition`, `report`), storage, HTTP, media, signatures,
//! and anything of Tauri: what only a window can do is asked of a [`Host`].

mod agenda;
mod assets;
mod audit;
mod awake;
mod batch;
mod call;
mod colleague;
mod core;
mod delivery;
mod desk;
mod document;
mod failure;
mod host;
mod patient;
mod report;
mod session;
mod signing;
mod station;
mod sync;
mod teleconsult;
mod televisit;
mod trace;
mod transition;
mod views;

pub use crate::call::Screen;
pub use crate::core::{Core, Settings, StartError, Training};
pub use crate::host::{Event, Host, Notice};
pub use crate::signing::StationTimeStamps;
/// First thing in `main`: keys and what is typed stay out of core dumps.
pub use ::session::keep_out_of_dumps;
/// Next in `main`: a driver of cards and tokens runs in a process of its own, which is this program again.
pub use ::signing::token::helper::serve_if_asked as serve_token_helper;
