//! Probes: mails of the desk to itself that must come back (`maildesk probe`, T104). They find out what the
//! servers around the desk do with its letters; nothing else follows from one, whatever becomes of it.

use crate::desk::model::probe::{Kind, Probe, Returned, Seen, Signature, Stamp};
use crate::desk::model::{Domain, DomainReason, Moment};
use crate::desk::rules::Rules;
use crate::desk::seal::{self, LoopMark};
use crate::mail::authres::{self, Results};
use crate::mail::{AddrSpec, Inbound, Line, MessageId, Outbound, ReportKind, compose};

/// In the Authentication-Results that a probe forges: a mail server removes what others wrote in its name
/// (RFC 8601 §5).
const FORGED: &str = "probe.invalid";

/// Ids that a report may name before it is no report about a probe.
const IDS_MAX: usize = 10;

impl Probe {
    /// It is known what became of it.
    pub fn settled(&self) -> bool {
        self.back.is_some() || self.refused.is_some()
    }
}

/// A probe before it leaves.
#[derive(Debug)]
pub struct Written {
    /// Its Message-ID.
    pub id: MessageId,
    /// From and reverse-path.
    pub from: AddrSpec,
    /// To and forward-path.
    pub to: AddrSpec,
    /// The whole mail.
    pub bytes: Vec<u8>,
}

/// Writes a probe. It bears our loop mark, so it can never become a ticket.
pub fn write(rules: &Rules, kind: Kind, moment: &mut Moment) -> Written {
    let id = seal::probe_id(&rules.keys, rules.domain(), moment);
    let tag = format!("probe-{}", data_encoding::HEXLOWER.encode(&moment.draw()[..8]));
    let plus = |on: bool| {
        if on { seal::with_tag(&rules.address, rules.separator, &tag) } else { rules.address.clone() }
    };
    let (from, to) = match kind {
        Kind::Plain => (plus(false), plus(false)),
        Kind::PlusAddress => (plus(false), plus(true)),
        Kind::PlusSender => (plus(true), plus(false)),
        Kind::Letter => (plus(rules.plus_sender), plus(rules.plus_addressing)),
    };
    let mail = compose::compose(&Outbound {
        from_name: Line::clean(&rules.name),
        from: from.clone(),
        to_name: Line::default(),
        to: to.clone(),
        reply_to: None,
        subject: Line::clean("A probe of this desk"),
        message_id: id.clone(),
        in_reply_to: None,
        references: Vec::new(),
        date: moment.now,
        auto_submitted: Some("auto-generated"),
        precedence: None,
        suppress: true,
        list_id: None,
        list_unsubscribe: None,
        loop_mark: Line::clean(&seal::loop_mark(&rules.keys, &id)),
        extra: rules.extra.clone(),
        text: format!(
            "The desk {} sent this mail to itself (maildesk probe, or [probe] every_minutes), to see that \
             its mail goes out and \
             comes in. It may be deleted.\n",
            rules.name
        ),
        html: None,
    });
    let mut bytes = Vec::new();
    // No letter of ours has this field, so the writer of letters does not write it.
    if let Some(server) = rules.authserv_id.as_deref().filter(|s| s.bytes().all(|b| b.is_ascii_graphic())) {
        bytes.extend_from_slice(
            format!("Authentication-Results: {server}; dkim=fail header.d={FORGED}\r\n").as_bytes(),
        );
    }
    bytes.extend_from_slice(&mail);
    Written { id, from, to, bytes }
}

/// The id of the probe that this mail is, by its mark, or by its Message-ID where a relay took the mark away.
pub fn id_of(rules: &Rules, mail: &Inbound) -> Option<MessageId> {
    let marked = mail.loop_marks.iter().find_map(|m| match seal::read_mark(&rules.keys, rules.domain(), m) {
        Some(LoopMark::Probe(id)) => Some(id),
        Some(LoopMark::Letter(_)) | None => None,
    });
    marked.or_else(|| mail.message_id.clone().filter(|id| seal::is_probe_id(&rules.keys, rules.domain(), id)))
}

/// Reads a mail as the return of a probe; `None`: it is none. `proof` is what DNS said about the desk's own
/// domain.
pub fn returned(rules: &Rules, mail: &Inbound, raw: &[u8], proof: &Domain) -> Option<Returned> {
    if let Some(report) = mail.report.as_ref().filter(|r| r.kind != ReportKind::Other) {
        let ours = |id: &&MessageId| seal::is_probe_id(&rules.keys, rules.domain(), id);
        let id = report.original_ids.iter().take(IDS_MAX).find(ours)?;
        let words = report.recipients.iter().find_map(|r| r.diagnostic.clone().or_else(|| r.status.clone()));
        let failed = matches!(report.kind, ReportKind::Failure | ReportKind::Abuse);
        let why = || {
            Line::clean(&words.unwrap_or_else(|| "a report says that it was not delivered".into()))
                .as_str()
                .to_owned()
        };
        return Some(Returned::Report(id.clone(), failed.then(why)));
    }
    let id = id_of(rules, mail)?;
    let domain = rules.domain();
    let above = |d: &str| domain == d || domain.strip_suffix(d).is_some_and(|rest| rest.ends_with('.'));
    let (stamp, stamped_by) = stamps(rules, mail, raw);
    let seen = Seen {
        id_kept: mail.message_id.as_ref() == Some(&id),
        stamp,
        stamped_by,
        signature: match (proof.signed.is_empty(), mail.signatures.good.iter().any(|s| above(&s.domain))) {
            (false, _) => Signature::Holds,
            (true, true) if proof.why_not == DomainReason::NotAsked => {
                Signature::Fails("nobody looked it up".into())
            }
            (true, true) => Signature::Fails(proof.why_not.to_string()),
            (true, false) => Signature::Missing,
        },
        policy: proof.policy,
    };
    Some(Returned::Back(id, seen))
}

fn stamps(rules: &Rules, mail: &Inbound, raw: &[u8]) -> (Stamp, Option<String>) {
    let stamps = &mail.stamps;
    let forged = |r: &Results| r.results.iter().any(|m| m.property("header.d") == Some(FORGED));
    let ours: Vec<&Results> = stamps.ours.iter().flatten().collect();
    let stamped_by =
        ours.iter().find(|r| !forged(r) && !r.authserv_id.is_empty()).map(|r| r.authserv_id.clone());
    let Some(server) = &rules.authserv_id else { return (Stamp::NotAsked, stamped_by) };
    let stamp = if ours.iter().any(|r| forged(r)) {
        Stamp::Believed
    } else if authres::all(raw).iter().any(forged) {
        Stamp::Left
    } else if ours.iter().any(|r| r.authserv_id.eq_ignore_ascii_case(server)) {
        Stamp::Ours
    } else {
        Stamp::Missing
    };
    (stamp, stamped_by)
}
