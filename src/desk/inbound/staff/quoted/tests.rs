//! What stands between the words of staff, on the decision.

use crate::desk::letter::notification;
use crate::desk::model::{Outcome, Released, Snapshot};
use crate::desk::testing::{
    BOB, NOW, TEN_DAYS, decided, known, letters_to, mail, outside, readable, reply_address, ticket,
};

/// An answer between the lines goes out only where its reader knows those lines; else its writer has it back.
#[test]
fn t72_quoted_lines_go_to_whom_they_belong() {
    let mut said = known();
    said.said.insert(1, "My printer is on fire,\nand it smells of *burnt* plastic.".into());
    let at_bob = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS));
    let answer = |text: &str, known: &Snapshot| decided(&mail(BOB, &at_bob, text), known, |_| {});
    // Every client wraps and marks in its own way.
    for quoted in
        ["> My printer is on fire,", "> and it smells of burnt\n> plastic.", ">>  on fire, and it smells"]
    {
        let d =
            answer(&format!("Hello,\n\n{quoted}\n\nthen put it out.\n\n> smells of\n\nThat ends."), &said);
        assert_eq!(d.outcome, Outcome::Append, "{quoted}: {}", d.reason);
        assert!(readable(letters_to(&d, "alice@customer.example")[0]).contains("then put it out"));
    }
    for secret in [
        "> she is a bad payer",
        "> From: Carol <carol@other.example>",
        "> My printer is on fire, says the note",
    ] {
        let d = answer(
            &format!("#close\nHello,\n\n{secret}\n\nthen put it out.\n\n> on fire\n\nThat ends."),
            &said,
        );
        assert_eq!(d.outcome, Outcome::Held, "{secret}");
        assert!(outside(&d).is_empty() && ticket(&d, 1).is_none(), "none of its commands acts");
        let back = readable(letters_to(&d, "bob@staff.example")[0]);
        assert!(back.contains("then put it out") && back.contains("neither wrote nor was sent"), "{back}");
    }
    // A client that marks no quotation at all leaves the whole notice below the words.
    let d = answer(
        &format!(
            "Put it out.\n\nNew ticket DESK-1\n\nsecret\n\n-- \nStatus: new\n{}\n",
            notification::HELP_LINE
        ),
        &said,
    );
    assert_eq!((d.outcome, outside(&d).len()), (Outcome::Held, 0));
    // A note may quote what it likes, and an operator's word stands for the check.
    assert_eq!(
        answer("#note\nsee\n\n> she is a bad payer\n\nindeed\n\n> so\n\nyes", &said).outcome,
        Outcome::Append
    );
    let text = "Hello,\n\n> she is a bad payer\n\nno.\n\n> so\n\nyes";
    let released = decided(&mail(BOB, &at_bob, text), &said, |m| {
        m.facts.released = Some(Released { ticket: Some(1), quotes: true, ..Released::default() });
    });
    assert_eq!((released.outcome, outside(&released).len()), (Outcome::Append, 1));
}

/// T122: the search for quoted lines has an end; what it did not find goes back to its writer (T72).
#[test]
fn t122_a_quotation_that_costs_too_much_goes_back() {
    let mut said = known();
    let long = "My printer is on fire, and it smells of burnt plastic. ".repeat(90_000);
    said.said.insert(1, format!("{long} The end."));
    let at_bob = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS));
    let answer = |text: &str| decided(&mail(BOB, &at_bob, text), &said, |_| {});
    assert_eq!(answer("Hello\n\n> burnt plastic\n\nso").outcome, Outcome::Append);
    let lines: String = (0..100).map(|n| format!("> not in it {n}\n\nno\n\n")).collect();
    assert_ne!(answer(&format!("Hello\n\n{lines}\nso")).outcome, Outcome::Append);
    let at_the_end: String = (0..100).map(|n| format!("> {}the end\n", "> ".repeat(n % 3))).collect();
    assert_eq!(answer(&format!("Hello\n\n{at_the_end}\nso")).outcome, Outcome::Append, "each line once");
}
