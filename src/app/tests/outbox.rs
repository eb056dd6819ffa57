//! The way of letters out, without a relay: what waits for it, what is claimed together, and what comes back.

use crate::app::testing::{ALICE, BOB, EVE, desk, letters, mail, set_clock, take};
use crate::app::{Desk, Sent, now};

fn sql(desk: &Desk, text: &str) {
    desk.store().write(|tx| Ok(tx.conn().execute_batch(text)?)).expect("rows");
}

/// T113: letters that the relay refused for reasons of its own leave as soon as it takes another one.
#[test]
fn t113_what_waited_for_the_relay_leaves_when_it_answers() {
    let (_, desk) = desk(&[BOB]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let due = || desk.outbox().next_due().expect("a time").expect("letters wait");
    let all_refused = || {
        for letter in desk.outbox().claim(10).expect("claimed").letters {
            desk.outbox().settle(letter.id, Sent::RelayRefuses("554 no".into())).expect("settled");
        }
    };
    all_refused();
    assert!(due() > 30, "they wait");
    desk.outbox().relay_answers(false).expect("written");
    assert_eq!(due(), 0, "once refused: at once");
    all_refused();
    desk.outbox().relay_answers(false).expect("written");
    assert!(due() > 30, "refused twice beside others: in their own time");
    set_clock(now() + 400);
    all_refused();
    desk.outbox().relay_answers(true).expect("written");
    assert_eq!(due(), 0, "the relay took nobody's letters: all of them at once");
    assert_eq!(letters(&desk).len(), 2);
}

/// Nothing that is wrong with one letter keeps those claimed that were claimed together with it.
#[test]
fn t113_one_letter_that_cannot_be_put_together_holds_no_other() {
    let (_, desk) = desk(&[BOB, EVE]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    // The kept mails of one letter cannot be read, and another one goes to no address.
    sql(
        &desk,
        "alter table kept rename to gone;
         insert into letter_file (letter, place, mail, filename, media_type, part)
           select l.id, 1, m.id, 'plan.pdf', 'application/pdf', 1 from letter l, mail m
           where l.forward_path like 'bob@%';
         update letter set forward_path = 'no address' where forward_path like 'eve@%';",
    );
    let batch = desk.outbox().claim(10).expect("claimed");
    assert_eq!(batch.letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), [ALICE]);
    let [(_, Sent::Deferred(files)), (_, Sent::Refused(path))] = batch.ended.as_slice() else {
        panic!("{:?}", batch.ended)
    };
    assert!(files.contains("files") && path.contains("forward-path"), "{files}; {path}");
}

/// T93: a letter that came back while the clock was years ahead does not wait for years.
#[test]
fn t93_a_letter_put_back_by_a_clock_ahead_leaves_when_it_is_right() {
    let (_, desk) = desk(&[BOB]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let right = now();
    desk.hours().forget_expired().expect("the clock is known");
    set_clock(right + 315_360_000);
    let claimed: Vec<i64> = desk.outbox().claim(10).expect("claimed").letters.iter().map(|l| l.id).collect();
    desk.outbox().put_back(&claimed, "the relay is away", 0).expect("written");
    set_clock(right);
    assert!(desk.outbox().next_due().expect("a time").expect("letters wait") > 86_400);
    desk.hours().forget_expired().expect("set right");
    assert_eq!(desk.outbox().next_due().expect("a time"), Some(0));
    assert_eq!(letters(&desk).len(), 2);
}
