//! What may stand in the words that a customer gets (T72): no address of staff, and of quotations only what
//! its reader wrote or was sent. Words are compared by letters and digits alone, since every client wraps and
//! marks quoted lines in its own way.

use super::letter::{notification, result};
use super::proof::{self, Row};
use super::work::Work;
use super::{LetterKind, Mailed, Person, Rules, Snapshot, Staff, TicketFacts, Who};
use crate::mail::AddrSpec;

/// The ticket of which it must be known what others wrote and were sent: a mail of staff belongs to it,
/// quotes, and is obeyed. Without proof nothing is read, however much there is: anybody can forge such a
/// mail.
pub fn wanted(rules: &Rules, known: &Snapshot, mailed: &Mailed<'_>, now: i64) -> Option<i64> {
    mailed.mail.from.address().and_then(|a| known.staff_by_address(a))?;
    if known.tickets.is_empty() || !mailed.mail.words.text.lines().any(is_quoted) {
        return None;
    }
    let named = proof::named(rules, known, mailed, now);
    let row = proof::row(Who::Staff, false, named.domain, named.reply, rules.staff_proof);
    named.ticket.filter(|_| row == Row::Obey || mailed.facts.released.is_some())
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Why these words may not go to all of `readers`; `None`: they may. `signature`: what was cut off below
/// them.
pub fn not_theirs(
    known: &Snapshot,
    facts: &TicketFacts,
    readers: &[Person],
    words: &str,
    signature: &str,
) -> Option<String> {
    // A quotation that is not recognised as one ends in the last line of what was answered.
    let all = core(words) + &core(signature);
    if [notification::HELP_LINE, result::STAFF_LINE].iter().any(|line| all.contains(&core(line))) {
        return Some(
            "it holds a whole letter of the desk, which your mail client did not mark as a quotation".into(),
        );
    }
    for reader in readers {
        let had = had(known, facts, reader.id);
        let unseen = |line: &&str| is_quoted(line) && !had.iter().any(|text| text.contains(&core(line)));
        if words.lines().any(|line| unseen(&line)) {
            let address = &reader.address;
            return Some(format!(
                "it quotes, between your words, lines that {address} neither wrote nor was sent"
            ));
        }
    }
    None
}

/// What to do about it.
pub const ADVICE: &str = "Take the quoted lines out, or write them as words of your own, without > before them; #private sends an \
                          answer to the requester alone.";

/// Everything in this ticket that a person wrote, or was sent as an answer.
fn had(known: &Snapshot, facts: &TicketFacts, person: i64) -> Vec<String> {
    let wrote = facts.messages.iter().filter(|m| m.author == Some(person)).map(|m| m.id);
    let sent = facts
        .letters
        .iter()
        .filter(|l| l.kind == LetterKind::Answer && l.person == person)
        .filter_map(|l| l.message);
    wrote.chain(sent).filter_map(|id| known.said.get(&id)).map(|text| core(text)).collect()
}

/// Letters and digits, in lower case.
fn core(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Where an address of staff stands, with a subaddress or not, the desk's stands in its place.
pub fn without_staff_addresses(work: &Work<'_>, text: &str) -> String {
    without_addresses(&work.known.staff, &work.rules.address, text)
}

/// The same where no letter is written: on a page.
pub fn without_addresses(staff: &[Staff], desk: &AddrSpec, text: &str) -> String {
    let everybody = staff.iter().flat_map(|s| std::iter::once(&s.person.address).chain(&s.aliases));
    everybody.fold(text.to_owned(), |out, address| replaced(&out, address, desk.as_str()))
}

fn replaced(text: &str, staff: &AddrSpec, with: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (at, _) in lower.match_indices('@') {
        let end = at + 1 + staff.domain().len();
        let Some(start) = start_of(&lower[done..at], staff.local()).map(|s| s + done) else { continue };
        let inside = lower.get(at + 1..end) == Some(staff.domain());
        let more = lower
            .get(end..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|c| c.is_alphanumeric() || c == '-');
        if inside && !more {
            out.push_str(&text[done..start]);
            out.push_str(with);
            done = end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// Where, at the end of `before`, this local part begins: alone, or with a subaddress behind it. `joann` is
/// not `ann`.
fn start_of(before: &str, local: &str) -> Option<usize> {
    let atext = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
    let begin =
        before.char_indices().rev().take_while(|(_, c)| atext(*c)).last().map_or(before.len(), |(i, _)| i);
    let word = &before[begin..];
    let found = word.match_indices(local).find(|(i, _)| {
        let after = &word[i + local.len()..];
        let alone = after.is_empty() || after.starts_with('+');
        alone && !word[..*i].chars().any(char::is_alphanumeric)
    });
    found.map(|(i, _)| begin + i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t72_no_address_of_staff_is_relayed() {
        let bob = AddrSpec::parse("bob@staff.example").expect("an address");
        let cases = [
            ("write to bob@staff.example, please", "write to DESK, please"),
            ("<BOB@Staff.Example>", "<DESK>"),
            ("bob+phone@staff.example.", "DESK."),
            ("mailto:bob@staff.example?subject=x", "mailto:DESK?subject=x"),
            ("'bob@staff.example' ...bob@staff.example", "'DESK' ...DESK"),
            ("bob@staff.example bob@staff.example", "DESK DESK"),
            ("é bob@staff.example é", "é DESK é"),
            ("jimbob@staff.example jo.bob@staff.example", "jimbob@staff.example jo.bob@staff.example"),
            ("bob@staff.examples bob@other.example", "bob@staff.examples bob@other.example"),
            ("@ bob@ @staff.example", "@ bob@ @staff.example"),
        ];
        for (text, wanted) in cases {
            assert_eq!(replaced(text, &bob, "DESK"), wanted, "{text}");
        }
    }
}
