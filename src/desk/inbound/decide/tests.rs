//! THREATS.md, group (a), on the decision: one ticket of Alice's, Bob and Eve who are staff, and a mail.

mod storms;

use crate::desk::builder::decision::Builder;
use crate::desk::model::{
    Change, Decision, Domain, LetterKind, Moment, Outcome, Stamp, Status, Verified, Who,
};
use crate::desk::rules::Rules;
use crate::desk::testing::{
    ALICE, BOB, MALLORY, NOW, OLD_WORDS, TEN_DAYS, decided, decided_under, human, id, known, letters_to,
    mail, reply_address, rules, ticket, to_desk,
};
use crate::desk::{letter, seal};
use crate::mail::parse;

fn plainly(raw: &str) -> Decision {
    decided(raw, &known(), |_| {})
}

fn nobody_joins(decision: &Decision) -> bool {
    !decision.changes.iter().any(|c| matches!(c, Change::Participant { .. }))
}

#[test]
fn t01_without_proof_a_from_of_staff_moves_nothing() {
    let named = [
        to_desk("Re: [DESK-1]"),
        format!("{}In-Reply-To: <letter1@desk.example>\r\n", to_desk("x")),
        format!("{}In-Reply-To: <letter3@desk.example>\r\n", to_desk("x [DESK-1]")),
        format!("To: {}\r\nSubject: x\r\n", reply_address(3, NOW + TEN_DAYS)),
        format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW - TEN_DAYS)),
        format!("To: {}\r\nSubject: x [DESK-1]\r\n", reply_address(1, NOW + TEN_DAYS).replace("+r", "+s")),
    ];
    for fields in named {
        let d = plainly(&mail(BOB, &fields, "#reopen\nwords"));
        assert_eq!(d.outcome, Outcome::Held, "{fields}");
        assert!(ticket(&d, 1).is_none() && letters_to(&d, "alice@customer.example").is_empty(), "{fields}");
        assert_eq!(letters_to(&d, "bob@staff.example").len(), 1, "he is told");
    }
    let proven =
        plainly(&mail(BOB, &format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS)), "words"));
    assert_eq!((proven.outcome, letters_to(&proven, "alice@customer.example").len()), (Outcome::Append, 1));
    let torn = format!("To: {}\r\nSubject: x [DESK-7]\r\n", reply_address(1, NOW + TEN_DAYS));
    let mut two = known();
    let mut other = two.tickets[&1].clone();
    other.ticket.number = 7;
    two.tickets.insert(7, other);
    assert_eq!(decided(&mail(BOB, &torn, "words"), &two, |_| {}).outcome, Outcome::Held, "which ticket?");
}

#[test]
fn t02_without_proof_a_customer_commands_nothing_and_reads_nothing() {
    for command in ["#close", "#privacy", "#cc evil@evil.example"] {
        let d = plainly(&mail(ALICE, &to_desk("x [DESK-1]"), command));
        let after = ticket(&d, 1).expect("it is appended");
        assert_eq!(
            (d.verified, after.status, after.privacy),
            (Verified::None, Status::Open, false),
            "{command}"
        );
        assert!(nobody_joins(&d) && letters_to(&d, "alice@customer.example").is_empty());
    }
    let proven =
        mail(ALICE, &format!("To: {}\r\nSubject: x\r\n", reply_address(3, NOW + TEN_DAYS)), "#close");
    let closed = plainly(&proven);
    assert_eq!(ticket(&closed, 1).map(|t| t.status), Some(Status::Closed));
    let by_her =
        |c: &Change| matches!(c, Change::Audit { actor, action: "order", .. } if actor == "person:3");
    assert!(closed.changes.iter().any(by_her), "T92: who ordered it stands in the audit log");
    for from in [ALICE, MALLORY] {
        let d = plainly(&mail(from, &to_desk("x [DESK-1]"), "words"));
        let outside = d.letters.iter().filter(|l| !l.to.as_str().ends_with("@staff.example"));
        assert!(outside.into_iter().all(|l| !String::from_utf8_lossy(&l.bytes).contains(OLD_WORDS)));
    }
}

#[test]
fn t03_a_stranger_learns_nothing_from_numbers() {
    let told = |subject: &str, ids: &str| {
        let d = plainly(&mail(MALLORY, &format!("{}{ids}", to_desk(subject)), "words"));
        assert_eq!((d.outcome, d.ticket), (Outcome::Ticket, Some(2)), "{subject}");
        assert!(ticket(&d, 1).is_none() && nobody_joins(&d));
        letters_to(&d, "mallory@evil.example")
            .into_iter()
            .map(|l| (l.subject.clone(), l.bytes.len()))
            .collect::<Vec<_>>()
    };
    let missing = told("x [DESK-999]", "");
    assert_eq!(missing.len(), 1);
    for n in 1..=200 {
        assert_eq!(told(&format!("x [DESK-{n:03}]"), ""), missing);
    }
    let guessed = told("x", "In-Reply-To: <letter1@desk.example>\r\nReferences: <letter2@desk.example>\r\n");
    assert_eq!(guessed[0].0, missing[0].0);
    let nothing = told("x", "In-Reply-To: \r\nReferences: <>\r\n");
    assert_eq!(nothing[0].0, missing[0].0);
}

#[test]
fn t04_a_stranger_at_somebodys_reply_address_gets_a_ticket_of_his_own() {
    let d = plainly(&mail(
        "noreply@slack.example",
        &format!("To: {}\r\nSubject: code 123\r\n", reply_address(3, NOW + TEN_DAYS)),
        "code 123",
    ));
    assert_eq!((d.outcome, d.ticket, d.verified), (Outcome::Ticket, Some(2), Verified::None));
    assert!(letters_to(&d, "alice@customer.example").is_empty() && nobody_joins(&d));
    let to_bob = letters_to(&d, "bob@staff.example");
    assert!(String::from_utf8_lossy(&to_bob[0].bytes).contains("DESK-1"), "staff hear which ticket it named");
}

#[test]
fn t05_nobody_guesses_the_sender_of_a_link() {
    let (rules, known) = (rules(), known());
    let from = |seed: u8| {
        let mut builder = Builder::new(&rules, &known, Moment::new(NOW, [seed; 32]));
        letter::link::queue(&mut builder, &human(3, "alice@customer.example"));
        let sent = parse::parse_for_intake(&builder.letters[0].bytes);
        sent.from.address().expect("a sender").local().to_owned()
    };
    assert_ne!(from(1), from(2));
    assert!(from(1).starts_with("support+auth-") && from(1).len() >= "support+auth-".len() + 24);
}

#[test]
fn t06_copies_make_nobody_a_participant() {
    let fields = format!(
        "To: {}\r\nCc: a@x.example, b@x.example, c@x.example\r\nSubject: x\r\n",
        reply_address(3, NOW + TEN_DAYS)
    );
    let d = plainly(&mail(ALICE, &fields, "words"));
    assert!(nobody_joins(&d));
    let notice = String::from_utf8_lossy(&letters_to(&d, "bob@staff.example")[0].bytes).into_owned();
    assert!(
        ["#cc a@x.example", "#cc b@x.example", "#cc c@x.example"].iter().all(|line| notice.contains(line))
    );
    assert!(d.letters.iter().all(|l| !l.to.as_str().ends_with("@x.example")));
}

#[test]
fn t10_only_from_is_identity() {
    let others = "Reply-To: bob@staff.example\r\nSender: bob@staff.example\r\nResent-From: \
                  bob@staff.example\r\n\
                  X-Original-From: bob@staff.example\r\n";
    let d = decided(&mail(MALLORY, &format!("{}{others}", to_desk("x [DESK-1]")), "#close"), &known(), |m| {
        m.facts.domain = Domain { stamp: Stamp::Pass(Vec::new()), ..Domain::default() };
    });
    assert_eq!((d.outcome, d.who, d.verified), (Outcome::Ticket, Who::Stranger, Verified::Dmarc));
    assert!(ticket(&d, 1).is_none());
    let confirmed: Vec<&str> =
        d.letters.iter().filter(|l| l.kind == LetterKind::Confirmation).map(|l| l.to.as_str()).collect();
    assert_eq!(confirmed, ["mallory@evil.example"]);
}

#[test]
fn t14_a_reply_address_is_its_owners_while_he_may() {
    let bobs = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS));
    assert_eq!(plainly(&mail("eve@staff.example", &bobs, "words")).outcome, Outcome::Held, "by a colleague");
    assert_eq!(plainly(&mail(MALLORY, &bobs, "words")).ticket, Some(2), "by whom it was forwarded to");
    let expired = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW - TEN_DAYS));
    let d = plainly(&mail(BOB, &expired, "words"));
    assert_eq!((d.outcome, d.ticket), (Outcome::Held, Some(1)), "it still names its ticket");
    let mut closed = known();
    closed.tickets.get_mut(&1).expect("ticket 1").ticket.closed_at = Some(NOW - 15 * 86_400);
    // A mail client names the letter as well: it dies as its address does.
    let by_id = format!("{}In-Reply-To: <letter2@desk.example>\r\n", to_desk("x"));
    for fields in [&bobs, &by_id] {
        assert_eq!(
            decided(&mail(BOB, fields, "words"), &known(), |_| {}).outcome,
            Outcome::Append,
            "{fields}"
        );
        let d = decided(&mail(BOB, fields, "words"), &closed, |_| {});
        assert_eq!((d.outcome, d.ticket), (Outcome::Held, Some(1)), "14 days after the close: {fields}");
    }
    let mut old = known();
    old.ids.iter_mut().for_each(|hit| hit.letter.iter_mut().for_each(|l| l.created_at = NOW - 92 * 86_400));
    let d = decided(&mail(BOB, &by_id, "words"), &old, |_| {});
    assert_eq!((d.outcome, d.ticket), (Outcome::Held, Some(1)), "90 days after the letter");
    let mut left = known();
    left.staff.retain(|s| s.person.id != 1);
    let d = decided(&mail(BOB, &bobs, "words"), &left, |_| {});
    assert_eq!((d.who, d.ticket), (Who::Stranger, Some(2)), "he is no longer staff");
    // Another customer, with proof of their own, writes to Alice's.
    let alices = format!("To: {}\r\nSubject: x\r\n", reply_address(3, NOW + TEN_DAYS));
    let d = decided(&mail(MALLORY, &alices, "#close"), &known(), |m| {
        m.facts.domain = Domain { stamp: Stamp::Pass(Vec::new()), ..Domain::default() };
    });
    assert!(d.ticket == Some(2) && ticket(&d, 1).is_none(), "{}", d.reason);
}

/// A rotation of the keys: neither an older reply address nor the id of an older letter proves anything, and
/// each still names its ticket; a letter that comes back is a loop all the same.
#[test]
fn t14_a_rotation_revokes_addresses_and_letters() {
    let rotated = Rules { keys: rules().keys.up_to(2), ..rules() };
    let under =
        |from: &str, fields: &str| decided_under(&rotated, &mail(from, fields, "#close"), &known(), |_| {});
    let old = |person| format!("To: {}\r\nSubject: x\r\n", reply_address(person, NOW + TEN_DAYS));
    let by_id = |n: u8| format!("{}In-Reply-To: <letter{n}@desk.example>\r\n", to_desk("x"));
    for fields in [old(1), by_id(2), format!("{}In-Reply-To: <letter2@desk.example>\r\n", old(1))] {
        let d = under(BOB, &fields);
        assert_eq!((d.outcome, d.ticket, d.verified), (Outcome::Held, Some(1), Verified::None), "{fields}");
        assert_eq!(plainly(&mail(BOB, &fields, "#close")).outcome, Outcome::Append, "before: {fields}");
    }
    assert!(under(BOB, &old(1)).reason.to_string().contains("revoked"));
    for fields in [old(3), by_id(1)] {
        let d = under(ALICE, &fields);
        assert_eq!(
            (d.outcome, d.ticket, d.verified, d.orders.len()),
            (Outcome::Append, Some(1), Verified::None, 0),
            "{fields}"
        );
    }
    let mut later = known();
    later.ids.iter_mut().for_each(|hit| hit.letter.iter_mut().for_each(|l| l.generation = 2));
    let d = decided_under(&rotated, &mail(BOB, &by_id(2), "#close"), &later, |_| {});
    assert_eq!(
        (d.outcome, d.verified),
        (Outcome::Append, Verified::ReplyAddress),
        "a letter of the new generation"
    );
    let id = seal::letter_id(&rules().keys, "desk.example", &mut Moment::new(NOW, [1; 32]));
    let mark = seal::loop_mark(&rules().keys, &id);
    assert_eq!(
        under(MALLORY, &format!("{}X-Maildesk-Loop: {mark}\r\n", to_desk("x"))).outcome,
        Outcome::Loop
    );
}

#[test]
fn t16_look_alikes_are_other_people() {
    for from in ["ALICE@CUSTOMER.example", "Alice@customer.example"] {
        assert_eq!(plainly(&mail(from, &to_desk("x [DESK-1]"), "x")).who, Who::Participant, "{from}");
    }
    for from in [
        "alice@custorner.example",
        "alice+x@customer.example",
        "alice@customer.example.evil.example",
        "allce@customer.example",
    ] {
        assert_eq!(plainly(&mail(from, &to_desk("x [DESK-1]"), "x")).who, Who::Stranger, "{from}");
    }
    for from in [
        "al\u{131}ce@customer.example",
        "alice@custome\u{280}.example",
        "\"alice\"@customer.example",
        "alice@customer.example.",
    ] {
        let d = plainly(&mail(from, &to_desk("x [DESK-1]"), "x"));
        assert!(d.who == Who::Stranger && ticket(&d, 1).is_none(), "{from}: {d:?}");
    }
}

#[test]
fn t18_what_lay_there_before_causes_no_letter() {
    let raw = mail(MALLORY, &to_desk("x"), "words");
    assert!(decided(&raw, &known(), |m| m.history = true).letters.is_empty());
    let late = decided(&raw, &known(), |m| m.arrived_at = NOW - 86_401);
    assert!(late.outcome == Outcome::Ticket && late.letters.is_empty(), "an outage");
    assert!(late.changes.iter().any(|c| matches!(c, Change::Pending { .. })), "and one summary to staff");
}

#[test]
fn t19_marks_of_ours_count_only_when_they_are_ours() {
    let marks = "X-Maildesk-Loop: 1\r\nX-Maildesk-Ticket: 1\r\nX-Desk-Ticket: 1\r\nX-RT-Ticket: 1\r\n\
                 X-Maildesk-Verified: dkim\r\n";
    let d = plainly(&mail(MALLORY, &format!("{}{marks}", to_desk("x")), "words"));
    assert_eq!((d.outcome, d.ticket, d.verified), (Outcome::Ticket, Some(2), Verified::None));
    let ours = seal::letter_id(&rules().keys, "desk.example", &mut Moment::new(NOW, [1; 32]));
    let true_mark = seal::loop_mark(&rules().keys, &ours);
    let d = plainly(&mail(MALLORY, &format!("{}X-Maildesk-Loop: {true_mark}\r\n", to_desk("x")), "words"));
    assert!(d.outcome == Outcome::Loop && d.letters.is_empty());
}

#[test]
fn t20_a_command_is_a_line_of_the_new_words_alone() {
    let to = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS));
    let planted = [
        "thanks\n\n> #close\n",
        "thanks\n-- \n#close\nBob\n",
        "thanks\n\nOn Tue, 24 Nov 2026 at 10:00, Alice wrote:\n\n> #close\n",
        "\u{ff03}close\nthanks\n",
        " #close\nthanks\n",
        "thanks #close\nand more\n",
    ];
    for text in planted {
        let d = plainly(&mail(BOB, &format!("{to}Content-Type: text/plain; charset=utf-8\r\n"), text));
        assert_eq!(
            (d.orders.len(), ticket(&d, 1).map(|t| t.status)),
            (0, Some(Status::Waiting)),
            "{text:?}: {}",
            d.reason
        );
        assert!(letters_to(&d, "alice@customer.example").iter().all(|l| l.kind == LetterKind::Answer));
    }
    let obeyed = plainly(&mail(BOB, &to, "#tag +seen\nthanks"));
    assert_eq!(obeyed.orders, ["#tag +seen"]);
}

#[test]
fn t21_a_report_counts_only_for_the_letter_it_names() {
    let report = |ids: &str, recipient: &str| {
        let fields = format!(
            "{}Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
            to_desk("failed")
        );
        let body = format!(
            "--b\r\n\r\nit failed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: \
             dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n\
             Content-Type: text/rfc822-headers\r\n\r\n\
             Message-ID: <{ids}>\r\n--b--"
        );
        plainly(&mail("mailer-daemon@mx.example", &fields, &body))
    };
    let marked = |d: &Decision| d.changes.iter().any(|c| matches!(c, Change::Undeliverable { .. }));
    assert!(marked(&report("letter1@desk.example", "alice@customer.example")));
    for (ids, recipient) in [
        ("guess@desk.example", "alice@customer.example"),
        ("letter1@desk.example", "victim@customer.example"),
    ] {
        let d = report(ids, recipient);
        assert!(d.outcome == Outcome::Report && !marked(&d) && d.letters.is_empty(), "{ids} {recipient}");
    }
}

#[test]
fn t22_the_date_of_a_mail_orders_nothing() {
    for date in ["Thu, 01 Jan 1970 00:00:00 +0000", "Thu, 01 Jan 2099 00:00:00 +0000", "the day after", ""] {
        let raw = mail(MALLORY, &to_desk("x"), "words").replace("Thu, 26 Nov 2026 08:00:00 +0000", date);
        let d = plainly(&raw);
        let new = ticket(&d, 2).expect("a ticket");
        assert_eq!((new.created_at, new.updated_at), (NOW, NOW), "{date}");
    }
}

#[test]
fn t26_proven_senders_do_not_count_for_their_domain() {
    let mut busy = known();
    busy.counts.letters_domain_hour = rules().letters_per_domain_hour;
    let raw = mail(MALLORY, &to_desk("x"), "words");
    assert!(letters_to(&decided(&raw, &busy, |_| {}), "mallory@evil.example").is_empty());
    let proven = decided(&raw, &busy, |m| {
        m.facts.domain = Domain { stamp: Stamp::Pass(Vec::new()), ..Domain::default() };
    });
    let confirmation = letters_to(&proven, "mallory@evil.example");
    assert!(confirmation.len() == 1 && confirmation[0].proven);
    busy.counts.letters_desk_hour = rules().letters_per_desk_hour;
    let d = decided(&raw, &busy, |m| {
        m.facts.domain = Domain { stamp: Stamp::Pass(Vec::new()), ..Domain::default() };
    });
    assert!(letters_to(&d, "mallory@evil.example").is_empty(), "the desk's own limit holds for all");
}
