//! `maildesk audit …`: its flags.

use clap::Args;

/// What is shown, and which rows of the log.
#[derive(Args, Debug)]
pub struct AuditArgs {
    /// Show the audit log instead, and prove that nobody changed it
    #[arg(long)]
    pub log: bool,
    /// Only what was done on this day (YYYY-MM-DD, UTC) or later
    #[arg(long, value_name = "DATE", requires = "log", value_parser = day)]
    pub since: Option<i64>,
    /// Only what was done before this day (YYYY-MM-DD, UTC)
    #[arg(long, value_name = "DATE", requires = "log", value_parser = day)]
    pub until: Option<i64>,
    /// Only what this one did: operator, desk, person:12
    #[arg(long, requires = "log")]
    pub actor: Option<String>,
    /// Only this action
    #[arg(long, requires = "log")]
    pub action: Option<String>,
    /// Only what was done to this: ticket:7, person:12
    #[arg(long, requires = "log")]
    pub object: Option<String>,
    /// Print JSON instead of words
    #[arg(long)]
    pub json: bool,
}

/// The begin of a day, in seconds since 1970.
fn day(text: &str) -> Result<i64, String> {
    let date: jiff::civil::Date = text.parse().map_err(|_| "a date is written as 2026-11-30".to_owned())?;
    let begin = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|e| e.to_string())?;
    Ok(begin.timestamp().as_second())
}
