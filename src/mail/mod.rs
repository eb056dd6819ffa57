//! What a mail is: bytes become values here, and values bytes. Knows nothing of tickets, SQL, sockets or
//! clocks.
//!
//! RFC 5322 (addresses, ids, fields), RFC 2045 to 2049 (MIME), RFC 3464 and 6522 (reports), RFC 3834
//! (automatic mail). Answers to THREATS T07 to T09, T16, T34, T36 to T44, T51.

mod added;
pub mod address;
pub mod authres;
mod automatic;
mod body;
mod calendar;
mod charset;
pub mod compose;
pub mod dkim;
mod field;
pub mod html;
pub mod inbound;
pub mod line;
mod mailbox;
pub mod outbound;
mod params;
pub mod parse;
mod parts;
pub mod quote;
mod report;
pub mod ses;
mod seven_bit;
pub mod subject;
pub mod text;
pub mod thread;
mod transfer;

pub use address::{AddrSpec, Mailbox, MessageId, Sender};
pub use inbound::{
    Attachment, Automatic, InHtml, Inbound, Report, ReportKind, ReportedRecipient, Words, unnamed,
};
pub use line::Line;
pub use outbound::{OutFile, Outbound};
pub use text::shown_size;
