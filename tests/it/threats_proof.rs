//! THREATS.md, group (a) where DNS has a say: domain proof of the running program, before a name server of the tests' own.

use crate::letters::{Draft, canary, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::stage::{stage, until};
use crate::world::World;

/// The way whole: a signed mail of staff needs no reply address.
#[test]
fn domain_proof_lets_staff_answer() {
    let world = World::with_sink();
    let signer = Signer::new(&world.domain);
    let alice = person("alice");
    let opened = world.open(&alice, "Printer", "It burns.");
    let words = canary("SIGNED");
    let mail = Draft::new(&world.bob, &world.desk, &format!("Re: Printer [DESK-{}]", opened.number), &words);
    deliver(&signer.sign(&mail.bytes()), &world.bob.address, &world.desk);
    world.letter(&alice, "the answer of a signed mail", |l| l.text().contains(&words));
    let ticket = world.ticket(opened.number);
    let answer = ticket["messages"].as_array().and_then(|m| m.iter().find(|m| m["kind"] == "staff").cloned());
    assert_eq!(answer.expect("the answer")["verified"], "dkim");
    until("the key to have been asked for", || (stage().dns.asked(&signer.name()) > 0).then_some(()));
}
