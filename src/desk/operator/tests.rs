//! What the command line says, on the decision; and a form of a page beside it.

use crate::desk::model::{Change, Decision, Moment, Snapshot, StaffRow};
use crate::desk::operator::{self, OperatorOrder, Ordered, StaffChange};
use crate::desk::testing::{NOW, address, human, known, readable, rules};
use crate::desk::visitor::{self, Form};

const HOSTILE: &str = "a\0b\u{1b}[31mc\u{202e}d\u{2066}e\u{85}f\u{200f}g\u{feff}h\r\ni";

/// No control and no bidi mark reaches a row or a letter, whichever way the words come in (T40).
fn is_clean(d: &Decision) {
    let hostile = |c: char| {
        (c.is_control() && c != '\n' && c != '\t') || "\u{202e}\u{2066}\u{200f}\u{feff}\u{61c}".contains(c)
    };
    let mut seen = 0;
    for change in &d.changes {
        let texts = match change {
            Change::Message(m) => {
                vec![m.text.clone(), m.author_name.clone(), m.subject.clone().unwrap_or_default()]
            }
            Change::Ticket { ticket, .. } => vec![ticket.subject.clone()],
            Change::Staff { row, .. } => vec![row.name.clone()],
            _ => continue,
        };
        seen += 1;
        assert!(texts.iter().all(|t| !t.contains(hostile)), "{texts:?}");
    }
    assert!(seen > 0, "{:?}", d.reason);
    for letter in &d.letters {
        let read = readable(letter).replace("\r\n", "\n");
        assert!(!read.contains(hostile), "{read:?}");
    }
}

#[test]
fn t40_words_of_forms_and_of_the_command_line_are_cleaned() {
    let (rules, known) = (rules(), known());
    let requester = address("alice@customer.example");
    for order in [
        Ordered::Reply { words: HOSTILE },
        Ordered::Note { words: HOSTILE },
        Ordered::New { requester: &requester, subject: HOSTILE, words: HOSTILE },
    ] {
        let order = OperatorOrder::Ticket { number: 1, by: None, order: &order };
        is_clean(&operator::decide(&rules, &known, &order, Moment::new(NOW, [1; 32])));
    }
    let (new, aliases) = (address("dan@staff.example"), Vec::new());
    let add = OperatorOrder::Staff(&StaffChange::Add { address: &new, name: HOSTILE, aliases: &aliases });
    is_clean(&operator::decide(&rules, &known, &add, Moment::new(NOW, [1; 32])));
    let alice = human(3, "alice@customer.example");
    let form = Form::Message { by: &alice, ticket: 1, words: HOSTILE };
    is_clean(&visitor::decide(&rules, &known, &form, Moment::new(NOW, [1; 32])));
}

/// An address is one member's alone, as in the configuration: a mail from it would be both of theirs.
#[test]
fn an_address_is_one_members_alone() {
    let row = StaffRow {
        address: address("bob@staff.example"),
        name: "Bob".into(),
        configured: false,
        aliases: vec![address("bob@home.example")],
        digest: false,
        choice: None,
    };
    let eve = StaffRow { address: address("eve@staff.example"), aliases: Vec::new(), ..row.clone() };
    let known = Snapshot { staff_rows: vec![row, eve], ..known() };
    let taken = |change: &StaffChange<'_>| {
        let order = OperatorOrder::Staff(change);
        let d = operator::decide(&rules(), &known, &order, Moment::new(NOW, [1; 32]));
        (d.refused.map(|r| r.to_string()), d.changes.len())
    };
    let [eve, dan, bob] = ["eve@staff.example", "dan@staff.example", "bob@home.example"].map(address);
    let theirs = [bob.clone()];
    let why = Some("bob@home.example belongs to bob@staff.example already".to_owned());
    assert_eq!(taken(&StaffChange::Set { address: &eve, name: None, aliases: &theirs }), (why.clone(), 0));
    assert_eq!(taken(&StaffChange::Add { address: &dan, name: "Dan", aliases: &theirs }), (why.clone(), 0));
    assert_eq!(taken(&StaffChange::Add { address: &bob, name: "Dan", aliases: &[] }), (why, 0));
    let own = address("bob@staff.example");
    assert_eq!(taken(&StaffChange::Set { address: &own, name: None, aliases: &theirs }).0, None, "his own");
    let desk = [address("support@desk.example")];
    assert!(taken(&StaffChange::Set { address: &eve, name: None, aliases: &desk }).0.is_some());
}
