//! Who may see which ticket and which message (T06, T71). Pages, exports and search results ask here and
//! nowhere else.
//!
//! Customers see what came after they joined, never notes, never what a stranger or a machine wrote. What was
//! said in a ticket before it was merged is seen by the people of that ticket alone.

use super::model::{Kind, Ticket};

/// How somebody takes part in a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They asked: the whole ticket is theirs.
    Requester,
    /// They joined, and see the messages with higher numbers than this one.
    Participant {
        /// The newest message that was there when they joined; 0: there was none.
        since: i64,
    },
    /// They take no part.
    Outside,
}

/// What decides about one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// Number of the message.
    pub id: i64,
    /// What it is.
    pub kind: Kind,
    /// The person who wrote it; `None`: the desk itself.
    pub author: Option<i64>,
    /// Customers are shown it.
    pub shown: bool,
    /// It was said to the requester alone (`#private`).
    pub private: bool,
}

/// A ticket exists for a customer who takes part in it; for everybody else it is missing (T71).
pub fn sees_ticket(standing: Standing) -> bool {
    standing != Standing::Outside
}

/// May a customer see this message? `standing` is theirs in the ticket in which it was said.
pub fn sees_message(person: i64, standing: Standing, message: &Sight) -> bool {
    let (since, requester) = match standing {
        Standing::Requester => (0, true),
        Standing::Participant { since } => (since, false),
        Standing::Outside => return false,
    };
    let said = matches!(message.kind, Kind::Customer | Kind::Staff);
    let meant = !message.private || requester || message.author == Some(person);
    said && message.shown && message.id > since && meant
}

/// What staff may find: every ticket, since `[[route]]` says whom a letter goes to and not who may read
/// (INTERFACE, Web: for staff all). What a search finds passes here, by mail and on the command line, so that
/// a narrower rule has one place.
pub fn staff_sees(_ticket: &Ticket) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sees(standing: Standing, change: impl FnOnce(&mut Sight)) -> bool {
        let mut message = Sight { id: 5, kind: Kind::Staff, author: Some(9), shown: true, private: false };
        change(&mut message);
        sees_message(1, standing, &message)
    }

    #[test]
    fn t06_a_participant_sees_what_came_after_joining() {
        assert!(sees(Standing::Requester, |_| {}));
        assert!(sees(Standing::Participant { since: 4 }, |_| {}));
        assert!(!sees(Standing::Participant { since: 5 }, |_| {}), "it was there before");
        assert!(!sees(Standing::Outside, |_| {}));
    }

    #[test]
    fn t71_notes_and_hidden_words_are_nobodys() {
        for kind in [Kind::Note, Kind::System] {
            assert!(!sees(Standing::Requester, |m| m.kind = kind));
        }
        assert!(!sees(Standing::Requester, |m| m.shown = false));
    }

    #[test]
    fn private_words_are_the_requesters_and_their_writers() {
        assert!(sees(Standing::Requester, |m| m.private = true));
        assert!(!sees(Standing::Participant { since: 0 }, |m| m.private = true));
        assert!(sees(Standing::Participant { since: 0 }, |m| (m.private, m.author) = (true, Some(1))));
    }
}
