//! THREATS.md T104 on the running program: mails of the desk to itself, round through real servers.

use crate::stage::{free_port, stage, until};
use crate::world::{Setup, World};
use serde_json::Value;

/// What `probe --json` prints, and how it ends.
fn probe(world: &World, wait: &str) -> (Option<i32>, Value, String) {
    let out = world.run(&["probe", "--wait", wait, "--json"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    (out.status.code(), serde_json::from_slice(&out.stdout).unwrap_or_default(), said)
}

fn states(found: &Value) -> Vec<(&str, &str)> {
    let rows = found["probes"].as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().map(|p| (p["kind"].as_str().unwrap_or_default(), p["state"].as_str().unwrap_or_default())).collect()
}

const ALL_BACK: [(&str, &str); 3] = [("plain", "back"), ("plus-address", "back"), ("plus-sender", "back")];

/// Beside the daemon and without one; no probe becomes a ticket, and the mailbox is left as it is.
#[test]
fn t104_probes_come_round() {
    let mut world = World::with(Setup::default());
    world.edit(|c| c.replace("plus_sender = true\n", ""));
    world.start();
    let (code, found, said) = probe(&world, "60");
    assert_eq!((code, states(&found)), (Some(0), ALL_BACK.to_vec()), "{found} {said}");
    assert_eq!((&found["good"], &found["daemon"]), (&true.into(), &true.into()));
    let plain = &found["probes"][0];
    assert_eq!((&plain["message_id_kept"], &plain["mailbox"]), (&true.into(), &"support".into()));
    let advice = found["advice"].to_string();
    assert!(advice.contains("plus_sender = true") && !advice.contains("plus_addressing") && advice.contains("DKIM"), "{advice}");
    let checked = world.json(&["check"]);
    let row = |what: &str| checked.as_array().and_then(|rows| rows.iter().find(|r| r["what"] == what)).cloned().expect("a row");
    assert!(row("probe")["good"] == true && row("probe")["advice"].to_string().contains("plus_sender"), "{}", row("probe"));
    assert!(row("keys")["detail"].to_string().contains("generation 1") && row("staff_proof")["good"] == true);
    assert_eq!(world.stop(), Some(0));

    let (code, found, said) = probe(&world, "60");
    assert_eq!((code, states(&found)), (Some(0), ALL_BACK.to_vec()), "{found} {said}");
    assert!(said.contains("no daemon runs") && found["daemon"] == false, "{said}");
    let lying = stage().dovecot.mails(&world.desk, "INBOX").len();
    world.start();
    world.settle();
    assert_eq!(stage().dovecot.mails(&world.desk, "INBOX").len(), lying + 2, "the fences alone came to those that lay there");
    world.audit_is_clean();
    assert!(world.tickets().iter().all(|t| t["subject"] == "a fence") && world.list(&["held", "list"]).is_empty());
}

/// A mail that does not come back is told with 1, a server that does not answer with 69.
#[test]
fn t104_a_probe_that_is_lost_is_told() {
    let mut world = World::with_sink();
    world.sink.as_ref().expect("a sink").rule(|to, _, _| match to.contains('+') {
        true => "550 5.1.1 no subaddresses here".to_owned(),
        false => "250 2.0.0 taken".to_owned(),
    });
    let (code, found, _) = probe(&world, "2");
    assert_eq!(code, Some(1));
    assert_eq!(states(&found), [("plain", "lost"), ("plus-address", "refused"), ("plus-sender", "lost")]);
    assert!(found["probes"][1]["refused"].to_string().contains("no subaddresses here"));
    assert!(found["good"] == false && found["advice"].to_string().contains("did not come back"), "{found}");
    assert_eq!(world.run(&["check"]).status.code(), Some(1), "and check remembers");
    assert_eq!(world.stop(), Some(0));
    let port = world.sink.as_ref().expect("a sink").port;
    world.edit(|c| c.replace(&format!("port = {port}\n"), &format!("port = {}\n", free_port())));
    let (code, _, said) = probe(&world, "20");
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("the relay"), "{said}");
}

/// `[probe] every_minutes` feeds `/healthz` and `status`.
#[test]
fn the_daemon_probes_by_itself() {
    let end = "[probe]\nevery_minutes = 60\n";
    let world = World::with(Setup { end: end.to_owned(), ..Setup::default() }).started();
    until("the first probe to come back", || world.get("/healthz").1.contains(r#""part":"probe""#).then_some(()));
    assert_eq!(world.get("/healthz").0, 200);
    let parts = world.json(&["status"])["parts"].as_array().cloned().expect("parts");
    assert!(parts.iter().any(|p| p["part"] == "probe" && p["good"] == true), "{parts:?}");
    assert!(world.tickets().is_empty());

    let mut world = World::with(Setup { smtp: Some((free_port(), "none")), end: end.to_owned(), ..Setup::default() });
    world.launch(&[]);
    until("/healthz to tell of the relay", || {
        let (status, body) = world.get("/healthz");
        (status == 503 && body.contains(r#"{"good":false,"part":"probe"}"#)).then_some(())
    });
}
