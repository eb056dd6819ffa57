//! What comes together seldom: commands, holds, merges and clocks, each of which could lose a mail, act
//! twice, or tell too much.

use crate::app::testing::{ADDRESS, ALICE, BOB, EVE, address, desk, letters, mail, opened, take, to};
use crate::app::{Desk, Ordered, Position, Refusal, Said, StaffChange, Visitor, now};
use crate::desk::inbound::weigh;
use crate::desk::order::command::Order;
use crate::desk::testing::signed;
use crate::desk::{Event, Refused, seal};

const CAROL: &str = "carol@elsewhere.example";

fn order(desk: &Desk, number: i64, order: Order) {
    desk.operator().order(number, None, &Ordered::Orders(vec![order])).expect("ordered");
}

fn sql(desk: &Desk, sql: &str) {
    desk.store().write(|tx| Ok(tx.conn().execute_batch(sql)?)).expect("rows");
}

fn words(desk: &Desk, number: i64) -> Vec<String> {
    desk.operator().ticket(number).expect("a desk").expect("a ticket").1.into_iter().map(|m| m.text).collect()
}

fn requester(desk: &Desk, number: i64) -> i64 {
    desk.operator().ticket(number).expect("a desk").expect("a ticket").0.ticket.requester
}

fn visitor(desk: &Desk, number: i64, who: &str) -> Visitor {
    Visitor {
        person: requester(desk, number),
        name: String::new(),
        address: address(who),
        form_token: String::new(),
    }
}

/// A mail that its domain signed.
fn take_signed(desk: &Desk, raw: &str) -> &'static str {
    let mut looked = desk
        .intake()
        .look(raw.as_bytes().to_vec(), Position::Envelope { recipients: Vec::new(), sender: None });
    looked.facts.domain = signed();
    looked.facts.domain.signed[0].fingerprint = looked.mail.content_hash;
    desk.intake().take(&[looked]).expect("taken").remove(0).outcome
}

fn today() -> String {
    let now = jiff::Timestamp::from_second(now()).expect("a time");
    let now = now.strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!("Date: {now}\r\n")
}

#[test]
fn spam_never_shuts_out_staff() {
    let (desk, first) = opened();
    desk.operator()
        .order(0, None, &Ordered::New { requester: &address(BOB), subject: "chair", words: "It squeaks." })
        .expect("a ticket");
    let notice = letters(&desk);
    assert_eq!(
        take(&desk, &to(&notice, EVE)[0].answer("e1", "#spam")).outcome,
        "refused",
        "Bob's own ticket"
    );
    for text in ["#spam\nBuy this!", "#spam\n#for dave@far.example\nBuy this!"] {
        assert_eq!(
            take_signed(&desk, &mail(BOB, None, &format!("{}@b", text.len()), &today(), text)),
            "refused",
            "{text}"
        );
    }
    assert!(letters(&desk).iter().all(|l| l.to.ends_with("@staff.example")));
    assert_eq!(take(&desk, &first[BOB].answer("b1", "New bulbs.")).outcome, "append", "he is heard");
    // A customer who was taken for a spammer, and works here now.
    order(&desk, 1, Order::Spam);
    assert_eq!(
        take(&desk, &mail(ALICE, None, "2@c.example", "Subject: x\r\n", "Hello?")).outcome,
        "quarantine"
    );
    desk.operator()
        .change_staff(&StaffChange::Add { address: &address(ALICE), name: "Alice", aliases: &[] })
        .expect("staff");
    assert_eq!(
        take(&desk, &mail(ALICE, None, "3@c.example", "Subject: [DESK-1]\r\n", "Hello!")).outcome,
        "held"
    );
}

#[test]
fn spam_and_send_in_one_mail_send_nothing() {
    let (desk, first) = opened();
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: [DESK-1]\r\n", "Buy this!"));
    letters(&desk);
    assert_eq!(take(&desk, &first[BOB].answer("b1", "New bulbs.")).outcome, "held");
    let back = letters(&desk);
    assert_eq!(take(&desk, &back[0].answer("b2", "#spam\n#send\nGo away.")).outcome, "append");
    assert!(to(&letters(&desk), ALICE).is_empty(), "#spam sends nothing");
}

/// T72: what no letter tells, no page does.
#[test]
fn t72_no_page_shows_an_address_of_staff() {
    let (desk, first) = opened();
    let fields = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let parts = "--b\r\n\r\nWrite to Bob@Staff.example then.\r\n--b\r\nContent-Disposition: attachment; \
                 filename=\"from bob@staff.example.txt\"\r\n\r\nx\r\n--b--";
    let raw = first[BOB].answer("b1", parts).replacen("\r\n\r\n", &format!("\r\n{fields}\r\n"), 1);
    assert_eq!(take(&desk, &raw).outcome, "append");
    sql(&desk, "update ticket set subject = 'call eve@staff.example'");
    let alice = visitor(&desk, 1, ALICE);
    let page = desk.visitors().ticket_of(&alice, 1, None).expect("a desk").expect("her ticket");
    let shown = format!("{page:?} {:?}", desk.visitors().tickets_of(&alice).expect("hers"));
    assert!(page.messages.len() == 2 && shown.contains(ADDRESS), "{shown}");
    assert!(!shown.to_lowercase().contains("@staff.example"), "{shown}");
    let file = page.messages[1].files[0].id;
    let file = desk.visitors().file_of(&alice, file).expect("a desk").expect("a file");
    assert!(
        file.view.filename.contains(ADDRESS) && !file.view.filename.contains(BOB),
        "{}",
        file.view.filename
    );
}

/// T31: whoever lets it go, a machine's mail is filed and no more.
#[test]
fn t31_a_machines_mail_is_never_relayed_when_it_is_released() {
    for who in [BOB, ALICE] {
        let (desk, _) = opened();
        order(&desk, 1, Order::Status(crate::desk::Status::Closed));
        let raw = mail(
            who,
            None,
            "a1",
            "Subject: Away [DESK-1]\r\nAuto-Submitted: auto-replied\r\n",
            "I am on holiday.",
        );
        let mut looked =
            desk.intake().look(raw.into_bytes(), Position::Envelope { recipients: Vec::new(), sender: None });
        looked.facts.domain.stamp = crate::desk::model::proof::Stamp::Fail;
        let outcome = desk.intake().take(&[looked]).expect("taken").remove(0).outcome;
        assert!(["held", "quarantine"].contains(&outcome), "{outcome}");
        letters(&desk);
        let id = desk.operator().held().expect("held")[0].id;
        assert_eq!(desk.operator().release(id).expect("a desk").map(|t| t.outcome), Some("append"));
        assert!(letters(&desk).is_empty(), "{who}");
        assert_eq!(
            desk.operator().ticket(1).expect("a desk").expect("a ticket").0.ticket.status.as_str(),
            "closed"
        );
        assert_eq!(words(&desk, 1).len(), 2);
    }
}

/// Two reasons to hold a mail do not hold it in turn for ever.
#[test]
fn what_is_held_for_two_reasons_is_released_twice() {
    let (desk, first) = opened();
    take(&desk, &first[EVE].answer("e1", "Is it plugged in?"));
    letters(&desk);
    let text = "Yes.\n> words that Alice never got\nNo, it is so.";
    assert_eq!(take(&desk, &first[BOB].answer("b1", text)).outcome, "held");
    let outcomes: Vec<_> = (0..2)
        .map(|_| {
            let id = desk.operator().held().expect("held").first().expect("a row").id;
            desk.operator().release(id).expect("a desk").expect("a row").outcome
        })
        .collect();
    assert_eq!(outcomes, ["held", "append"], "first what it quotes, then what crossed it");
    assert!(desk.operator().held().expect("held").is_empty());
    let sent = letters(&desk);
    assert_eq!(to(&sent, ALICE).iter().filter(|l| l.words().contains("No, it is so.")).count(), 1);
}

/// What a released mail changes is written in the same order as what any other mail changes.
#[test]
fn a_released_undo_of_a_merge_gives_participants_back() {
    let (desk, first) = opened();
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: heating\r\n", "It is cold."));
    order(&desk, 1, Order::Cc(address(CAROL)));
    letters(&desk);
    assert_eq!(take(&desk, &first[BOB].answer("b1", "#merge 2")).outcome, "append");
    assert_eq!(take(&desk, &mail(BOB, None, "b2", "Subject: [DESK-2]\r\n", "#undo")).outcome, "held");
    let id = desk.operator().held().expect("held")[0].id;
    assert_eq!(desk.operator().release(id).expect("a desk").map(|t| t.outcome), Some("append"));
    let participants = |n| desk.operator().ticket(n).expect("a desk").expect("a ticket").0.participants.len();
    assert_eq!((participants(1), participants(2)), (1, 0), "Carol takes part in ticket 1 again");
}

/// T06: after a merge each side keeps its own part, also where its owner left.
#[test]
fn t06_words_of_one_who_left_are_not_split_off_for_another() {
    let (desk, _) = opened();
    take(&desk, &mail(CAROL, None, "2@e.example", "Subject: secret\r\n", "CANARY of Carol"));
    order(&desk, 2, Order::Merge(1));
    let message = desk
        .operator()
        .ticket(1)
        .expect("a desk")
        .expect("a ticket")
        .1
        .into_iter()
        .find(|m| m.text.contains("CANARY"));
    let message = message.expect("it went along").id;
    let token = seal::leave_token(&desk.rules().keys, 1, requester(&desk, 2));
    assert!(desk.visitors().leave(&token).expect("a desk").is_some());
    let split = desk.operator().order(1, None, &Ordered::Split { message });
    assert!(matches!(split, Err(Refusal::Refused(Refused::Command(_)))), "{split:?}");
    let alice = visitor(&desk, 1, ALICE);
    for ticket in desk.visitors().tickets_of(&alice).expect("hers") {
        let page = desk.visitors().ticket_of(&alice, ticket.number, None).expect("a desk").expect("hers");
        assert!(page.messages.iter().all(|m| !m.text.contains("CANARY")));
    }
}

/// T24: a report about a letter of a merged ticket is read where the rest of it is.
#[test]
fn t24_a_report_follows_a_merge() {
    let (desk, first) = opened();
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: heating\r\n", "It is cold."));
    take(&desk, &first[BOB].answer("b1", "New bulbs."));
    let sent = letters(&desk);
    let answer = to(&sent, ALICE).into_iter().find(|l| l.words().contains("New bulbs.")).expect("an answer");
    let id = answer.mail.message_id.clone().expect("an id");
    order(&desk, 1, Order::Merge(2));
    let fields =
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n";
    let parts = format!(
        "--b\r\n\r\nit failed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.c.example\r\n\r\n\
         Final-Recipient: rfc822; {ALICE}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n\
         Content-Type: text/rfc822-headers\r\n\r\n\
         Message-ID: {id}\r\n\r\n--b--"
    );
    assert_eq!(take(&desk, &mail("mailer-daemon@c.example", None, "r1", fields, &parts)).outcome, "report");
    assert!(words(&desk, 2).iter().any(|w| w.contains("could not be delivered")), "{:?}", words(&desk, 2));
    assert!(words(&desk, 1).is_empty());
    assert_eq!(to(&letters(&desk), BOB).len(), 1, "its author hears of it");
}

/// T93: what was written while the clock was years ahead keeps nothing back afterwards.
#[test]
fn t93_a_clock_that_was_ahead_silences_nobody() {
    let (desk, _) = opened();
    let held = |id: &str| {
        take(&desk, &mail(BOB, None, id, &format!("Subject: {id} [DESK-1]\r\n"), "words"));
        to(&letters(&desk), BOB).len()
    };
    assert_eq!((held("h1"), held("h2")), (1, 0), "one an hour");
    let decade = "update letter set created_at = created_at + 315360000;
                  update held_link set created_at = created_at + 315360000, expires_at = expires_at +
                    315360000";
    sql(&desk, decade);
    assert_eq!(
        desk.store()
            .read(|c| crate::store::held::untold(c, &desk.rules().bounds, now()))
            .expect("rows")
            .len(),
        1
    );
    assert_eq!(held("h3"), 1);
    sql(&desk, &format!("{decade}; delete from held"));
    for n in 0..10 {
        take(&desk, &mail(CAROL, None, &format!("c{n}"), &format!("Subject: no {n}\r\n"), "x"));
    }
    let confirmed = |id: &str| {
        take(&desk, &mail(CAROL, None, id, "Subject: one more\r\n", "x"));
        to(&letters(&desk), CAROL).len()
    };
    letters(&desk);
    assert_eq!(confirmed("c10"), 0, "ten a day");
    sql(&desk, decade);
    assert_eq!(confirmed("c11"), 1);
}

/// T18: mail of staff that lay in the mailbox before the desk moves nothing, and nobody hears of it.
#[test]
fn t18_old_mail_of_staff_causes_no_letter() {
    let (desk, first) = opened();
    let answer = first[BOB].answer("b1", "#close\nNew bulbs.");
    let old = [
        mail(BOB, None, "o1", "Subject: Re: an old one\r\n", "words"),
        mail(BOB, None, "o2", "Subject: list\r\n", ""),
        answer,
    ];
    let position = |uid| Position::Imap {
        mailbox: "support".into(),
        uid_validity: 1,
        uid,
        said: Said::default(),
        internal_date: 1_000,
        history: true,
    };
    let looked: Vec<_> =
        (1..).zip(old).map(|(uid, raw)| desk.intake().look(raw.into_bytes(), position(uid))).collect();
    assert!(desk.intake().take(&looked).expect("taken").iter().all(|t| t.outcome == "held"));
    desk.hours().pass().expect("an hour");
    assert!(letters(&desk).is_empty());
    assert_eq!(
        (desk.condition().held_count().expect("a count"), words(&desk, 1).len()),
        (3, 1),
        "nothing is lost, and nothing was said"
    );
}

/// T14: who is no longer staff gets nothing that waited for him as such.
#[test]
fn t14_letters_that_wait_for_removed_staff_do_not_leave() {
    let (_, desk) = desk(&[BOB, EVE]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    desk.operator().change_staff(&StaffChange::Remove { address: &address(BOB) }).expect("removed");
    let left = letters(&desk);
    assert!(
        to(&left, BOB).is_empty() && to(&left, EVE).len() == 1 && to(&left, ALICE).len() == 1,
        "{left:?}"
    );
}

#[test]
fn a_first_mail_may_ask_for_help() {
    let (desk, _) = opened();
    assert_eq!(
        take_signed(&desk, &mail(BOB, None, "h1", &format!("Subject: x\r\n{}", today()), "#help")),
        "query"
    );
    let page = letters(&desk);
    assert!(page.len() == 1 && page[0].words().contains("#merge NUMBER"), "{page:?}");
    assert_eq!(
        take_signed(&desk, &mail(BOB, None, "h2", &format!("Subject: x\r\n{}", today()), "#help\n#close")),
        "refused"
    );
}

/// T29: while a summary left a moment ago, the next one is no work.
#[test]
fn a_summary_that_waits_keeps_nobody_busy() {
    let (desk, _) = opened();
    let pending = "insert into pending (person, why, created_at, due_at) values (1, 'a notice', 0, 0)";
    sql(&desk, pending);
    desk.hours().pass().expect("an hour");
    assert_eq!(letters(&desk).len(), 1);
    sql(&desk, pending);
    assert!((590..=600).contains(&desk.hours().next().expect("a time")), "one in ten minutes");
    sql(&desk, "update letter set created_at = created_at - 601");
    assert_eq!(desk.hours().next().expect("a time"), 0);
    sql(&desk, "update letter set created_at = created_at + 315360000");
    desk.hours().pass().expect("an hour");
    assert_eq!(letters(&desk).len(), 1, "a clock that was ahead holds it back for no decade");
}

/// T01: a mail in the name of staff makes the desk read no ticket, unless it is proven.
#[test]
fn t01_without_proof_no_words_are_read() {
    let (desk, first) = opened();
    let said = |raw: &str| {
        let looked = desk
            .intake()
            .look(raw.as_bytes().to_vec(), Position::Envelope { recipients: Vec::new(), sender: None });
        let known = desk.store().read(|c| {
            let (mailed, asked) = desk.mailed(&looked, now());
            desk.known(c, &Event::Mail(&mailed, &asked), now())
        });
        known.expect("known").1.said.len()
    };
    let text = "Yes.\n> It is dark.\nNo.";
    assert_eq!(said(&mail(BOB, None, "b1", "Subject: [DESK-1]\r\n", text)), 0, "forged");
    assert_eq!(said(&first[BOB].answer("b2", text)), 1);
    assert_eq!(said(&first[BOB].answer("b3", "Yes.")), 0, "it quotes nothing");
    assert_eq!(take(&desk, &first[BOB].answer("b4", text)).outcome, "append", "her own words");
}

#[test]
fn a_saved_answer_is_words_that_send_lets_go() {
    use super::staff::{ALICE, BOB, Story};
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    let first = story.last(BOB, 1);
    story.take(ALICE, "Subject: [DESK-1]\r\n", "When are you there?");
    assert_eq!(story.answer_to(BOB, &first, "#answer hours"), "held");
    assert_eq!(story.answer_to(BOB, &first, "#send\n#answer hours"), "append", "{}", story.result(BOB));
    assert!(story.last(ALICE, 1).text.contains("We are here"));
}

/// The bytes of a file are kept once and come into each letter when it is sent: an encrypted mail byte for
/// byte (T48), a file of a mail as it was.
#[test]
fn files_come_into_letters_when_they_are_sent() {
    let (_, desk) = desk(&[BOB, EVE]);
    let pgp = "MIME-Version: 1.0\r\n\
        Content-Type: multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"\r\n";
    let sealed =
        mail(ALICE, None, "1@c.example", &format!("Subject: x\r\n{pgp}"), "--b\r\n\r\nVersion: 1\r\n--b--");
    let parts = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let body = "--b\r\n\r\nIt is dark.\r\n--b\r\nContent-Disposition: attachment; filename=lamp.txt\r\n\r\n\
        lumen\r\n--b--";
    let open = mail(CAROL, None, "2@c.example", &format!("Subject: y\r\n{parts}"), body);
    for (raw, name, bytes) in [(&sealed, "whole-mail.eml", sealed.as_bytes()), (&open, "lamp.txt", b"lumen")]
    {
        take(&desk, raw);
        for letter in
            desk.outbox().claim(100, &[]).expect("claimed").letters.iter().filter(|l| l.to.as_str() != ALICE)
        {
            let notice = crate::mail::parse::parse(&letter.bytes);
            if notice.attachments.is_empty() {
                assert!(letter.to.as_str() == CAROL, "a confirmation has no files");
                continue;
            }
            assert_eq!(notice.attachments[0].filename, name);
            let part = crate::mail::parse::attachment(&letter.bytes, notice.attachments[0].part);
            assert_eq!(part.as_deref(), Some(bytes));
        }
    }
}

/// HOUSE, principle 11: the seals and the commands of a staff mail are read once, before the transaction, and
/// its proof is weighed once inside it.
#[test]
fn a_staff_mail_is_read_and_weighed_once() {
    let (desk, first) = opened();
    let raw = first[BOB].answer("b1", "#tag +lamp\nI am on my way.\n> It is dark.");
    let counts = || [crate::desk::seal::reads(), crate::desk::order::command::reads(), weigh::count()];
    let before = counts();
    assert_eq!(take(&desk, &raw).outcome, "append");
    let after = counts();
    assert_eq!([0, 1, 2].map(|i| after[i] - before[i]), [1, 1, 1]);
}
