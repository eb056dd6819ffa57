//! THREATS.md, group (a) where DNS has a say: domain proof of the running program, before a name server of
//! the tests' own.

use crate::dns::Says;
use crate::letters::{Draft, Letter, Person, canary, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::stage::{stage, until};
use crate::world::{Setup, World};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

/// A desk that trusts a mail server, whose letters end in a scripted relay.
pub fn world(end: &str) -> World {
    let sink = crate::sink::Sink::start();
    World::with(Setup {
        smtp: Some((sink.port, "none")),
        sink: Some(sink),
        end: end.to_owned(),
        ..Setup::default()
    })
    .started()
}

/// What was kept of a mail and not acted on.
pub fn held(world: &World, subject: &str) -> Value {
    until(&format!("{subject:?} to be held"), || {
        world
            .list(&["held", "list"])
            .into_iter()
            .find(|h| h["subject"].as_str().is_some_and(|s| s.contains(subject)))
    })
}

fn reason(held: &Value) -> &str {
    held["reason"].as_str().unwrap_or_default()
}

fn strict(world: &World) {
    stage().dns.text(&format!("_dmarc.{}", world.domain), "v=DMARC1; p=reject");
}

fn heard(world: &World, who: &Person, words: &str) -> bool {
    world.letters(&who.address).iter().any(|l| l.everything().contains(words))
}

/// The way whole: a signed mail of staff needs no reply address, whatever way it comes in.
#[test]
fn domain_proof_lets_staff_answer() {
    let world = World::with_sink();
    let signer = Signer::new(&world.domain);
    strict(&world);
    let alice = person("alice");
    let opened = world.open(&alice, "Printer", "It burns.");
    let subject = format!("Re: Printer [DESK-{}]", opened.number);
    let (first, second) = (canary("SIGNED"), canary("PIPED"));
    let mail = Draft::new(&world.bob, &world.desk, &subject, &first);
    deliver(&signer.sign(&mail.bytes()), &world.bob.address, &world.desk);
    world.letter(&alice, "the answer of a signed mail", |l| l.text().contains(&first));
    assert!(stage().dns.asked(&signer.name()) > 0);
    // A mail server's pipe hands over lines that end with LF.
    let mail =
        String::from_utf8(signer.sign(&Draft::new(&world.bob, &world.desk, &subject, &second).bytes()))
            .expect("text");
    let mail = mail.replace("\r\n", "\n");
    let mut pipe = world.program().arg("deliver").stdin(Stdio::piped()).spawn().expect("deliver");
    pipe.stdin.take().expect("stdin").write_all(mail.as_bytes()).expect("a pipe");
    assert!(pipe.wait().expect("deliver").success());
    world.letter(&alice, "the answer of a piped mail", |l| l.text().contains(&second));
    let ticket = world.ticket(opened.number);
    let verified: Vec<&Value> =
        ticket["messages"].as_array().expect("messages").iter().map(|m| &m["verified"]).collect();
    assert_eq!(verified, ["none", "dkim", "dkim"]);
}

#[test]
fn domain_proof_lets_staff_open_tickets() {
    let world = World::with_sink();
    let signer = Signer::new(&world.domain);
    let send = |subject: &str, text: &str| {
        deliver(
            &signer.sign(&Draft::new(&world.bob, &world.desk, subject, text).bytes()),
            &world.bob.address,
            &world.desk,
        );
    };
    let alice = person("alice");
    let words = canary("CALLED");
    send("Your call", &format!("#for {}\n#priority high\n{words}", alice.address));
    let answer = world.letter(&alice, "the words as an answer", |l| l.text().contains(&words));
    let ticket = world.ticket(answer.ticket().expect("a number"));
    assert_eq!(
        (&ticket["requester"]["address"], &ticket["status"]),
        (&alice.address.as_str().into(), &"waiting".into())
    );
    assert_eq!(ticket["priority"], "high");
    send(
        "Fwd: help",
        "please look\n\n-------- Forwarded Message --------\nFrom: Carol <carol@elsewhere.example>\n\nhelp",
    );
    let result = world.letter(&world.bob, "the result", |l| l.subject().contains("opened"));
    assert!(result.text().contains("#for carol@elsewhere.example"), "{}", result.text());
    assert_eq!(
        world.ticket(result.ticket().expect("a number"))["requester"]["address"],
        world.bob.address.as_str()
    );
    send("Wrong", &format!("#for {}\nwords", world.eve.address));
    world.letter(&world.bob, "the refusal", |l| l.text().contains("#for names a customer"));
    assert!(!world.tickets().iter().any(|t| t["subject"] == "Wrong"));
    let unsigned = Draft::new(&world.bob, &world.desk, "Unsigned", "#for eve@evil.example\nwords");
    world.send(&unsigned);
    held(&world, "Unsigned");
}

/// A customer wrote to a staff member's own address, who forwards the mail to the desk in his name: his mail
/// becomes the ticket, the words above it the answer; without words nothing leaves; and what a third person
/// wrote goes to nobody.
#[test]
fn a_forwarded_mail_opens_a_ticket_for_its_sender() {
    let world = World::with_sink();
    let signer = Signer::new(&world.domain);
    let alice = person("alice");
    let send = |subject: &str, above: &str, from: &str, theirs: &str| {
        let text = format!(
            "#for {}\n{above}\n\n---------- Forwarded message ---------\nFrom: <{from}>\n\
             Date: Mon, 2 Nov 2026 at 10:00\n\
             Subject: {subject}\nTo: {}\n\n{theirs}",
            alice.address, world.bob.address
        );
        let mail = Draft::new(&world.bob, &world.desk, &format!("Fwd: {subject}"), &text);
        deliver(&signer.sign(&mail.bytes()), &world.bob.address, &world.desk);
    };
    let (answer, question) = (canary("ANSWER"), canary("QUESTION"));
    send("My lamp", &answer, &alice.address, &question);
    let letter = world.letter(&alice, "the words above as an answer", |l| l.text().contains(&answer));
    assert!(!letter.everything().contains(&question), "her own mail is not sent to her");
    let number = letter.ticket().expect("a number");
    assert!(
        world.words(number, "customer").contains(&question) && world.words(number, "staff").contains(&answer)
    );
    assert_eq!(world.status_of(number), "waiting");

    let silent = canary("SILENT");
    send("My printer", "", &alice.address, &silent);
    let result = world.letter(&world.bob, "the result", |l| l.text().contains("Nothing was sent"));
    let number = result.ticket().expect("a number");
    world.letter(&world.eve, "the notice of the new ticket", |l| l.text().contains(&silent));
    assert_eq!(
        (world.status_of(number).as_str(), world.words(number, "customer").contains(&silent)),
        ("new", true)
    );

    let (said, third) = (canary("SAID"), canary("THIRD"));
    send("Her order", &said, "carol@elsewhere.example", &third);
    let letter = world.letter(&alice, "the words alone", |l| l.text().contains(&said));
    assert!(world.words(letter.ticket().expect("a number"), "note").contains(&third));
    world.settle();
    assert!(
        world
            .letters(&alice.address)
            .iter()
            .all(|l| !l.everything().contains(&third) && !l.everything().contains(&silent))
    );
}

#[test]
fn t01_a_from_of_staff_alone_moves_nothing() {
    let world = World::with_sink();
    let alice = person("alice");
    let opened = world.open(&alice, "Printer", "It burns.");
    let words = canary("FORGED");
    let draft = |subject: &str| {
        Draft::new(&world.bob, &world.desk, &format!("{subject} [DESK-{}]", opened.number), &words)
    };
    world.send(&draft("by token"));
    world.send(&draft("by id").with("In-Reply-To", &opened.confirmation.id()));
    let mut near = opened.notice.id();
    near.replace_range(1..2, if near[1..].starts_with('a') { "b" } else { "a" });
    world.send(&draft("near id").with("In-Reply-To", &near));
    for subject in ["by token", "by id", "near id"] {
        assert_eq!(held(&world, subject)["kind"], "held");
    }
    // Its own reply address, and a domain that signs everything: somebody forwarded the notice.
    strict(&world);
    let mut forged = Draft::answer(&world.bob, &opened.notice, &format!("#close\n{words}"));
    forged.subject = format!("forwarded [DESK-{}]", opened.number);
    world.send(&forged);
    let kept = held(&world, "forwarded");
    assert_eq!(kept["kind"], "quarantine", "{kept}");
    world.settle();
    assert!(!heard(&world, &alice, &words));
    assert_eq!(world.status_of(opened.number), "new");
    let letters = world.letters(&world.bob.address);
    assert_eq!(
        letters.iter().filter(|l| l.subject().contains("held")).count(),
        1,
        "one letter an hour tells him"
    );
}

/// DNS that fails proves nothing and disproves nothing; it is asked three times. Each case has a desk of its
/// own, since a zone that kept silent is left alone afterwards.
#[test]
fn t106_dns_that_fails_proves_nothing() {
    type Case = (&'static str, fn(&Signer) -> Says);
    let cases: [Case; 4] = [
        ("failing", |_| Says::Failure),
        ("looping", |signer| Says::Alias(signer.name())),
        ("silent", |_| Says::Silence),
        ("in test", |_| Says::Alias("key.keys.example".into())),
    ];
    for (subject, says) in cases {
        let world = World::with_sink();
        let signer = Signer::new(&world.domain);
        let alice = person("alice");
        let opened = world.open(&alice, "Printer", "It burns.");
        stage().dns.text("key.keys.example", &signer.record("t=y; "));
        stage().dns.set(&signer.name(), says(&signer));
        if subject != "in test" {
            stage().dns.set(&format!("_dmarc.{}", world.domain), says(&signer));
        }
        let draft =
            Draft::new(&world.bob, &world.desk, &format!("{subject} [DESK-{}]", opened.number), subject);
        deliver(&signer.sign(&draft.bytes()), &world.bob.address, &world.desk);
        let kept = held(&world, subject);
        let why = if subject == "in test" { "t=y" } else { "key" };
        assert_eq!((&kept["kind"], reason(&kept).contains(why)), (&"held".into(), true), "{kept}");
        let tries = stage().dns.asked(&signer.name());
        let wanted = if ["looping", "in test"].contains(&subject) { 1..=99 } else { 3..=9 };
        assert!(wanted.contains(&tries), "{subject}: asked {tries} times");
        world.settle();
        assert_eq!(world.letters(&alice.address).len(), 1, "the confirmation alone");
    }
}

#[test]
fn t106_a_key_behind_an_alias_proves() {
    let world = World::with_sink();
    let signer = Signer::new(&world.domain);
    let target = format!("s1.keys.{}", world.domain);
    stage().dns.text(&target, &signer.record(""));
    stage().dns.set(&signer.name(), Says::Alias(target));
    let alice = person("alice");
    let mail = Draft::new(&world.bob, &world.desk, "Called", &format!("#for {}\nwords", alice.address));
    deliver(&signer.sign(&mail.bytes()), &world.bob.address, &world.desk);
    world.letter(&alice, "the answer", |l| l.text().contains("words"));
}

#[test]
fn t107_a_replay_is_held() {
    let world = World::with_sink();
    let signer = Signer::new(&world.domain);
    strict(&world);
    let alice = person("alice");
    let opened = world.open(&alice, "Printer", "It burns.");
    let subject = |s: &str| format!("{s} [DESK-{}]", opened.number);
    // What a customer once got from Bob, sent to the desk again.
    let mail = Draft::new(&world.bob, "mallory@evil.example", &subject("to mallory"), "words");
    deliver(&signer.sign(&mail.bytes()), "mallory@evil.example", &world.desk);
    let kept = held(&world, "to mallory");
    assert!(kept["kind"] == "held" && reason(&kept).contains("somebody else"), "{kept}");
    // A mail that was obeyed, once more under another id, which its signature does not cover.
    let words = canary("ONCE");
    let mail = Draft::new(&world.bob, &world.desk, &subject("again"), &words);
    let signed = signer.sign_fields(&mail.bytes(), &["From", "To", "Subject", "Date"]);
    deliver(&signed, &world.bob.address, &world.desk);
    world.letter(&alice, "the answer", |l| l.text().contains(&words));
    let other = String::from_utf8(signed).expect("text").replace(&mail.id, "<other@client.example>");
    deliver(other.as_bytes(), "mallory@evil.example", &world.desk);
    let kept = held(&world, "again");
    assert!(reason(&kept).contains("taken in before"), "{kept}");
    assert_eq!(world.letters(&alice.address).iter().filter(|l| l.text().contains(&words)).count(), 1);
}

/// A web form that signs its mail writes for the customer in Reply-To; without its proof it writes for
/// itself.
#[test]
fn t10_a_configured_form_writes_for_its_customer() {
    let form = Person {
        name: "Form".into(),
        address: format!("noreply@{}", person("form").address.replace('@', ".")),
    };
    let world = world(&format!("[trust]\nweb_forms = [\"{}\"]\n", form.address));
    let signer = Signer::new(form.address.split_once('@').expect("a domain").1);
    let (alice, carol) = (person("alice"), person("carol"));
    let mail = |who: &Person| {
        Draft::new(&form, &world.desk, "From the page", "How?").with("Reply-To", &who.address).bytes()
    };
    deliver(&signer.sign(&mail(&alice)), &form.address, &world.desk);
    deliver(&mail(&carol), &form.address, &world.desk);
    world.letter(&alice, "the confirmation", |_| true);
    let number = world.tickets_of(&alice)[0]["number"].as_i64().expect("a number");
    assert_eq!(world.ticket(number)["messages"][0]["verified"], "none");
    until("the unproven one", || world.tickets_of(&form).into_iter().next());
    assert!(world.tickets_of(&carol).is_empty() && world.letters(&carol.address).is_empty());
}

#[test]
fn both_proofs_may_be_demanded() {
    let world = world("[trust]\nstaff_proof = \"both\"\n");
    let signer = Signer::new(&world.domain);
    let alice = person("alice");
    let opened = world.open(&alice, "Printer", "It burns.");
    let answer = |text: &str| Draft::answer(&world.bob, &opened.notice, text);
    let mut unsigned = answer("reply address alone");
    unsigned.subject = format!("unsigned [DESK-{}]", opened.number);
    world.send(&unsigned);
    assert!(reason(&held(&world, "unsigned")).contains("staff_proof"));
    let mail =
        Draft::new(&world.bob, &world.desk, &format!("plain [DESK-{}]", opened.number), "signature alone");
    deliver(&signer.sign(&mail.bytes()), &world.bob.address, &world.desk);
    assert!(reason(&held(&world, "plain")).contains("staff_proof"));
    let words = canary("BOTH");
    let mail = answer(&words);
    deliver(&signer.sign(&mail.bytes()), &world.bob.address, &mail.to);
    world.letter(&alice, "the answer with both proofs", |l| l.text().contains(&words));
}

#[test]
fn confirmations_may_be_for_proven_senders() {
    let world = world("[trust]\nconfirm = \"proven\"\n");
    let (unsigned, signed) = (person("unsigned"), person("signed"));
    world.send(&Draft::new(&unsigned, &world.desk, "A question", "How?"));
    let domain = signed.address.split_once('@').expect("a domain").1;
    let subject = canary("SUBJECT");
    let raw = Signer::new(domain).sign(&Draft::new(&signed, &world.desk, &subject, "How?").bytes());
    deliver(&raw, &signed.address, &world.desk);
    let letter = world.letter(&signed, "the confirmation", |_| true);
    assert!(letter.subject().contains(&subject), "a proven sender reads his own subject (T28)");
    assert_eq!(world.tickets_of(&unsigned).len(), 1);
    assert!(world.letters(&unsigned.address).iter().collect::<Vec<&Letter>>().is_empty());
    let file = world.dir.join("signed.eml");
    std::fs::write(&file, &raw).expect("a file");
    let explained = world.json(&["explain", file.to_str().expect("a path")]);
    assert_eq!(explained["outcome"], "duplicate");
    let again = String::from_utf8(raw).expect("text").replace("\r\n", "\n").replace("How?", "Why?");
    std::fs::write(&file, again).expect("a file");
    let explained = world.json(&["explain", file.to_str().expect("a path")]);
    assert_eq!(explained["proof"]["verified"], "none", "its body was changed");
    assert!(explained["proof"]["why"].as_str().is_some_and(|w| w.contains("body")), "{explained}");
}
