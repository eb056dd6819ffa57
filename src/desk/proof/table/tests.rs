//! The decision table of THREATS.md, whole: who, in whose name a machine or a human; what the domain says; to
//! which kind of address the mail came; under both settings of `staff_proof`.

use crate::desk::model::{
    Decision, Domain, DomainProof, LetterKind, Outcome, ReplyProof, StaffProof, Stamp, Verified, Who,
};
use crate::desk::proof::named;
use crate::desk::proof::table::{self, Row};
use crate::desk::rules::Rules;
use crate::desk::testing::{
    ALICE, BOB, MALLORY, NOW, TEN_DAYS, decided_under, human, known, mail, reply_address, rules, signed,
};

/// `obey` relays and runs commands, `append` goes into the ticket, `own` is a ticket of their own, `file` is
/// attached or kept and nothing follows, `hold` waits for a word, `quarant` is taken for forged.
const TABLE: &str = "
                               staff_proof = any                        staff_proof = both
 from                 domain   plain   given   expired foreign torn     plain   given   expired foreign torn
 staff        human   none     hold    obey    hold    hold    hold     hold    hold    hold    hold    hold
 staff        human   dkim     obey    obey    obey    obey    hold     hold    obey    hold    hold    hold
 staff        human   dmarc    obey    obey    obey    obey    hold     hold    obey    hold    hold    hold
 staff        human   counter  quarant quarant quarant quarant quarant  quarant quarant quarant quarant \
                     quarant
 staff        machine none     file    file    file    file    file     file    file    file    file    file
 staff        machine dkim     file    file    file    file    file     file    file    file    file    file
 staff        machine dmarc    file    file    file    file    file     file    file    file    file    file
 staff        machine counter  quarant quarant quarant quarant quarant  quarant quarant quarant quarant \
                     quarant
 participant  human   none     append  append  append  append  append   append  append  append  append  append
 participant  human   dkim     append  append  append  append  append   append  append  append  append  append
 participant  human   dmarc    append  append  append  append  append   append  append  append  append  append
 participant  human   counter  hold    hold    hold    hold    hold     hold    hold    hold    hold    hold
 participant  machine none     file    file    file    file    file     file    file    file    file    file
 participant  machine dkim     file    file    file    file    file     file    file    file    file    file
 participant  machine dmarc    file    file    file    file    file     file    file    file    file    file
 participant  machine counter  hold    hold    hold    hold    hold     hold    hold    hold    hold    hold
 stranger     human   none     own     own     own     own     own      own     own     own     own     own
 stranger     human   dkim     own     own     own     own     own      own     own     own     own     own
 stranger     human   dmarc    own     own     own     own     own      own     own     own     own     own
 stranger     human   counter  own     own     own     own     own      own     own     own     own     own
 stranger     machine none     own     own     own     own     own      own     own     own     own     own
 stranger     machine dkim     own     own     own     own     own      own     own     own     own     own
 stranger     machine dmarc    own     own     own     own     own      own     own     own     own     own
 stranger     machine counter  own     own     own     own     own      own     own     own     own     own
";

const WHO: [(&str, Who); 3] =
    [("staff", Who::Staff), ("participant", Who::Participant), ("stranger", Who::Stranger)];
const WRITER: [(&str, bool); 2] = [("human", false), ("machine", true)];
const DOMAIN: [(&str, DomainProof); 4] = [
    ("none", DomainProof::Unknown),
    ("dkim", DomainProof::Dkim),
    ("dmarc", DomainProof::Dmarc),
    ("counter", DomainProof::Disproved),
];
const ADDRESS: [ReplyProof; 5] =
    [ReplyProof::None, ReplyProof::Given, ReplyProof::Expired, ReplyProof::Foreign, ReplyProof::Torn];
const RULE: [StaffProof; 2] = [StaffProof::Any, StaffProof::Both];

fn word(row: Row) -> &'static str {
    match row {
        Row::Obey => "obey",
        Row::Hold => "hold",
        Row::Quarantine => "quarant",
        Row::Append => "append",
        Row::Own => "own",
        Row::File => "file",
    }
}

#[test]
fn the_decision_table() {
    let mut lines = TABLE.lines().skip(3).filter(|l| !l.is_empty());
    for (who_word, who) in WHO {
        for (writer, automatic) in WRITER {
            for (domain_word, domain) in DOMAIN {
                let line = lines.next().expect("a line for every sender and domain");
                let mut cells = line.split_ascii_whitespace();
                assert_eq!(
                    [cells.next(), cells.next(), cells.next()],
                    [Some(who_word), Some(writer), Some(domain_word)]
                );
                for rule in RULE {
                    for reply in ADDRESS {
                        let decided = word(table::row_for(who, automatic, domain, reply, rule));
                        assert_eq!(
                            cells.next(),
                            Some(decided),
                            "{who_word} {writer} {domain_word} {reply:?} {rule:?}"
                        );
                    }
                }
                assert_eq!(cells.next(), None);
            }
        }
    }
    assert_eq!(lines.next(), None);
}

/// A mail of every cell of the table, from its header fields on: what it comes to is what the table says.
#[test]
fn the_decision_table_on_whole_mails() {
    let mut lines = TABLE.lines().skip(3).filter(|l| !l.is_empty());
    let mut known = known();
    // Mallory was given a reply address once and belongs to no ticket; a subject may name another one.
    let mallory = human(9, "mallory@evil.example");
    known.persons.insert(mallory.address.clone(), mallory);
    let mut other = known.tickets[&1].clone();
    other.ticket.number = 7;
    known.tickets.insert(7, other);
    let from = |who: Who| match who {
        Who::Staff => (BOB, 1),
        Who::Participant => (ALICE, 3),
        Who::Stranger => (MALLORY, 9),
    };
    let domain = |proof: DomainProof| match proof {
        DomainProof::Unknown => Domain::default(),
        DomainProof::Dkim => signed(),
        DomainProof::Dmarc => Domain { stamp: Stamp::Pass(signed().signed), ..Domain::default() },
        DomainProof::Disproved => Domain { stamp: Stamp::Fail, ..Domain::default() },
    };
    let fields = |reply: ReplyProof, person: i64| {
        let (to, subject) = match reply {
            ReplyProof::None => ("support@desk.example".to_owned(), "x [DESK-1]"),
            ReplyProof::Given => (reply_address(person, NOW + TEN_DAYS), "x [DESK-1]"),
            ReplyProof::Expired => (reply_address(person, NOW - TEN_DAYS), "x [DESK-1]"),
            ReplyProof::Foreign => (reply_address(2, NOW + TEN_DAYS), "x [DESK-1]"),
            ReplyProof::Torn => (reply_address(person, NOW + TEN_DAYS), "x [DESK-7]"),
        };
        format!("To: {to}\r\nSubject: {subject}\r\n")
    };
    for ((_, who), (_, automatic), (_, proof)) in
        WHO.iter().flat_map(|w| WRITER.iter().flat_map(move |r| DOMAIN.iter().map(move |d| (w, r, d))))
    {
        let line = lines.next().expect("a line for every sender and domain");
        let mut cells = line.split_ascii_whitespace().skip(3);
        for staff_proof in RULE {
            for reply in ADDRESS {
                let (writer, person) = from(*who);
                let mark = if *automatic { "Auto-Submitted: auto-replied\r\n" } else { "" };
                let raw = mail(writer, &format!("{}{mark}", fields(reply, person)), "#tag +seen\r\n");
                let rules = Rules { staff_proof, ..rules() };
                let d = decided_under(&rules, &raw, &known, |m| m.facts.domain = domain(*proof));
                assert_eq!(
                    cells.next(),
                    Some(came_to(&d)),
                    "{who:?} {automatic} {proof:?} {reply:?} {staff_proof:?}: {}",
                    d.reason
                );
            }
        }
    }
}

/// What became of a mail, in the words of the table.
fn came_to(decision: &Decision) -> &'static str {
    let has = |kind| decision.letters.iter().any(|l| l.kind == kind);
    match decision.outcome {
        Outcome::Ticket => "own",
        Outcome::Held => "hold",
        Outcome::Quarantine => "quarant",
        Outcome::Append if has(LetterKind::Result) => "obey",
        Outcome::Append if has(LetterKind::Notification) => "append",
        Outcome::Append => "file",
        Outcome::Query | Outcome::Refused | Outcome::Report | Outcome::Loop | Outcome::Duplicate => {
            "something else"
        }
    }
}

/// The table of THREATS.md in other words: what no setting and no address changes.
#[test]
fn what_holds_in_every_cell() {
    for (automatic, reply, rule) in WRITER
        .iter()
        .flat_map(|(_, a)| ADDRESS.iter().flat_map(move |r| RULE.iter().map(move |rule| (*a, *r, *rule))))
    {
        for (_, domain) in DOMAIN {
            let staff = table::row_for(Who::Staff, automatic, domain, reply, rule);
            let proven =
                matches!(domain, DomainProof::Dkim | DomainProof::Dmarc) || reply == ReplyProof::Given;
            assert!(
                staff != Row::Obey || proven && !automatic,
                "nobody is obeyed without proof, and no machine ever"
            );
            assert_ne!(table::row_for(Who::Participant, automatic, domain, reply, rule), Row::Obey);
            assert_eq!(table::row_for(Who::Stranger, automatic, domain, reply, rule), Row::Own);
        }
        assert_eq!(
            table::row_for(Who::Staff, automatic, DomainProof::Disproved, reply, rule),
            Row::Quarantine,
            "it beats P2"
        );
    }
}

#[test]
fn the_strongest_proof_is_told() {
    assert_eq!(named::strongest(DomainProof::Dkim, true), Verified::Dkim);
    assert_eq!(named::strongest(DomainProof::Dmarc, true), Verified::Dmarc);
    assert_eq!(named::strongest(DomainProof::Unknown, true), Verified::ReplyAddress);
    assert_eq!(named::strongest(DomainProof::Unknown, false), Verified::None);
    assert_eq!(named::strongest(DomainProof::Disproved, true), Verified::None);
}
