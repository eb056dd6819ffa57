//! Crafted signatures before a name server made of a map: each is refused for its own reason (T106, T107, RFC
//! 6376, 9989).

use crate::desk::model::{Answer, Domain, DomainProof, DomainReason, Policy, Snapshot};
use crate::desk::proof::domain;
use crate::desk::testing::{gathered, rules};
use crate::mail::parse;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::{Canonicalization, DkimSigner, Done};
use rcgen::{KeyPair, PKCS_ED25519};

const FIELDS: [&str; 5] = ["From", "To", "Subject", "Date", "Message-ID"];
/// Thu, 26 Nov 2026 09:00:00 +0000, one hour after the mails below were written.
const NOW: i64 = 1_795_683_600;

fn mail(extra: &str) -> String {
    format!(
        "From: Bob <bob@staff.example>\r\nTo: support@desk.example\r\nSubject: Re: x [DESK-1]\r\n\
         Date: Thu, 26 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@staff.example>\r\n{extra}\r\nThe words.\r\n"
    )
}

struct Key(KeyPair);

impl Key {
    fn new() -> Self {
        Self(KeyPair::generate_for(&PKCS_ED25519).expect("a key"))
    }

    fn record(&self, tags: &str) -> String {
        format!("v=DKIM1; k=ed25519; {tags}p={}", data_encoding::BASE64.encode(self.0.public_key_raw()))
    }

    fn signer(&self, domain: &str, fields: &[&str]) -> DkimSigner<Ed25519Key, Done> {
        let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(&self.0.serialize_der()).expect("a key");
        DkimSigner::from_key(key).domain(domain).selector("s1").headers(fields.iter().copied())
    }

    fn sign(&self, domain: &str, mail: &str) -> String {
        on_top(&self.signer(domain, &FIELDS), mail)
    }
}

fn on_top(signer: &DkimSigner<Ed25519Key, Done>, mail: &str) -> String {
    format!("{}{mail}", signer.sign(mail.as_bytes()).expect("a signature").to_header())
}

/// Everything that is not said does not exist.
fn judged(raw: &str, zone: &[(&str, Answer)], now: i64) -> Domain {
    let mail = parse::parse_for_intake(raw.as_bytes());
    let claim = domain::claim(&rules(), &mail, true).expect("staff always claim something");
    let answers = claim.names().into_iter().map(|name| {
        let said = zone.iter().find(|(n, _)| *n == name).map_or(Answer::Nothing, |(_, a)| a.clone());
        (name, said)
    });
    claim.judge(raw.as_bytes(), &answers.collect(), now)
}

fn texts(text: &str) -> Answer {
    Answer::Texts(vec![text.to_owned()])
}

const KEY: &str = "s1._domainkey.staff.example";

fn with_key(raw: &str, record: &str) -> Domain {
    judged(raw, &[(KEY, texts(record))], NOW)
}

/// A mail that must not be proven, and the word that its reason holds.
fn refused(raw: &str, record: &str, reason: &str) {
    let domain = with_key(raw, record);
    assert!(domain.signed.is_empty(), "{reason}: it was taken for proven");
    assert!(domain.why_not.to_string().contains(reason), "{reason}: {}", domain.why_not);
}

#[test]
fn t106_a_sound_signature_proves() {
    let key = Key::new();
    let forms = [
        (Canonicalization::Relaxed, Canonicalization::Relaxed),
        (Canonicalization::Simple, Canonicalization::Simple),
        (Canonicalization::Relaxed, Canonicalization::Simple),
    ];
    for (header, body) in forms {
        let signer =
            key.signer("staff.example", &FIELDS).header_canonicalization(header).body_canonicalization(body);
        let raw = on_top(&signer, &mail(""));
        assert_eq!(with_key(&raw, &key.record("")).signed.len(), 1, "{header:?} {body:?}");
        assert_eq!(
            with_key(&raw.replace("\r\n", "\n"), &key.record("")).signed.len(),
            1,
            "a store with LF alone"
        );
        // T120: a store put it before the first field.
        for raw in [raw.clone(), raw.replace("\r\n", "\n")] {
            assert_eq!(with_key(&format!("\u{feff}{raw}"), &key.record("")).signed.len(), 1);
        }
        assert_eq!(
            with_key(&format!("From x Thu\n{}", raw.replace("\r\n", "\n")), &key.record("")).signed.len(),
            1
        );
    }
    let twice = key.signer("staff.example", &["From", "From", "To", "Subject", "Subject", "Date"]);
    assert_eq!(
        with_key(&on_top(&twice, &mail("")), &key.record("")).signed.len(),
        1,
        "signed twice against additions"
    );
}

#[test]
fn t106_what_the_mail_itself_gives_away() {
    let key = Key::new();
    let (signed, record) = (key.sign("staff.example", &mail("")), key.record(""));
    refused(&on_top(&key.signer("staff.example", &FIELDS).body_length(true), &mail("")), &record, "l=");
    refused(
        &on_top(&key.signer("staff.example", &["To", "Subject", "Date"]), &mail("")),
        &record,
        "leaves out",
    );
    refused(&on_top(&key.signer("staff.example", &["From", "To", "Date"]), &mail("")), &record, "leaves out");
    for field in [
        "Subject: Re: x [DESK-2]",
        "To: support@desk.example",
        "Date: Thu, 26 Nov 2026 08:00:00 +0000",
        "Cc: a@b.example",
    ] {
        let twice = mail("Cc: c@d.example\r\n");
        refused(&format!("{field}\r\n{}", key.sign("staff.example", &twice)), &record, "repeated");
    }
    refused(&format!("Subject : y\r\n{signed}"), &record, "two ways");
    refused(&signed.replace("a=ed25519-sha256", "a=rsa-sha1"), &record, "algorithm");
    refused(&signed.replace("v=1;", "v=2;"), &record, "version");
    refused(&signed.replace("v=1;", "v=1; d=staff.example;"), &record, "cannot be read");
    refused(&signed.replace("v=1;", "v=1; q=http/x;"), &record, "not in DNS");
    refused(&signed.replace("v=1;", "v=1; x=tomorrow;"), &record, "ends at no time");
    refused(&signed.replace("v=1;", "v=1; i=@evil.example;"), &record, "another domain");
    refused(&signed.replace("s=s1;", "s=../x;"), &record, "names no key");
    refused(
        &signed.replace("h=Message-ID", &format!("h={}Message-ID", "x:".repeat(101))),
        &record,
        "too many fields",
    );
    refused(&signed.replace("The words.", "Other words."), &record, "its body");
    refused(&signed.replace("[DESK-1]", "[DESK-2]"), &record, "its header");
    refused(&mail(""), &record, "nobody signed");
    let six = (0..6).fold(mail(""), |m, _| format!("DKIM-Signature: v=1; a=ed25519-sha256\r\n{m}"));
    assert_eq!(with_key(&six, &record).signed.len(), 0);
}

#[test]
fn t106_what_the_key_gives_away() {
    let (key, other) = (Key::new(), Key::new());
    let signed = key.sign("staff.example", &mail(""));
    refused(&signed, &key.record("t=y; "), "a test");
    refused(&signed, &key.record("t=s:y; "), "a test");
    refused(&signed, &key.record("h=sha1; "), "something else");
    refused(&signed, &key.record("s=tlsrpt; "), "something else");
    refused(&signed, &other.record(""), "its header");
    refused(&signed, "v=DKIM1; k=ed25519; p=", "revoked");
    refused(&signed, "v=DKIM1; k=ed25519", "revoked");
    refused(&signed, "v=DKIM2; k=ed25519; p=AAAA", "cannot be read");
    refused(&signed, "k=ed25519; p=AAAA; p=BBBB", "cannot be read");
    refused(&signed, "what is this", "cannot be read");
    // 512 bits of RSA.
    let short = "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAO++ciNG4c/\
                 oMj7YXsGAyvTd9Q3ie5e0oU1A+m0Z2P69l7hl5yPmwLnMHVURAWU5Wd+qgFMmnzJKeYyPstJPvcUCAwEAAQ==";
    refused(&signed, short, "too short");
    let of_subdomain =
        on_top(&key.signer("staff.example", &FIELDS).agent_user_identifier("@mail.staff.example"), &mail(""));
    assert_eq!(with_key(&of_subdomain, &key.record("")).signed.len(), 1);
    refused(&of_subdomain, &key.record("t=s; "), "another domain");
    let both = Answer::Texts(vec![other.record(""), key.record("")]);
    assert_eq!(judged(&signed, &[(KEY, both)], NOW).signed.len(), 1, "one of two keys");
}

/// DNS that fails never proves, and never disproves.
#[test]
fn t106_what_dns_does_not_say() {
    let key = Key::new();
    let signed = key.sign("staff.example", &mail(""));
    let failed = judged(&signed, &[(KEY, Answer::Failed), ("_dmarc.staff.example", Answer::Failed)], NOW);
    assert_eq!((failed.signed.len(), failed.policy), (0, Policy::Unknown));
    assert_eq!(failed.why_not, DomainReason::KeyNotLookedUp);
    let nothing = judged(&signed, &[], NOW);
    assert_eq!((nothing.signed.len(), nothing.why_not), (0, DomainReason::NoKey));
    let expiring = on_top(&key.signer("staff.example", &FIELDS).expiration(60), &mail(""));
    let later = judged(&expiring, &[(KEY, texts(&key.record("")))], i64::from(u32::MAX));
    assert_eq!((later.signed.len(), later.why_not), (0, DomainReason::SignatureExpired));
    // Nobody is asked about the key of a stranger.
    let raw = key.sign("evil.example", &mail(""));
    let asked =
        domain::claim(&rules(), &parse::parse_for_intake(raw.as_bytes()), true).expect("staff").names();
    assert_eq!(asked, ["_dmarc.example", "_dmarc.staff.example"]);
}

#[test]
fn t106_alignment_by_tree_walk() {
    let key = Key::new();
    let aligned = |domain: &str, policies: &[(&str, &str)]| {
        let name = format!("s1._domainkey.{domain}");
        let mut zone = vec![(name.as_str(), texts(&key.record("")))];
        zone.extend(policies.iter().map(|(n, p)| (*n, texts(p))));
        !judged(&key.sign(domain, &mail("")), &zone, NOW).signed.is_empty()
    };
    let own: (&str, &str) = ("_dmarc.staff.example", "v=DMARC1; p=reject");
    assert!(aligned("staff.example", &[]));
    assert!(aligned("mail.staff.example", &[own]));
    assert!(!aligned("mail.staff.example", &[]), "without any record each domain is its own organization");
    assert!(!aligned("mail.staff.example", &[("_dmarc.staff.example", "v=DMARC1; p=reject; adkim=s")]));
    assert!(!aligned("mail.staff.example", &[own, ("_dmarc.mail.staff.example", "v=DMARC1; p=none; psd=n")]));
    assert!(
        !aligned("evil.example", &[own, ("_dmarc.example", "v=DMARC1; p=none; psd=y")]),
        "under a public suffix"
    );
    assert!(!aligned("example", &[own]), "the suffix itself");
}

fn weighed(domain: Domain, raw: &str, known: &Snapshot, now: i64) -> (DomainProof, DomainReason) {
    let mail = parse::parse_for_intake(raw.as_bytes());
    let (mut mailed, _) = gathered(&rules(), &mail);
    mailed.facts.domain = domain;
    mailed.arrived_at = now;
    domain::weigh(&rules(), known, &mailed, true, now)
}

#[test]
fn t107_a_signature_is_a_word_to_this_desk_and_now() {
    let key = Key::new();
    let fields = ["From", "To", "Cc", "Subject", "Date"];
    let proof =
        |raw: &str, known: &Snapshot, now: i64| weighed(with_key(raw, &key.record("")), raw, known, now);
    let sign = |mail: &str, fields: &[&str]| on_top(&key.signer("staff.example", fields), mail);
    let nobody = Snapshot::default();
    let raw = sign(&mail(""), &fields);
    assert_eq!(proof(&raw, &nobody, NOW).0, DomainProof::Dkim);
    let held = |raw: &str, known: &Snapshot, now: i64, reason: &str| {
        let (proof, why) = proof(raw, known, now);
        assert_eq!(proof, DomainProof::Unknown, "{reason}");
        assert!(why.to_string().contains(reason), "{reason}: {why}");
    };
    let to_mallory = mail("").replace("support@desk.example", "mallory@evil.example");
    held(&sign(&to_mallory, &fields), &nobody, NOW, "somebody else");
    let added = sign(&to_mallory, &["From", "To", "Subject", "Date"])
        .replace("\r\nSubject: Re", "\r\nCc: support@desk.example\r\nSubject: Re");
    held(&added, &nobody, NOW, "somebody else");
    let copied = to_mallory.replace("\r\nSubject: Re", "\r\nCc: support@desk.example\r\nSubject: Re");
    assert_eq!(proof(&sign(&copied, &fields), &nobody, NOW).0, DomainProof::Dkim, "a signed Cc to the desk");
    held(&raw, &nobody, NOW + 7 * 86_400, "7 days");
    held(&raw, &nobody, NOW - 3 * 86_400, "7 days");
    held(&sign(&mail(""), &["From", "To", "Subject"]), &nobody, NOW, "7 days");
    let fingerprint = with_key(&raw, &key.record("")).signed[0].fingerprint;
    held(
        &raw,
        &Snapshot { signatures: vec![fingerprint], ..Snapshot::default() },
        NOW,
        "signature was taken in before",
    );
    held(&raw, &Snapshot { id_taken: true, ..Snapshot::default() }, NOW, "Message-ID was taken in before");
}

#[test]
fn a_policy_that_nobody_meets_is_a_counter_proof_for_staff() {
    let (key, nobody) = (Key::new(), Snapshot::default());
    let strict = |policy: &str, raw: &str| {
        let zone = [(KEY, texts(&key.record(""))), ("_dmarc.staff.example", texts(policy))];
        weighed(judged(raw, &zone, NOW), raw, &nobody, NOW).0
    };
    assert_eq!(strict("v=DMARC1; p=reject", &mail("")), DomainProof::Disproved);
    assert_eq!(strict("v=DMARC1; p=quarantine", &mail("")), DomainProof::Disproved);
    assert_eq!(strict("v=DMARC1; p=none", &mail("")), DomainProof::Unknown);
    assert_eq!(strict("v=DMARC1; p=reject; t=y", &mail("")), DomainProof::Unknown);
    assert_eq!(strict("v=DMARC1; p=reject", &key.sign("staff.example", &mail(""))), DomainProof::Dkim);
    let to_mallory =
        key.sign("staff.example", &mail("").replace("support@desk.example", "mallory@evil.example"));
    assert_eq!(
        strict("v=DMARC1; p=reject", &to_mallory),
        DomainProof::Unknown,
        "a replay is no forgery: held"
    );
}

/// T10, T28: a mail in the desk's own name that our server found forged is nobody's form; without its word it
/// is one of whom it names.
#[test]
fn t28_no_form_of_ours_is_what_our_own_server_found_forged() {
    let mut rules = rules();
    rules.authserv_id = Some("mx.desk.example".into());
    for (found, verdict) in [(true, "fail"), (false, "none"), (false, "pass")] {
        let raw = format!(
            "Authentication-Results: mx.desk.example; dmarc={verdict} header.from=desk.example\r\n\
             Received: by mx.desk.example\r\nFrom: support@desk.example\r\n\
             Reply-To: Dora <dora@new.example>\r\nSubject: x\r\n\r\nHello\r\n"
        );
        let mut mail = parse::parse_for_intake(raw.as_bytes());
        domain::own_form(&rules, &mut mail);
        let from = mail.from.address().expect("an address").to_string();
        let wanted = if found { "support@desk.example" } else { "dora@new.example" };
        assert_eq!((from.as_str(), mail.by_form), (wanted, !found), "{verdict}");
    }
}
