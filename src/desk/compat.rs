//! Paths and names of yesterday's house, for the rooms above that still use them. To go away: nobody in `desk`
//! may use this file, and nothing may be added to it.

/// `builder/gate`, `inbound/answerable` and `model/limit`.
pub mod guard {
    pub use crate::desk::builder::gate::{AHEAD_SECS, NOTICE_SECS, NOTICES_MAX, shut};
    pub use crate::desk::inbound::answerable::{
        STALE_SECS, Silence, automatic, may_notify, no_confirmation, null_sender,
    };
    pub use crate::desk::model::limit::{BREAKER_DESK, BREAKER_DOMAIN, Limit};
}
/// `builder`.
pub mod work {
    pub use crate::desk::builder::builder::Work;
}
/// `order/command`.
pub mod command {
    pub use crate::desk::order::command::*;
}
/// `order/apply` and what it hands on to.
pub mod ordered {
    pub use crate::desk::order::actor::Actor;
    pub use crate::desk::order::apply::{apply, finish, tag};
    pub use crate::desk::order::merge::{into, split};
    pub use crate::desk::order::people::{tell_assignee, watch};
    pub use crate::desk::order::speak::{Words, receivers, speak, spoken};
}
/// `order/undo`.
pub mod undo {
    pub use crate::desk::model::undo::{Deed, Merged, State, Step};
    pub use crate::desk::order::undo::difference::{Mark, UNDO_SECS, read, write};
    pub use crate::desk::order::undo::take_back::take_back;
    pub use crate::desk::order::undo::words::{remember, said, told};
}
/// `order/participants`.
pub mod participants {
    pub use crate::desk::order::participants::{SUGGESTIONS_MAX, follow, leave};
    pub use crate::desk::text::links::way_out;
}
/// `order/command`, what a replay asks of it.
pub mod renew {
    pub use crate::desk::order::command::{stays, words};
}
/// `inbound/decide`, `inbound/questions`, `notify`.
pub mod mailed {
    pub use crate::desk::inbound::decide::decide;
    pub use crate::desk::inbound::questions::questions;
    pub use crate::desk::notify::{tell, tell_watchers};
    pub use crate::mail::ses::{SES_DOMAIN, canonical_id};
}
/// `inbound/staff/crossed`.
pub mod crossed {
    pub use crate::desk::inbound::staff::crossed::wanted;
}
/// `inbound/staff/quoted` and `text/staff_address`.
pub mod relay {
    pub use crate::desk::inbound::staff::quoted::wanted;
    pub use crate::desk::text::staff_address::without_addresses;
}
/// `model/query`.
pub mod query {
    pub use crate::desk::model::query::*;
}
/// `hour/digest` and `model/hour`.
pub mod digest {
    pub use crate::desk::model::hour::{Morning, News, What};
}
/// `hour/due` and `model/hour`.
pub mod due {
    pub use crate::desk::model::hour::{Held, Hour};
    pub use crate::desk::text::dates::full_time as time;
}
/// `proof/domain` and `model/proof`.
pub mod domain {
    pub use crate::desk::model::proof::{Answer, Answers, Domain, Signed, Stamp};
    pub use crate::desk::proof::domain::{Claim, claim, through_form};
    #[cfg(test)]
    pub mod tests {
        pub use crate::desk::testing::signed;
    }
}
/// `proof/dmarc` and `model/proof`.
pub mod dmarc {
    pub use crate::desk::model::proof::Policy;
}
/// `time/hours`.
pub mod hours {
    pub use crate::desk::time::hours::*;
}
/// `time/due_date` and `model/ticket`.
pub mod target {
    pub use crate::desk::model::ticket::Clock;
    pub use crate::desk::time::due_date::{Goal, Targets};
}
/// `text/display_name`.
pub mod names {
    pub use crate::desk::text::display_name::{Claim, Names};
}
/// `text/saved_answer`.
pub mod saved {
    pub use crate::desk::text::saved_answer::*;
}
/// `text/subject`.
pub mod token {
    pub use crate::desk::text::subject::*;
}
