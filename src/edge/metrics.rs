//! `/metrics` on its own port, as OpenMetrics 1.0 text. Every label is one of a few fixed words, never an
//! address or a subject (T76).

use super::http::{Port, PortError};
use crate::app::{Desk, Health};
use crate::config::Config;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::fmt::Write;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// One sample: name, help, labels, value. The name of a counter ends in `_total`.
type Number = (&'static str, &'static str, Vec<(&'static str, String)>, f64);

/// Opens the port of `metrics_listen`; `None` where it is not set.
pub async fn bind(config: &Config) -> Result<Option<Port>, PortError> {
    match config.web.metrics_listen {
        Some(listen) => Port::bind(listen, None, &[]).await.map(Some),
        None => Ok(None),
    }
}

/// Serves until `shutdown` becomes true.
pub async fn run(port: Port, desk: Desk, shutdown: watch::Receiver<bool>) {
    let turn = Arc::new(Semaphore::new(1));
    let pages = Router::new().route("/metrics", get(move || answer(desk.clone(), turn.clone())));
    port.serve(pages, shutdown).await;
}

/// `turn`: the numbers are gathered once at a time, also for those who ask and go away.
async fn answer(desk: Desk, turn: Arc<Semaphore>) -> Response {
    let turn = turn.acquire_owned().await.expect("it is never closed");
    let text = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let health = desk.condition().parts();
        desk.condition().numbers().map(|numbers| written(&numbers, &health))
    })
    .await;
    match text {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Ok(Err(why)) => {
            tracing::warn!(%why, "cannot gather the numbers");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// OpenMetrics 1.0: samples of one family stand together, and the family of a counter has no `_total`.
fn written(numbers: &[Number], health: &[Health]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for (name, ..) in numbers {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let mut out = String::new();
    for name in names {
        let mut samples = numbers.iter().filter(|n| n.0 == name).peekable();
        let help = samples.peek().map_or("", |n| n.1);
        head(&mut out, name, help);
        for (_, _, labels, value) in samples {
            sample(&mut out, name, labels, *value);
        }
    }
    if !health.is_empty() {
        let name = "maildesk_part_good";
        head(&mut out, name, "1 where this part of the daemon works, 0 where not");
        for part in health {
            let value = f64::from(u8::from(part.good));
            sample(&mut out, name, &[("part", part.part.clone())], value);
        }
    }
    out.push_str("# EOF\n");
    out
}

fn head(out: &mut String, name: &str, help: &str) {
    let (family, kind) = match name.strip_suffix("_total") {
        Some(family) => (family, "counter"),
        None => (name, "gauge"),
    };
    let _ = writeln!(out, "# TYPE {family} {kind}");
    let _ = writeln!(out, "# HELP {family} {}", escaped(help));
}

fn sample(out: &mut String, name: &str, labels: &[(&'static str, String)], value: f64) {
    out.push_str(name);
    for (i, (label, text)) in labels.iter().enumerate() {
        let before = if i == 0 { '{' } else { ',' };
        let _ = write!(out, "{before}{label}=\"{}\"", escaped(text));
    }
    let end = if labels.is_empty() { "" } else { "}" };
    let _ = writeln!(out, "{end} {value}");
}

/// OpenMetrics 1.0, "escaped-string": backslash, line feed and quote.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn families_stand_together_and_counters_end_in_total() {
        let numbers = [
            ("maildesk_mails_total", "Mails", vec![("outcome", "ticket".into())], 3.0),
            ("maildesk_outbox_due", "Due \"now\"", vec![], 0.5),
            ("maildesk_mails_total", "Mails", vec![("outcome", "a\"b\\c\nd".into())], 1.0),
        ];
        let health = [Health { part: "smtp".into(), good: false, detail: "secret".into(), at: 0 }];
        let expected = "# TYPE maildesk_mails counter\n# HELP maildesk_mails Mails\n\
            maildesk_mails_total{outcome=\"ticket\"} 3\n\
            maildesk_mails_total{outcome=\"a\\\"b\\\\c\\nd\"} 1\n\
            # TYPE maildesk_outbox_due gauge\n# HELP maildesk_outbox_due Due \\\"now\\\"\n\
            maildesk_outbox_due 0.5\n\
            # TYPE maildesk_part_good gauge\n\
            # HELP maildesk_part_good 1 where this part of the daemon works, 0 where not\n\
            maildesk_part_good{part=\"smtp\"} 0\n# EOF\n";
        assert_eq!(written(&numbers, &health), expected);
    }
    #[test]
    fn t116_numbers_are_gathered_once_at_a_time() {
        let (_, desk) = crate::app::testing::desk(&[]);
        // What is handed to one thread is done in its order.
        let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build();
        runtime.expect("a runtime").block_on(async {
            let turn = Arc::new(Semaphore::new(1));
            let others = turn.clone().try_acquire_owned().expect("it is free");
            let mut waits = Box::pin(answer(desk.clone(), turn.clone()));
            assert!((&mut waits).now_or_never().is_none());
            tokio::task::spawn_blocking(|| ()).await.expect("no panic");
            assert!((&mut waits).now_or_never().is_none(), "nothing is gathered meanwhile");
            drop(others);
            assert_eq!(waits.await.status(), StatusCode::OK);
            assert_eq!(answer(desk, turn).await.status(), StatusCode::OK, "the turn came back");
        });
    }
}
