//! What a set of commands changed, remembered for a day so that `#undo` can take it back (INTERFACE, Mail:
//! commands).

pub mod difference;
pub mod take_back;
pub mod words;
