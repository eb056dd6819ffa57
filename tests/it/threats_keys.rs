//! THREATS.md T13, T14, T81 on the running program: a rotation of the keys beside the daemon.

use crate::letters::{Draft, canary, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::stage::until;
use crate::world::World;

/// A running daemon takes the new generation at once; what the old one sealed is known for ours, and proves
/// nothing.
#[test]
fn t14_t81_rotate_beside_the_daemon() {
    let mut world = World::new();
    let signer = Signer::new(&world.domain);
    let alice = person("alice");
    let first = world.open(&alice, "Printer", "It burns.");
    let before = world.list(&["keys", "list"]);
    assert_eq!(
        (before.len(), &before[0]["generation"], &before[0]["until"]),
        (1, &1.into(), &serde_json::Value::Null)
    );
    let asked = world.run(&["keys", "rotate"]);
    assert_eq!(asked.status.code(), Some(64), "it asks first");
    let key = std::fs::read_to_string(world.dir.join("data/desk.key")).expect("the key");
    let pid = world.daemon.as_ref().expect("a daemon").id();
    for part in ["cmdline", "environ"] {
        let bytes = std::fs::read(format!("/proc/{pid}/{part}")).expect("what others may see of the daemon");
        assert!(
            !bytes.is_empty() && !String::from_utf8_lossy(&bytes).contains(key.trim()),
            "the key stands in {part}"
        );
    }
    assert_eq!(world.run(&["keys", "rotate", "--yes"]).status.code(), Some(0));
    let after = world.list(&["keys", "list"]);
    assert_eq!(
        (after.len(), &after[1]["generation"], &after[1]["state"]),
        (2, &2.into(), &"in force".into())
    );
    assert!(!serde_json::to_string(&after).expect("JSON").contains(key.trim()));

    // The old notice: held, and still of its ticket; with the proof of the domain it counts.
    let words = canary("OLD");
    world.send(&Draft::answer(&world.bob, &first.notice, &words));
    let held =
        until("the answer to the old notice to be held", || world.list(&["held", "list"]).into_iter().next());
    assert_eq!(held["ticket"], format!("DESK-{}", first.number));
    assert!(held["reason"].as_str().is_some_and(|r| r.contains("revoked")), "{held}");
    let signed = canary("SIGNED");
    let mail = Draft::answer(&world.bob, &first.notice, &signed);
    deliver(&signer.sign(&mail.bytes()), &world.bob.address, &mail.to);
    world.letter(&alice, "the answer that his domain signed", |l| l.text().contains(&signed));

    // The old letter to Alice comes back: a loop, no ticket. Her answer to it belongs to her ticket,
    // unproven.
    deliver(&first.confirmation.raw, "somebody@elsewhere.example", &world.desk);
    let answer = Draft::answer(&alice, &first.confirmation, "Still burning.");
    world.send(&answer);
    let number = first.number;
    until("her answer", || world.words(number, "customer").contains("Still burning").then_some(()));
    let ticket = world.ticket(number);
    let last = ticket["messages"].as_array().and_then(|m| m.last()).expect("a message").clone();
    assert_eq!(last["verified"], "none");

    // What is written from now on counts, also after a new start.
    let second = world.open(&person("carol"), "Lamp", "It is dark.");
    assert_eq!(world.tickets().len(), 2, "the letter that came back made none");
    assert_eq!(world.stop(), Some(0));
    world.start();
    let fresh = canary("NEW");
    let carol = world.ticket(second.number)["requester"]["address"].as_str().expect("an address").to_owned();
    world.send(&Draft::answer(&world.bob, &second.notice, &fresh));
    until("the answer to the new notice", || {
        world.letters(&carol).iter().any(|l| l.text().contains(&fresh)).then_some(())
    });
    assert!(!world.letters(&alice.address).iter().any(|l| l.everything().contains(&words)));
}
