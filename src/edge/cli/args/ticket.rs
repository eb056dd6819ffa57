//! `maildesk ticket …`: its commands and flags.

use super::address::address;
use crate::mail::AddrSpec;
use clap::Subcommand;

const EXAMPLE_OF_NEW: &str = "\
Example:
  echo \"Her lamp is dark\" | maildesk ticket new --for ann@example.com --subject \"By phone\"";

const EXAMPLE_OF_SET: &str = "\
Example:
  maildesk ticket set 1042 --status closed --tag=+printer --assign bob@example.com";

/// What can be done with tickets.
#[derive(Subcommand, Debug)]
pub enum Ticket {
    /// List all tickets, newest change first
    #[command(after_help = "Example:\n  maildesk ticket list --status open")]
    List {
        /// Only these: new, open, waiting or closed
        #[arg(long, value_parser = ["new", "open", "waiting", "closed"])]
        status: Option<String>,
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Show one ticket with everything that was said
    #[command(after_help = "Example:\n  maildesk ticket show 1042")]
    Show {
        /// Number of the ticket
        number: i64,
        /// Show beside each message what today's rules make of its mail; change nothing
        #[arg(long)]
        replay: bool,
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// List the tickets in which every word stands; a word that ends with * finds every word that begins so
    #[command(after_help = "Example:\n  maildesk ticket search printer 'fir*'")]
    Search {
        /// The words
        #[arg(required = true)]
        words: Vec<String>,
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Open a ticket in the name of a customer; its text comes from standard input
    #[command(after_help = EXAMPLE_OF_NEW)]
    New {
        /// The customer whose ticket it is
        #[arg(long = "for", value_name = "ADDRESS", value_parser = address)]
        requester: AddrSpec,
        /// Subject of the ticket
        #[arg(long)]
        subject: String,
        /// Staff member who does this; the desk itself where nobody is named
        #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
        by: Option<AddrSpec>,
    },
    /// Answer the customer; the text comes from standard input
    #[command(after_help = "Example:\n  maildesk ticket reply 1042 --as bob@example.com < answer.txt")]
    Reply {
        /// Number of the ticket
        number: i64,
        /// Staff member who does this; the desk itself where nobody is named
        #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
        by: Option<AddrSpec>,
    },
    /// Leave an internal note; the text comes from standard input
    #[command(after_help = "Example:\n  echo \"VIP, careful\" | maildesk ticket note 1042")]
    Note {
        /// Number of the ticket
        number: i64,
        /// Staff member who does this; the desk itself where nobody is named
        #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
        by: Option<AddrSpec>,
    },
    /// Change status, priority, category, assignee, tags or due date
    #[command(after_help = EXAMPLE_OF_SET)]
    Set(SetArgs),
    /// Merge a ticket into another one
    #[command(after_help = "Example:\n  maildesk ticket merge 1043 1042 --yes")]
    Merge {
        /// Number of the ticket that ends
        number: i64,
        /// Number of the ticket that stays
        into: i64,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Take back the last change of a ticket, within a day
    #[command(after_help = "Example:\n  maildesk ticket undo 1042")]
    Undo {
        /// Number of the ticket
        number: i64,
        /// Staff member whose last change is taken back; that of the desk itself where nobody is named
        #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
        by: Option<AddrSpec>,
    },
    /// Make a message a ticket of its own
    #[command(after_help = "Example:\n  maildesk ticket split 1042 17 --yes")]
    Split {
        /// Number of the ticket
        number: i64,
        /// Number of the message, as `maildesk ticket show` has it
        message: i64,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}

/// What `maildesk ticket set` sets; what is missing stays as it is.
#[derive(clap::Args, Debug)]
pub struct SetArgs {
    /// Number of the ticket
    pub number: i64,
    /// open, waiting or closed
    #[arg(long)]
    pub status: Option<String>,
    /// low, normal, high or urgent
    #[arg(long)]
    pub priority: Option<String>,
    /// One of the categories of the configuration
    #[arg(long)]
    pub category: Option<String>,
    /// Address of a staff member, or nobody
    #[arg(long)]
    pub assign: Option<String>,
    /// +word puts a tag on, -word takes it off
    #[arg(long, allow_hyphen_values = true)]
    pub tag: Vec<String>,
    /// A day, as 2027-03-15
    #[arg(long)]
    pub due: Option<String>,
    /// Staff member who does this; the desk itself where nobody is named
    #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
    pub by: Option<AddrSpec>,
}
