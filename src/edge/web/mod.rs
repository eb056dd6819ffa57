//! The pages: signing in by a mailed link, one's tickets, their files, and how the daemon does.
//!
//! Decides nothing: every question goes to the house. Works without a script. Answers to THREATS T54 to T78
//! and T105.

mod caller;
mod cookie;
mod files;
mod gate;
mod held;
mod leaving;
mod pages;
mod public;
mod refusal;
mod sign_in;
mod site;
mod tickets;
mod unsubscribe;

use super::http::{Port, PortError};
use crate::app::Desk;
use crate::config::Config;
use axum::Router;
use axum::routing::{get, post};
use site::Site;
use std::sync::Arc;
use tokio::sync::watch;

/// Opens the port of `[web] listen`, with the certificate if there is one.
pub async fn bind(config: &Config) -> Result<Port, PortError> {
    Port::bind(config.web.listen, config.web.tls.as_ref()).await
}

/// Serves the pages until `shutdown` becomes true.
pub async fn run(port: Port, config: Arc<Config>, desk: Desk, shutdown: watch::Receiver<bool>) {
    port.serve(pages(config, desk, false), shutdown).await;
}

/// As [`run`], but answers to `localhost` too, as the demo does.
pub async fn run_demo(port: Port, config: Arc<Config>, desk: Desk, shutdown: watch::Receiver<bool>) {
    port.serve(pages(config, desk, true), shutdown).await;
}

fn pages(config: Arc<Config>, desk: Desk, also_localhost: bool) -> Router {
    let gate = gate::Gate::new(&config, also_localhost);
    let routes = Router::new()
        .route("/", get(public::front))
        .route("/style.css", get(public::style))
        .route("/status", get(public::status))
        .route("/healthz", get(public::healthz))
        .route("/login", get(sign_in::form).post(sign_in::ask))
        .route("/login/{token}", get(sign_in::link).post(sign_in::press))
        .route("/held/{token}", get(held::show).post(held::answer))
        .route("/logout", post(sign_in::leave))
        .route("/tickets", get(tickets::list))
        .route("/tickets/{number}", get(tickets::show).post(tickets::answer))
        .route("/unsubscribe/{id}", get(unsubscribe::form).post(unsubscribe::press))
        .route("/files/{id}", get(files::download))
        .route("/follow/{number}", post(leaving::follow))
        .route("/leave/{token}", get(leaving::form).post(leaving::leave))
        .fallback(async || refusal::NOT_FOUND)
        .method_not_allowed_fallback(async || refusal::METHOD)
        .with_state(Site::new(config, desk));
    gate.guard(routes)
}
