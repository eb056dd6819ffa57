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
        for letter in desk.outbox().claim(10, &[]).expect("claimed").letters {
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

/// One that the relay refuses whatever comes does not keep the others from showing that it is well.
#[test]
fn t113_what_was_tried_in_vain_goes_behind_the_others() {
    let (_, desk) = desk(&[BOB]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let first = |behind: &[i64]| {
        let letters = desk.outbox().claim(2, behind).expect("claimed").letters;
        desk.outbox().put_back(&[letters[0].id, letters[1].id], "refused", -1).expect("put back");
        (letters[0].id, letters[0].to.to_string())
    };
    let (id, to) = first(&[]);
    assert_eq!(to, ALICE, "people outside go first");
    assert_eq!(first(&[id]).1, BOB);
    assert_eq!(first(&[id, first(&[id]).0]).1, ALICE, "of those that were tried, too");
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
    let batch = desk.outbox().claim(10, &[]).expect("claimed");
    assert_eq!(batch.letters.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(), [ALICE]);
    let [(_, Sent::Refused(path)), (_, Sent::Deferred(files))] = batch.ended.as_slice() else {
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
    let claimed: Vec<i64> =
        desk.outbox().claim(10, &[]).expect("claimed").letters.iter().map(|l| l.id).collect();
    desk.outbox().put_back(&claimed, "the relay is away", 0).expect("written");
    set_clock(right);
    assert!(desk.outbox().next_due().expect("a time").expect("letters wait") > 86_400);
    desk.hours().forget_expired().expect("set right");
    assert_eq!(desk.outbox().next_due().expect("a time"), Some(0));
    assert_eq!(letters(&desk).len(), 2);
}

/// T115: who writes behind a long queue is answered before it: letters to people outside go first, then those
/// without files. What waits longest goes with each batch.
#[test]
fn t115_a_long_queue_keeps_nobody_waiting() {
    let (_, desk) = desk(&[BOB, EVE]);
    let fields = "Subject: plan\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let body = "--b\r\n\r\nsee\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--\r\n";
    for n in 0..520 {
        take(&desk, &mail(&format!("c{n}@c{n}.example"), None, &format!("{n}@c.example"), fields, body));
    }
    sql(&desk, "update letter set state = 'cancelled', next_at = null where kind = 'confirmation'");
    set_clock(now() + 60);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let claimed = desk.outbox().claim(4, &[]).expect("claimed").letters;
    let to: Vec<&str> = claimed.iter().map(|l| l.to.as_str()).collect();
    assert_eq!(to[0], ALICE, "{to:?}");
    let has_file = |l: &crate::app::Claimed| String::from_utf8_lossy(&l.bytes).contains("application/pdf");
    assert_eq!(claimed.iter().map(has_file).collect::<Vec<_>>(), [false, false, false, true]);
    let first: i64 = claimed[3].id;
    assert!(claimed[..3].iter().all(|l| l.id > first), "the longest due is the last of them");
    assert_eq!(desk.outbox().claim(4, &[]).expect("claimed").letters.len(), 4, "then the others");
}

/// T34: a letter whose attempt had no end goes alone, with nothing beside it.
#[test]
fn t34_a_letter_whose_attempt_had_no_end_goes_alone() {
    let (_, desk) = desk(&[BOB, EVE]);
    take(&desk, &mail(ALICE, None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
    let claim = || desk.outbox().claim(10, &[]).expect("claimed").letters;
    assert_eq!(claim().len(), 3);
    desk.outbox().void_leases().expect("the next daemon");
    let alone = claim();
    assert_eq!(alone.len(), 1);
    assert!(claim().is_empty(), "while it is under way");
    desk.outbox().settle(alone[0].id, Sent::Accepted("250 ok".into())).expect("settled");
    assert_eq!(claim().len(), 1);
}

/// T115: a file for many staff is in few letters at once.
#[test]
fn t115_letters_are_claimed_by_their_bytes() {
    let staff: Vec<String> = (0..10).map(|n| format!("member{n}@staff.example")).collect();
    let (_, desk) = desk(&staff.iter().map(String::as_str).collect::<Vec<_>>());
    let fields = "Subject: plan\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let lines = "0123456789012345678901234567890123456789012345678901234567890123\r\n".repeat(50_000);
    let body =
        format!("--b\r\n\r\nsee\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n{lines}--b--\r\n");
    take(&desk, &mail(ALICE, None, "1@c.example", fields, &body));
    let mut left = 0;
    loop {
        let letters = desk.outbox().claim(20, &[]).expect("claimed").letters;
        let bytes: usize = letters.iter().map(|l| l.bytes.len()).sum();
        assert!(bytes < 24 << 20, "{bytes} octets of {} letters", letters.len());
        left += letters.len();
        if letters.is_empty() {
            break;
        }
        for letter in letters {
            desk.outbox().settle(letter.id, Sent::Accepted("250 ok".into())).expect("settled");
        }
    }
    assert_eq!(left, 11);
}
