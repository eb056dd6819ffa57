//! `maildesk init`: its flags. What is missing is asked on a terminal.

use super::address::address;
use crate::mail::AddrSpec;
use std::path::PathBuf;

/// Answers for `maildesk init`.
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
