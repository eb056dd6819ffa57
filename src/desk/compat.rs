//! Paths and names of yesterday's house, for the rooms above that still use them. To go away: nobody in
//! `desk` may use this file, and nothing may be added to it.

/// For app/show.rs.
pub mod guard {
    pub use crate::desk::inbound::answerable::automatic;
}
/// For edge/cli/tickets.rs, and tests of app and edge.
pub mod command {
    pub use crate::desk::order::command::{
        Order, parse_assignee as assignee, parse_category as category, parse_day as day,
        parse_priority as priority, parse_status as status, parse_tags as tags,
    };
}
/// For app/visitor.rs.
pub mod participants {
    pub use crate::desk::text::links::leave_path as way_out;
}
/// For app/replay.rs.
pub mod renew {
    pub use crate::desk::order::command::{keeps_its_words as stays, message_words as words};
}
/// For app/visitor.rs.
pub mod relay {
    pub use crate::desk::text::staff_address::without_addresses;
}
/// For app/intake.rs and tests of app.
pub mod domain {
    #[cfg(test)]
    pub use crate::desk::model::proof::{Domain, Stamp};
    pub use crate::desk::proof::domain::{claim, through_form};
    #[cfg(test)]
    pub mod tests {
        pub use crate::desk::testing::signed;
    }
}
/// For config/targets.rs.
pub mod hours {
    pub use crate::desk::time::hours::Week;
}
/// For config/nobody.rs, config/targets.rs, config/types.rs.
pub mod target {
    pub use crate::desk::time::due_date::{Goal, Targets};
}
/// For app/show.rs, app/visitor.rs, edge/cli/tickets.rs.
pub mod names {
    pub use crate::desk::text::display_name::Names;
}
/// For app/rules.rs, config/answers.rs.
pub mod saved {
    pub use crate::desk::text::saved_answer::{to_plain_text as readable, valid_name as name};
}
/// For tests/corpus.
pub mod token {
    pub use crate::desk::text::subject::without_tokens as bare;
}
