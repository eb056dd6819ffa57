//! The words of what is remembered.

use crate::desk::builder::decision::Builder;
use crate::desk::model::{Clock, Snapshot, State, Status, Step};
use crate::desk::order::undo::words;
use crate::desk::testing::rules;

fn state(status: Status) -> State {
    State { status, wait_until: None, closed_at: None, due_at: None, clock: Clock::default() }
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
            crate::desk::Person { id: 1, address, name: String::new(), spam: crate::desk::model::Spam::No },
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
