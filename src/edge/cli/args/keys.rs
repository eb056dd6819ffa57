//! `maildesk keys …`: its commands and flags.

use clap::Subcommand;

const EXAMPLE_OF_LIST: &str = "\
Example:
  maildesk keys list --json

JSON: a list with generation, since, until (null while it is in force) and state.";

const EXAMPLE_OF_ROTATE: &str = "\
Example:
  maildesk keys rotate --yes

Do it when notices or reply addresses fell into wrong hands. It does not help where the key file itself \
fell into wrong hands: all generations are derived from it.

From then on an answer of staff to an older notice is held, unless its domain signs it (DKIM), and a \
customer's answer to an older letter goes into its ticket unproven. The next letters carry addresses of \
the new generation. Letters of older generations that come back, and reports about them, are still \
recognised. The key file stays as it is, and the audit log can still be verified. A backup that is \
restored brings the generations of its day: rotate again after it.";

/// What can be done with the derived keys.
#[derive(Subcommand, Debug)]
pub enum Keys {
    /// List the generations there are and since when; no secret is shown
    #[command(after_help = EXAMPLE_OF_LIST)]
    List {
        /// Print JSON instead of words
        #[arg(long)]
        json: bool,
    },
    /// Begin a new generation, at once and also in the daemon: no reply address given out so far proves
    /// anything any more
    #[command(after_help = EXAMPLE_OF_ROTATE)]
    Rotate {
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}
