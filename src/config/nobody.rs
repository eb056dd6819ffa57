//! The configuration where there is none: `explain` works on it, and so do tests.

use super::types::{
    Config, DataConfig, DeskConfig, Limits, Retention, SmtpConfig, SmtpWay, TrustConfig, WebConfig,
};
use crate::desk::time::due_date::Targets;
use crate::desk::{Confirm, StaffProof};
use crate::mail::AddrSpec;
use std::collections::BTreeMap;

/// A desk of nobody: prefix DESK, no mailbox, no staff, every limit at its default. It names no file that is
/// ever opened.
pub fn nobodys() -> Config {
    let address = AddrSpec::parse("desk@localhost.invalid").expect("a literal");
    Config {
        file: "(no configuration)".into(),
        desk: DeskConfig {
            name: "Desk".into(),
            address,
            url: url::Url::parse("http://localhost").expect("a literal"),
            prefix: "DESK".into(),
            categories: Vec::new(),
            answers: BTreeMap::new(),
            zone: "UTC".into(),
            language: "en".into(),
            tagline: None,
            website: None,
            accent: None,
            logo: None,
            security_contact: None,
        },
        data: DataConfig { dir: ".".into(), key_file: "desk.key".into() },
        mailboxes: Vec::new(),
        smtp: SmtpConfig {
            way: SmtpWay::Maildir("out".into()),
            null_sender: false,
            plus_sender: false,
            headers: BTreeMap::new(),
        },
        web: WebConfig {
            listen: ([127, 0, 0, 1], 8025).into(),
            proxies: Vec::new(),
            metrics_listen: None,
            tls: None,
            link_minutes: 15,
        },
        staff: Vec::new(),
        trust: TrustConfig {
            authserv_id: None,
            staff_proof: StaffProof::Any,
            topmost_without_id: false,
            trusted_arc_sealers: Vec::new(),
            confirm: Confirm::All,
            aliases: Vec::new(),
            own_lists: Vec::new(),
            web_forms: Vec::new(),
        },
        routes: Vec::new(),
        targets: Targets::none(jiff::tz::TimeZone::UTC),
        limits: Limits::default(),
        dns_server: None,
        retention: Retention::default(),
        probe_minutes: 0,
        warnings: Vec::new(),
    }
}
