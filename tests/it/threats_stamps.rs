//! THREATS.md, group (a) where other servers have a say: Authentication-Results and ARC, which mails bring
//! with them.

use crate::dns::Says;
use crate::letters::{Draft, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::stage::{stage, until};
use crate::threats_proof::{held, world};
use crate::world::World;

const OVER: &str = "from out.example (out.example [192.0.2.1]) by mx.desk.example with ESMTPS id 1; \
                    Tue, 24 Nov 2026 10:00:00 +0000";

/// A mail as it lies in the mailbox: stamps of our own server, its Received field, and what came from
/// outside.
fn stamped(mail: &Draft, stamps: &[&str], outside: &[&str]) -> Vec<u8> {
    let field = |value: &&str| format!("Authentication-Results: {value}\r\n");
    let ours: String = stamps.iter().map(field).collect();
    let theirs: String = outside.iter().map(field).collect();
    [format!("{ours}Received: {OVER}\r\n{theirs}").as_bytes(), &mail.bytes()].concat()
}

/// What a first mail of a stranger is worth: `verified` of its message.
fn verified(world: &World, make: impl Fn(&Draft, &str) -> Vec<u8>) -> String {
    let who = person("writer");
    let mail = Draft::new(&who, &world.desk, "A question", "How?");
    let domain = who.address.split_once('@').expect("a domain").1.to_owned();
    deliver(&make(&mail, &domain), &who.address, &world.desk);
    let ticket = until("a ticket", || world.tickets_of(&who).into_iter().next());
    let number = ticket["number"].as_i64().expect("a number");
    world.ticket(number)["messages"][0]["verified"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn t11_only_stamps_of_our_own_server_count() {
    let world = world("[trust]\nauthserv_id = \"mx.desk.example\"\n");
    let pass = |d: &str| format!("mx.desk.example; dmarc=pass header.from={d}");
    let fail = |d: &str| format!("mx.desk.example; dmarc=fail header.from={d}");
    assert_eq!(verified(&world, |m, d| stamped(m, &[&pass(d)], &[])), "dmarc");
    assert_eq!(
        verified(&world, |m, d| stamped(
            m,
            &[&format!("(a comment) MX.desk.EXAMPLE 1; dmarc=pass header.from={d}")],
            &[]
        )),
        "dmarc"
    );
    assert_eq!(verified(&world, |m, d| stamped(m, &[], &[&pass(d)])), "none", "written by the sender");
    assert_eq!(verified(&world, |m, d| stamped(m, &[&fail(d)], &[&pass(d)])), "none", "below a real one");
    let alone = |m: &Draft, d: &str| {
        [format!("Authentication-Results: {}\r\n", pass(d)).as_bytes(), &m.bytes()].concat()
    };
    assert_eq!(verified(&world, alone), "none");
    let other = |d: &str| format!("mx.evil.example; dmarc=pass header.from={d}");
    assert_eq!(verified(&world, |m, d| stamped(m, &[&other(d)], &[])), "none", "somebody else's id");
    // T12: genuine, and about something else.
    assert_eq!(verified(&world, |m, _| stamped(m, &[&pass("evil.example")], &[])), "none");
    let spf = |d: &str| format!("mx.desk.example; spf=pass smtp.mailfrom={d}; dkim=pass header.d={d}");
    assert_eq!(verified(&world, |m, d| stamped(m, &[&spf(d)], &[])), "none", "SPF and DKIM are not DMARC");
    let quoted = |d: &str| format!("mx.desk.example; spf=pass reason=\"; dmarc=pass header.from={d}\"");
    assert_eq!(verified(&world, |m, d| stamped(m, &[&quoted(d)], &[])), "none");
}

#[test]
fn t12_a_stamp_without_id_is_a_setting_of_its_own() {
    let bare = |m: &Draft, d: &str| {
        stamped(
            m,
            &[&format!(
                "spf=pass smtp.mailfrom={d}; dmarc=pass action=none header.from={d};compauth=pass reason=100"
            )],
            &[],
        )
    };
    assert_eq!(verified(&world("[trust]\nauthserv_id = \"mx.desk.example\"\n"), bare), "none");
    assert_eq!(verified(&world("[trust]\ntopmost_without_id = true\n"), bare), "dmarc");
}

/// By Authentication-Results a mail of staff counts only with a signature that covers To and Date (T107).
#[test]
fn t107_a_stamp_of_staff_needs_a_signature() {
    let world = world("[trust]\nauthserv_id = \"mx.desk.example\"\n");
    // Its key is not in the zone: our own check proves nothing here.
    let signer = Signer::new(&world.domain);
    stage().dns.set(&signer.name(), Says::Failure);
    let d = &world.domain;
    let (by_spf, by_dkim) = (
        format!("mx.desk.example; dmarc=pass header.from={d}"),
        format!("mx.desk.example; dkim=pass header.d={d} header.s=s1; dmarc=pass header.from={d}"),
    );
    let send = |subject: &str, stamp: &str, fields: &[&str]| {
        let alice = person("alice");
        let mail = Draft::new(&world.bob, &world.desk, subject, &format!("#for {}\nwords", alice.address));
        let signed = signer.sign_fields(&mail.bytes(), fields);
        let raw =
            [format!("Authentication-Results: {stamp}\r\nReceived: {OVER}\r\n").as_bytes(), &signed].concat();
        deliver(&raw, &world.bob.address, &world.desk);
        alice
    };
    let whole = ["From", "To", "Subject", "Date"];
    send("by spf", &by_spf, &whole);
    send("no date", &by_dkim, &["From", "To", "Subject"]);
    send("no to", &by_dkim, &["From", "Subject", "Date"]);
    for subject in ["by spf", "no date", "no to"] {
        held(&world, subject);
    }
    let alice = send("proven", &by_dkim, &whole);
    world.letter(&alice, "the answer", |l| l.text().contains("words"));
}

#[test]
fn t15_arc_counts_only_by_a_trusted_sealer_and_never_for_staff() {
    let world =
        world("[trust]\nauthserv_id = \"mx.desk.example\"\ntrusted_arc_sealers = [\"lists.example\"]\n");
    let sealed = |m: &Draft, d: &str, sealer: &str, arc: &str| {
        let seal = format!(
            "ARC-Seal: i=1; a=rsa-sha256; d={sealer}; s=x; cv=none; b=AAAA\r\n\
             ARC-Authentication-Results: i=1; {sealer}; dmarc=pass header.from={d}\r\n"
        );
        let stamp = format!("mx.desk.example; arc={arc}; dmarc=fail header.from={d}");
        [seal.as_bytes(), &stamped(m, &[&stamp], &[])].concat()
    };
    assert_eq!(verified(&world, |m, d| sealed(m, d, "lists.example", "pass")), "dmarc");
    assert_eq!(verified(&world, |m, d| sealed(m, d, "lists.example", "fail")), "none");
    assert_eq!(verified(&world, |m, d| sealed(m, d, "evil.example", "pass")), "none");
    let mail = Draft::new(&world.bob, &world.desk, "by arc", "#for eve@evil.example\nwords");
    deliver(&sealed(&mail, &world.domain, "lists.example", "pass"), &world.bob.address, &world.desk);
    assert_eq!(held(&world, "by arc")["kind"], "quarantine");
}

/// A counter-proof against a participant: held, and nobody is answered.
#[test]
fn t02_a_disproved_customer_is_held() {
    let world = world("[trust]\nauthserv_id = \"mx.desk.example\"\n");
    let alice = person("alice");
    let opened = world.open(&alice, "Printer", "It burns.");
    let domain = alice.address.split_once('@').expect("a domain").1;
    let mail = Draft::new(&alice, &world.desk, &format!("forged [DESK-{}]", opened.number), "#close");
    let fail = format!("mx.desk.example; dmarc=fail header.from={domain}");
    deliver(&stamped(&mail, &[&fail], &[]), "mallory@evil.example", &world.desk);
    assert_eq!(held(&world, "forged")["kind"], "held");
    world.settle();
    assert_eq!((world.letters(&alice.address).len(), world.status_of(opened.number).as_str()), (1, "new"));
}
