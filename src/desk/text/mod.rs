//! Words over given strings: subjects, layout, names, dates, the paths of our pages.

pub mod dates;
pub mod display_name;
pub mod faults;
pub mod layout;
pub mod links;
pub mod proof_reasons;
pub mod reasons;
pub mod saved_answer;
pub mod staff_address;
pub mod subject;
