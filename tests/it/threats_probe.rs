//! THREATS.md T104 on the running program: mails of the desk to itself, round through real servers.

use crate::mailer::deliver;
use crate::signer::Signer;
use crate::sink::Sink;
use crate::stage::{free_port, stage, until};
use crate::world::{Setup, World};
use serde_json::Value;
use std::process::Stdio;

/// What `probe --json` prints, and how it ends.
fn probe(world: &World, wait: &str) -> (Option<i32>, Value, String) {
    let out = world.run(&["probe", "--wait", wait, "--json"]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    (out.status.code(), serde_json::from_slice(&out.stdout).unwrap_or_default(), said)
}

fn states(found: &Value) -> Vec<(&str, &str)> {
    let rows = found["probes"].as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter()
        .map(|p| (p["kind"].as_str().unwrap_or_default(), p["state"].as_str().unwrap_or_default()))
        .collect()
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
    assert_eq!((&plain["dkim"], &plain["dmarc_policy"]), (&"missing".into(), &"lax".into()));
    assert!(
        advice.contains("plus_sender = true")
            && !advice.contains("plus_addressing")
            && advice.contains("DKIM"),
        "{advice}"
    );
    let checked = world.json(&["check"]);
    let row = |what: &str| {
        checked.as_array().and_then(|rows| rows.iter().find(|r| r["what"] == what)).cloned().expect("a row")
    };
    assert!(
        row("probe")["good"] == true && row("probe")["advice"].to_string().contains("plus_sender"),
        "{}",
        row("probe")
    );
    assert!(row("keys")["detail"].to_string().contains("generation 1") && row("staff_proof")["good"] == true);
    assert_eq!(world.stop(), Some(0));

    let (code, found, said) = probe(&world, "60");
    assert_eq!((code, states(&found)), (Some(0), ALL_BACK.to_vec()), "{found} {said}");
    assert!(said.contains("no daemon runs") && found["daemon"] == false, "{said}");
    let lying = stage().dovecot.mails(&world.desk, "INBOX").len();
    world.start();
    world.settle();
    assert_eq!(
        stage().dovecot.mails(&world.desk, "INBOX").len(),
        lying + 2,
        "the fences alone came to those that lay there"
    );
    world.audit_is_clean();
    assert!(
        world.tickets().iter().all(|t| t["subject"] == "a fence") && world.list(&["held", "list"]).is_empty()
    );
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

/// A relay that signs, and a mail server that stamps: what it does with a stamp that was forged in its name
/// is seen.
#[test]
fn t104_probes_see_signatures_and_stamps() {
    let sink = Sink::start();
    let end = "[trust]\nauthserv_id = \"mx.desk.example\"\n".to_owned();
    let world =
        World::with(Setup { smtp: Some((sink.port, "none")), sink: Some(sink), end, ..Setup::default() })
            .started();
    let (signer, sink) = (Signer::new(&world.domain), world.sink.as_ref().expect("a sink"));
    let round = |remove: bool| {
        let before = sink.caught().len();
        let mut command = world.program();
        let child = command
            .args(["probe", "--json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let child = child.expect("the program starts");
        let caught = until("the probes to leave", || {
            Some(sink.caught().split_off(before)).filter(|all| all.len() == 3)
        });
        for probe in caught {
            let raw = String::from_utf8(probe.letter.raw).expect("seven bits");
            let (forged, rest) = raw.split_once("\r\n").expect("lines");
            assert!(forged.starts_with("Authentication-Results: mx.desk.example;"), "{forged}");
            let signed = signer.sign(if remove { rest } else { raw.as_str() }.as_bytes());
            let stamp = format!(
                "Authentication-Results: mx.desk.example; dmarc=pass header.from={}\r\n\
                 Received: from relay.example (relay.example [192.0.2.1]) by mx.desk.example with ESMTPS; \
                 Tue, 24 Nov 2026 10:00:00 +0000\r\n",
                world.domain
            );
            deliver(&[stamp.as_bytes(), &signed].concat(), &world.desk, &probe.to[0]);
        }
        let out = child.wait_with_output().expect("it ends");
        let found: Value = serde_json::from_slice(&out.stdout).expect("JSON");
        assert_eq!((out.status.code(), states(&found)), (Some(0), ALL_BACK.to_vec()), "{found}");
        (found["probes"][0].clone(), found["advice"].to_string())
    };
    stage().dns.text(&format!("_dmarc.{}", world.domain), "v=DMARC1; p=reject");
    let (plain, advice) = round(true);
    assert_eq!((&plain["dkim"], &plain["dmarc_policy"]), (&"holds".into(), &"strict".into()), "{plain}");
    assert_eq!((&plain["authentication_results"], advice.as_str()), (&"ours".into(), "[]"), "{plain}");
    let (plain, advice) = round(false);
    assert_eq!(plain["authentication_results"], "forged-left");
    assert!(advice.contains("RFC 8601"), "{advice}");
    assert!(world.tickets().is_empty() && world.list(&["held", "list"]).is_empty());
}

/// `[probe] every_minutes` feeds `/healthz` and `status`.
#[test]
fn the_daemon_probes_by_itself() {
    let end = "[probe]\nevery_minutes = 60\n";
    let world = World::with(Setup { end: end.to_owned(), ..Setup::default() }).started();
    until("the first probe to come back", || {
        world.get("/healthz").1.contains(r#""part":"probe""#).then_some(())
    });
    assert_eq!(world.get("/healthz").0, 200);
    let parts = world.json(&["status"])["parts"].as_array().cloned().expect("parts");
    assert!(parts.iter().any(|p| p["part"] == "probe" && p["good"] == true), "{parts:?}");
    assert!(world.tickets().is_empty());

    let mut world =
        World::with(Setup { smtp: Some((free_port(), "none")), end: end.to_owned(), ..Setup::default() });
    world.launch(&[]);
    until("/healthz to tell of the relay", || {
        let (status, body) = world.get("/healthz");
        (status == 503 && body.contains(r#"{"good":false,"part":"probe"}"#)).then_some(())
    });
}
