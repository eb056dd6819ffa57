use crate::desk::inbound::questions;
use crate::desk::inbound::staff::query::CONVERSATION_CHARS_MAX;
use crate::desk::inbound::staff::{help, question};
use crate::desk::model::{
    Decision, Domain, Kind, LetterKind, Mailed, Outcome, Priority, Query, Said, Snapshot, StaffProof, Stamp,
    Status, Ticket, Verified,
};
use crate::desk::rules::Rules;
use crate::desk::testing::{
    BOB, MALLORY, NOW, TEN_DAYS, decided, decided_under, gathered, human, known, letters_to, mail,
    reply_address, rules, signed, to_desk,
};
use crate::mail::{AddrSpec, parse};

fn proven(m: &mut Mailed<'_>) {
    m.facts.domain = signed();
}

fn asked_by(from: &str, subject: &str, known: &Snapshot) -> Decision {
    decided(&mail(from, &to_desk(subject), "x"), known, proven)
}

fn words(d: &Decision) -> String {
    assert_eq!(d.letters.len(), 1, "{}: one answer", d.reason);
    parse::parse(&d.letters[0].bytes).words.text
}

fn with(tickets: &[(i64, Status, Priority, Option<i64>)]) -> Snapshot {
    let mut known = known();
    let model = known.tickets[&1].ticket.clone();
    let alice = human(3, "alice@customer.example");
    known.found.tickets = tickets
        .iter()
        .map(|(number, status, priority, assignee)| {
            let (status, priority, assignee) = (*status, *priority, *assignee);
            let t = Ticket {
                number: *number,
                status,
                priority,
                assignee,
                subject: format!("Lamp {number}"),
                ..model.clone()
            };
            (t, alice.clone())
        })
        .collect();
    known
}

fn said(kind: Kind, text: &str) -> Said {
    Said {
        kind,
        name: "Alice".into(),
        address: "alice@customer.example".into(),
        text: text.into(),
        cut: false,
        files: Vec::new(),
        verified: Verified::Dkim,
        shown: kind != Kind::Note,
        private: false,
        created_at: NOW,
    }
}

#[test]
fn subjects_that_ask() {
    let rules = rules();
    let check = |subject: &str, wanted: Option<Query>| {
        assert_eq!(question::parse_question(subject, &rules).map(|q| q.expect(subject)), wanted, "{subject}");
    };
    check("list", Some(Query::List));
    check(" Mine ", Some(Query::Mine));
    check("HELP", Some(Query::Help));
    for subject in ["show 7", "show DESK-7", "Show [DESK-7]", "show desk-7"] {
        check(subject, Some(Query::Show(7)));
    }
    check("search  lamp post", Some(Query::Search("lamp post".into())));
    for subject in
        ["", "list of lamps", "help me", "a list", "shows", "show me the lamp", "Re: list", "searches"]
    {
        check(subject, None);
    }
    for subject in ["show", "search", "show lamp", "show 0"] {
        assert!(question::parse_question(subject, &rules).expect(subject).is_err(), "{subject}");
    }
}

#[test]
fn t108_without_proof_no_letter_leaves() {
    for subject in ["list", "mine", "show 1", "search printer", "help"] {
        let spoofed = decided(&mail(BOB, &to_desk(subject), "x"), &known(), |_| {});
        assert_eq!((spoofed.outcome, spoofed.letters.len()), (Outcome::Held, 0), "{subject}");
        let stranger = decided(&mail(MALLORY, &to_desk(subject), "x"), &known(), proven);
        assert_eq!(
            stranger.outcome,
            Outcome::Ticket,
            "{subject}: for customers it is a subject like any other"
        );
    }
    let forged = decided(&mail(BOB, &to_desk("show 1"), "x"), &known(), |m| {
        m.facts.domain = Domain { stamp: Stamp::Fail, ..Domain::default() };
    });
    assert_eq!(forged.outcome, Outcome::Quarantine);
}

#[test]
fn t108_the_store_is_asked_for_nothing_that_cannot_be_proven() {
    let raw = mail(BOB, &to_desk("search lamp"), "x");
    let inbound = parse::parse_for_intake(raw.as_bytes());
    let (mut mailed, asked) = gathered(&rules(), &inbound);
    assert_eq!(questions::questions(&mailed, &asked).query, None);
    proven(&mut mailed);
    assert_eq!(questions::questions(&mailed, &asked).query, Some(Query::Search("lamp".into())));
}

#[test]
fn t108_answers_go_to_the_stored_address_and_bear_no_magic_link() {
    let mut known = known();
    known.staff[0].aliases.push(AddrSpec::parse("bob@home.example").expect("an address"));
    let link = format!("{}/login/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq", rules().url);
    known.found.said = vec![
        said(Kind::Customer, &format!("It burns.\nsee {link}")),
        said(Kind::Note, "She is rude."),
        Said { cut: true, ..said(Kind::Customer, "Still burning.") },
    ];
    let d = asked_by("Bob <bob@home.example>", "show 1", &known);
    assert_eq!((d.outcome, d.letters.len()), (Outcome::Query, 1));
    let letter = letters_to(&d, "bob@staff.example")[0];
    assert_eq!((letter.kind, letter.subject.as_str()), (LetterKind::Result, "Result: show 1 [DESK-1]"));
    assert_eq!((letter.ticket, letter.message), (Some(1), Some(1)), "answering it answers the customer");
    let raw = String::from_utf8_lossy(&letter.bytes).into_owned();
    assert!(raw.contains("Auto-Submitted: auto-replied") && raw.contains("Reply-To: support+r"), "{raw}");
    assert!(
        !raw.contains("/login/") && !d.changes.iter().any(|c| matches!(c, crate::desk::Change::Link { .. }))
    );
    let text = words(&d);
    let order = [
        "It burns.",
        "[a link to sign in was here]",
        "NOTE, unseen by the customer",
        "She is rude.",
        "[cut after",
    ];
    assert!(order.iter().all(|w| text.contains(w)), "{text}");
    let none = asked_by(BOB, "show 99", &known);
    assert!(words(&none).contains("There is no ticket 99"), "{}", words(&none));
}

#[test]
fn t108_automatic_mail_gets_no_answer() {
    let fields =
        ["Auto-Submitted: auto-replied (vacation)\r\n", "Precedence: bulk\r\n", "Return-Path: <>\r\n"];
    for (field, released) in fields.into_iter().flat_map(|f| [(f, false), (f, true)]) {
        let d = decided(&mail(BOB, &format!("{}{field}", to_desk("list")), "I am away"), &known(), |m| {
            proven(m);
            m.facts.released = released.then(crate::desk::Released::default);
        });
        assert_eq!((d.outcome, d.letters.len()), (Outcome::Held, 0), "{field}");
    }
}

#[test]
fn t108_an_hour_has_so_many_answers() {
    let mut busy = known();
    busy.counts.results_staff_hour = rules().answers_per_staff_hour;
    let raw = mail(BOB, &to_desk("list"), "x");
    let ask = |known: &Snapshot, released: bool| {
        decided(&raw, known, |m| {
            m.facts.released = released.then(crate::desk::Released::default);
            m.facts.domain = signed();
        })
    };
    assert_eq!(ask(&known(), false).outcome, Outcome::Query);
    let d = ask(&busy, false);
    assert_eq!(
        (d.outcome, d.letters.len(), d.letters[0].kind),
        (Outcome::Held, 1, LetterKind::Hold),
        "he is told once"
    );
    assert!(d.reason.to_string().contains("answers_per_staff_hour"));
    busy.counts.holds_staff_hour = 1;
    assert_eq!(ask(&busy, false).letters.len(), 0);
    assert_eq!(ask(&busy, true).outcome, Outcome::Query, "what was held is answered once it is released");
}

#[test]
fn a_signature_is_enough_where_both_proofs_are_demanded() {
    let raw = mail(BOB, &to_desk("list"), "x");
    let (rules, known) =
        (Rules { staff_proof: StaffProof::Both, ..rules() }, Snapshot { ids: Vec::new(), ..known() });
    let d = decided_under(&rules, &raw, &known, |m| m.facts.domain = signed());
    assert_eq!((d.outcome, d.letters.len()), (Outcome::Query, 1), "{}", d.reason);
}

#[test]
fn a_list_holds_what_concerns_its_reader_the_most_urgent_first() {
    let known = with(&[
        (4, Status::Open, Priority::Normal, None),
        (5, Status::New, Priority::Urgent, None),
        (6, Status::Open, Priority::High, Some(1)),
    ]);
    let text = words(&asked_by(BOB, "list", &known));
    let at = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word} in {text}"));
    assert!(at("DESK-5 Lamp 5") < at("DESK-6 Lamp 6") && at("DESK-6 Lamp 6") < at("DESK-4 Lamp 4"));
    assert!(text.contains("alice@customer.example"), "T07: the address, always");
    let many: Vec<_> = (1..=150).map(|n| (n, Status::Open, Priority::Low, None)).collect();
    let text = words(&asked_by(BOB, "list", &with(&many)));
    assert!(text.contains(": 150") && text.contains("and 50 more, cut here"), "{text}");
    assert!(words(&asked_by(BOB, "mine", &with(&[]))).contains(": none."));
}

#[test]
fn a_long_conversation_is_cut_at_its_old_end_and_says_so() {
    let mut known = known();
    let one = known.tickets[&1].messages[0].clone();
    known.tickets.get_mut(&1).expect("ticket 1").messages = vec![one; 40];
    known.found.said =
        (0..40).map(|n| said(Kind::Customer, &format!("word{n} {}", "x".repeat(3_990)))).collect();
    let text = words(&asked_by(BOB, "show 1", &known));
    assert!(text.len() < CONVERSATION_CHARS_MAX + 2_000, "{}", text.len());
    assert!(text.contains("word39 ") && !text.contains("word0 ") && text.contains("older messages are cut"));
}

#[test]
fn an_answer_to_a_ticket_is_no_question_whatever_its_subject() {
    let to = format!("To: {}\r\nSubject: help\r\n", reply_address(1, NOW + TEN_DAYS));
    let d = decided(&mail(BOB, &to, "words"), &known(), |_| {});
    assert_eq!((d.outcome, letters_to(&d, "alice@customer.example").len()), (Outcome::Append, 1));
}

#[test]
fn the_help_fits_a_phone() {
    let text = help::page();
    assert!(text.lines().count() <= 80, "{} lines", text.lines().count());
    for query in ["list", "mine", "show NUMBER", "search WORDS", "help"] {
        assert!(text.lines().any(|l| l == query), "{query} in {text}");
    }
}
