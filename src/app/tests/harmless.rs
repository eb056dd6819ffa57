//! What one question, one turn of the clock or one command may cost: nobody waits for the one of somebody
//! else, and nothing costs more because a desk is old.

use crate::app::testing::{ALICE, BOB, desk, letters, mail, take};
use crate::app::{Desk, Looked, Position};
use crate::desk::Event;
use crate::desk::model::search::Hits;
use crate::desk::testing::signed;

/// Date counts, where a signature proves.
const SEARCH: &str = "Date: Thu, 26 Nov 2026 08:00:00 +0000\r\nSubject: search dark\r\n";

fn looked(desk: &Desk, raw: &str) -> Looked {
    desk.intake().look(raw.as_bytes().to_vec(), Position::Envelope { recipient: None, sender: None })
}

fn searched(desk: &Desk, looked: &Looked) -> Hits {
    let (mailed, asked) = desk.mailed(looked, crate::app::now());
    desk.searched(&Event::Mail(&mailed, &asked), crate::app::now()).expect("a search")
}

/// A search may be dear: it is over before the transaction of its mail begins, in which everybody else waits.
#[test]
fn a_search_by_mail_is_outside_the_transaction() {
    let (_, desk) = desk(&[BOB]);
    for n in 1..=3 {
        take(&desk, &mail(ALICE, None, &format!("{n}@c.example"), "Subject: lamp\r\n", "It is dark."));
    }
    letters(&desk);
    let mut asks = looked(&desk, &mail(BOB, None, "b1@staff.example", SEARCH, ""));
    assert_eq!(searched(&desk, &asks), Hits::default(), "nobody who proves nothing makes the desk search");
    asks.facts.domain = signed();
    let hits = searched(&desk, &asks);
    assert_eq!((hits.tickets.as_slice(), hits.more), ([3, 2, 1].as_slice(), false), "newest first");
    // The transaction reads what was found, and does not search: without hits it finds nothing.
    let mut without = looked(&desk, &mail(BOB, None, "b2@staff.example", SEARCH, ""));
    without.facts.domain = signed();
    without.facts.domain.signed[0].fingerprint = [2; 32];
    asks.facts.hits = hits;
    let told = |looked: Looked| {
        assert_eq!(desk.intake().take(&[looked]).expect("taken")[0].outcome, "query");
        letters(&desk).remove(0).words()
    };
    assert!(told(without).contains("none."));
    let said = told(asks);
    let at = |token: &str| said.find(token).unwrap_or_else(|| panic!("{token}: {said}"));
    assert!(at("DESK-3") < at("DESK-2") && at("DESK-2") < at("DESK-1"), "{said}");
}
