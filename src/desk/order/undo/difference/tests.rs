//! What is remembered comes back as it was, and so do its words.

use crate::desk::builder::builder::Builder;
use crate::desk::model::{Clock, Merged, Priority, Snapshot, State, Status, Step};
use crate::desk::order::undo::{difference, words};
use crate::desk::testing::rules;

fn state(status: Status) -> State {
    State { status, wait_until: None, closed_at: None, due_at: None, clock: Clock::default() }
}

#[test]
fn steps_are_read_as_they_were_written() {
    let open = state(Status::Open);
    let clock =
        Clock { asked_at: Some(5), by_hand: true, reminded: 1, reminded_at: Some(6), ..Clock::default() };
    let waits = State { wait_until: Some(1_900_000_000), due_at: Some(7), clock, ..state(Status::Waiting) };
    let closed = State { closed_at: Some(1_800_000_000), ..state(Status::Closed) };
    let steps = vec![
        Step::Status { from: waits, to: closed },
        Step::Assignee { from: None, to: Some(7) },
        Step::Priority { from: Priority::Low, to: Priority::Urgent },
        Step::Category { from: Some("Pay-as-you-go, and more".into()), to: None },
        Step::Due { from: Some(1), by_hand: true, to: None },
        Step::Privacy { on: true },
        Step::Tag { word: "größe".into(), on: false },
        Step::Watch { person: 3, on: true },
        Step::Joined { person: 9 },
        Step::Spam { person: 9 },
        Step::Merged(Merged {
            into: 5,
            messages: vec![1, 4],
            joined: vec![],
            watchers: vec![2],
            newest: 3,
            from: open,
            to: waits,
        }),
        Step::Split { message: 8, origin: Some(2), into: 6 },
        Step::Said { note: false },
    ];
    assert_eq!(difference::read_steps(&difference::write_steps(&steps)), steps);
    assert_eq!(
        difference::read_steps("of a later version\t1\nprivacy\ton\nstatus\topen"),
        [Step::Privacy { on: true }]
    );
    assert!(difference::read_steps("").is_empty());
}

#[test]
fn words_that_left_make_waiting_by_themselves() {
    let facts = {
        let rules = rules();
        let known = Snapshot::default();
        let mut builder = Builder::new(&rules, &known, crate::desk::Moment::new(0, [0; 32]));
        let address = crate::mail::AddrSpec::parse("a@b.example").expect("an address");
        builder.open_ticket(
            "x",
            crate::desk::Person { id: 1, address, name: String::new(), spam: false },
            None,
        )
    };
    let mut close = vec![Step::Status { from: state(Status::New), to: state(Status::Closed) }];
    words::add_words_said(&mut close, &facts, false);
    let wanted = Step::Status { from: state(Status::Waiting), to: state(Status::Closed) };
    assert_eq!(close, [wanted, Step::Said { note: false }], "without #close it would wait now");
    let mut wait = vec![Step::Status { from: state(Status::New), to: state(Status::Waiting) }];
    words::add_words_said(&mut wait, &facts, false);
    assert_eq!(wait, [Step::Said { note: false }]);
    let mut noted = vec![Step::Status { from: state(Status::New), to: state(Status::Closed) }];
    words::add_words_said(&mut noted, &facts, true);
    assert_eq!(
        noted[0],
        Step::Status { from: state(Status::New), to: state(Status::Closed) },
        "a note moves nothing"
    );
}
