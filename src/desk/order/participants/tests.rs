use crate::desk::builder::decision::Builder;
use crate::desk::inbound::addressed::NAMED_MAX;
use crate::desk::model::{
    Change, Decision, Domain, Kind, Outcome, ProofReason, Snapshot, Stamp, Verified, Who,
};
use crate::desk::order::participants;
use crate::desk::seal;
use crate::desk::testing::{
    ALICE, BOB, MALLORY, NOW, TEN_DAYS, decided, human, known, letters_to, mail, reply_address, rules,
    to_desk,
};
use crate::mail::AddrSpec;

fn suggested(d: &Decision) -> Vec<(i64, i64, String)> {
    let of = |c: &Change| match c {
        Change::Suggest { ticket, person, address } => Some((*ticket, *person, address.to_string())),
        _ => None,
    };
    d.changes.iter().filter_map(of).collect()
}

fn with_carol() -> Snapshot {
    let (mut known, carol) = (known(), human(4, "carol@elsewhere.example"));
    known.persons.insert(carol.address.clone(), carol.clone());
    known.tickets.get_mut(&1).expect("ticket 1").participants.push(carol);
    known
}

#[test]
fn t06_a_proven_writer_is_asked_about_his_copies() {
    let copies = "Cc: a@x.example, B <b@x.example>, c@x.example, bob@staff.example, support@desk.example, \
                  alice@customer.example\r\n";
    let by_address = format!("To: {}\r\nSubject: x\r\n{copies}", reply_address(3, NOW + TEN_DAYS));
    let d = decided(&mail(ALICE, &by_address, "words"), &known(), |_| {});
    let three = ["a@x.example", "b@x.example", "c@x.example"].map(str::to_owned);
    assert_eq!(suggested(&d), three.clone().map(|a| (1, 3, a)));
    assert!(!d.changes.iter().any(|c| matches!(c, Change::Participant { .. })));
    let by_token = format!("{}{copies}", to_desk("x [DESK-1]"));
    let d = decided(&mail(ALICE, &by_token, "words"), &known(), |_| {});
    assert_eq!((d.outcome, suggested(&d).len()), (Outcome::Append, 0), "unproven: none");
    let new = format!("{}{copies}", to_desk("x"));
    assert_eq!(suggested(&decided(&mail(MALLORY, &new, "words"), &known(), |_| {})).len(), 0);
    let proven = decided(&mail(MALLORY, &new, "words"), &known(), |m| {
        m.facts.domain = Domain { stamp: Stamp::Pass(Vec::new()), ..Domain::default() };
    });
    let new_person = suggested(&proven)[0].1;
    assert_eq!(suggested(&proven)[..3], three.map(|a| (2, new_person, a)), "of the new ticket");
}

#[test]
fn t06_what_is_asked_is_bounded() {
    let many: Vec<String> = (0..50).map(|n| format!("p{n}@x.example")).collect();
    let fields =
        format!("To: {}\r\nSubject: x\r\nCc: {}\r\n", reply_address(3, NOW + TEN_DAYS), many.join(",\r\n "));
    assert_eq!(suggested(&decided(&mail(ALICE, &fields, "words"), &known(), |_| {})).len(), NAMED_MAX);
}

#[test]
fn t06_only_participants_get_a_way_out() {
    let to = format!("To: {}\r\nSubject: x\r\n", reply_address(1, NOW + TEN_DAYS));
    let d = decided(&mail(BOB, &to, "words"), &with_carol(), |_| {});
    let token = seal::leave_token(&rules().keys, 1, 4);
    let link = |who: &str| {
        let text = crate::mail::parse::parse(&letters_to(&d, who)[0].bytes).words;
        format!("{}\n{}", text.text, text.signature)
            .contains(&format!("https://support.desk.example/leave/{token}"))
    };
    assert_eq!((link("carol@elsewhere.example"), link("alice@customer.example")), (true, false));
    assert!(!String::from_utf8_lossy(&letters_to(&d, "alice@customer.example")[0].bytes).contains("/leave/"));
}

#[test]
fn t14_the_address_of_one_who_left_proves_nothing() {
    let carol = "Carol <carol@elsewhere.example>";
    let to = format!("To: {}\r\nSubject: x\r\n", reply_address(4, NOW + TEN_DAYS));
    let here = decided(&mail(carol, &to, "words"), &with_carol(), |_| {});
    assert_eq!(
        (here.outcome, here.who, here.verified),
        (Outcome::Append, Who::Participant, Verified::ReplyAddress)
    );
    let mut left = with_carol();
    left.tickets.get_mut(&1).expect("ticket 1").participants.clear();
    let d = decided(&mail(carol, &to, "#close"), &left, |_| {});
    assert_eq!((d.outcome, d.ticket, d.verified), (Outcome::Ticket, Some(2), Verified::None), "{}", d.why);
    assert!(d.why == ProofReason::LeftTicket && letters_to(&d, "alice@customer.example").is_empty());
}

#[test]
fn t06_whoever_joins_or_leaves_is_written_down_and_sent_nothing_old() {
    let (rules, known) = (rules(), known());
    let mut builder = Builder::new(&rules, &known, crate::desk::Moment::new(NOW, [1; 32]));
    let mut facts = known.tickets[&1].clone();
    let alice = facts.requester.clone();
    let carol = AddrSpec::parse("carol@elsewhere.example").expect("an address");
    for reserved in ["support@desk.example", "eve@staff.example"] {
        participants::let_take_part(
            &mut builder,
            &mut facts,
            &alice,
            &AddrSpec::parse(reserved).expect("an address"),
        );
    }
    assert!(builder.changes.is_empty(), "the desk and staff are no participants");
    participants::let_take_part(&mut builder, &mut facts, &alice, &carol);
    let last = facts.messages.last().expect("a line").id;
    let joined = builder
        .changes
        .iter()
        .any(|c| matches!(c, Change::Participant { ticket: 1, since, .. } if *since == last));
    assert!(
        joined
            && builder.letters.iter().all(|l| l.to.as_str().ends_with("@staff.example"))
            && builder.letters.len() == 2
    );
    let person = facts.participants[0].clone();
    participants::leave_ticket(&mut builder, &mut facts, &person);
    assert!(
        facts.participants.is_empty()
            && builder.changes.iter().any(|c| matches!(c, Change::Leave { ticket: 1, .. }))
    );
    let lines = builder
        .changes
        .iter()
        .filter(|c| matches!(c, Change::Message(m) if m.kind == Kind::System && !m.shown))
        .count();
    let audit: Vec<&str> = builder
        .changes
        .iter()
        .filter_map(|c| if let Change::Audit { action, .. } = c { Some(*action) } else { None })
        .collect();
    assert_eq!((lines, audit), (2, vec!["follow", "leave"]));
}
