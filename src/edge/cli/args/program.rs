//! The program and its commands.

use super::audit::AuditArgs;
use super::init::InitArgs;
use super::keys::Keys;
use super::mail::{Held, Outbox};
use super::staff::Staff;
use super::ticket::Ticket;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  maildesk demo                      try everything here, with no mail account
  maildesk init                      write a configuration
  maildesk check                     prove that the installation works
  maildesk run                       run the daemon
  maildesk ticket list --status new  see what waits for an answer

Exit codes follow sysexits.h: 0 good, 1 a negative answer, 64 wrong usage, 65 bad input, 66 not there, 69 \
a server does not answer, 73 cannot write a new file, 74 input or output failed or the disk is full, 75 \
try again, 78 wrong configuration.";

const EXAMPLE_OF_INIT: &str = "\
Example:
  maildesk init --config ./maildesk.toml --name \"Acme Support\" --address support@acme.example";

const EXAMPLE_OF_DELIVER: &str = "\
Example (Postfix):
  flags=DORhu user=maildesk argv=/usr/bin/maildesk deliver --recipient ${recipient} --sender ${sender}

Ends with 0 once the mail is committed, with 75 when it must be tried again.";

const EXAMPLES_OF_EXPLAIN: &str = "\
Examples:
  maildesk explain mail.eml
  maildesk explain --in-order thread/*.eml --json";

const EXAMPLES_OF_PROBE: &str = "\
Examples:
  maildesk probe
  maildesk probe --wait 600 --json

Three mails find out whether mail comes back at all, whether mail to subaddresses (support+...@) reaches \
the mailbox, and whether the relay lets the desk write from them. The mails also show whether the relay \
keeps our Message-ID and what the mail server does with Authentication-Results. None of them becomes a \
ticket. Where no daemon runs, the command looks into the mailbox itself. `maildesk check` shows the last \
result, and [probe] every_minutes repeats a single mail.

JSON: good, daemon, advice (a list of sentences), and probes, each with kind (plain, plus-address, \
plus-sender), to, state (back, refused, lost), sent_at, relay, refused, and where it came back \
came_back_at, mailbox, message_id_kept, dkim (missing, holds, or why not), dmarc_policy (strict, lax, \
unknown), authentication_results (not-asked, missing, ours, forged-left, forged-believed) and stamped_by.

Ends with 1 where mail does not go round as the configuration needs it, with 69 where a server does not \
answer.";

const EXAMPLE_OF_REPLAY: &str = "\
Example:
  maildesk replay

Runs beside the daemon. Where it was stopped in the middle, it goes on from there. See first what would \
change:
  maildesk ticket show 1042 --replay";

/// An email-first ticketing daemon: customers write mail, staff answer from their own mail client.
#[derive(Parser, Debug)]
#[command(
    name = "maildesk",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = EXAMPLES
)]
pub struct Args {
    /// Configuration file [default: $MAILDESK_CONFIG, else /etc/maildesk/maildesk.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can be told to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run the whole desk on this machine, with no mail account and a page on which you play customer and
    /// staff
    #[command(after_help = "Example:\n  maildesk demo --dir /tmp/desk")]
    Demo {
        /// Folder for mail and data; without it a temporary one, which is removed at the end
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Port of the page on 127.0.0.1; without it a free one
        #[arg(long)]
        port: Option<u16>,
    },
    /// Write a commented configuration, by questions or by flags
    #[command(after_help = EXAMPLE_OF_INIT)]
    Init(InitArgs),
    /// Prove with the real servers that the installation works, and review it
    #[command(after_help = "Example:\n  maildesk check --json\n\nEnds with 1 where something is wrong.")]
    Check {
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Run the daemon; it reads the configuration at its start, and SIGTERM ends it cleanly
    #[command(after_help = "Example:\n  maildesk --config /etc/maildesk/maildesk.toml run")]
    Run,
    /// Take one mail from standard input, for the pipe of a mail server
    #[command(after_help = EXAMPLE_OF_DELIVER)]
    Deliver {
        /// The recipients of the envelope
        #[arg(long, num_args = 1.., allow_hyphen_values = true)]
        recipient: Vec<OsString>,
        /// The reverse-path of the envelope; empty for <>
        #[arg(long, allow_hyphen_values = true)]
        sender: Option<OsString>,
    },
    /// Work on tickets without a mail client
    #[command(
        subcommand,
        after_help = "Examples:\n  maildesk ticket list --status open\n  maildesk ticket show 1042"
    )]
    Ticket(Ticket),
    /// See and change who is staff
    #[command(
        subcommand,
        after_help = "Example:\n  maildesk staff add bob@example.com --name \"Bob Builder\""
    )]
    Staff(Staff),
    /// See, retry or cancel mail that waits or failed
    #[command(subcommand, after_help = "Examples:\n  maildesk outbox list\n  maildesk outbox retry")]
    Outbox(Outbox),
    /// See, release or drop mail that was kept but not acted on
    #[command(subcommand, after_help = "Examples:\n  maildesk held list\n  maildesk held release 3")]
    Held(Held),
    /// See and rotate the keys that are derived from the desk's key
    #[command(subcommand, after_help = "Example:\n  maildesk keys list")]
    Keys(Keys),
    /// Say what each mail is, who wrote it, where it would go and what would be sent; change nothing
    #[command(after_help = EXAMPLES_OF_EXPLAIN)]
    Explain {
        /// The mails, one a file
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Take them as the mails of one mailbox, one after the other; else each for itself
        #[arg(long)]
        in_order: bool,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Compare the mailboxes on the server with the ledger: every mail must have exactly one outcome
    #[command(after_help = concat!(
        "Examples:\n  maildesk audit --json\n  maildesk audit --log --since 2026-11-01 --actor operator\n\n",
        "Ends with 1 where a mail is missing, with 69 where a server does not answer. With --log it asks no \
         server, and ends with 1 where a row of the log was changed, added or taken away. JSON of the log: a \
         list of id, at, actor, action, object, detail."
    ))]
    Audit(AuditArgs),
    /// Send mails through the relay to the desk itself and wait until they come back through the mailbox: the
    /// one true test
    #[command(after_help = EXAMPLES_OF_PROBE)]
    Probe {
        /// Seconds to wait for the mails
        #[arg(
            long,
            value_name = "SECONDS",
            default_value_t = 120,
            value_parser = clap::value_parser!(u64).range(1..=86_400)
        )]
        wait: u64,
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Write an encrypted, verified copy of the database while the desk runs
    #[command(after_help = concat!(
        "Example:\n  maildesk backup /var/backups/desk.backup\n\n",
        "The key is not in it: keep a copy of the key file elsewhere."
    ))]
    Backup {
        /// The new file
        file: PathBuf,
    },
    /// Put a backup into the place of the database; the daemon must be stopped
    #[command(after_help = "Example:\n  maildesk restore /var/backups/desk.backup --yes")]
    Restore {
        /// The backup
        file: PathBuf,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Make the text of all tickets anew from the kept mails, by today's rules; no ticket changes, nothing is
    /// sent
    #[command(after_help = EXAMPLE_OF_REPLAY)]
    Replay {
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Show how the daemon does
    #[command(after_help = "Example:\n  maildesk status --json\n\nEnds with 1 where something is not well.")]
    Status {
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Print completions for a shell
    #[command(after_help = "Example:\n  maildesk completions bash > /etc/bash_completion.d/maildesk")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    #[command(after_help = "Example:\n  maildesk man | man -l -")]
    Man,
}
