//! The commands, their flags and their help (clap).

use crate::mail::AddrSpec;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// An email-first ticketing daemon: customers write mail, staff answer from their own mail client.
#[derive(Parser, Debug)]
#[command(
    name = "maildesk",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(
    after_help = "Examples:\n  maildesk demo                      try everything here, with no mail account\n  maildesk init                      write a configuration\n  maildesk check                     prove that the installation works\n  maildesk run                       the daemon\n  maildesk ticket list --status new  what waits for an answer\n\nExit codes follow sysexits.h: 0 good, 1 a negative answer, 64 wrong usage, 65 bad input, 66 not there, 69 a server does not answer, 74 input or output failed, 75 try again, 78 wrong configuration."
)]
pub struct Args {
    /// Configuration file [default: $MAILDESK_CONFIG, else /etc/maildesk/maildesk.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

fn address(text: &str) -> Result<AddrSpec, String> {
    AddrSpec::parse(text).ok_or_else(|| format!("{text} is no mail address"))
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// The whole desk on this machine with no mail account: a page to play customer and staff
    #[command(after_help = "Example:\n  maildesk demo --dir /tmp/desk")]
    Demo {
        /// Folder for mail and data; a temporary one where it is not given
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Port of the page on 127.0.0.1; a free one where it is not given
        #[arg(long)]
        port: Option<u16>,
    },
    /// Write a commented configuration, by questions or by flags
    #[command(
        after_help = "Example:\n  maildesk init --config ./maildesk.toml --name \"Acme Support\" --address support@acme.example"
    )]
    Init(InitArgs),
    /// Prove with the real servers that the installation works, and review it
    #[command(after_help = "Example:\n  maildesk check --json\n\nEnds with 1 where something is wrong.")]
    Check {
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// The daemon; SIGTERM ends it cleanly; it reads the configuration at its start
    #[command(after_help = "Example:\n  maildesk --config /etc/maildesk/maildesk.toml run")]
    Run,
    /// Take one mail from standard input, for a mail server's pipe
    #[command(
        after_help = "Example (Postfix):\n  flags=DORhu user=maildesk argv=/usr/bin/maildesk deliver --recipient ${recipient} --sender ${sender}\n\nEnds with 0 once the mail is committed, with 75 when it must be tried again."
    )]
    Deliver {
        /// The recipient of the envelope
        #[arg(long)]
        recipient: Option<String>,
        /// The reverse-path of the envelope; empty for <>
        #[arg(long)]
        sender: Option<String>,
    },
    /// Daily work without a mail client
    #[command(
        subcommand,
        after_help = "Examples:\n  maildesk ticket list --status open\n  maildesk ticket show 1042"
    )]
    Ticket(Ticket),
    /// Who is staff
    #[command(
        subcommand,
        after_help = "Example:\n  maildesk staff add bob@example.com --name \"Bob Builder\""
    )]
    Staff(Staff),
    /// Mail that waits or failed
    #[command(subcommand, after_help = "Examples:\n  maildesk outbox list\n  maildesk outbox retry")]
    Outbox(Outbox),
    /// Mail that was kept but not acted on
    #[command(subcommand, after_help = "Examples:\n  maildesk held list\n  maildesk held release 3")]
    Held(Held),
    /// The keys that are derived from the desk's key, by generation
    #[command(subcommand, after_help = "Example:\n  maildesk keys list")]
    Keys(Keys),
    /// A dry run: what each mail is, who wrote it, where it would go and what would be sent
    #[command(
        after_help = "Examples:\n  maildesk explain mail.eml\n  maildesk explain --in-order thread/*.eml --json"
    )]
    Explain {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// As the mails of one mailbox, one after the other; else each for itself
        #[arg(long)]
        in_order: bool,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Compare the mailboxes on the server with the ledger: every mail has exactly one outcome
    #[command(
        after_help = "Example:\n  maildesk audit --json\n\nEnds with 1 where a mail is missing, with 69 where a server does not answer."
    )]
    Audit {
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Send mails through the relay to the desk itself and wait until they come back through the mailbox: the
    /// one true test
    #[command(
        after_help = "Examples:\n  maildesk probe\n  maildesk probe --wait 600 --json\n\nThree mails find out whether mail comes round at all, whether subaddresses (support+...@) reach the mailbox, and whether the relay lets them write; the mails also show whether the relay keeps our Message-ID and what the mail server does with Authentication-Results. None of them becomes a ticket. Works beside the daemon, and without one it looks into the mailbox itself. `maildesk check` remembers the last result, and [probe] every_minutes repeats a single mail.\n\nJSON: good, daemon, advice (a list of sentences), and probes, each with kind (plain, plus-address, plus-sender), to, state (back, refused, lost), sent_at, relay, refused, and where it came back came_back_at, mailbox, message_id_kept, dkim (missing, holds, or why not), dmarc_policy (strict, lax, unknown), authentication_results (not-asked, missing, ours, forged-left, forged-believed) and stamped_by.\n\nEnds with 1 where mail does not come round as the configuration needs it, with 69 where a server does not answer."
    )]
    Probe {
        /// Seconds to wait for the mails
        #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
        wait: u64,
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Write an encrypted, verified copy of the database while the desk runs
    #[command(
        after_help = "Example:\n  maildesk backup /var/backups/desk.backup\n\nThe key is not in it: keep a copy of the key file elsewhere."
    )]
    Backup { file: PathBuf },
    /// Put a backup into the place of the database; the daemon must be stopped
    #[command(after_help = "Example:\n  maildesk restore /var/backups/desk.backup --yes")]
    Restore {
        file: PathBuf,
        /// Answer the question
        #[arg(long)]
        yes: bool,
    },
    /// Make the text of all tickets anew from the kept mails, by today's rules; changes no ticket, sends
    /// nothing
    #[command(
        after_help = "Example:\n  maildesk replay\n\nRuns beside the daemon. Stopped in the middle, it goes on where it was. See first what would change:\n  maildesk ticket show 1042 --replay"
    )]
    Replay {
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// The health that the status page shows
    #[command(after_help = "Example:\n  maildesk status --json\n\nEnds with 1 where something is not well.")]
    Status {
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Shell completions
    #[command(after_help = "Example:\n  maildesk completions bash > /etc/bash_completion.d/maildesk")]
    Completions { shell: clap_complete::Shell },
    /// The man page
    #[command(after_help = "Example:\n  maildesk man | man -l -")]
    Man,
}

/// Answers for `init`; what is missing is asked on a terminal.
#[derive(clap::Args, Debug)]
pub struct InitArgs {
    /// Name of the desk, as customers read it
    #[arg(long)]
    pub name: Option<String>,
    /// Address that customers write to
    #[arg(long, value_parser = address)]
    pub address: Option<AddrSpec>,
    /// Where customers reach the web pages
    #[arg(long)]
    pub url: Option<String>,
    /// Ticket prefix, as DESK in [DESK-7]
    #[arg(long)]
    pub prefix: Option<String>,
    /// IMAP server
    #[arg(long)]
    pub imap_host: Option<String>,
    /// User at the IMAP server
    #[arg(long)]
    pub imap_user: Option<String>,
    /// SMTP relay
    #[arg(long)]
    pub smtp_host: Option<String>,
    /// Name of the first staff member
    #[arg(long)]
    pub staff_name: Option<String>,
    /// Address of the first staff member
    #[arg(long, value_parser = address)]
    pub staff_address: Option<AddrSpec>,
    /// Data folder
    #[arg(long)]
    pub data: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub enum Ticket {
    /// All tickets, newest change first
    #[command(after_help = "Example:\n  maildesk ticket list --status open")]
    List {
        /// new, open, waiting or closed
        #[arg(long, value_parser = ["new", "open", "waiting", "closed"])]
        status: Option<String>,
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// One ticket with everything that was said
    #[command(after_help = "Example:\n  maildesk ticket show 1042")]
    Show {
        /// Number of the ticket
        number: i64,
        /// Beside each message what today's rules make of its mail; changes nothing
        #[arg(long)]
        replay: bool,
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Tickets in which every word stands; a word that ends with * finds what begins so
    #[command(after_help = "Example:\n  maildesk ticket search printer 'fir*'")]
    Search {
        #[arg(required = true)]
        words: Vec<String>,
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// A ticket in somebody's name; the words come from standard input
    #[command(
        after_help = "Example:\n  echo \"Her lamp is dark\" | maildesk ticket new --for ann@example.com --subject \"By phone\""
    )]
    New {
        /// The customer whose ticket it is
        #[arg(long = "for", value_name = "ADDRESS", value_parser = address)]
        requester: AddrSpec,
        /// Of the ticket
        #[arg(long)]
        subject: String,
        /// Staff member who does this; the desk itself where nobody is named
        #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
        by: Option<AddrSpec>,
    },
    /// Answer the customer; the words come from standard input
    #[command(after_help = "Example:\n  maildesk ticket reply 1042 --as bob@example.com < answer.txt")]
    Reply {
        /// Number of the ticket
        number: i64,
        /// Staff member who does this; the desk itself where nobody is named
        #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
        by: Option<AddrSpec>,
    },
    /// Leave an internal note; the words come from standard input
    #[command(after_help = "Example:\n  echo \"VIP, careful\" | maildesk ticket note 1042")]
    Note {
        /// Number of the ticket
        number: i64,
        /// Staff member who does this; the desk itself where nobody is named
        #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
        by: Option<AddrSpec>,
    },
    /// Change status, priority, category, assignee, tags or due date
    #[command(
        after_help = "Example:\n  maildesk ticket set 1042 --status closed --tag=+printer --assign bob@example.com"
    )]
    Set(SetArgs),
    /// This ticket into that one
    #[command(after_help = "Example:\n  maildesk ticket merge 1043 1042 --yes")]
    Merge {
        /// Number of the ticket
        number: i64,
        /// Number of the ticket that stays
        into: i64,
        /// Answer the question
        #[arg(long)]
        yes: bool,
    },
    /// Take back what you last changed on a ticket, for a day
    #[command(after_help = "Example:\n  maildesk ticket undo 1042")]
    Undo {
        /// Number of the ticket
        number: i64,
        /// Staff member whose last change it is; default: the desk's own
        /// Staff member who does this; the desk itself where nobody is named
        #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
        by: Option<AddrSpec>,
    },
    /// A message becomes a ticket of its own
    #[command(after_help = "Example:\n  maildesk ticket split 1042 17 --yes")]
    Split {
        /// Number of the ticket
        number: i64,
        /// Number of the message, as ticket show has it
        message: i64,
        /// Answer the question
        #[arg(long)]
        yes: bool,
    },
}

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
    /// +word puts on, -word takes off
    #[arg(long, allow_hyphen_values = true)]
    pub tag: Vec<String>,
    /// Day as 2027-03-15
    #[arg(long)]
    pub due: Option<String>,
    /// Staff member who does this; the desk itself where nobody is named
    #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
    pub by: Option<AddrSpec>,
}

#[derive(Subcommand, Debug)]
pub enum Staff {
    /// Add a staff member; kept in the database
    #[command(
        after_help = "Example:\n  maildesk staff add bob@example.com --name \"Bob Builder\" --alias bob@home.example"
    )]
    Add {
        #[arg(value_parser = address)]
        address: AddrSpec,
        #[arg(long)]
        name: String,
        /// Further address that this person writes from
        #[arg(long, value_parser = address)]
        alias: Vec<AddrSpec>,
        /// on: one letter a day instead of single notices
        #[arg(long, value_parser = ["on", "off"])]
        digest: Option<String>,
    },
    /// Everybody who is staff
    #[command(after_help = "Example:\n  maildesk staff list --json")]
    List {
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Change a name, aliases, or who gets the daily digest
    #[command(
        after_help = "Examples:\n  maildesk staff set bob@example.com --name \"Bob B.\"\n  maildesk staff set bob@example.com --digest on"
    )]
    Set {
        #[arg(value_parser = address)]
        address: AddrSpec,
        #[arg(long)]
        name: Option<String>,
        /// Takes the place of the aliases there are
        #[arg(long, value_parser = address)]
        alias: Vec<AddrSpec>,
        /// on: one letter a day instead of single notices; also for staff of the configuration
        #[arg(long, value_parser = ["on", "off"])]
        digest: Option<String>,
    },
    /// Remove a staff member at once: reply addresses and sessions die
    #[command(after_help = "Example:\n  maildesk staff remove bob@example.com --yes")]
    Remove {
        #[arg(value_parser = address)]
        address: AddrSpec,
        /// Answer the question
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand, Debug)]
pub enum Outbox {
    /// Mail that waits or failed
    #[command(after_help = "Example:\n  maildesk outbox list --json")]
    List {
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Try again now; without an id all of it
    #[command(after_help = "Example:\n  maildesk outbox retry 17")]
    Retry { ids: Vec<i64> },
    /// Never send these
    #[command(after_help = "Example:\n  maildesk outbox cancel 17 --yes")]
    Cancel {
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Answer the question
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand, Debug)]
pub enum Keys {
    /// The generations there are and since when; no secret is shown
    #[command(
        after_help = "Example:\n  maildesk keys list --json\n\nJSON: a list with generation, since, until (null while it is in force) and state."
    )]
    List {
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Begin a new generation, at once and also in the daemon: every reply address given out so far proves
    /// nothing any more
    #[command(
        after_help = "Example:\n  maildesk keys rotate --yes\n\nDo it when notices or reply addresses fell into wrong hands. It is no help where the key file itself did: all generations are derived from it.\n\nFrom then on an answer of staff to an older notice is held, unless its domain signs it (DKIM), and a customer's answer to an older letter goes into its ticket unproven. The next letters carry addresses of the new generation. Letters of older generations that come back, and reports about them, are still recognised. The key file stays as it is, and the audit log can still be verified. A backup that is restored brings the generations of its day: rotate again after it."
    )]
    Rotate {
        /// Answer the question
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand, Debug)]
pub enum Held {
    /// Held and quarantined mail, each with its reason
    #[command(after_help = "Example:\n  maildesk held list --json")]
    List {
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// The mail itself
    #[command(after_help = "Example:\n  maildesk held show 3")]
    Show {
        id: i64,
        /// JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Do what the mail would have done, had its sender been proven
    #[command(after_help = "Example:\n  maildesk held release 3 --yes")]
    Release {
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Answer the question
        #[arg(long)]
        yes: bool,
    },
    /// Forget these
    #[command(after_help = "Example:\n  maildesk held drop 3 --yes")]
    Drop {
        #[arg(required = true)]
        ids: Vec<i64>,
        /// Answer the question
        #[arg(long)]
        yes: bool,
    },
}
