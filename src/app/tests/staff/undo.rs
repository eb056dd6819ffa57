//! `#undo`: each command that has one, what stands in its way, and merges and splits with it.

use super::{ALICE, BOB, BOB_AT_HOME, CAROL, EVE, Story};
use crate::app::Ordered;
use crate::desk::order::command::Order;
use crate::desk::{Priority, Ticket};

/// A command, as it is before it, after it, and after `#undo`.
fn check<T: PartialEq + std::fmt::Debug>(commands: &str, look: impl Fn(&Story) -> T, line: &str) {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    let before = look(&story);
    assert_eq!(story.answer(BOB, 1, commands), "append", "{commands}");
    assert_ne!(look(&story), before, "{commands}");
    let told = story.result(BOB);
    assert!(told.contains(line) && told.contains("#undo within a day"), "{commands}: {told}");
    assert_eq!(story.answer(BOB, 1, "#undo"), "append", "{commands}: {}", story.result(BOB));
    assert_eq!(look(&story), before, "{commands}");
    assert!(!story.result(BOB).contains("within a day"), "what was taken back has no undo");
    assert_eq!(story.answer(BOB, 1, "#undo"), "refused", "there is nothing more");
    assert!(
        story.all(ALICE, 1).len() == 1 && story.messages(1).len() == 1,
        "nobody outside hears of any of it"
    );
}

#[test]
fn each_command_that_has_an_undo_is_taken_back() {
    let state = |s: &Story| {
        let Ticket { status, wait_until, closed_at, clock, .. } = s.ticket(1);
        (status, wait_until, closed_at, clock)
    };
    let due = |s: &Story| (s.ticket(1).due_at, s.ticket(1).clock);
    check("#due 2099-01-31", due, "  due: 2099-01-31 (was none)");
    check("#close", state, "#close\n  status: closed (was new)");
    check("#wait 2099-01-31", state, "  status: waiting until 2099-01-31 (was new)");
    check("#assign eve@staff.example", |s| s.ticket(1).assignee, "  assigned to: Eve Engineer (was nobody)");
    check("#priority high", |s| s.ticket(1).priority, "  priority: high (was normal)");
    check("#category hardware", |s| s.ticket(1).category, "  category: Hardware (was none)");
    check("#tag +red +blue", |s| s.row(1).tags, "  tag red on\n  tag blue on");
    check("#privacy", |s| s.ticket(1).privacy, "  marked as a privacy request");
    check("#cc carol@elsewhere.example", |s| s.row(1).participants, "  carol@elsewhere.example joined");
    check(
        "#watch",
        |s| {
            s.desk
                .store()
                .read(|c| Ok(c.query_row("select count(*) from watcher", [], |r| r.get::<_, i64>(0))?))
                .expect("n")
        },
        "  Bob Builder hears of everything here",
    );
    let all = |s: &Story| (state(s), s.ticket(1).priority, s.ticket(1).assignee, s.row(1).tags);
    check(
        "#close\n#priority urgent\n#assign me\n#tag +x",
        all,
        "#priority urgent\n  priority: urgent (was normal)\n#assign me\n",
    );
}

#[test]
fn a_reopened_ticket_is_closed_again_and_a_tag_is_back() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(BOB, 1, "#close\n#tag +old");
    let closed_at = story.ticket(1).closed_at;
    story.answer(EVE, 1, "#reopen\n#tag -old +new");
    assert_eq!((story.status(1), story.row(1).tags), ("open", vec!["new".to_owned()]));
    story.answer(EVE, 1, "#undo");
    assert_eq!(
        (story.status(1), story.row(1).tags, story.ticket(1).closed_at),
        ("closed", vec!["old".to_owned()], closed_at)
    );
}

#[test]
fn spam_is_taken_back() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(BOB, 1, "#spam");
    assert_eq!(story.status(1), "closed");
    assert_eq!(story.take(ALICE, "Subject: y\r\n", "more").0, "quarantine");
    story.answer(BOB, 1, "#undo");
    assert_eq!(story.status(1), "new");
    assert!(
        story.result(BOB).contains("mail of alice@customer.example is taken in again"),
        "{}",
        story.result(BOB)
    );
    assert_eq!(story.take(ALICE, "Subject: y\r\n", "and more").0, "ticket");
}

#[test]
fn sets_are_taken_back_one_after_the_other_or_by_their_letter() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(BOB, 1, "#priority high");
    let first = story.last(BOB, 1);
    story.answer(BOB, 1, "#tag +a");
    story.answer(BOB_AT_HOME, 1, "#category Software");
    story.answer(BOB, 1, "#undo");
    assert_eq!(story.ticket(1).category, None, "what he did from his other address is his, too");
    // The letter that told of the priority is answered: that is what is meant.
    assert_eq!(story.answer_to(BOB, &first, "#undo"), "append");
    assert_eq!((story.ticket(1).priority, story.row(1).tags.len()), (Priority::Normal, 1));
    assert_eq!(story.answer_to(BOB, &first, "#undo"), "refused");
    assert!(story.result(BOB).contains("taken back already"), "{}", story.result(BOB));
    assert_eq!(story.answer(EVE, 1, "#undo"), "refused", "a colleague did nothing here");
    story.answer(BOB, 1, "#undo");
    assert!(story.row(1).tags.is_empty());
}

#[test]
fn what_somebody_else_said_later_stands() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(BOB, 1, "#priority high\n#tag +a");
    story.answer(EVE, 1, "#priority low");
    assert_eq!(story.answer(BOB, 1, "#undo"), "refused");
    let told = story.result(BOB);
    assert!(told.contains("the priority of DESK-1 was changed since: it is now low, and stays so"), "{told}");
    assert_eq!(
        (story.ticket(1).priority, story.row(1).tags.len()),
        (Priority::Low, 1),
        "none of it is taken back"
    );
    // A customer's word counts as well.
    story.answer(EVE, 1, "#close");
    story.answer(ALICE, 1, "It burns again.");
    assert_eq!(story.answer(EVE, 1, "#undo"), "refused");
    assert!(story.result(EVE).contains("it is now open"), "{}", story.result(EVE));
    // Where a colleague brought it back already, there is nothing in the way.
    story.answer(BOB, 1, "#category Hardware");
    story.sql("update ticket set category = null");
    assert_eq!(story.answer(BOB, 1, "#undo"), "append");
    assert!(story.result(BOB).contains("it was so already"), "{}", story.result(BOB));
}

#[test]
fn after_a_day_it_stays() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(BOB, 1, "#close");
    story.sql("update deed set at = at - 86400 - 60");
    assert_eq!((story.answer(BOB, 1, "#undo"), story.status(1)), ("refused", "closed"));
    assert!(story.result(BOB).contains("more than a day old"), "{}", story.result(BOB));
    story.sql("update deed set at = at - 86400");
    story.desk.hours().forget_expired().expect("the Hour");
    assert_eq!(story.answer(BOB, 1, "#undo"), "refused");
    assert!(story.result(BOB).contains("nothing of yours on DESK-1"), "{}", story.result(BOB));
}

#[test]
fn words_have_no_undo() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(BOB, 1, "#close\nPut it out.");
    assert_eq!(story.answer(BOB, 1, "#undo"), "append");
    assert!(story.result(BOB).contains("your answer stays: it left"), "{}", story.result(BOB));
    assert_eq!(story.status(1), "waiting", "as the answer alone left it");
    for (words, why) in
        [("Once more.", "was an answer, which left"), ("#note\nA hot one.", "was a note, which stays")]
    {
        story.answer(BOB, 1, words);
        assert_eq!(story.answer(BOB, 1, "#undo"), "refused");
        assert!(story.result(BOB).contains(why), "{}", story.result(BOB));
    }
    for mail in ["#undo\n#close", "#undo\nand words"] {
        assert_eq!((story.answer(BOB, 1, mail), story.status(1)), ("refused", "waiting"), "{mail}");
        assert!(story.result(BOB).contains("#undo"), "{}", story.result(BOB));
    }
    assert_eq!(story.all(ALICE, 1).len(), 3, "a confirmation and two answers");
}

/// Two tickets become one, live so for a while, and are two again (T06: each side keeps its own part all the
/// time).
#[test]
fn t06_merge_and_its_undo() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "ALICE-FIRST");
    story.opened(CAROL, "Printer, too", "CAROL-FIRST");
    let alices = story.last(ALICE, 1);
    story.answer(EVE, 2, "#priority high");
    assert_eq!(story.answer(BOB, 1, "#merge 2"), "append");
    let told = story.result(BOB);
    assert!(
        told.contains("#merge 2\n  status: closed (was new)\n  went into DESK-2: 1 messages; 1 joined there"),
        "{told}"
    );
    assert_eq!((story.status(1), story.ticket(1).merged_into), ("closed", Some(2)));
    assert_eq!(story.words(2), ["ALICE-FIRST", "CAROL-FIRST"]);
    // A reply to the merged ticket goes to the live one.
    assert_eq!(story.answer_to(ALICE, &alices, "ALICE-LATER"), "append");
    assert_eq!(story.words(2).len(), 3);
    story.answer(EVE, 2, "#send\nEVES-ANSWER");
    assert!(
        story.last(ALICE, 2).text.contains("EVES-ANSWER")
            && story.last(CAROL, 2).text.contains("EVES-ANSWER")
    );
    // Both see what came after; neither sees what the other had said before.
    let (alice, carol) = (story.seen(ALICE, 2).expect("hers"), story.seen(CAROL, 2).expect("hers"));
    assert_eq!(alice, ["ALICE-FIRST", "ALICE-LATER", "EVES-ANSWER"]);
    assert_eq!(carol, ["CAROL-FIRST", "ALICE-LATER", "EVES-ANSWER"]);

    assert_eq!(story.answer(BOB, 1, "#undo"), "append", "{}", story.result(BOB));
    assert!(story.result(BOB).contains("1 messages came back from DESK-2"), "{}", story.result(BOB));
    assert_eq!((story.status(1), story.ticket(1).merged_into), ("new", None));
    assert_eq!(story.words(1), ["ALICE-FIRST"]);
    assert_eq!(
        story.words(2),
        ["CAROL-FIRST", "ALICE-LATER", "EVES-ANSWER"],
        "what was said after the merge stays where it was"
    );
    assert_eq!(
        (story.row(2).participants.len(), story.status(2)),
        (0, "waiting"),
        "and so does a status that moved since"
    );
    assert_eq!(
        (story.seen(ALICE, 1).expect("hers"), story.seen(ALICE, 2)),
        (vec!["ALICE-FIRST".to_owned()], None)
    );
    // A reply to the first ticket is its own again.
    story.answer_to(ALICE, &alices, "ALICE-AGAIN");
    assert_eq!((story.words(1).len(), story.words(2).len()), (2, 3));
}

#[test]
fn a_merge_into_a_closed_ticket_is_taken_back_with_both_statuses() {
    let story = Story::new();
    story.opened(ALICE, "One", "1");
    story.opened(CAROL, "Two", "2");
    story.answer(EVE, 2, "#close");
    story.answer(BOB, 1, "#watch");
    story.answer(BOB, 1, "#merge 2");
    assert_eq!((story.status(1), story.status(2)), ("closed", "open"));
    let watched = || {
        let sql = "select group_concat(ticket) from watcher";
        story.desk.store().read(|c| Ok(c.query_row(sql, [], |r| r.get::<_, String>(0))?)).expect("a watcher")
    };
    assert_eq!(watched(), "1,2", "his watch went along");
    // The notice of the other ticket is answered: the merge is what he did last on it.
    assert_eq!(story.answer(BOB, 2, "#undo"), "append");
    assert_eq!((story.status(1), story.status(2), watched()), ("new", "closed", "1".to_owned()));
    // Where a customer wrote since, somebody must answer.
    story.answer(BOB, 1, "#merge 2");
    story.answer(CAROL, 2, "3");
    assert_eq!(story.answer(BOB, 2, "#undo"), "append");
    assert_eq!(
        (story.status(1), story.status(2), story.words(2)),
        ("new", "open", vec!["2".to_owned(), "3".into()])
    );
}

#[test]
fn a_merge_that_went_on_is_taken_back_in_its_order() {
    let story = Story::new();
    for (who, n) in [(ALICE, "1"), (CAROL, "2"), ("Dan <dan@third.example>", "3")] {
        story.opened(who, n, n);
    }
    let first = story.last(BOB, 1);
    story.answer(BOB, 1, "#merge 2");
    let merged = story.last(BOB, 1);
    story.answer(EVE, 2, "#merge 3");
    assert_eq!(story.words(3), ["1", "2", "3"]);
    assert_eq!(story.answer_to(BOB, &merged, "#undo"), "refused");
    assert!(story.result(BOB).contains("by another command"), "{}", story.result(BOB));
    story.answer(EVE, 2, "#undo");
    assert_eq!((story.words(2), story.words(3)), (vec!["1".to_owned(), "2".into()], vec!["3".to_owned()]));
    assert_eq!(story.seen(CAROL, 2).expect("hers"), ["2"], "where it was said is still known");
    assert_eq!(story.answer_to(BOB, &first, "#undo"), "append");
    assert_eq!((story.words(1), story.words(2)), (vec!["1".to_owned()], vec!["2".to_owned()]));
}

#[test]
fn words_said_with_a_merge_go_along() {
    let story = Story::new();
    story.opened(ALICE, "One", "1");
    story.opened(CAROL, "Two", "2");
    story.answer(BOB, 1, "#merge 2\nWe look into both.");
    assert_eq!(story.words(2), ["1", "2", "We look into both."]);
    assert!(story.last(ALICE, 1).text.contains("both") && story.all(CAROL, 2).len() == 1);
    assert_eq!(story.seen(CAROL, 2).expect("hers"), ["2"]);
    story.answer(BOB, 1, "#undo");
    assert_eq!(
        (story.words(1), story.words(2)),
        (vec!["1".to_owned(), "We look into both.".into()], vec!["2".to_owned()])
    );
}

#[test]
fn t06_split_and_its_undo() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "first");
    story.answer(ALICE, 1, "something else");
    let notice = story.last(BOB, 1);
    assert_eq!(story.answer_to(BOB, &notice, "#split"), "append");
    assert!(story.result(BOB).contains("#split\n  message 2 is now DESK-2"), "{}", story.result(BOB));
    assert_eq!(
        (story.words(1), story.words(2)),
        (vec!["first".to_owned()], vec!["something else".to_owned()])
    );
    // An answer to the letter of the old ticket is about the old ticket; each side keeps its own part.
    story.answer(ALICE, 1, "more of the first");
    assert_eq!((story.words(1).len(), story.words(2).len()), (2, 1));
    story.answer(BOB, 1, "#undo");
    assert_eq!(story.words(1), ["first", "something else", "more of the first"]);
    assert_eq!((story.words(2).len(), story.status(2), story.ticket(2).merged_into), (0, "closed", Some(1)));
    assert_eq!(story.answer(BOB, 1, "#undo"), "refused");
}

#[test]
fn a_split_that_went_on_comes_back_whole() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "first");
    story.answer(ALICE, 1, "something else");
    story.answer(BOB, 1, "#split");
    let split = story.last(BOB, 1);
    story.order(2, &Ordered::Reply { words: "about the other" }).expect("an answer");
    story.take(CAROL, "Subject: wait for it\r\n", "x");
    story.answer(ALICE, 2, "thanks for the other");
    assert_eq!(story.words(2).len(), 3);
    assert_eq!(story.answer_to(BOB, &split, "#undo"), "append", "{}", story.result(BOB));
    assert_eq!(story.words(1), ["first", "something else", "about the other", "thanks for the other"]);
    story.answer(ALICE, 2, "and more");
    assert_eq!(story.words(1).len(), 5, "replies find their way");
    assert_eq!(story.seen(ALICE, 1).expect("hers").len(), 5);
}

#[test]
fn the_command_line_takes_back_its_own() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    let sorted = Ordered::Orders(vec![Order::Category("Hardware".into())]);
    story.order(1, &sorted).expect("an order");
    story.answer(BOB, 1, "#tag +a");
    story.order(1, &Ordered::Undo).expect("taken back");
    assert_eq!((story.ticket(1).category, story.row(1).tags.len()), (None, 1), "not what Bob did");
    let why = story.order(1, &Ordered::Undo).expect_err("nothing more");
    assert!(why.contains("nothing of yours"), "{why}");
    story.order(1, &Ordered::Reply { words: "Hello" }).expect("an answer");
    assert!(story.order(1, &Ordered::Undo).expect_err("an answer").contains("an answer, which left"));
}
