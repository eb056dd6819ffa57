//! A probe on its way out and back, and what follows from it.

use super::*;
use crate::desk::model::probe::{Back, Kind, Probe, Returned, Seen, Signature, Stamp};
use crate::desk::model::{Domain, Moment, Policy};
use crate::desk::probe::mail::Written;
use crate::desk::rules::Rules;
use crate::desk::seal;
use crate::desk::testing::rules;
use crate::mail::{AddrSpec, parse};

fn written(rules: &Rules, kind: Kind) -> Written {
    mail::write(rules, kind, &mut Moment::new(1_795_683_600, [1; 32]))
}

fn read(rules: &Rules, raw: &[u8]) -> Option<Returned> {
    mail::returned(rules, &parse::parse_for_intake(raw), raw, &Domain::default())
}

fn trusting() -> Rules {
    Rules { authserv_id: Some("mx.desk.example".into()), ..rules() }
}

fn delivered(over: &str, probe: &Written) -> Vec<u8> {
    [over.as_bytes(), &probe.bytes].concat()
}

const RECEIVED: &str = "Received: from relay.example (relay.example [192.0.2.1]) by mx.desk.example with \
                        ESMTPS; Thu, 26 Nov 2026 08:00:00 +0000\r\n";

fn seen(rules: &Rules, raw: &[u8]) -> Seen {
    match read(rules, raw) {
        Some(Returned::Back(_, seen)) => seen,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_probe_is_known_when_it_comes_back() {
    let rules = rules();
    for (kind, from, to) in [
        (Kind::Plain, false, false),
        (Kind::PlusAddress, false, true),
        (Kind::PlusSender, true, false),
        (Kind::Letter, true, true),
    ] {
        let probe = written(&rules, kind);
        let plus = |a: &AddrSpec| a.split_tag('+').1.is_some();
        assert_eq!((plus(&probe.from), plus(&probe.to)), (from, to), "{kind:?}");
        assert!(rules.own.contains(&probe.to) && rules.own.contains(&probe.from));
        let Some(Returned::Back(id, seen)) = read(&rules, &probe.bytes) else { panic!("{kind:?}") };
        assert!(id == probe.id && seen.id_kept && seen.signature == Signature::Missing);
        let text = String::from_utf8(probe.bytes.clone()).expect("text");
        let replaced = text.replace(&probe.id.to_string(), "<0102-000000@relay.example>");
        assert!(matches!(
            read(&rules, replaced.as_bytes()),
            Some(Returned::Back(id, Seen { id_kept: false, .. })) if id == probe.id
        ));
        let unmarked = text.replace("X-Maildesk-Loop", "X-Something");
        assert!(matches!(read(&rules, unmarked.as_bytes()), Some(Returned::Back(id, _)) if id == probe.id));
        let other = Rules { keys: seal::Keys::derive(&[8; 32], 1), ..rules.clone() };
        assert_eq!(read(&other, &probe.bytes), None, "another desk's");
    }
}

#[test]
fn a_report_about_a_probe_is_known() {
    let (rules, probe) = (rules(), written(&rules(), Kind::PlusAddress));
    let report = |action: &str, id: &str| {
        format!(
            "From: mailer-daemon@mx.example\r\nTo: support@desk.example\r\nSubject: failed\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nit \
             failed\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; {}\r\nAction: {action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 \
             no such user\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {id}\r\n--b--\r\n",
            probe.to
        )
    };
    let own = probe.id.to_string();
    let Some(Returned::Report(id, Some(why))) = read(&rules, report("failed", &own).as_bytes()) else {
        panic!("a report")
    };
    assert!(id == probe.id && why.contains("no such user"), "{why}");
    assert_eq!(read(&rules, report("delayed", &own).as_bytes()), Some(Returned::Report(id, None)));
    let letter = seal::letter_id(&rules.keys, "desk.example", &mut Moment::new(0, [1; 32]));
    assert_eq!(read(&rules, report("failed", &letter.to_string()).as_bytes()), None, "a letter is no probe");
}

#[test]
fn t104_what_became_of_the_stamps() {
    let (rules, probe) = (trusting(), written(&trusting(), Kind::Plain));
    let forged = String::from_utf8(probe.bytes.clone()).expect("text");
    let removed = Written {
        bytes: forged.split_once("\r\n").expect("lines").1.as_bytes().to_vec(),
        ..written(&rules, Kind::Plain)
    };
    let ours = "Authentication-Results: mx.desk.example; dmarc=pass header.from=desk.example\r\n";
    let other = "Authentication-Results: mx2.desk.example; dmarc=none\r\n";
    assert_eq!(seen(&rules, &delivered(&format!("{ours}{RECEIVED}"), &removed)).stamp, Stamp::Ours);
    assert_eq!(seen(&rules, &delivered(&format!("{ours}{RECEIVED}"), &probe)).stamp, Stamp::Left);
    assert_eq!(seen(&rules, &delivered(RECEIVED, &removed)).stamp, Stamp::Missing);
    let late = [&probe.bytes[..forged.find("\r\n").expect("lines") + 2], RECEIVED.as_bytes(), &removed.bytes]
        .concat();
    assert_eq!(seen(&rules, &late).stamp, Stamp::Believed);
    let stamped = seen(&rules, &delivered(&format!("{other}{RECEIVED}"), &removed));
    assert_eq!((stamped.stamp, stamped.stamped_by.as_deref()), (Stamp::Missing, Some("mx2.desk.example")));
    let nobody = crate::desk::testing::rules();
    let stamped = seen(&nobody, &delivered(&format!("{ours}{RECEIVED}"), &written(&nobody, Kind::Plain)));
    assert_eq!((stamped.stamp, stamped.stamped_by.as_deref()), (Stamp::NotAsked, Some("mx.desk.example")));
}

fn probe(kind: Kind, seen: Option<Seen>, refused: Option<&str>) -> Probe {
    let back = seen.map(|seen| Back { at: 10, mailbox: None, seen });
    let to = "support@desk.example".to_owned();
    Probe { kind, to, sent_at: 0, relay: "250".into(), refused: refused.map(str::to_owned), back }
}

#[test]
fn t104_advice_follows_from_what_came_back() {
    let fine = Seen {
        id_kept: true,
        stamp: Stamp::NotAsked,
        stamped_by: None,
        signature: Signature::Holds,
        policy: Policy::Strict,
    };
    let all = |plus: Option<Seen>, sender: Option<&str>| {
        let sent = if sender.is_none() { Some(fine.clone()) } else { None };
        [
            probe(Kind::Plain, Some(fine.clone()), None),
            probe(Kind::PlusAddress, plus, None),
            probe(Kind::PlusSender, sent, sender),
        ]
    };
    let plain = Rules { plus_addressing: false, plus_sender: false, ..rules() };
    let says = |rules: &Rules, probes: &[Probe]| {
        (verdict::verdict(rules, probes).good, verdict::verdict(rules, probes).advice.join("\n"))
    };
    assert_eq!(says(&rules(), &all(Some(fine.clone()), None)), (true, String::new()));
    let (good, advice) = says(&plain, &all(Some(fine.clone()), None));
    assert!(
        good && advice.contains("plus_addressing = true") && advice.contains("plus_sender = true"),
        "{advice}"
    );
    assert_eq!(says(&plain, &all(None, Some("553 not yours"))), (true, String::new()), "as it is configured");
    let (good, advice) = says(&rules(), &all(None, Some("553 not yours")));
    assert!(!good && advice.contains("subaddresses is lost") && advice.contains("553 not yours"), "{advice}");
    let (good, advice) = says(&rules(), &[probe(Kind::Plain, None, None)]);
    assert!(!good && advice.contains("did not come back"), "{advice}");
    assert!(!says(&rules(), &[probe(Kind::Letter, None, Some("550 no"))]).0);
    let odd = Seen { id_kept: false, stamp: Stamp::Believed, ..Seen::default() };
    let (good, advice) = says(&trusting(), &[probe(Kind::Letter, Some(odd), None)]);
    assert!(
        !good
            && advice.contains("would be believed")
            && advice.contains("Message-ID")
            && advice.contains("DKIM"),
        "{advice}"
    );
    let lax = Seen { policy: Policy::Lax, ..fine.clone() };
    assert!(says(&rules(), &[probe(Kind::Plain, Some(lax), None)]).1.contains("DMARC policy"));
    let broken =
        Seen { signature: Signature::Fails("there is no key for its signature".into()), ..fine.clone() };
    let (good, advice) = says(&rules(), &[probe(Kind::Plain, Some(broken), None)]);
    assert!(good && advice.contains("there is no key for its signature"), "{advice}");
    let other = Seen { stamp: Stamp::Missing, stamped_by: Some("mx2.desk.example".into()), ..fine };
    let (good, advice) = says(&trusting(), &[probe(Kind::Plain, Some(other), None)]);
    assert!(good && advice.contains("authserv_id = \"mx2.desk.example\""), "{advice}");
}
