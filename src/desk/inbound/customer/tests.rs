//! What staff read of a customer's mail, on the decision.

use crate::desk::model::{Change, Outcome, Spam};
use crate::desk::testing::{
    ALICE, BOB, NOW, TEN_DAYS, address, decided, known, letters_to, mail, readable, reply_address, signed,
    to_desk,
};

const HTML: &str = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n";

/// Whatever a first mail looks like, all its words stand in the notice and in the message (T117).
#[test]
fn t117_a_first_mail_is_shown_whole() {
    let stub = "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n";
    let versions = |plain: &str| {
        format!(
            "--b\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html\r\n\r\n\
             <p>Hello, my printer</p><p>has the number 4711, and it burns</p>\r\n--b--"
        )
    };
    let cases = [
        (HTML, "<p>Hello</p><hr><p>Serial number 4711</p>".to_owned()),
        (HTML, "<p>Hello</p><div class=gmail_quote><blockquote>Number 4711</blockquote></div>".to_owned()),
        (HTML, "<p>Hello</p><blockquote type=cite>Number 4711</blockquote>".to_owned()),
        ("", "> Error in line 4711\r\n> of the program".to_owned()),
        ("", "Hello\r\n\r\n> Error in line 4711\r\n> of the program".to_owned()),
        ("", "Hello\r\n--\r\nSerial 4711".to_owned()),
        ("", "Hello\r\n-- \r\nSerial 4711".to_owned()),
        ("", "-- \r\nSerial 4711".to_owned()),
        ("", "Hello\r\n____________________\r\nSerial 4711".to_owned()),
        (
            "",
            "New order\r\n\r\nFrom: a@b.example\r\nDate: 3 May 2026\r\nTo: Rome\r\nSubject: 4711\r\n\r\nx"
                .to_owned(),
        ),
        ("", "Hello\r\n\r\n-----Original Message-----\r\nSerial 4711".to_owned()),
        ("", "Hello\r\n\r\nOn 3 May 2026 the machine wrote:\r\n> 4711".to_owned()),
        (stub, versions("Please enable HTML.")),
        (stub, versions("[image: logo]")),
        (stub, versions("Contact form")),
    ];
    for (fields, text) in cases {
        let raw = mail("Dora <dora@new.example>", &format!("{}{fields}", to_desk("Help")), &text);
        let d = decided(&raw, &known(), |_| {});
        assert_eq!(d.outcome, Outcome::Ticket, "{text}");
        let notice = readable(letters_to(&d, "bob@staff.example")[0]);
        assert!(notice.contains("4711"), "{text}: {notice}");
        assert!(!text.contains("Hello") || notice.contains("Hello"), "{text}: {notice}");
        let said = d.changes.iter().find_map(|c| match c {
            Change::Message(m) => Some(format!("{}\n{}", m.text, m.signature)),
            _ => None,
        });
        assert!(said.is_some_and(|s| s.contains("4711")), "{text}");
    }
}

/// `#spam` on a mail that anybody could forge keeps such mail away, and never the customer who proves theirs.
#[test]
fn spam_on_an_unproven_mail_keeps_away_no_proven_customer() {
    let at_bob = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS));
    let marked = |proven: bool| {
        let mut known = known();
        known.tickets.get_mut(&1).expect("ticket 1").messages[0].proven = proven;
        let d = decided(&mail(BOB, &at_bob, "#spam"), &known, |_| {});
        d.changes.iter().find_map(|c| match c {
            Change::Spam { person: 3, which } => Some(*which),
            _ => None,
        })
    };
    assert_eq!((marked(false), marked(true)), (Some(Spam::Unproven), Some(Spam::Always)));
    for (which, unproven, proven) in [
        (Spam::No, Outcome::Ticket, Outcome::Ticket),
        (Spam::Unproven, Outcome::Quarantine, Outcome::Ticket),
        (Spam::Always, Outcome::Quarantine, Outcome::Quarantine),
    ] {
        let mut known = known();
        known.persons.get_mut(&address("alice@customer.example")).expect("Alice").spam = which;
        let raw = mail(ALICE, &to_desk("Help"), "words");
        assert_eq!(decided(&raw, &known, |_| {}).outcome, unproven, "{which:?}");
        assert_eq!(decided(&raw, &known, |m| m.facts.domain = signed()).outcome, proven, "{which:?}");
    }
}

/// An answer is folded as ever.
#[test]
fn t117_folding_is_for_answers() {
    let text = "It works now.\r\n\r\nOn Mon, 1 Jan 2024 at 10:00, Desk <support@desk.example> wrote:\r\n\
                > OLDER-4711";
    let answers = "In-Reply-To: <letter1@desk.example>\r\n";
    for fields in [answers, "Subject: Re: Printer\r\n", "Subject: AW: Printer\r\n"] {
        let d =
            decided(&mail(ALICE, &format!("To: support@desk.example\r\n{fields}"), text), &known(), |_| {});
        for letter in &d.letters {
            assert!(!readable(letter).contains("OLDER-4711"), "{fields}");
        }
    }
}
