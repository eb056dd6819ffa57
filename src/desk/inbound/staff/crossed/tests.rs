//! Who had seen what, on the decision: Alice's ticket, a notice of her first message to Bob, and what came
//! since.

use crate::desk::model::{Cause, Change, Kind, LetterKind, MessageRef, Outcome, Snapshot};
use crate::desk::testing::{
    BOB, NOW, TEN_DAYS, decided, known, letters_to, mail, reply_address, signed, to_desk,
};

const EVE: &str = "Eve <eve@staff.example>";
const BOBS: Option<i64> = Some(1);
const EVES: Option<i64> = Some(2);
const ALICES: Option<i64> = Some(3);

/// What came after the notice: kind, author, whether customers are shown it.
fn since(newer: &[(Kind, Option<i64>, bool)]) -> Snapshot {
    let mut out = known();
    let facts = out.tickets.get_mut(&1).expect("ticket 1");
    for (id, (kind, author, shown)) in (2..).zip(newer) {
        let message = MessageRef {
            id,
            origin: None,
            kind: *kind,
            author: *author,
            message_id: None,
            shown: *shown,
            proven: false,
            created_at: NOW - 100,
        };
        facts.messages.push(message);
    }
    out
}

fn to_bobs_address() -> String {
    format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS))
}

fn answers_the_letter() -> String {
    format!("{}In-Reply-To: <letter2@desk.example>\r\n", to_desk("x"))
}

/// What became of a signed mail: did its words reach Alice, or did they come back to their writer?
fn sent(from: &str, fields: &str, text: &str, known: &Snapshot, arrived_at: i64) -> bool {
    let d = decided(&mail(from, fields, text), known, |m| {
        m.facts.domain = signed();
        m.arrived_at = arrived_at;
    });
    let out = letters_to(&d, "alice@customer.example").len();
    let back = d.letters.iter().filter(|l| l.kind == LetterKind::Hold && l.ticket == Some(1)).count();
    let held =
        d.changes.iter().any(|c| matches!(c, Change::Hold { cause: Cause::Crossed, ticket: Some(1), .. }));
    assert_eq!((out + back, held, d.outcome == Outcome::Held), (1, back == 1, back == 1), "{}", d.reason);
    out == 1
}

#[test]
fn what_came_since_holds_an_answer_back() {
    for fields in [to_bobs_address(), answers_the_letter(), to_desk("x [DESK-1]")] {
        for (newer, goes) in [
            (vec![], true),
            (vec![(Kind::Customer, ALICES, true)], false),
            (vec![(Kind::Staff, EVES, true)], false),
            // An operator on the command line.
            (vec![(Kind::Staff, None, true)], false),
            (vec![(Kind::Staff, BOBS, true)], true),
            (vec![(Kind::Customer, ALICES, false)], true),
            (vec![(Kind::Note, EVES, false)], true),
            (vec![(Kind::System, None, false)], true),
            (
                vec![(Kind::Staff, BOBS, true), (Kind::Note, EVES, false), (Kind::Customer, ALICES, true)],
                false,
            ),
        ] {
            assert_eq!(sent(BOB, &fields, "words", &since(&newer), NOW), goes, "{fields} {newer:?}");
        }
    }
}

#[test]
fn what_answers_no_letter_was_written_with_the_newest_one_at_hand() {
    let token = to_desk("x [DESK-1]");
    let mut later = since(&[(Kind::Customer, ALICES, true)]);
    let facts = later.tickets.get_mut(&1).expect("ticket 1");
    let mut notice = facts.letters[1].clone();
    (notice.id, notice.message, notice.created_at) = (3, Some(2), NOW - 90);
    facts.letters.push(notice);
    assert!(sent(BOB, &token, "words", &later, NOW), "he had the notice of it");
    assert!(!sent(BOB, &token, "words", &later, NOW - 95), "his mail came before that notice");
    assert!(!sent(BOB, &answers_the_letter(), "words", &later, NOW), "he answers the older one");
    // Eve had no letter: what was there when her mail arrived is what she knows.
    let newer = since(&[(Kind::Customer, ALICES, true)]);
    assert!(sent(EVE, &token, "words", &newer, NOW));
    assert!(!sent(EVE, &token, "words", &newer, NOW - 500), "it lay in the mailbox while something came");
}

#[test]
fn an_expired_address_still_tells_what_was_seen() {
    let expired = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW - TEN_DAYS));
    assert!(sent(BOB, &expired, "words", &since(&[]), NOW));
    let mut newer = since(&[(Kind::Customer, ALICES, true)]);
    for letter in &mut newer.tickets.get_mut(&1).expect("ticket 1").letters {
        letter.message = Some(2);
    }
    assert!(!sent(BOB, &expired, "words", &newer, NOW), "whatever else went to him");
}

#[test]
fn notes_and_commands_are_never_crossed() {
    let newer = since(&[(Kind::Customer, ALICES, true)]);
    for (text, outside) in
        [("#note\nwords", 0), ("#tag +a", 0), ("#close", 0), ("#spam\nwords", 0), ("#send\nwords", 1)]
    {
        let d = decided(&mail(BOB, &to_bobs_address(), text), &newer, |_| {});
        assert_eq!(
            (d.outcome, letters_to(&d, "alice@customer.example").len()),
            (Outcome::Append, outside),
            "{text}"
        );
    }
}

#[test]
fn send_alone_lets_go_what_is_held() {
    let none = decided(&mail(BOB, &to_bobs_address(), "#send"), &known(), |_| {});
    assert_eq!((none.outcome, none.release), (Outcome::Refused, None));
    let mut held = known();
    held.crossed = vec![(4, 1), (5, 2)];
    let d = decided(&mail(BOB, &to_bobs_address(), "#send"), &held, |_| {});
    assert_eq!((d.outcome, d.release.map(|r| r.held)), (Outcome::Append, Some(4)));
    for more in ["#send\n#close", "#close\n#send"] {
        let d = decided(&mail(BOB, &to_bobs_address(), more), &held, |_| {});
        assert_eq!((d.outcome, d.release), (Outcome::Refused, None), "{more}");
    }
    // Newer words take its place, sent or not; the one of the other ticket is left alone.
    for known in
        [held.clone(), Snapshot { crossed: held.crossed.clone(), ..since(&[(Kind::Customer, ALICES, true)]) }]
    {
        for (text, ends) in [
            ("other words", vec![4]),
            ("#send\nother words", vec![4]),
            ("#note\nx", vec![]),
            ("#tag +a", vec![]),
        ] {
            let d = decided(&mail(BOB, &to_bobs_address(), text), &known, |_| {});
            let ended = d.changes.iter().filter_map(|c| match c {
                Change::EndHeld { held, .. } => Some(*held),
                _ => None,
            });
            assert_eq!((ended.collect::<Vec<_>>(), d.release), (ends, None), "{text}");
        }
    }
}

#[test]
fn nothing_of_a_held_answer_acts() {
    let newer = since(&[(Kind::Customer, ALICES, true), (Kind::Staff, EVES, true)]);
    let d = decided(&mail(BOB, &to_bobs_address(), "#close\n#tag +done\nwords"), &newer, |_| {});
    assert_eq!(
        d.reason.to_string(),
        "a customer's message and a colleague's answer came in between, unseen by its writer"
    );
    let acts = |c: &&Change| !matches!(c, Change::Hold { .. } | Change::Signature { .. });
    assert!(d.changes.iter().find(acts).is_none(), "{:?}", d.changes);
    assert_eq!(d.orders, ["#close", "#tag +done"]);
}
