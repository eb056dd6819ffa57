//! The Hour: what happens because time passes.

use super::letter::summary;
use super::work::Work;
use super::{Change, Decision, Moment, Outcome, Person, Rules, Snapshot, Status};

/// A notice that was held back.
#[derive(Debug, Clone)]
pub struct Held {
    pub id: i64,
    pub person: Person,
    /// `None`: it is about no ticket.
    pub ticket: Option<i64>,
    pub why: String,
}

fn line(rules: &Rules, held: &Held) -> String {
    held.ticket.map_or_else(|| held.why.clone(), |n| format!("{}  {}", rules.token(n), held.why))
}

/// `waking`: tickets whose `#wait DATE` is over; `held`: notices whose time has come, by person.
pub fn decide(rules: &Rules, known: &Snapshot, waking: &[i64], held: &[Held], moment: Moment) -> Decision {
    let mut work = Work::new(rules, known, moment);
    for number in waking {
        if let Some(facts) = known.tickets.get(number) {
            let mut facts = facts.clone();
            work.status(&mut facts, Status::Open);
            work.save(&mut facts);
        }
    }
    let mut persons: Vec<&Person> = Vec::new();
    for h in held {
        if !persons.iter().any(|p| p.id == h.person.id) {
            persons.push(&h.person);
        }
        work.change(Change::PendingDone { id: h.id });
    }
    for person in persons.into_iter().filter(|p| known.staff_by_id(p.id).is_some()) {
        let mine = held.iter().filter(|h| h.person.id == person.id);
        let lines: Vec<String> = mine.map(|h| line(rules, h)).collect();
        summary::send(&mut work, person, &lines);
    }
    work.finish(Outcome::Append, "time passed", None)
}
