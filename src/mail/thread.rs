//! Which mails hang together, by References and In-Reply-To (RFC 5322 §3.6.4). It grants nothing; it only
//! tells.

use std::collections::HashMap;

use super::address::MessageId;
use super::inbound::Inbound;

/// The threads among some mails. Ids of mails that are not there connect as well.
#[derive(Default)]
pub struct Threads {
    ids: Vec<MessageId>,
    numbers: HashMap<MessageId, usize>,
    /// For each id one of its thread, itself at the end of the way.
    towards: Vec<usize>,
    rank: Vec<Rank>,
}

/// How likely an id is the beginning of its thread; the least is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    claim: Claim,
    date: i64,
    /// Where no date helps, what was named first.
    order: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// Its mail is there and answers nothing.
    Begins,
    /// No mail names anything older.
    Oldest,
    Answers,
}

impl Threads {
    /// Joins what hangs together.
    pub fn of<'a>(mails: impl Iterator<Item = &'a Inbound>) -> Self {
        let mut all = Self::default();
        for mail in mails {
            all.add(mail);
        }
        for number in 0..all.ids.len() {
            // A way leads to smaller numbers only, and those are at their ends already.
            let end = all.towards[all.towards[number]];
            all.towards[number] = end;
            // The end takes the best claim of its thread; whose that is, the order tells.
            all.rank[end] = all.rank[end].min(all.rank[number]);
        }
        all
    }

    /// The Message-ID of the oldest mail that this one hangs on, which may be its own.
    pub fn root(&self, mail: &Inbound) -> Option<MessageId> {
        let first = chain(mail).into_iter().next()?;
        let number = *self.numbers.get(&first)?;
        Some(self.ids[self.rank[self.towards[number]].order].clone())
    }

    fn add(&mut self, mail: &Inbound) {
        let chain: Vec<usize> = chain(mail).into_iter().map(|id| self.number(id)).collect();
        for pair in chain.windows(2) {
            self.join(pair[0], pair[1]);
            let below = &mut self.rank[pair[1]];
            below.claim = if below.claim == Claim::Begins { Claim::Begins } else { Claim::Answers };
        }
        let Some(own) = mail.message_id.as_ref().map(|id| self.numbers[id]) else { return };
        let rank = &mut self.rank[own];
        rank.date = rank.date.min(mail.date.unwrap_or(i64::MAX));
        if chain.len() == 1 {
            rank.claim = Claim::Begins;
        }
    }

    fn number(&mut self, id: MessageId) -> usize {
        let next = self.ids.len();
        let number = *self.numbers.entry(id.clone()).or_insert(next);
        if number == next {
            self.ids.push(id);
            self.towards.push(next);
            self.rank.push(Rank { claim: Claim::Oldest, date: i64::MAX, order: next });
        }
        number
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.end(a), self.end(b));
        self.towards[a.max(b)] = a.min(b);
    }

    /// The end of the way, which becomes half as long.
    fn end(&mut self, mut number: usize) -> usize {
        while self.towards[number] != number {
            self.towards[number] = self.towards[self.towards[number]];
            number = self.towards[number];
        }
        number
    }
}

/// The ids that a mail hangs on, oldest first, and its own at the end.
fn chain(mail: &Inbound) -> Vec<MessageId> {
    let mut out: Vec<MessageId> = Vec::new();
    let parents = mail.references.iter().chain(&mail.in_reply_to);
    for id in parents.filter(|id| mail.message_id.as_ref() != Some(*id)).chain(&mail.message_id) {
        if !out.contains(id) {
            out.push(id.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::parse::parse;

    /// One mail a line: its id, then what it names in References; `in:` before what stands in In-Reply-To.
    fn check(mails: &[&str], wanted: &[&str]) {
        let mails: Vec<Inbound> = mails
            .iter()
            .map(|line| {
                let (mut head, mut refs, mut answers) = (String::new(), String::new(), String::new());
                for word in line.split(' ') {
                    match word.strip_prefix("in:") {
                        Some(id) => answers.push_str(&format!(" <{id}@x>")),
                        None if head.is_empty() => head = format!("Message-ID: <{word}@x>\r\n"),
                        None => refs.push_str(&format!(" <{word}@x>")),
                    }
                }
                parse(
                    format!(
                        "From: a@b.example\r\n{head}References:{refs}\r\nIn-Reply-To:{answers}\r\n\r\nx\r\n"
                    )
                    .as_bytes(),
                )
            })
            .collect();
        let threads = Threads::of(mails.iter());
        let got: Vec<String> =
            mails.iter().map(|m| threads.root(m).map_or(String::new(), |id| id.to_string())).collect();
        let wanted: Vec<String> = wanted.iter().map(|w| format!("<{w}@x>")).collect();
        assert_eq!(got, wanted);
    }

    #[test]
    fn a_thread_is_what_hangs_together() {
        check(&["a"], &["a"]);
        check(&["c a b"], &["a"]);
        check(&["b in:a", "c in:b", "a"], &["a", "a", "a"]);
        check(&["b gone", "c gone"], &["gone", "gone"]);
        // Each knows another part of the way.
        check(&["d c", "c b", "b a"], &["a", "a", "a"]);
        check(&["m x y", "n p y"], &["x", "x"]);
        check(&["a", "a", "b a"], &["a", "a", "a"]);
    }

    #[test]
    fn wrong_references() {
        // A mail that is there and answers nothing begins its thread, whatever others name before it.
        check(&["root", "child wrong in:root", "grand child root"], &["root", "root", "root"]);
        check(&["x in:y", "y in:x"], &["y", "y"]);
        check(&["x x"], &["x"]);
        check(&["a b c", "b c a", "c a b"], &["b", "b", "b"]);
    }

    #[test]
    fn many_mails_are_quick() {
        let mails: Vec<Inbound> = (0..20_000)
            .map(|n| {
                parse(format!("Message-ID: <{n}@x>\r\nIn-Reply-To: <{}@x>\r\n\r\nx\r\n", n + 1).as_bytes())
            })
            .collect();
        let threads = Threads::of(mails.iter());
        assert!(mails.iter().all(|m| threads.root(m).is_some_and(|id| id.as_str() == "20000@x")));
    }
}
