//! No customer reads an address of staff (T72): the desk's own stands in its place.

use crate::desk::model::Staff;
use crate::mail::AddrSpec;

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
