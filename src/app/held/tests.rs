//! Held mail and crossed answers, on a desk with its letters.

use super::*;
use crate::app::event::Origin;
use crate::app::testing::{ADDRESS, ALICE, BOB, EVE, Letter, desk, letters, mail, opened, take, to};
use crate::app::{Ordered, Position, StaffChange};
use crate::desk::model::LetterKind;
use crate::mail::parse::parsed;
use std::collections::HashMap;
use std::sync::Mutex;

/// Words of what went to Alice.
fn outside(letters: &[Letter]) -> Vec<String> {
    to(letters, ALICE).into_iter().map(|l| l.mail.words.text.clone()).collect()
}

fn status(desk: &Desk) -> &'static str {
    desk.operator().ticket(1).expect("a desk").expect("a ticket").0.ticket.status.as_str()
}

#[test]
fn one_question_and_one_answer_are_never_held() {
    let (desk, first) = opened();
    assert_eq!(take(&desk, &first[BOB].answer("b1", "New bulbs are on the way.")).outcome, "append");
    let after = letters(&desk);
    take(&desk, &to(&after, ALICE)[0].answer("a2", "Thank you!"));
    let notice = letters(&desk);
    assert_eq!(take(&desk, &to(&notice, BOB)[0].answer("b2", "You are welcome.")).outcome, "append");
    // One more word of his own, by the older notice: Alice's thanks came since.
    assert_eq!(take(&desk, &first[BOB].answer("b3", "They are warm white.")).outcome, "held");
    assert_eq!(outside(&letters(&desk)).len(), 1);
}

/// HOUSE, principle 11: no mail is parsed while the database is locked, and the one that `#send` lets go is
/// none but that.
#[test]
fn what_send_lets_go_is_parsed_before_the_transaction() {
    let (desk, first) = opened();
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: [DESK-1]\r\n", "I bought a candle."));
    letters(&desk);
    assert_eq!(take(&desk, &first[BOB].answer("b1", "New bulbs are on the way.")).outcome, "held");
    let back = letters(&desk);
    let stdin = Position::Envelope { recipients: Vec::new(), sender: None };
    let looked = desk.intake().look(back[0].answer("b2", "#send").into_bytes(), stdin);
    let (mailed, asked) = desk.mailed(&looked, now());
    let event = Event::Mail(&mailed, &asked);
    let before = parsed();
    let opened = desk.opened(&event, now()).expect("read");
    assert_eq!(parsed() - before, 1, "one mail is held");
    let origin = Origin::New { mail: &looked.mail, packed: &[], origin: "stdin".into() };
    let done = desk.store().write(|tx| desk.walk(tx, &event, &origin, &opened, now())).expect("written");
    assert!(done.decision.release.is_some() && done.letters > 0);
    assert_eq!(parsed() - before, 1, "nothing is parsed inside");
}

/// A ticket with an answer of Bob that something crossed, and the letter that gave it back to him.
fn crossed() -> (Desk, Letter) {
    let (desk, first) = opened();
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: [DESK-1]\r\n", "I bought a candle."));
    letters(&desk);
    assert_eq!(take(&desk, &first[BOB].answer("b1", "New bulbs are on the way.")).outcome, "held");
    let back = letters(&desk).remove(0);
    (desk, back)
}

/// T01: anybody can write `#send` in the name of staff. Nothing is read for them, and nothing leaves.
#[test]
fn t01_a_forged_send_reads_no_held_mail_and_lets_none_go() {
    let (desk, _) = crossed();
    let forged = mail(BOB, None, "b2", "Subject: [DESK-1]\r\n", "#send");
    let stdin = Position::Envelope { recipients: Vec::new(), sender: None };
    let looked = desk.intake().look(forged.clone().into_bytes(), stdin);
    let (mailed, asked) = desk.mailed(&looked, now());
    assert!(asked.sends());
    let before = parsed();
    assert!(desk.opened(&Event::Mail(&mailed, &asked), now()).expect("read").is_empty());
    assert_eq!(parsed(), before);
    assert_eq!(take(&desk, &forged).outcome, "held");
    assert_eq!(desk.operator().held().expect("held").len(), 2, "the answer, and the forged mail");
}

/// T34: a held mail whose row cannot be read stops neither the mail that lets it go nor its neighbour.
#[test]
fn t34_a_held_mail_that_cannot_be_read_stops_no_other() {
    let (desk, back) = crossed();
    desk.store().write(|tx| Ok(tx.conn().execute_batch("update held set reason = x'ff'")?)).expect("a row");
    let stdin = || Position::Envelope { recipients: Vec::new(), sender: None };
    let next = mail(ALICE, None, "3@c.example", "Subject: heating\r\n", "It is cold.");
    let batch = [back.answer("b2", "#send"), next].map(|raw| desk.intake().look(raw.into_bytes(), stdin()));
    let outcomes: Vec<_> = desk.intake().take(&batch).expect("taken").iter().map(|t| t.outcome).collect();
    assert_eq!(outcomes, ["held", "ticket"]);
}

#[test]
fn a_crossed_answer_comes_back_and_send_lets_it_go() {
    let (desk, first) = opened();
    take(&desk, &first[EVE].answer("e1", "Is it plugged in?"));
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: [DESK-1]\r\n", "I bought a candle."));
    letters(&desk);
    assert_eq!(take(&desk, &first[BOB].answer("b1", "#close\nNew bulbs are on the way.")).outcome, "held");
    let back = letters(&desk);
    assert_eq!((back.len(), back[0].to.as_str()), (1, BOB));
    assert_eq!(back[0].mail.subject, "Not sent yet: lamp [DESK-1]");
    let words = back[0].words();
    for shown in ["eve", "Is it plugged in?", ALICE, "I bought a candle.", "New bulbs", "#close", "#send"] {
        assert!(words.contains(shown), "{shown} in {words}");
    }
    assert!(!words.contains("It is dark."), "that he had seen");
    let row = &desk.operator().held().expect("held")[0];
    assert_eq!(
        row.reason,
        "a customer's message and a colleague's answer came in between, unseen by its writer"
    );
    assert_eq!(status(&desk), "open");
    // Whatever comes now: he knows, and said so.
    take(&desk, &first[EVE].answer("e2", "#send\nOr a torch?"));
    letters(&desk);
    assert_eq!(take(&desk, &back[0].answer("b2", "#send")).outcome, "append");
    let after = letters(&desk);
    let answers = outside(&after);
    assert!(
        answers.len() == 1 && answers[0].contains("New bulbs") && !answers[0].contains("#close"),
        "{answers:?}"
    );
    assert_eq!(
        (status(&desk), desk.operator().held().expect("held").len()),
        ("closed", 0),
        "its command acted, too"
    );
    let result = to(&after, BOB);
    assert!(result.len() == 1 && result[0].words().contains("#send"), "{after:?}");
    let message = desk.operator().ticket(1).expect("a desk").expect("a ticket").1.pop().expect("messages");
    assert_eq!(
        (message.text.as_str(), message.verified.as_str()),
        ("New bulbs are on the way.", "reply-address")
    );
    // Once only.
    assert_eq!(take(&desk, &back[0].answer("b3", "#send")).outcome, "refused");
    assert!(outside(&letters(&desk)).is_empty());
}

#[test]
fn files_wait_with_the_words_and_send_needs_no_plus_addressing() {
    let (_, desk) = crate::app::testing::desk_without_plus(&[BOB, EVE]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let first = letters(&desk);
    take(&desk, &to(&first, EVE)[0].answer("e1", "Is it plugged in?"));
    let fields = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let parts = "--b\r\n\r\n#tag +bulbs\r\nNew bulbs, see here.\r\n--b\r\n\
        Content-Disposition: attachment; filename=bulbs.txt\r\n\r\n\
                 warm white\r\n--b--";
    let raw = to(&first, BOB)[0].answer("b1", parts).replacen("\r\n\r\n", &format!("\r\n{fields}\r\n"), 1);
    assert_eq!(take(&desk, &raw).outcome, "held");
    let all = letters(&desk);
    let back = to(&all, BOB)[0];
    assert_eq!(back.reply_to(), ADDRESS);
    assert!(back.words().contains("Its files wait with it: bulbs.txt") && back.mail.attachments.is_empty());
    assert_eq!(take(&desk, &back.answer("b2", "#send")).outcome, "append");
    let sent = letters(&desk);
    let answer = to(&sent, ALICE)[0];
    assert_eq!((answer.mail.attachments.len(), &*answer.mail.attachments[0].name()), (1, "bulbs.txt"));
    assert_eq!(desk.operator().ticket(1).expect("a desk").expect("a ticket").0.tags, ["bulbs"]);
}

#[test]
fn other_words_take_the_place_of_a_crossed_answer() {
    let (desk, first) = opened();
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: [DESK-1]\r\n", "It is bright again."));
    letters(&desk);
    take(&desk, &first[BOB].answer("b1", "New bulbs are on the way."));
    let back = letters(&desk);
    assert_eq!(
        take(&desk, &back[0].answer("b2", "Fine, then.")).outcome,
        "append",
        "he has seen everything now"
    );
    let answers = outside(&letters(&desk));
    assert!(answers.len() == 1 && answers[0].contains("Fine, then."), "{answers:?}");
    assert!(desk.operator().held().expect("held").is_empty());
    assert_eq!(take(&desk, &back[0].answer("b3", "#send")).outcome, "refused", "nothing is left to be sent");
    letters(&desk);
    // The same by `#send` above the words, from the old notice.
    take(&desk, &mail(ALICE, None, "3@c.example", "Subject: [DESK-1]\r\n", "Dark again."));
    letters(&desk);
    assert_eq!(take(&desk, &first[BOB].answer("b4", "#send\nI know.")).outcome, "append");
    assert_eq!(outside(&letters(&desk)).len(), 1);
}

#[test]
fn a_result_shows_nothing_new() {
    let (desk, first) = opened();
    take(&desk, &first[EVE].answer("e1", "Is it plugged in?"));
    letters(&desk);
    take(&desk, &first[BOB].answer("b1", "#tag +lamp"));
    let result = letters(&desk);
    assert_eq!(
        take(&desk, &to(&result, BOB)[0].answer("b2", "New bulbs.")).outcome,
        "held",
        "Eve's answer stood nowhere in it"
    );
}

#[test]
fn an_operator_releases_a_crossed_answer() {
    let (desk, first) = opened();
    take(&desk, &first[EVE].answer("e1", "Is it plugged in?"));
    take(&desk, &first[BOB].answer("b1", "New bulbs."));
    letters(&desk);
    let held = desk.operator().held().expect("held")[0].id;
    assert_eq!(desk.operator().release(held).expect("a desk").map(|t| t.outcome), Some("append"));
    assert!(outside(&letters(&desk))[0].contains("New bulbs."));
    assert!(desk.operator().release(held).expect("a desk").is_none());
}

/// A merge moves what is held along, and an operator's answer counts as a colleague's.
#[test]
fn what_is_held_follows_a_merge() {
    let (desk, first) = opened();
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: other\r\n", "And the heating."));
    desk.operator().order(1, None, &Ordered::Reply { words: "Is it plugged in?" }).expect("ordered");
    letters(&desk);
    take(&desk, &first[BOB].answer("b1", "New bulbs."));
    let back = letters(&desk);
    assert!(back[0].words().contains("Is it plugged in?"), "{back:?}");
    desk.operator()
        .order(1, None, &Ordered::Orders(vec![crate::desk::order::command::Order::Merge(2)]))
        .expect("ordered");
    assert_eq!(take(&desk, &back[0].answer("b2", "#send")).ticket, Some(2));
    assert!(outside(&letters(&desk)).iter().any(|w| w.contains("New bulbs.")));
    assert!(desk.operator().held().expect("held").is_empty());
}

/// T01: what its owner confirms is proven then, and not yet seen to fit.
#[test]
fn a_confirmed_answer_may_still_be_crossed() {
    let (desk, _) = opened();
    take(&desk, &mail(BOB, None, "b1", "Subject: x [DESK-1]\r\n", "New bulbs."));
    let told = letters(&desk);
    let link = told[0].link("https://desk.example/held/").expect("a link");
    let token = link.rsplit('/').next().expect("a token");
    // Older than what comes now, as if it had been held before.
    let back_then =
        "update held set received_at = received_at - 100; update letter set created_at = created_at - 200;
                     update message set created_at = created_at - 300";
    desk.store().write(|tx| Ok(tx.conn().execute_batch(back_then)?)).expect("older");
    take(&desk, &mail(ALICE, None, "2@c.example", "Subject: [DESK-1]\r\n", "It is bright again."));
    letters(&desk);
    let id = desk.operator().held().expect("held")[0].id;
    let answered = desk.visitors().held_answer(token, id, true).expect("a desk");
    assert!(matches!(answered, Answered::Confirmed("held", None)), "{answered:?}");
    let back = letters(&desk);
    assert!(back[0].words().contains("It is bright again.") && outside(&back).is_empty());
    assert_eq!(take(&desk, &back[0].answer("b2", "#send")).outcome, "append");
    assert!(outside(&letters(&desk))[0].contains("New bulbs."));
}

/// Letters about held mail that have not left.
fn waiting(desk: &Desk) -> usize {
    let all = desk.store().read(store::outbox::list).expect("the outbox");
    all.iter().filter(|l| l.kind == LetterKind::Hold).count()
}

#[test]
fn nothing_held_is_forgotten() {
    let (desk, _) = opened();
    // A mail that nobody's word can help stays, whoever releases it.
    take(&desk, "To: support@desk.example\r\nMessage-ID: <x>\r\n\r\nno sender\r\n");
    let id = desk.operator().held().expect("held")[0].id;
    assert_eq!(desk.operator().release(id).expect("a desk").map(|t| t.outcome), Some("held"));
    assert_eq!(desk.operator().held().expect("held").len(), 1);
    // What comes within the hour of a letter is told after it; and again when no link is left that shows it.
    for id in ["b1", "b2"] {
        take(&desk, &mail(BOB, None, id, &format!("Subject: {id} [DESK-1]\r\n"), "words"));
    }
    assert_eq!(to(&letters(&desk), BOB).len(), 1, "one an hour");
    let later = "update held set received_at = received_at + 60 where id = (select max(id) from held)";
    desk.store().write(|tx| Ok(tx.conn().execute_batch(later)?)).expect("a minute later");
    let at = now();
    for (after, told) in [(0, 0), (1800, 0), (3601, 1), (3700, 0), (8000, 0)] {
        desk.hours().pass_at(at + after).expect("told");
        let new = waiting(&desk);
        assert_eq!(new, told, "{after} s after the first letter");
        desk.store()
            .write(|tx| Ok(tx.conn().execute_batch("update letter set state = 'sent', next_at = null")?))
            .expect("sent");
    }
    desk.store()
        .write(|tx| store::retention::forget_expired(tx, &desk.rules().bounds, at + 8 * 86_400))
        .expect("forgotten");
    desk.hours().pass_at(at + 8 * 86_400).expect("told");
    assert_eq!(waiting(&desk), 1, "a fresh link for what still lies there");
    assert_eq!(desk.store().read(held::counts).expect("counts"), (2, 1));
    let bob = desk.operator().held().expect("held").iter().find_map(|h| h.person).expect("Bob");
    assert_eq!(desk.store().read(|c| held::of_person(c, bob)).expect("rows").len(), 2);
    desk.operator()
        .change_staff(&StaffChange::Remove { address: &AddrSpec::parse(BOB).expect("an address") })
        .expect("removed");
    assert!(
        desk.store()
            .read(|c| held::untold(c, &desk.rules().bounds, at + 30 * 86_400))
            .expect("rows")
            .is_empty()
    );
    assert_eq!(desk.condition().held_count().expect("a count"), 3);
}

/// Issue 11, done when 5.
#[test]
fn fifty_staff_answer_the_same_twenty_tickets_at_once() {
    const STAFF: usize = 50;
    const TICKETS: usize = 20;
    let names: Vec<String> = (0..STAFF).map(|n| format!("staff{n}@staff.example")).collect();
    let (_, desk) = desk(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for n in 0..TICKETS {
        let (from, id) = (format!("customer{n}@c{n}.example"), format!("q{n}@c.example"));
        take(&desk, &mail(&from, None, &id, &format!("Subject: no {n}\r\n"), "How?"));
    }
    let notices: HashMap<String, Vec<Letter>> = by_reader(letters(&desk), &names);
    assert!(notices.values().all(|l| l.len() == TICKETS), "everybody was told of everything");
    let word = |who: &str, n: usize| format!("Answer-{}-{n}.", who.split('@').next().unwrap_or_default());
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (who, mine) in &notices {
            let (desk, outcomes) = (&desk, &outcomes);
            scope.spawn(move || {
                for (n, notice) in mine.iter().enumerate() {
                    let taken = take(desk, &notice.answer(&format!("{n}.{who}"), &word(who, n)));
                    outcomes.lock().expect("no panic").push((taken.ticket.expect("a ticket"), taken.outcome));
                }
            });
        }
    });
    let sent = letters(&desk);
    let outcomes = outcomes.into_inner().expect("no panic");
    let count = |ticket: i64, what: &str| outcomes.iter().filter(|o| **o == (ticket, what)).count();
    let outside = |sent: &[Letter], n: usize| -> Vec<String> {
        to(sent, &format!("customer{n}@c{n}.example")).into_iter().map(Letter::words).collect()
    };
    for n in 0..TICKETS {
        let ticket = i64::try_from(n + 1).expect("a number");
        let (through, back) = (count(ticket, "append"), count(ticket, "held"));
        assert_eq!((through, back), (1, STAFF - 1), "one answer alone had seen everything");
        assert_eq!(outside(&sent, n).len(), 1);
    }
    let returned = by_reader(sent, &names);
    let first: Vec<String> = (0..TICKETS).map(|n| said(&desk, n)[1].clone()).collect();
    for (who, back) in &returned {
        for letter in back {
            let token = letter.mail.subject.split(['[', ']']).nth(1);
            let n: usize = token.and_then(|t| t[5..].parse().ok()).expect("a number");
            let words = letter.words();
            assert!(words.contains(&first[n - 1]), "what is new: {} in {words}", first[n - 1]);
            assert!(words.contains(&word(who, n - 1)), "and what was not sent");
        }
    }
    assert_eq!(returned.values().map(Vec::len).sum::<usize>(), TICKETS * (STAFF - 1), "each came back");
    std::thread::scope(|scope| {
        for (who, back) in &returned {
            let desk = &desk;
            scope.spawn(move || {
                for (n, letter) in back.iter().enumerate() {
                    let taken = take(desk, &letter.answer(&format!("send{n}.{who}"), "#send"));
                    assert_eq!(taken.outcome, "append");
                }
            });
        }
    });
    let sent = letters(&desk);
    for n in 0..TICKETS {
        assert_eq!(outside(&sent, n).len(), STAFF - 1);
        let all = said(&desk, n);
        for who in &names {
            let mine = word(who, n);
            assert_eq!(all.iter().filter(|w| **w == mine).count(), 1, "{mine} in ticket {n}, once");
        }
    }
    assert!(desk.operator().held().expect("held").is_empty(), "none is left behind");
}

/// Letters to each of these, oldest first.
fn by_reader(letters: Vec<Letter>, names: &[String]) -> HashMap<String, Vec<Letter>> {
    let mut out: HashMap<String, Vec<Letter>> = HashMap::new();
    for letter in letters.into_iter().filter(|l| names.contains(&l.to)) {
        out.entry(letter.to.clone()).or_default().push(letter);
    }
    out
}

/// What was said in the ticket of the customer with this number, in its order.
fn said(desk: &Desk, n: usize) -> Vec<String> {
    let ticket = i64::try_from(n + 1).expect("a number");
    desk.operator().ticket(ticket).expect("a desk").expect("a ticket").1.into_iter().map(|m| m.text).collect()
}
