//! `[retention]`: for how long things are kept, with the defaults of INTERFACE.md.

use super::reader::Reader;
use super::types::Retention;

impl Default for Retention {
    fn default() -> Self {
        Self {
            tickets: None,
            sessions: 7,
            raw_mail: None,
            access_log: Some(7),
            persons: None,
            audit_log: None,
            mailbox: false,
        }
    }
}

/// Reads `[retention]`; what is missing or wrong has its default.
pub(super) fn retention(s: &Reader) -> Retention {
    let d = Retention::default();
    let kept = Retention {
        tickets: s.days("tickets", d.tickets),
        sessions: s.count("sessions", d.sessions, 365),
        raw_mail: s.days("raw_mail", d.raw_mail),
        access_log: s.days("access_log", d.access_log),
        persons: s.days("persons", d.persons),
        audit_log: s.days("audit_log", d.audit_log),
        mailbox: s.flag("mailbox").unwrap_or(d.mailbox),
    };
    s.warn_unused("tickets", kept.tickets != d.tickets);
    s.warn_unused("raw_mail", kept.raw_mail != d.raw_mail);
    s.warn_unused("access_log", kept.access_log != d.access_log);
    s.warn_unused("persons", kept.persons != d.persons);
    s.warn_unused("audit_log", kept.audit_log != d.audit_log);
    s.warn_unused("mailbox", kept.mailbox != d.mailbox);
    s.done();
    kept
}
