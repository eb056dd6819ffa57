//! What staff read: notices and the page of help as whole texts, saved answers, watchers, who takes a ticket
//! over.

use super::{ALICE, BOB, BOB_AT_HOME, CAROL, EVE, Story};

/// Done-when 7: each notice ends with one line of help.
#[test]
fn a_notice_ends_with_one_line_of_help() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    let wanted = "\
New ticket DESK-1 from Alice <alice@customer.example>:

It burns.

-- 
From: Alice <alice@customer.example>
Status: new, priority normal, no category
Proof of the sender: none
Answer this mail to answer the customer. First line: #note, #close, #help.
";
    assert_eq!(story.last(BOB, 1).text, wanted);
    story.answer(BOB, 1, "#note\nHot.");
    story.answer(BOB, 1, "#assign eve@staff.example");
    let help = wanted.lines().last().expect("a line");
    let notices = story.all(EVE, 1);
    assert_eq!(notices.len(), 3, "a ticket, a note, an assignment");
    assert!(notices.iter().all(|l| l.text.lines().last() == Some(help)));
}

/// Done-when 7: `#help` answers with a page that fits a phone.
#[test]
fn help_fits_a_phone() {
    let story = Story::new();
    story.opened(ALICE, "A printer that burns, and with a subject that is long", "It burns.");
    story.answer(BOB, 1, "#help");
    let page = story.result(BOB);
    let wide: Vec<&str> = page.lines().filter(|l| l.chars().count() > 40).collect();
    assert!(
        wide.is_empty() && page.lines().count() <= 80,
        "{} lines, too wide: {wide:?}",
        page.lines().count()
    );
    assert_eq!(page, HELP);
}

#[test]
fn a_saved_answer_stands_before_the_words() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "When are you there?");
    story.answer(BOB, 1, "#answer Hours\n\nSee you, Bob");
    let wanted = "Hours\n\nWe are here Mon-Fri.\n\nSee you, Bob";
    assert!(story.last(ALICE, 1).text.starts_with(wanted), "{}", story.last(ALICE, 1).text);
    assert_eq!((story.words(1)[1].as_str(), story.status(1)), (wanted, "waiting"));
    story.answer(BOB, 1, "#close\n#answer reset-password");
    assert!(
        story.last(ALICE, 1).text.starts_with("Press Forgot (https://x.example/f)."),
        "it counts as words"
    );
    assert_eq!(story.status(1), "closed");
    for name in ["reset", "../reset-password", "hours.md", ""] {
        assert_eq!(story.answer(BOB, 1, &format!("#answer {name}\nwords")), "refused", "{name}");
        assert!(story.result(BOB).contains("there are: "), "{}", story.result(BOB));
    }
    assert_eq!(story.all(ALICE, 1).len(), 3);
    assert_eq!(story.answer(ALICE, 1, "#answer hours"), "append", "for a customer it is text");
    assert_eq!(story.words(1).last().map(String::as_str), Some("#answer hours"));
}

#[test]
fn the_first_answer_takes_the_ticket_over() {
    let story = Story::new();
    let person = |address: &str| {
        story.desk.operator().staff().expect("staff").iter().position(|r| r.address.as_str() == address)
    };
    assert!(person("bob@staff.example") < person("eve@staff.example"));
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(EVE, 1, "#note\nA note is no answer.");
    assert_eq!(story.ticket(1).assignee, None);
    story.answer(BOB, 1, "Put it out.");
    let name = |number| story.row(number).assignee.map(|p| p.name);
    assert_eq!(name(1).as_deref(), Some("Bob Builder"));
    let (bobs, eves) = (story.all(BOB, 1).len(), story.all(EVE, 1).len());
    story.answer(ALICE, 1, "It still burns.");
    assert_eq!(
        (story.all(BOB, 1).len(), story.all(EVE, 1).len()),
        (bobs + 1, eves),
        "what follows concerns him alone"
    );
    story.answer(EVE, 1, "#send\nHere is water.");
    assert_eq!(name(1).as_deref(), Some("Bob Builder"), "a second answer takes nothing over");
    story.answer(BOB, 1, "#send\n#assign nobody\nAnybody?");
    story.answer(EVE, 1, "#send\nHere is more.");
    assert_eq!(name(1), None, "nobody's by command");
    story.opened(CAROL, "Lamp", "It is dark.");
    story.answer(BOB, 2, "#assign eve@staff.example\nShe will help.");
    assert_eq!(name(2).as_deref(), Some("Eve Engineer"), "unless the same mail says whose it is");
}

#[test]
fn a_watcher_hears_of_everything() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(EVE, 1, "#watch");
    let heard = |what: &str| {
        let letters = story.all(EVE, 1);
        assert!(
            letters.last().expect("a letter").text.contains(what),
            "{what}: {}",
            letters.last().expect("a letter").text
        );
        letters.len()
    };
    story.answer(BOB, 1, "Put it out.");
    heard("Bob Builder answered DESK-1:\n\nPut it out.");
    story.answer(ALICE, 1, "It still burns.");
    heard("It still burns.");
    story.answer(BOB, 1, "#priority high");
    heard("Bob Builder changed DESK-1:\n\npriority: high (was normal)");
    let before = heard("priority");
    story.answer(EVE, 1, "Use sand.");
    assert_eq!(story.all(EVE, 1).len(), before, "not of what she did herself");
    story.answer(EVE, 1, "#unwatch");
    let before = story.all(EVE, 1).len();
    story.answer(ALICE, 1, "It is out.");
    story.answer(BOB, 1, "Good.");
    assert_eq!(story.all(EVE, 1).len(), before);
    assert!(story.all(BOB, 1).len() > 1);
}

/// Commands with words: the answer leaves and no result is needed. Commands alone: a transcript, and nothing
/// in the ticket.
#[test]
fn results_are_for_commands_alone() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    story.answer(BOB, 1, "#priority high\nPut it out.");
    assert!(story.all(BOB, 1).iter().all(|l| !l.subject.starts_with("Result:")));
    story.answer(BOB, 1, "#priority high\n#tag +hot\n#private");
    let wanted = "\
Done on DESK-1:

#priority high
  changed nothing
#tag +hot
  tag hot on
#private
  changed nothing

To take this back, answer this mail with the one line #undo within a day.

-- 
DESK-1 Printer
To you alone; no customer reads this.
";
    assert_eq!(story.result(BOB), wanted);
    assert_eq!(story.messages(1).len(), 2);
    assert_eq!(story.answer(BOB, 1, "#tag +cold\n#priority banana"), "refused");
    assert_eq!(story.row(1).tags, ["hot"], "one refused command, and nothing acts");
}

/// A mail from an alias is that person's; letters go to the address.
#[test]
fn a_staff_alias() {
    let story = Story::new();
    story.opened(ALICE, "Printer", "It burns.");
    assert_eq!(story.answer(BOB_AT_HOME, 1, "#tag +home\nPut it out."), "append");
    let answer = story.last(ALICE, 1).text;
    assert!(
        answer.contains("Put it out.") && answer.contains("Bob Builder") && !answer.contains("home.example")
    );
    assert_eq!(story.row(1).assignee.map(|p| p.address).as_deref(), Some("bob@staff.example"));
    story.answer(BOB_AT_HOME, 1, "#tag -home");
    story.answer(BOB, 1, "#undo");
    assert_eq!(story.row(1).tags, ["home"]);
    assert!(story.letters.borrow().iter().all(|l| l.to != "bob@home.example"));
    assert_eq!(
        story.take(BOB_AT_HOME, "Subject: x [DESK-1]\r\n", "#close").0,
        "held",
        "without proof it moves nothing"
    );
}

/// `own_lists`: a list in front of the desk's mailbox makes no mail automatic; any other list does.
#[test]
fn own_lists() {
    let story = Story::with(|c| c.trust.own_lists = vec!["desk.lists.example".into()]);
    let through =
        |list: &str| format!("Subject: Printer\r\nList-Id: The desk <{list}>\r\nPrecedence: list\r\n");
    let (_, number) = story.take(ALICE, &through("desk.lists.example"), "It burns.");
    let number = number.expect("a ticket");
    assert_eq!(story.all(ALICE, number).len(), 1, "she is confirmed");
    story.answer(BOB, number, "Put it out.");
    let id = story.last(ALICE, number).id;
    let fields = format!("In-Reply-To: {id}\r\n{}", through("desk.lists.example"));
    assert_eq!(story.take(ALICE, &fields, "It still burns."), ("append", Some(number)));
    assert_eq!(story.status(number), "open", "her answer is a human's");
    let (_, other) = story.take(CAROL, &through("news.lists.example"), "Buy more.");
    assert!(story.all(CAROL, other.expect("a ticket")).is_empty(), "another list is not answered");
}

const HELP: &str = "\
Commands stand on lines of their own at
the top of your answer, words for the
customer below:

#note  the rest is an internal note
#close  closes the ticket
#reopen  opens it again
#wait [DATE]
  waits for the customer, or until DATE
#assign me|ADDRESS|nobody
  gives it to somebody
#priority P  low, normal, high or urgent
#category C
  one of the desk's categories
#tag +a -b
  puts tags on and takes them off
#merge NUMBER
  this ticket goes into that one
#split
  the message of this notice becomes a
  ticket
#cc ADDRESS  adds a participant
#private
  the answer goes to the requester alone
#spam
  closes; later mail of the sender is
  kept away
#privacy  marks a privacy request
#due DATE
  sets the day by which it is due
#send
  sends it although something is newer
#answer NAME
  a saved answer stands before your
  words
#watch  you hear of everything here
#unwatch  you hear of what concerns you
#undo
  takes your last commands here back,
  for a day; alone in its mail
#for ADDRESS
  a new mail opens a ticket for that
  person
#help  mails this page

DATE is written 2027-03-15. ##text
begins a line with #.

A new mail with one of these as its
subject is answered by mail:

list
  new and open tickets that concern you
mine
  what is assigned to you
show NUMBER
  a ticket with all that was said
search WORDS
  tickets with these words; wor* finds
  what begins so
help
  mails this page

-- 
DESK-1 A printer that burns, and with a
To you alone; no customer reads this.
";
