//! What is shown of the name that somebody gives themselves (T07): identity is the address, and a name may
//! lie.

use crate::desk::model::{Person, Staff};
use crate::mail::AddrSpec;

/// What a display name pretends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: it may be shown.
    Plain,
    /// It is empty, holds an address or what looks like one, or characters that turn or hide text: it is not
    /// shown.
    Unshown,
    /// It is the name of a staff member or of the desk, and its bearer is neither.
    Staff,
}

/// The names that only their bearers may have.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// (words of the name, its bearer's addresses)
    reserved: Vec<(Vec<String>, Vec<AddrSpec>)>,
}

impl Names {
    /// `desk` is the public name of the desk.
    pub fn of(desk: &str, staff: &[Staff]) -> Self {
        let bearers = staff.iter().map(|s| {
            let addresses = std::iter::once(&s.person.address).chain(&s.aliases).cloned().collect();
            (words(&s.person.name), addresses)
        });
        let all = bearers.chain(std::iter::once((words(desk), Vec::new())));
        Self { reserved: all.filter(|(words, _)| !words.is_empty()).collect() }
    }

    /// What this name pretends, from this address.
    pub fn claim(&self, name: &str, address: &str) -> Claim {
        let at = |c: char| matches!(c, '@' | '\u{ff20}' | '\u{fe6b}');
        if name.trim().is_empty() || name.contains(|c: char| at(c) || c.is_control() || hides(c)) {
            return Claim::Unshown;
        }
        let own = |addresses: &[AddrSpec]| addresses.iter().any(|a| a.as_str().eq_ignore_ascii_case(address));
        if self.reserved.iter().any(|(_, addresses)| own(addresses)) {
            return Claim::Plain;
        }
        let given = words(name);
        let taken = self.reserved.iter().any(|(reserved, _)| reserved.iter().all(|w| given.contains(w)));
        if taken { Claim::Staff } else { Claim::Plain }
    }

    /// For staff and operators: always with the address.
    pub fn to_staff(&self, name: &str, address: &str) -> String {
        match self.claim(name, address) {
            Claim::Plain => format!("{name} <{address}>"),
            Claim::Unshown => address.to_owned(),
            Claim::Staff => format!("{name} (not staff) <{address}>"),
        }
    }

    /// As [`Names::to_staff`].
    pub fn person(&self, person: &Person) -> String {
        self.to_staff(&person.name, person.address.as_str())
    }

    /// For other customers: the name if it is harmless, never an address.
    pub fn to_customers<'a>(&self, name: &'a str, address: &str) -> Option<&'a str> {
        match self.claim(name, address) {
            Claim::Plain => Some(name),
            Claim::Unshown | Claim::Staff => None,
        }
    }
}

/// Bidi controls, and characters of no width that let one name look like another.
fn hides(c: char) -> bool {
    let range = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    range || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
}

/// The words of a name as they look: without case, and letters of other scripts that look Latin as Latin
/// ones.
fn words(name: &str) -> Vec<String> {
    let looks: String = name.chars().flat_map(|c| narrow(c).to_lowercase()).map(latin).collect();
    looks.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// U+FF01 to U+FF5E are ASCII again, only wider.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'ɡ' => 'g',
        'һ' | 'н' => 'h',
        'і' | 'ι' | 'ı' | 'l' | '1' | 'ӏ' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'о' | 'ο' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse;

    fn names() -> Names {
        let bob = Person {
            id: 1,
            address: AddrSpec::parse("bob@staff.example").expect("an address"),
            name: "Bob Builder".into(),
            spam: crate::desk::model::Spam::No,
        };
        let alias = AddrSpec::parse("bob@home.example").expect("an address");
        Names::of("Acme Help", &[Staff { person: bob, aliases: vec![alias] }])
    }

    /// From field as it was sent; what staff read; what other customers read.
    const GOLDEN: [(&str, &str, Option<&str>); 22] = [
        ("Alice Lee <a@b.example>", "Alice Lee <a@b.example>", Some("Alice Lee")),
        ("a@b.example", "a@b.example", None),
        ("\"Lee, Alice\" <a@b.example>", "Lee, Alice <a@b.example>", Some("Lee, Alice")),
        ("=?utf-8?q?J=C3=B6rg?= <a@b.example>", "Jörg <a@b.example>", Some("Jörg")),
        ("\"boss@corp.example\" <x@evil.example>", "x@evil.example", None),
        ("\"boss (boss@corp.example)\" <x@evil.example>", "x@evil.example", None),
        ("=?utf-8?q?boss=EF=BC=A0corp.example?= <x@evil.example>", "x@evil.example", None),
        ("\"a@b.example\" <a@b.example>", "a@b.example", None),
        ("Bob Builder <x@evil.example>", "Bob Builder (not staff) <x@evil.example>", None),
        ("\"Builder, Bob\" <x@evil.example>", "Builder, Bob (not staff) <x@evil.example>", None),
        ("BOB  BUILDER <x@evil.example>", "BOB BUILDER (not staff) <x@evil.example>", None),
        (
            "\"Bob Builder, Support\" <x@evil.example>",
            "Bob Builder, Support (not staff) <x@evil.example>",
            None,
        ),
        ("=?utf-8?q?B=D0=BEb_Builder?= <x@evil.example>", "Bоb Builder (not staff) <x@evil.example>", None),
        (
            "=?utf-8?q?=EF=BC=A2ob_Builder?= <x@evil.example>",
            "Ｂob Builder (not staff) <x@evil.example>",
            None,
        ),
        ("Bob Bui1der <x@evil.example>", "Bob Bui1der (not staff) <x@evil.example>", None),
        ("Acme Help <x@evil.example>", "Acme Help (not staff) <x@evil.example>", None),
        ("Bob Builder <bob@staff.example>", "Bob Builder <bob@staff.example>", Some("Bob Builder")),
        ("Bob Builder <bob@home.example>", "Bob Builder <bob@home.example>", Some("Bob Builder")),
        ("Bob Smith <b@c.example>", "Bob Smith <b@c.example>", Some("Bob Smith")),
        ("=?utf-8?q?Alice=E2=80=AEeeL?= <a@b.example>", "AliceeeL <a@b.example>", Some("AliceeeL")),
        (
            "=?utf-8?q?Bo=E2=80=8Bb_Builder?= <x@evil.example>",
            "Bob Builder (not staff) <x@evil.example>",
            None,
        ),
        ("=?utf-8?q?x=0D=0ABcc=3A_y?= <a@b.example>", "x Bcc: y <a@b.example>", Some("x Bcc: y")),
    ];

    #[test]
    fn t07_names_as_they_are_shown() {
        let names = names();
        for (from, to_staff, to_customers) in GOLDEN {
            let mail = parse::parse(format!("From: {from}\r\nSubject: x\r\n\r\nx\r\n").as_bytes());
            let address = mail.from.address().unwrap_or_else(|| panic!("{from}: {:?}", mail.from));
            assert_eq!(names.to_staff(mail.from.name(), address.as_str()), to_staff, "{from}");
            assert_eq!(names.to_customers(mail.from.name(), address.as_str()), to_customers, "{from}");
        }
    }

    /// A name that came another way than by a mail is looked at as well.
    #[test]
    fn t07_what_turns_or_hides_text_is_not_shown() {
        for name in ["Al\u{202e}eci", "\u{200f}Alice", "Bo\u{200b}b Builder", "Alice\nBob", "a\u{2066}b"] {
            assert_eq!(names().claim(name, "a@b.example"), Claim::Unshown, "{name:?}");
        }
    }
}
