//! The port of the pages, and which path leads to which page.

use super::page::{files, held, participation, public, sign_in, tickets, unsubscribe};
use super::shell::gate::Gate;
use super::shell::refusal;
use super::shell::site::Site;
use crate::app::Desk;
use crate::config::Config;
use crate::edge::http::{Port, PortError};
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;
use tokio::sync::watch;

/// Opens the port of `[web] listen`, with the certificate if there is one.
pub async fn bind(config: &Config) -> Result<Port, PortError> {
    Port::bind(config.web.listen, config.web.tls.as_ref(), &config.web.proxies).await
}

/// Serves the pages until `shutdown` becomes true.
pub async fn run(port: Port, config: Arc<Config>, desk: Desk, shutdown: watch::Receiver<bool>) {
    port.serve(routes(config, desk, false), shutdown).await;
}

/// As [`run`], but answers to `localhost` too, as the demo does.
pub async fn run_demo(port: Port, config: Arc<Config>, desk: Desk, shutdown: watch::Receiver<bool>) {
    port.serve(routes(config, desk, true), shutdown).await;
}

/// Other pages than those of the site, behind the same gate; `[desk] url` says where they are.
pub fn guarded(config: &Config, pages: Router) -> Router {
    Gate::new(config, true).guard(pages)
}

/// Every path of the site behind its gate.
pub(super) fn routes(config: Arc<Config>, desk: Desk, also_localhost: bool) -> Router {
    let gate = Gate::new(&config, also_localhost);
    let routes = Router::new()
        .route("/", get(public::front))
        .route("/style.css", get(public::style))
        .route("/status", get(public::status))
        .route("/healthz", get(public::healthz))
        .route("/login", get(sign_in::form).post(sign_in::ask))
        .route("/login/{token}", get(sign_in::link).post(sign_in::press))
        .route("/held/{token}", get(held::show).post(held::answer))
        .route("/logout", post(sign_in::sign_out))
        .route("/tickets", get(tickets::list))
        .route("/tickets/{number}", get(tickets::show).post(tickets::answer))
        .route("/unsubscribe/{id}", get(unsubscribe::form).post(unsubscribe::press))
        .route("/files/{id}", get(files::download))
        .route("/follow/{number}", post(participation::follow))
        .route("/leave/{token}", get(participation::form).post(participation::leave))
        .fallback(async || refusal::NOT_FOUND)
        .method_not_allowed_fallback(async || refusal::METHOD)
        .with_state(Site::new(config, desk));
    gate.guard(routes)
}
