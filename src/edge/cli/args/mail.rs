//! `maildesk outbox …` and `maildesk held …`: their commands and flags.

use clap::Subcommand;

/// What can be done with letters that were not sent.
#[derive(Subcommand, Debug)]
pub enum Outbox {
    /// List mail that waits or failed
    #[command(after_help = "Example:\n  maildesk outbox list --json")]
    List {
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Try again now; without an id all of it
    #[command(after_help = "Example:\n  maildesk outbox retry 17")]
    Retry {
        /// Ids, as `maildesk outbox list` has them
        ids: Vec<i64>,
    },
    /// Never send these letters
    #[command(after_help = "Example:\n  maildesk outbox cancel 17 --yes")]
    Cancel {
        /// Ids, as `maildesk outbox list` has them
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}

/// What can be done with mail that was kept but not acted on.
#[derive(Subcommand, Debug)]
pub enum Held {
    /// List held and quarantined mail, each with its reason
    #[command(after_help = "Example:\n  maildesk held list --json")]
    List {
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Show the mail itself
    #[command(after_help = "Example:\n  maildesk held show 3")]
    Show {
        /// Id, as `maildesk held list` has it
        id: i64,
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Do what the mail would have done if its sender had been proven
    #[command(after_help = "Example:\n  maildesk held release 3 --yes")]
    Release {
        /// Ids, as `maildesk held list` has them
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Forget these mails
    #[command(after_help = "Example:\n  maildesk held drop 3 --yes")]
    Drop {
        /// Ids, as `maildesk held list` has them
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}
