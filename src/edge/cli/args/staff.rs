//! `maildesk staff …`: its commands and flags.

use super::address::address;
use crate::mail::AddrSpec;
use clap::Subcommand;

const EXAMPLE_OF_ADD: &str = "\
Example:
  maildesk staff add bob@example.com --name \"Bob Builder\" --alias bob@home.example";

const EXAMPLES_OF_SET: &str = "\
Examples:
  maildesk staff set bob@example.com --name \"Bob B.\"
  maildesk staff set bob@example.com --digest on";

/// What can be said about staff.
#[derive(Subcommand, Debug)]
pub enum Staff {
    /// Add a staff member, who is kept in the database
    #[command(after_help = EXAMPLE_OF_ADD)]
    Add {
        /// Letters to them go here
        #[arg(value_parser = address)]
        address: AddrSpec,
        /// Name as customers see it
        #[arg(long)]
        name: String,
        /// Further address that this person writes from
        #[arg(long, value_parser = address)]
        alias: Vec<AddrSpec>,
        /// on: one letter a day instead of single notices
        #[arg(long, value_parser = ["on", "off"])]
        digest: Option<String>,
    },
    /// List everybody who is staff
    #[command(after_help = "Example:\n  maildesk staff list --json")]
    List {
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Change a name, aliases, or who gets the daily digest
    #[command(after_help = EXAMPLES_OF_SET)]
    Set {
        /// Address of the staff member
        #[arg(value_parser = address)]
        address: AddrSpec,
        /// New name as customers see it
        #[arg(long)]
        name: Option<String>,
        /// Further address; takes the place of all aliases that there are
        #[arg(long, value_parser = address)]
        alias: Vec<AddrSpec>,
        /// on: one letter a day instead of single notices; also for staff of the configuration
        #[arg(long, value_parser = ["on", "off"])]
        digest: Option<String>,
    },
    /// Remove a staff member at once: their reply addresses and sessions end
    #[command(after_help = "Example:\n  maildesk staff remove bob@example.com --yes")]
    Remove {
        /// Address of the staff member
        #[arg(value_parser = address)]
        address: AddrSpec,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}
