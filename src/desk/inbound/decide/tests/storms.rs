//! THREATS.md, group (b), on the decision: what a robot's mail causes, and what letters say to people whom
//! nobody proved.

use super::*;
use crate::desk::builder::decision::Builder;
use crate::desk::letter::confirmation;
use crate::desk::model::{
    Change, Decision, Domain, IdHit, LetterHit, LetterKind, LetterRef, Limit, Moment, Outcome, Snapshot,
    Stamp, Status, Verified, Who,
};
use crate::desk::testing::{outside, readable, rules};
use crate::mail::parse::parse;

fn stamped(raw: &str, stamp: Stamp) -> Decision {
    decided(raw, &known(), |m| m.facts.domain = Domain { stamp, ..Domain::default() })
}

/// T08, T09: whoever it seems to be, a sender that two readers read in two ways is nobody.
#[test]
fn t09_a_sender_that_is_not_one_is_quarantined() {
    let whole = mail(BOB, &to_desk("x [DESK-1]"), "#close");
    let froms = [
        "From: bob@staff.example\r\nFrom: mallory@evil.example\r\n",
        "From: mallory@evil.example, bob@staff.example\r\n",
        "From: <mallory@evil.example>:<bob@staff.example>\r\n",
        "From: staff: bob@staff.example;\r\n",
        "From:\r\nFrom: bob@staff.example\r\n",
        "From: \"bob@staff.example\"@evil.example\r\n",
        "From: =?utf-8?b?Ym9iQHN0YWZmLmV4YW1wbGU=?==?utf-8?Q?=00?=@evil.example\r\n",
        "From: bob@staff.example(@evil.example\r\n",
        "From: bob@staff.example\0@evil.example\r\n",
    ];
    for from in froms {
        let d = stamped(&whole.replace(&format!("From: {BOB}\r\n"), from), Stamp::Pass(Vec::new()));
        let nobody = d.outcome == Outcome::Quarantine || d.who == Who::Stranger;
        assert!(nobody && ticket(&d, 1).is_none(), "{from}: {:?} {}", d.outcome, d.reason);
        assert!(d.letters.iter().all(|l| l.to.as_str() != "alice@customer.example"), "{from}");
    }
}

#[test]
fn t21_a_report_counts_for_a_fortnight() {
    let report = |known: &Snapshot| {
        let fields = format!(
            "{}Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
            to_desk("failed")
        );
        let body = "--b\r\n\r\nit failed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
                    Reporting-MTA: dns; mx.example\r\n\r\n\
                    Final-Recipient: rfc822; alice@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
                    \r\n\
                    --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <letter1@desk.example>\r\n\
                    --b--";
        decided(&mail("mailer-daemon@mx.example", &fields, body), known, |_| {})
    };
    let marked = |d: &Decision| d.changes.iter().any(|c| matches!(c, Change::Undeliverable { .. }));
    assert!(marked(&report(&known())));
    let mut old = known();
    for hit in &mut old.ids {
        hit.letter.as_mut().expect("a letter").created_at = NOW - 15 * 86_400;
    }
    let d = report(&old);
    assert!(
        !marked(&d)
            && d.outcome == Outcome::Report
            && d.changes.iter().any(|c| matches!(c, Change::Hold { .. }))
    );
}

#[test]
fn t22_staff_are_told_of_a_lying_date() {
    for (date, told) in
        [("Thu, 01 Jan 2099 00:00:00 +0000", true), ("Thu, 26 Nov 2026 07:00:00 +0000", false)]
    {
        let raw = mail(MALLORY, &to_desk("x"), "words").replace("Thu, 26 Nov 2026 08:00:00 +0000", date);
        let d = plainly(&raw);
        assert_eq!(
            readable(letters_to(&d, "bob@staff.example")[0]).contains("Date field is wrong"),
            told,
            "{date}"
        );
    }
}

/// One mail per mark: kept as a ticket that staff hear of, and nobody else gets anything.
#[test]
fn t23_automatic_mail_is_never_answered() {
    let marks = [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated",
        "Auto-Submitted: auto-notified; owner-email=x@y.example",
        "auto-submitted: Auto-Replied (vacation)",
        "Precedence: bulk",
        "Precedence: list",
        "Precedence: junk",
        "Precedence: auto_reply",
        "List-Id: <news.example>",
        "List-Unsubscribe: <mailto:x@y.example>",
        "List-Post: NO",
        "X-Auto-Response-Suppress: DR",
        "X-Auto-Response-Suppress: RN, AutoReply",
        "X-Auto-Response-Suppress: OOF",
        "X-Auto-Response-Suppress: All",
        "X-Autoreply: yes",
        "X-Autorespond: me",
        "X-Apple-Action: VACATION",
        "Feedback-ID: campaign:customer:bulk:sender",
    ];
    for mark in marks {
        for from in [MALLORY, ALICE] {
            // A right reply address of hers changes nothing: it is filed there, and staff do not even hear of
            // it.
            let d = plainly(&mail(from, &format!("{}{mark}\r\n", to_desk("x")), "words"));
            assert!(outside(&d).is_empty(), "{mark}: an answer to {from}");
            assert_eq!(d.outcome, Outcome::Ticket, "{mark}: it is kept and visible");
            let notices = d.letters.iter().filter(|l| l.kind == LetterKind::Notification).count();
            assert_eq!((notices, d.letters.len()), (2, 2), "{mark}: staff hear of a new ticket, and no more");
        }
    }
    for mark in
        ["Auto-Submitted: no", "X-Auto-Response-Suppress: RN, NRN", "X-Autoreply: no", "X-Mailer: auto"]
    {
        let d = plainly(&mail(MALLORY, &format!("{}{mark}\r\n", to_desk("x")), "words"));
        assert_eq!(outside(&d).len(), 1, "{mark} is no mark");
    }
}

#[test]
fn t23_an_automatic_mail_in_a_ticket_is_filed() {
    for (from, person) in [(ALICE, 3), (BOB, 1)] {
        let fields = format!(
            "To: {}\r\nSubject: away\r\nAuto-Submitted: auto-replied\r\n",
            reply_address(person, NOW + TEN_DAYS)
        );
        let d = plainly(&mail(from, &fields, "#reopen\nI am away"));
        assert_eq!((d.outcome, d.letters.len(), d.orders.len()), (Outcome::Append, 0, 0), "{from}");
        assert_eq!(ticket(&d, 1).map(|t| t.status), Some(Status::Closed), "{from}");
    }
}

/// The formats of servers and providers, as they come without a letter of ours: held, and nobody hears of
/// them.
#[test]
fn t24_no_report_causes_a_letter() {
    let reports: [(&str, &[u8]); 19] = [
        ("carrier", include_bytes!("../../../../../fixtures/report/carrier-japanese.eml")),
        ("delayed", include_bytes!("../../../../../fixtures/report/rfc3464-delayed.eml")),
        ("expanded", include_bytes!("../../../../../fixtures/report/rfc3464-expanded.eml")),
        ("relayed", include_bytes!("../../../../../fixtures/report/rfc3464-relayed.eml")),
        ("several", include_bytes!("../../../../../fixtures/report/rfc3464-several.eml")),
        ("courier", include_bytes!("../../../../../fixtures/report/courier.eml")),
        ("docomo", include_bytes!("../../../../../fixtures/report/docomo.eml")),
        ("domino", include_bytes!("../../../../../fixtures/report/domino.eml")),
        ("exchange", include_bytes!("../../../../../fixtures/report/exchange.eml")),
        ("exim", include_bytes!("../../../../../fixtures/report/exim.eml")),
        ("exim-delayed", include_bytes!("../../../../../fixtures/report/exim-delayed.eml")),
        ("google", include_bytes!("../../../../../fixtures/report/google.eml")),
        ("google-delay", include_bytes!("../../../../../fixtures/report/google-delay.eml")),
        ("notes", include_bytes!("../../../../../fixtures/report/notes.eml")),
        ("office365", include_bytes!("../../../../../fixtures/report/office365.eml")),
        ("postfix", include_bytes!("../../../../../fixtures/report/postfix.eml")),
        ("qmail", include_bytes!("../../../../../fixtures/report/qmail.eml")),
        ("without-from", include_bytes!("../../../../../fixtures/report/rfc3464-without-from.eml")),
        ("abuse", include_bytes!("../../../../../fixtures/report/rfc5965-abuse.eml")),
    ];
    for (name, raw) in reports {
        let raw = String::from_utf8_lossy(raw);
        let d = plainly(&raw);
        assert_eq!((d.outcome, d.letters.len()), (Outcome::Report, 0), "{name}");
        assert!(
            d.changes.iter().any(|c| matches!(c, Change::Hold { cause: crate::desk::Cause::Other, .. })),
            "{name} is held"
        );
    }
}

#[test]
fn t24_daemons_and_null_senders() {
    for local in ["MAILER-DAEMON", "postmaster", "no-reply", "noreply"] {
        let d = plainly(&mail(&format!("{local}@mx.example"), &to_desk("x"), "words"));
        assert!(d.outcome == Outcome::Ticket && outside(&d).is_empty(), "{local}");
    }
    let noreply = plainly(&mail("noreply@shop.example", &to_desk("x"), "words"));
    assert_eq!(noreply.letters.len(), 2, "staff hear of it");
    let null = decided(&mail(MALLORY, &to_desk("x"), "words"), &known(), |m| m.null_sender = true);
    assert!(null.outcome == Outcome::Ticket && null.letters.is_empty(), "a null sender notifies nobody");
    let null = plainly(&format!("Return-Path: <>\r\n{}", mail(MALLORY, &to_desk("x"), "words")));
    assert!(null.outcome == Outcome::Ticket && null.letters.is_empty());
}

/// A bouncing address of staff makes no letter of a letter; the first failure of an answer tells its author,
/// once.
#[test]
fn t24_a_bouncing_address() {
    let mut known = known();
    let facts = known.tickets.get_mut(&1).expect("ticket 1");
    let answer = |n: i64, failed: bool| LetterRef {
        id: n,
        kind: LetterKind::Answer,
        person: 3,
        author: Some(1),
        message: Some(1),
        message_id: id(&format!("letter{n}@desk.example")),
        failed,
        created_at: NOW - 100,
    };
    facts.letters.extend([answer(5, false), answer(6, false)]);
    let to_alice = known.ids[0].letter.clone().expect("a letter");
    for n in [5, 6] {
        known.ids.push(IdHit {
            id: id(&format!("letter{n}@desk.example")),
            ticket: Some(1),
            letter: Some(LetterHit { letter: n, kind: LetterKind::Answer, ..to_alice.clone() }),
        });
    }
    let report = |known: &Snapshot, n: i64, recipient: &str| {
        let fields = format!(
            "{}Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
            to_desk("failed")
        );
        let body = format!(
            "--b\r\n\r\nit failed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: \
             dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n\
             Content-Type: text/rfc822-headers\r\n\r\n\
             Message-ID: <letter{n}@desk.example>\r\n--b--"
        );
        decided(&mail("mailer-daemon@mx.example", &fields, &body), known, |_| {})
    };
    assert!(report(&known, 2, "bob@staff.example").letters.is_empty(), "of a notice to staff");
    assert!(report(&known, 1, "alice@customer.example").letters.is_empty(), "of a confirmation");
    let first = report(&known, 5, "alice@customer.example");
    assert_eq!(
        first.letters.iter().map(|l| (l.kind, l.to.as_str())).collect::<Vec<_>>(),
        [(LetterKind::Result, "bob@staff.example")]
    );
    let told = LetterRef { kind: LetterKind::Result, person: 1, author: Some(3), ..answer(7, false) };
    known.tickets.get_mut(&1).expect("ticket 1").letters.push(told);
    assert!(report(&known, 6, "alice@customer.example").letters.is_empty(), "once per ticket and address");
}

#[test]
fn t27_no_letter_to_ourselves() {
    let copied = plainly(&mail(
        MALLORY,
        "To: support@desk.example, support+x@desk.example\r\nCc: support@desk.example\r\nSubject: x\r\n",
        "words",
    ));
    assert!(copied.letters.iter().all(|l| !l.to.as_str().ends_with("@desk.example")));
    assert!(copied.letters.iter().all(|l| !readable(l).contains("#cc support")));
    // Nothing vanishes: staff hear of it at once, and of a copy of what was sent by hand in the digest.
    let told = |d: &Decision| d.changes.iter().filter(|c| matches!(c, Change::Pending { .. })).count();
    for from in ["support@desk.example", "SUPPORT+x@desk.example"] {
        let d = plainly(&mail(from, &to_desk("x"), "Name: Dora\nE-Mail: dora@new.example\nwords"));
        assert!(d.outcome == Outcome::Held && d.letters.is_empty(), "{from}");
        assert_eq!(told(&d), known().staff.len(), "{from}");
        let copy = plainly(&mail(from, "To: dora@new.example\r\nSubject: x\r\n", "words"));
        assert_eq!((copy.outcome, told(&copy)), (Outcome::Held, 0), "{from}");
    }
    // Without our seal it is none of our letters: a form that sends as the desk (T120).
    for customer in ["Dora <dora@new.example>", "alice@customer.example"] {
        let d = plainly(&mail(
            "support@desk.example",
            &format!("{}Reply-To: {customer}\r\n", to_desk("x")),
            "words",
        ));
        let who = customer.trim_start_matches("Dora <").trim_end_matches('>');
        assert_eq!((d.outcome, d.verified, letters_to(&d, who).len()), (Outcome::Ticket, Verified::None, 1));
    }
    for nobody in ["support+y@desk.example", "no address", "support@desk.example, dora@new.example"] {
        let d = plainly(&mail(
            "support@desk.example",
            &format!("{}Reply-To: {nobody}\r\n", to_desk("x")),
            "words",
        ));
        assert_eq!((d.outcome, d.letters.len()), (Outcome::Held, 0), "{nobody}");
    }
    let staff =
        plainly(&mail("support@desk.example", &format!("{}Reply-To: {BOB}\r\n", to_desk("x")), "#close"));
    assert_eq!((staff.outcome, ticket(&staff, 1)), (Outcome::Held, None), "it proves nothing about staff");
    // T10: nor does a reply address that was forwarded once, whose holder anybody can name.
    let stolen = format!("To: {}\r\nSubject: x\r\nReply-To: {BOB}\r\n", reply_address(1, NOW + TEN_DAYS));
    let staff = plainly(&mail("support@desk.example", &stolen, "#close"));
    assert_eq!((staff.outcome, ticket(&staff, 1)), (Outcome::Held, None));
    assert!(letters_to(&staff, "alice@customer.example").is_empty());
    let id = seal::letter_id(&rules().keys, "desk.example", &mut Moment::new(NOW, [1; 32]));
    let mark =
        format!("X-Maildesk-Loop: {}\r\nReply-To: dora@new.example\r\n", seal::loop_mark(&rules().keys, &id));
    let ours = plainly(&mail("support@desk.example", &format!("{}{mark}", to_desk("x")), "words"));
    assert!(ours.outcome == Outcome::Loop && ours.letters.is_empty() && ours.changes.is_empty());
    let cc = plainly(&mail(
        BOB,
        &format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS)),
        "#cc support@desk.example\nx",
    ));
    assert_eq!(cc.outcome, Outcome::Refused, "nor is it made a participant");
}

/// Whatever led to it, a second automatic answer about a ticket does not leave (T25).
#[test]
fn t25_one_automatic_answer_per_address_and_ticket() {
    let (rules, known) = (rules(), known());
    let mut builder = Builder::new(&rules, &known, Moment::new(NOW, [1; 32]));
    let mut facts = known.tickets[&1].clone();
    let inbound = parse(mail(ALICE, &to_desk("x"), "x").as_bytes());
    confirmation::queue(&mut builder, &mut facts, &inbound, Verified::Dkim, 0);
    assert!(builder.letters.is_empty(), "she got her confirmation of ticket 1 long ago");
    assert!(
        builder.changes.iter().any(|c| matches!(c, Change::KeptBack { limit: Limit::Again })),
        "it is counted"
    );
}

/// Nothing that the writer chose comes back to an address that nobody proved; ids may (T43 checks them).
#[test]
fn t28_a_confirmation_repeats_nothing() {
    let fields = "To: support@desk.example\r\nSubject: Buy CANARY-SUBJECT now\r\nX-Thing: CANARY-HEADER\r\n\
                  Reply-To: CANARY@evil.example\r\n\
                  Organization: CANARY-ORGANIZATION\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; \
                  boundary=b\r\n";
    let body = "--b\r\nContent-Type: text/html\r\n\r\n<p>Visit <a \
                href=\"http://CANARY.example\">CANARY-BODY</a></p>\r\n--b\r\n\
                Content-Type: text/plain; name=CANARY.txt\r\nContent-Disposition: attachment; \
                filename=CANARY.txt\r\n\r\nCANARY\r\n--b--";
    let raw = mail("CANARY-NAME <victim@elsewhere.example>", fields, body);
    let d = plainly(&raw);
    let letters = letters_to(&d, "victim@elsewhere.example");
    assert_eq!(letters.len(), 1);
    assert!(!readable(letters[0]).contains("CANARY"), "{}", readable(letters[0]));
    assert_eq!(letters[0].subject, "We have received your message [DESK-2]");
    let proven = stamped(&raw, Stamp::Pass(Vec::new()));
    assert!(
        letters_to(&proven, "victim@elsewhere.example")[0].subject.contains("CANARY-SUBJECT"),
        "his domain proves him"
    );
    assert!(outside(&stamped(&raw, Stamp::Fail)).is_empty(), "on a counter-proof nobody is answered");
}

#[test]
fn t31_a_notice_too_many_waits() {
    let mut busy = known();
    let notice = busy.tickets[&1].letters[1].clone();
    let facts = busy.tickets.get_mut(&1).expect("ticket 1");
    facts.letters.extend((0..5).map(|n| LetterRef { id: 20 + n, created_at: NOW - 60, ..notice.clone() }));
    let raw = mail(
        ALICE,
        &format!("To: {}\r\nSubject: x\r\n", reply_address(3, NOW + TEN_DAYS)),
        "and another thing",
    );
    let d = decided(&raw, &busy, |_| {});
    assert_eq!(
        (letters_to(&d, "bob@staff.example").len(), letters_to(&d, "eve@staff.example").len()),
        (0, 1),
        "his, not hers"
    );
    let pending: Vec<i64> = d
        .changes
        .iter()
        .filter_map(|c| if let Change::Pending { person, .. } = c { Some(*person) } else { None })
        .collect();
    assert_eq!(pending, [1], "it comes in a summary");
    // Whatever a notice is about, it passes the same gate: so does an assignment.
    let assign = mail(
        "Eve <eve@staff.example>",
        &format!("To: {}\r\nSubject: x\r\n", reply_address(2, NOW + TEN_DAYS)),
        "#assign bob@staff.example",
    );
    let d = decided(&assign, &busy, |_| {});
    assert!(
        letters_to(&d, "bob@staff.example").is_empty()
            && d.changes.iter().any(|c| matches!(c, Change::Pending { person: 1, .. }))
    );
}

#[test]
fn t33_receipts_are_neither_given_nor_asked_for() {
    let asks = "Disposition-Notification-To: spy@receipts.example\r\nReturn-Receipt-To: \
                spy@receipts.example\r\n\
                X-Confirm-Reading-To: spy@receipts.example\r\nDisposition-Notification-Options: \
                x=required\r\n";
    let at_bob = |person| format!("To: {}\r\nSubject: x\r\n", reply_address(person, NOW + TEN_DAYS));
    for (from, fields) in [(MALLORY, to_desk("x")), (ALICE, at_bob(3)), (BOB, at_bob(1))] {
        let (without, with) = (
            plainly(&mail(from, &fields, "words")),
            plainly(&mail(from, &format!("{fields}{asks}"), "words")),
        );
        let receivers =
            |d: &Decision| d.letters.iter().map(|l| (l.kind, l.to.to_string())).collect::<Vec<_>>();
        assert_eq!(receivers(&without), receivers(&with), "{from}");
        for letter in &with.letters {
            let text = readable(letter);
            let lower = text.to_ascii_lowercase();
            assert!(
                !lower.contains("spy@receipts")
                    && !lower.contains("disposition-notification")
                    && !lower.contains("return-receipt"),
                "{text}"
            );
        }
    }
    // A receipt that somebody sends us is attached like a report, and causes nothing.
    let fields = format!(
        "{}Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n",
        to_desk("read")
    );
    for (original, ticket) in [("Original-Message-ID: <letter1@desk.example>\r\n", Some(1)), ("", None)] {
        let body = format!(
            "--b\r\n\r\nread\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n\
             Final-Recipient: rfc822;alice@customer.example\r\n{original}Disposition: \
             manual-action/MDN-sent-manually; displayed\r\n\r\n--b--"
        );
        let d = plainly(&mail(ALICE, &fields, &body));
        assert_eq!((d.outcome, d.ticket, d.letters.len()), (Outcome::Report, ticket, 0), "{}", d.reason);
        assert!(!d.changes.iter().any(|c| matches!(c, Change::Undeliverable { .. })));
    }
}
