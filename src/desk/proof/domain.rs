//! Domain proof (P1): what must be asked about a mail, and what the answers are worth (T11, T12, T15, T106,
//! T107).
//!
//! [`claim`] reads the mail, the edge asks DNS for [`Claim::names`], [`Claim::judge`] makes [`Domain`] of the
//! answers; all of it before the transaction. What only the memory of the desk can tell (a replay) is weighed
//! inside, by [`weigh`].

use super::dmarc::{self, Walk};
use crate::desk::model::{
    Answer, Answers, Domain, DomainProof, DomainReason, Mailed, Policy, Signed, Snapshot, Stamp,
};
use crate::desk::rules::Rules;
use crate::desk::seal;
use crate::mail::authres::{Method, MethodResult, Results, Stamps, Verdict};
use crate::mail::dkim::{self, Signature, Signatures};
use crate::mail::{AddrSpec, Inbound, Mailbox, Sender};

/// A signed mail of staff may be so old, in seconds (T107).
const AGE_MAX: i64 = 7 * 86_400;

/// And a writer's clock so far ahead.
const AHEAD_MAX: i64 = 2 * 86_400;

/// What a mail claims about its domain.
#[derive(Debug)]
pub struct Claim {
    domain: String,
    staff: bool,
    signatures: Signatures,
    stamp: Stamped,
}

/// A stamp as it was read: signatures are not yet aligned.
#[derive(Debug)]
enum Stamped {
    Nothing,
    Pass(Vec<Signature>),
    Sealed,
    Fail,
}

/// What a mail claims; `None`: nothing that it says about its domain can matter.
pub fn claim(rules: &Rules, mail: &Inbound, staff: bool) -> Option<Claim> {
    let from = mail.from.address()?;
    let domain = from.domain().to_owned();
    let mut signatures = mail.signatures.clone();
    let stamp = stamped(rules, &domain, &mail.stamps, &signatures);
    signatures.good.retain(|s| may_align(&s.domain, &domain) && !mail.is_oddly_headed());
    // What another program may read as another sender counts against its writer alone.
    let stamp = match stamp {
        Stamped::Pass(_) | Stamped::Sealed if mail.is_oddly_headed() => Stamped::Nothing,
        stamp => stamp,
    };
    let nothing = signatures.good.is_empty() && matches!(stamp, Stamped::Nothing) && !staff;
    (!nothing).then_some(Claim { domain, staff, signatures, stamp })
}

/// Whether two domains may belong to one organization: a signature of a stranger is not even looked up.
fn may_align(a: &str, b: &str) -> bool {
    let last_two = |d: &str| d.rsplit('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    last_two(a) == last_two(b)
}

impl Claim {
    /// Every name that must be asked for TXT records. Their number is bounded by that of the signatures.
    pub fn names(&self) -> Vec<String> {
        let mut out: Vec<String> = self.signatures.good.iter().map(Signature::key_name).collect();
        let others = self.signers().filter(|s| s.domain != self.domain);
        let walks: Vec<&str> = others.map(|s| s.domain.as_str()).collect();
        if self.staff || !walks.is_empty() {
            out.extend(dmarc::names(&self.domain));
        }
        out.extend(walks.into_iter().flat_map(dmarc::names));
        out.sort_unstable();
        out.dedup();
        out
    }

    fn signers(&self) -> impl Iterator<Item = &Signature> {
        let stamped = match &self.stamp {
            Stamped::Pass(all) => all.as_slice(),
            Stamped::Nothing | Stamped::Sealed | Stamped::Fail => &[],
        };
        self.signatures.good.iter().chain(stamped)
    }

    /// What the answers are worth. `now` in seconds since 1970.
    pub fn judge(&self, raw: &[u8], answers: &Answers, now: i64) -> Domain {
        let walk = dmarc::walk(&self.domain, answers);
        let (signed, why_not) = self.verified(raw, answers, &walk, now);
        let stamp = match &self.stamp {
            Stamped::Nothing => Stamp::Nothing,
            Stamped::Sealed => Stamp::Sealed,
            Stamped::Fail => Stamp::Fail,
            Stamped::Pass(all) => {
                Stamp::Pass(all.iter().filter(|s| self.aligned(s, answers, &walk)).map(Signed::of).collect())
            }
        };
        Domain { signed, stamp, policy: walk.policy, why_not }
    }

    /// The signatures that hold, and why the last of the others does not.
    fn verified(&self, raw: &[u8], answers: &Answers, walk: &Walk, now: i64) -> (Vec<Signed>, DomainReason) {
        let unreadable = self.signatures.why_not.map(DomainReason::BadSignature);
        let mut why = unreadable.unwrap_or(DomainReason::Unsigned);
        let mut tried: Vec<(&Signature, &[String])> = Vec::new();
        for signature in &self.signatures.good {
            match answers.get(&signature.key_name()) {
                _ if signature.expires.is_some_and(|x| x <= now) => {
                    why = DomainReason::SignatureExpired;
                }
                _ if !self.aligned(signature, answers, walk) => {
                    why = DomainReason::SignatureOfAnother;
                }
                Some(Answer::Texts(texts)) => tried.push((signature, texts)),
                Some(Answer::Nothing) => why = DomainReason::NoKey,
                Some(Answer::Failed) | None => why = DomainReason::KeyNotLookedUp,
            }
        }
        if tried.is_empty() {
            return (Vec::new(), why);
        }
        let mut out = Vec::new();
        for ((signature, _), held) in tried.iter().zip(dkim::verify(raw, &tried)) {
            match held {
                Ok(()) => out.push(Signed::of(signature)),
                Err(fault) => why = DomainReason::BadSignature(fault),
            }
        }
        (out, why)
    }

    /// RFC 9989 §4.4.1. The very domain is aligned whatever it publishes.
    fn aligned(&self, signature: &Signature, answers: &Answers, walk: &Walk) -> bool {
        if signature.domain == self.domain {
            return true;
        }
        let theirs = dmarc::walk(&signature.domain, answers).organization;
        !walk.strict_alignment && theirs.is_some() && theirs == walk.organization
    }
}

/// Reads what our own server stamped (T11, T12, T15). Without a configured id nothing is believed.
fn stamped(rules: &Rules, domain: &str, stamps: &Stamps, signatures: &Signatures) -> Stamped {
    if rules.authserv_id.is_none() && !rules.topmost_without_id {
        return Stamped::Nothing;
    }
    let unreadable = stamps.ours.iter().any(Option::is_none);
    let is_ours =
        |r: &&Results| rules.authserv_id.as_ref().is_some_and(|id| r.authserv_id.eq_ignore_ascii_case(id));
    let without_id = |r: &&Results| rules.topmost_without_id && r.authserv_id.is_empty();
    let ours = stamps.ours.iter().flatten().filter(is_ours);
    let all: Vec<_> = ours.chain(stamps.topmost.iter().filter(without_id)).flat_map(|r| &r.results).collect();
    let named = |r: &&&MethodResult, property: &str| r.property(property).map(str::to_ascii_lowercase);
    let dmarc = || all.iter().filter(|r| r.method == Method::Dmarc);
    if dmarc()
        .any(|r| r.verdict == Verdict::Fail && named(&r, "header.from").is_none_or(|from| from == domain))
    {
        let arc = all.iter().any(|r| r.method == Method::Arc && r.verdict == Verdict::Pass);
        let sealed =
            arc && stamps.arc.as_ref().is_some_and(|a| a.saw_pass(domain, &rules.trusted_arc_sealers));
        return if sealed { Stamped::Sealed } else { Stamped::Fail };
    }
    if unreadable
        || !dmarc().any(|r| {
            r.verdict == Verdict::Pass && named(&r, "header.from").is_some_and(|from| from == domain)
        })
    {
        return Stamped::Nothing;
    }
    let passed = all.iter().filter(|r| r.method == Method::Dkim && r.verdict == Verdict::Pass);
    Stamped::Pass(passed.filter_map(|r| its_signature(r, signatures)).cloned().collect())
}

/// The signature that a `dkim=pass` speaks of. Were there two that it may mean, or one that nobody can read,
/// the sender could have added the one that suits them.
fn its_signature<'a>(result: &MethodResult, signatures: &'a Signatures) -> Option<&'a Signature> {
    let domain = result.property("header.d")?.to_ascii_lowercase();
    let selector = result.property("header.s").map(str::to_ascii_lowercase);
    let value = result.property("header.b");
    let mut fitting = signatures.good.iter().filter(|s| {
        s.domain == domain
            && selector.as_ref().is_none_or(|wanted| s.selector == *wanted)
            && value.is_none_or(|start| s.value.starts_with(start))
    });
    let one = fitting.next()?;
    (fitting.next().is_none() && signatures.why_not.is_none()).then_some(one)
}

/// T10: a configured web form whose domain proves its mail writes for the customer in Reply-To, of whom
/// nothing is proven. From here on it is their mail.
pub fn through_form(rules: &Rules, mail: &mut Inbound, domain: &mut Domain) {
    let proven = match (&domain.stamp, domain.signed.is_empty()) {
        (Stamp::Nothing | Stamp::Pass(_) | Stamp::Sealed, false) | (Stamp::Pass(_), true) => true,
        (Stamp::Fail, true | false) | (Stamp::Nothing | Stamp::Sealed, true) => false,
    };
    let form = mail.from.address().is_some_and(|a| rules.web_forms.contains(a));
    let customer = mail.reply_to.as_ref().and_then(|r| Some((r.name.clone(), AddrSpec::parse(&r.address)?)));
    // A form that names the desk there has no customer to tell of.
    if let Some((name, address)) = customer.filter(|(_, a)| form && proven && !rules.own.contains(a)) {
        writes_for(mail, name, address);
        *domain = Domain { why_not: DomainReason::WebForm, ..Domain::default() };
    }
}

/// T120: a mail from one of our own addresses that does not bear our seal is none of our letters: a form of
/// the operator's site must send as the desk, since SPF asks for it, and names the customer in Reply-To. From
/// here on it is their mail, and what signs for the desk proves nothing about them. Where our own server
/// found it forged, it is nobody's form.
pub fn own_form(rules: &Rules, mail: &mut Inbound) {
    let own = mail.from.address().is_some_and(|a| rules.own.contains(a)) && mail.report.is_none();
    let sealed = || mail.loop_marks.iter().any(|m| seal::is_loop_mark(&rules.keys, rules.domain(), m));
    let customer = mail.reply_to.as_ref().and_then(|r| Some((r.name.clone(), AddrSpec::parse(&r.address)?)));
    let customer = customer.filter(|(_, address)| own && !rules.own.contains(address) && !sealed());
    if let Some((name, address)) = customer.filter(|_| !is_found_forged(rules, mail)) {
        writes_for(mail, name, address);
        (mail.signatures, mail.stamps) = (Signatures::default(), Stamps::default());
    }
}

/// Does a server that we believe say that the domain of its sender did not send it?
fn is_found_forged(rules: &Rules, mail: &Inbound) -> bool {
    let stamp = mail.from.address().map(|a| stamped(rules, a.domain(), &mail.stamps, &mail.signatures));
    matches!(stamp, Some(Stamped::Fail))
}

/// From here on it is the mail of whom a form names. T24: it is an ordinary one.
fn writes_for(mail: &mut Inbound, name: String, address: AddrSpec) {
    mail.from = Sender::One { name, address };
    mail.reply_to = None;
    mail.by_form = true;
    (mail.automatic.no_reply, mail.automatic.daemon) = (false, false);
}

/// The domain proof of a mail and why, in the eyes of the decision table.
pub fn weigh(
    rules: &Rules,
    known: &Snapshot,
    mailed: &Mailed<'_>,
    staff: bool,
    now: i64,
) -> (DomainProof, DomainReason) {
    let domain = &mailed.facts.domain;
    if !staff {
        return match (&domain.stamp, domain.signed.is_empty()) {
            (Stamp::Fail, true | false) => (DomainProof::Disproved, DomainReason::StampedAsFailed),
            (Stamp::Nothing | Stamp::Pass(_) | Stamp::Sealed, false) => {
                (DomainProof::Dkim, DomainReason::Signed)
            }
            (Stamp::Pass(_), true) => (DomainProof::Dmarc, DomainReason::Stamped),
            (Stamp::Sealed, true) => (DomainProof::Dmarc, DomainReason::Forwarded),
            (Stamp::Nothing, true) => (DomainProof::Unknown, domain.why_not),
        };
    }
    let mut why = domain.why_not;
    let mut fits = |all: &[Signed]| {
        all.iter().any(|s| match replay(rules, known, mailed, s, now) {
            None => true,
            Some(fault) => {
                why = fault;
                false
            }
        })
    };
    let own = fits(&domain.signed);
    let stamped = match &domain.stamp {
        Stamp::Pass(all) => !own && fits(all),
        // T15: the rights of staff never come from ARC.
        Stamp::Nothing | Stamp::Sealed | Stamp::Fail => false,
    };
    let nobody_signed =
        domain.signed.is_empty() && !matches!(&domain.stamp, Stamp::Pass(all) if !all.is_empty());
    match (&domain.stamp, own, stamped, domain.policy) {
        (Stamp::Fail | Stamp::Sealed, ..) => (DomainProof::Disproved, DomainReason::StampedAsFailed),
        (_, true, ..) => (DomainProof::Dkim, DomainReason::SignedForDesk),
        (_, false, true, _) => (DomainProof::Dmarc, DomainReason::StampedForDesk),
        (_, false, false, Policy::Strict) if nobody_signed => {
            (DomainProof::Disproved, DomainReason::StrictDomain)
        }
        (_, false, false, Policy::Strict | Policy::Lax | Policy::Unknown) => (DomainProof::Unknown, why),
    }
}

/// T107: why a signature that holds is no word to this desk, now.
fn replay(
    rules: &Rules,
    known: &Snapshot,
    mailed: &Mailed<'_>,
    signed: &Signed,
    now: i64,
) -> Option<DomainReason> {
    let names_us = |all: &[Mailbox]| {
        all.iter().filter_map(|m| AddrSpec::parse(&m.address)).any(|a| rules.own.contains(&a))
    };
    let mail = mailed.mail;
    if !(signed.to && names_us(&mail.to) || signed.cc && names_us(&mail.cc)) {
        return Some(DomainReason::SignedForAnother);
    }
    let fresh = |date: i64| date > now - AGE_MAX && date < now + AHEAD_MAX;
    if !signed.date || !mail.date.is_some_and(fresh) {
        return Some(DomainReason::NotFresh);
    }
    if known.signatures.contains(&signed.fingerprint) {
        return Some(DomainReason::SignatureSeen);
    }
    known.id_taken.then_some(DomainReason::IdSeen)
}

#[cfg(test)]
mod tests;
