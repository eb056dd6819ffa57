//! Whose fault a refusal is (RFC 5321 §4.2, RFC 3463, T113): the relay's, the letter's, or the recipient's.
//! A fault of the relay is no verdict on a letter.

use super::model::Sent;
use std::collections::BTreeMap;

/// So many letters to different recipients that are refused in a row are the fault of the relay.
const ROW_RECIPIENTS: usize = 3;
/// Letters of a round that are remembered.
const ROUND_MAX: usize = 1000;
/// Waiting times while the relay is at fault, one after the other; seconds. The last one repeats.
const PAUSES_SECS: [u64; 6] = [2, 4, 8, 16, 30, 60];

/// What the relay was asked when it refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// MAIL FROM: nothing about the letter is known so far.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA, and the bytes.
    Content,
}

/// What a reply means that is no success. `code` is that of RFC 5321 §4.2, `words` are the reply with its
/// code. `sheds`: the letter can leave again without its files.
pub fn judge(stage: Stage, code: u16, words: &str, sheds: bool) -> Sent {
    let said = || words.to_owned();
    let status = status(words);
    let subject = status.map(|(_, subject, _)| subject);
    if code == 421 {
        return Sent::RelayAway(said());
    }
    if (400..500).contains(&code) {
        // RFC 3463 §3.4: the mail system is full or closed.
        return match (stage, subject) {
            (Stage::Sender, _) | (_, Some(3)) => Sent::RelayAway(said()),
            (Stage::Recipient | Stage::Content, _) => Sent::Deferred(said()),
        };
    }
    if !(500..600).contains(&code) {
        return Sent::RelayAway(said());
    }
    // RFC 3463 §3.3 and §3.4: larger than this mailbox, or this mail system, takes.
    let too_large = matches!(status, Some((5, 2, 3) | (5, 3, 4)))
        || (code == 552 && status.is_none() && stage != Stage::Recipient);
    let of_recipient = matches!(subject, Some(1 | 2 | 4)) && stage != Stage::Sender;
    match stage {
        _ if too_large && sheds => Sent::WithoutFiles(said()),
        _ if too_large => Sent::Refused(said()),
        Stage::Sender => Sent::RelayAway(said()),
        Stage::Recipient | Stage::Content if of_recipient => Sent::Refused(said()),
        Stage::Content if sheds => Sent::WithoutFiles(said()),
        Stage::Recipient | Stage::Content if matches!(subject, Some(3 | 7)) => Sent::RelayRefuses(said()),
        // RFC 5321 §4.2.3: the mailbox is not there, not local, not allowed, or full.
        Stage::Recipient if matches!(code, 550..=553 | 556) => Sent::Refused(said()),
        Stage::Content if subject == Some(6) => Sent::Refused(said()),
        Stage::Recipient | Stage::Content => Sent::RelayRefuses(said()),
    }
}

/// RFC 2034: the status that a reply names after its code; `None`: it names none.
fn status(words: &str) -> Option<(u16, u16, u16)> {
    let mut parts = words.split_whitespace().nth(1)?.split('.');
    let mut number = || parts.next().and_then(|p| p.parse::<u16>().ok());
    let status = (number()?, number()?, number()?);
    parts.next().is_none().then_some(status)
}

/// Whose fault it is that a letter was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The letter's or its recipient's, for sure.
    Letter,
    /// The letter's, if the relay takes others.
    Open,
    /// The relay's, which takes nobody's letters.
    Relay,
}

/// What the relay did since it last took a letter.
#[derive(Debug, Default)]
pub struct Row {
    refused: Vec<(i64, String)>,
    pauses: usize,
    /// Letters that wait since the relay was at fault. True: it took another one since, so what it says of
    /// this one next is a verdict. Otherwise three addresses that are gone would wait for ever.
    excused: BTreeMap<i64, bool>,
    /// Letters that were tried in vain in this round. The others go first: one that is refused whatever comes
    /// must not keep those from the relay that show it to be well.
    round: Vec<i64>,
}

impl Row {
    /// It took this letter; `None`: no letter waits any more. Gives back whether it was
    /// at fault before.
    pub fn took(&mut self, letter: Option<i64>) -> bool {
        let was_at_fault = self.pauses > 0;
        self.pauses = 0;
        self.refused.clear();
        self.round.clear();
        match letter {
            Some(letter) => {
                self.excused.remove(&letter);
                self.excused.values_mut().for_each(|tells| *tells = true);
            }
            None => self.excused.clear(),
        }
        was_at_fault
    }

    /// It did not take this letter, to this address.
    pub fn refused(&mut self, letter: i64, to: &str) -> Fault {
        if self.judges(letter) {
            return Fault::Letter;
        }
        self.in_vain(letter);
        self.refused.retain(|(l, _)| *l != letter);
        self.refused.push((letter, to.to_owned()));
        let mut all: Vec<&str> = self.refused.iter().map(|(_, to)| to.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        match self.pauses > 0 || all.len() >= ROW_RECIPIENTS {
            true => Fault::Relay,
            false => Fault::Open,
        }
    }

    /// It refused this letter before it knew for whom it is, or says that it is full or closed: it is at
    /// fault, unless it takes others meanwhile.
    pub fn turned_away(&mut self, letter: i64) -> Fault {
        if self.judges(letter) {
            return Fault::Letter;
        }
        self.excused.insert(letter, false);
        self.in_vain(letter);
        Fault::Relay
    }

    fn in_vain(&mut self, letter: i64) {
        if self.round.len() >= ROUND_MAX {
            self.round.clear();
        }
        self.round.push(letter);
    }

    /// Letters that were tried in vain and go behind the others.
    pub fn tried(&self) -> &[i64] {
        &self.round
    }

    /// This letter goes next. Where it was tried in this round, there is no other, and a new round begins.
    pub fn goes_next(&mut self, letter: i64) {
        if self.round.contains(&letter) {
            self.round.clear();
        }
    }

    /// Is what it says of this letter a verdict? It is one once.
    fn judges(&mut self, letter: i64) -> bool {
        let judges = self.excused.get(&letter).copied().unwrap_or(false);
        if judges {
            self.excused.remove(&letter);
        }
        judges
    }

    /// The letters that were refused since it took one.
    pub fn letters(&self) -> Vec<i64> {
        self.refused.iter().map(|(letter, _)| *letter).collect()
    }

    /// It is at fault: how long to leave it alone, in seconds.
    pub fn pause_secs(&mut self) -> u64 {
        let secs = PAUSES_SECS[self.pauses.min(PAUSES_SECS.len() - 1)];
        self.pauses += 1;
        self.excused.extend(self.refused.drain(..).map(|(letter, _)| (letter, false)));
        secs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T113: what relays really answer, and whose fault it is.
    #[test]
    fn t113_a_fault_of_the_relay_is_no_verdict_on_a_letter() {
        use Stage::{Content, Recipient, Sender};
        let away = |s: &Sent| matches!(s, Sent::RelayAway(_));
        let refuses = |s: &Sent| matches!(s, Sent::RelayRefuses(_));
        let refused = |s: &Sent| matches!(s, Sent::Refused(_));
        let deferred = |s: &Sent| matches!(s, Sent::Deferred(_));
        let without = |s: &Sent| matches!(s, Sent::WithoutFiles(_));
        type Is<'a> = &'a dyn Fn(&Sent) -> bool;
        let table: &[(Stage, &str, bool, Is<'_>)] = &[
            (Sender, "550 5.1.8 sender domain not found", false, &away),
            (Sender, "451 4.3.0 try again", false, &away),
            (Sender, "552 5.3.4 too large", true, &without),
            (Sender, "530 5.7.0 authentication required", true, &away),
            (Recipient, "550 5.1.1 no such person", true, &refused),
            (Recipient, "550 no such user", false, &refused),
            (Recipient, "552 mailbox is full", true, &refused),
            (Recipient, "550 5.4.1 recipient address rejected", false, &refused),
            (Recipient, "554 5.7.1 relay access denied", false, &refuses),
            (Recipient, "554 no", false, &refuses),
            (Recipient, "550 5.3.0 not now", false, &refuses),
            (Recipient, "450 4.2.0 greylisted", false, &deferred),
            (Recipient, "451 4.7.1 come back later", false, &deferred),
            (Recipient, "452 4.3.1 no disk", false, &away),
            (Recipient, "421 4.7.0 too many mails", false, &away),
            (Content, "552 5.3.4 too large", true, &without),
            (Content, "552 too large", false, &refused),
            (Content, "552 5.7.0 this kind of file is blocked", true, &without),
            (Content, "554 5.7.1 rejected", false, &refuses),
            (Content, "554 transaction failed", false, &refuses),
            (Content, "550 5.1.1 no such person", true, &refused),
            (Content, "554 5.6.0 malformed", false, &refused),
            (Content, "451 4.7.1 greylisted", true, &deferred),
        ];
        for (stage, words, sheds, is) in table {
            let code = words[..3].parse().expect("a code");
            let sent = judge(*stage, code, words, *sheds);
            assert!(is(&sent), "{stage:?} {words}: {sent:?}");
        }
    }

    #[test]
    fn t113_the_same_for_several_in_a_row_is_the_relays() {
        let mut row = Row::default();
        assert_eq!(
            (row.refused(1, "a@x.example"), row.refused(2, "b@x.example")),
            (Fault::Open, Fault::Open)
        );
        assert_eq!(row.refused(3, "b@x.example"), Fault::Open, "the same address says nothing of the relay");
        assert!(!row.took(Some(9)));
        assert_eq!(
            (row.refused(4, "c@x.example"), row.refused(5, "d@x.example")),
            (Fault::Open, Fault::Open)
        );
        assert_eq!(row.refused(6, "e@x.example"), Fault::Relay);
        assert_eq!(row.letters(), [4, 5, 6]);
        assert!(row.pause_secs() < row.pause_secs());
        assert_eq!(row.refused(7, "f@x.example"), Fault::Relay, "until it takes one");
        assert!(row.took(Some(9)) && !row.took(None));
        assert_eq!(row.refused(8, "g@x.example"), Fault::Open);
    }

    #[test]
    fn t113_who_was_tried_in_vain_goes_behind_the_others() {
        let mut row = Row::default();
        row.refused(1, "a@x.example");
        row.turned_away(2);
        assert_eq!(row.tried(), [1, 2]);
        row.goes_next(3);
        assert_eq!(row.tried(), [1, 2]);
        row.goes_next(1);
        assert!(row.tried().is_empty(), "a new round");
        row.refused(1, "a@x.example");
        row.took(Some(3));
        assert!(row.tried().is_empty());
    }

    #[test]
    fn t113_who_is_refused_again_beside_others_is_judged() {
        let mut row = Row::default();
        for (letter, to) in [(1, "a@x.example"), (2, "b@x.example"), (3, "c@x.example")] {
            row.refused(letter, to);
        }
        row.pause_secs();
        assert_eq!(row.turned_away(4), Fault::Relay);
        row.pause_secs();
        assert_eq!(row.refused(1, "a@x.example"), Fault::Relay, "it has taken nothing since");
        row.pause_secs();
        assert!(row.took(Some(2)));
        assert_eq!(row.refused(1, "a@x.example"), Fault::Letter);
        assert_eq!((row.refused(3, "c@x.example"), row.turned_away(4)), (Fault::Letter, Fault::Letter));
        assert_eq!(row.refused(2, "b@x.example"), Fault::Open, "this one was taken, and is a new one");
        assert_eq!(row.refused(1, "a@x.example"), Fault::Open, "each is judged once");
    }
}
