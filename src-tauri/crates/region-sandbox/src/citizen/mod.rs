//! The citizen's pages (`R/portale`): choose an invented citizen, appointments, the eligibility test, the televisit,
//! the delivered reports.
//!
//! Training equipment: whoever opens a page is taken to be the citizen, no login stands before it, and every page says
//! that its people are invented. Pages are plain HTML, CSS and JavaScript of this server alone. Not in it: the rooms of
//! the televisits (`calls`), and anything of the workstation's side.
//!
//! [`shell`] the frame of a page, [`chart`] what the store knows of a citizen, [`home`], [`eligibility`], [`visit`],
//! [`documents`] with [`report_text`], [`teleconsults`] own and of a child, [`resources`] the files of `pages/`.

mod chart;
mod documents;
mod eligibility;
mod home;
mod report_text;
mod resources;
mod shell;
mod teleconsults;
mod visit;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::Shared;

/// Routes under `/portale`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(home::entry))
        .route("/risorse/{file}", get(resources::file))
        .route("/prova/{appointment}", get(eligibility::page))
        .route("/prova/{appointment}/eco", get(eligibility::echo))
        .route("/prova/{appointment}/relay", post(eligibility::relay))
        .route("/prova/{appointment}/esito", post(eligibility::outcome))
        .route("/televisita/{appointment}", get(visit::page))
        .route("/documenti/{citizen}", get(documents::list))
        .route("/documenti/{citizen}/{document}", get(documents::read))
        .route("/documenti/{citizen}/{document}/referto.pdf", get(documents::pdf))
        .route("/teleconsulti/{citizen}", get(teleconsults::own))
        .route("/genitore/{parent}/{citizen}", get(teleconsults::of_child))
        .route("/{citizen}", get(home::home))
        .fallback(home::elsewhere)
}

/// `/portale/`, which a nested router does not see.
pub fn front_door() -> Router<Shared> {
    Router::new().route("/portale/", get(|| async { Redirect::permanent("/portale") }))
}
