//! What is remembered of zones and servers that kept silent: nobody waits for them again for some minutes.

use std::collections::BTreeMap;

/// So long a zone that kept silent is left alone; seconds.
const LEFT_ALONE_SECS: i64 = 300;
/// So many zones are remembered; of more, the one that kept silent first is forgotten.
const ZONES_MAX: usize = 1_000;

/// Who kept silent, and when. Times are seconds since 1970; what lies in the future, since the clock went
/// back, counts for nothing.
#[derive(Debug, Default)]
pub struct Silence {
    zones: BTreeMap<String, i64>,
    server: Option<ServerSilence>,
}

/// The server answers nothing at all.
#[derive(Debug, Clone, Copy)]
struct ServerSilence {
    since: i64,
    asked_at: i64,
}

/// What is known of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerState {
    /// It answers, as far as anybody knows.
    Speaks,
    /// It answered nothing, and is to be asked whether it does now.
    KeptSilent,
    /// It was asked that in this very second.
    KeepsSilent,
}

impl Silence {
    /// A name got no answer. Where others of its zone got one, it is remembered alone.
    pub fn note(&mut self, name: &str, zone_answers: bool, now: i64) {
        self.zones.retain(|_, at| lasts(*at, now));
        if self.zones.len() >= ZONES_MAX {
            let first = self.zones.iter().min_by_key(|(_, at)| **at).map(|(zone, _)| zone.clone());
            first.and_then(|zone| self.zones.remove(&zone));
        }
        let what = if zone_answers { name } else { zone(name) };
        self.zones.insert(what.to_owned(), now);
    }

    /// The name itself, its zone, or a zone above it kept silent lately. A zone of one label is no zone
    /// above, or one silent top would silence everybody below it.
    pub fn is_left_alone(&self, name: &str, now: i64) -> bool {
        let is_silent = |what: &str| self.zones.get(what).is_some_and(|at| lasts(*at, now));
        let mut above = Some(zone(name));
        if is_silent(name) || is_silent(zone(name)) {
            return true;
        }
        while let Some((_, rest)) = above.and_then(|z| z.split_once('.')) {
            if rest.contains('.') && is_silent(rest) {
                return true;
            }
            above = Some(rest);
        }
        false
    }

    /// What is known of the server.
    pub fn server(&self, now: i64) -> ServerState {
        match self.server {
            Some(s) if s.asked_at == now => ServerState::KeepsSilent,
            Some(s) if lasts(s.asked_at, now) => ServerState::KeptSilent,
            Some(_) | None => ServerState::Speaks,
        }
    }

    /// The server answered nothing at all.
    pub fn server_kept_silent(&mut self, now: i64) {
        let since = self.server.map_or(now, |s| s.since);
        self.server = Some(ServerSilence { since, asked_at: now });
    }

    /// The server answers. Zones that kept silent since it did were silent because of it.
    pub fn server_speaks(&mut self) {
        if let Some(silent) = self.server.take() {
            self.zones.retain(|_, at| *at < silent.since);
        }
    }
}

fn lasts(at: i64, now: i64) -> bool {
    at <= now && now - at < LEFT_ALONE_SECS
}

/// The domain that publishes a name: what stands behind its last label with an underscore (RFC 8552).
pub fn zone(name: &str) -> &str {
    let labels = name.split('.');
    let mut at = 0;
    let mut zone = name;
    for label in labels {
        at += label.len() + 1;
        if label.starts_with('_') && at <= name.len() {
            zone = &name[at..];
        }
    }
    zone
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    #[test]
    fn a_silent_zone_is_left_alone_for_minutes() {
        let mut silence = Silence::default();
        silence.note("s1._domainkey.far.example", false, NOW);
        for (name, wanted) in [
            ("s1._domainkey.far.example", true),
            ("s2._domainkey.far.example", true),
            ("_dmarc.far.example", true),
            ("_dmarc.below.far.example", true),
            ("_dmarc.near.example", false),
            ("_dmarc.example", false),
            ("s1._domainkey.notfar.example", false),
        ] {
            assert_eq!(silence.is_left_alone(name, NOW), wanted, "{name}");
        }
        let name = "s1._domainkey.far.example";
        assert!(silence.is_left_alone(name, NOW + LEFT_ALONE_SECS - 1));
        assert!(!silence.is_left_alone(name, NOW + LEFT_ALONE_SECS));
        assert!(!silence.is_left_alone(name, NOW - 1), "a clock that was ahead shuts nobody out");
    }

    #[test]
    fn one_silent_name_and_a_silent_top_silence_no_others() {
        let mut silence = Silence::default();
        silence.note("s1._domainkey.far.example", true, NOW);
        silence.note("_dmarc.example", false, NOW);
        assert!(silence.is_left_alone("s1._domainkey.far.example", NOW));
        assert!(silence.is_left_alone("_dmarc.example", NOW));
        assert!(!silence.is_left_alone("s2._domainkey.far.example", NOW));
        assert!(!silence.is_left_alone("_dmarc.far.example", NOW));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut silence = Silence::default();
        for n in 0..ZONES_MAX + 5 {
            silence.note(&format!("_dmarc.z{n}.example"), false, NOW + i64::from(n > 4));
        }
        assert_eq!(silence.zones.len(), ZONES_MAX);
        assert!(!silence.is_left_alone("_dmarc.z4.example", NOW + 1), "the first are forgotten first");
        assert!(silence.is_left_alone("_dmarc.z5.example", NOW + 1));
        silence.note("_dmarc.later.example", false, NOW + 2 * LEFT_ALONE_SECS);
        assert_eq!(silence.zones.len(), 1, "what has passed is forgotten");
    }

    #[test]
    fn a_server_that_speaks_again_is_asked_about_everybody() {
        let mut silence = Silence::default();
        silence.note("_dmarc.before.example", false, NOW - 10);
        assert_eq!(silence.server(NOW), ServerState::Speaks);
        silence.server_kept_silent(NOW);
        silence.note("_dmarc.far.example", false, NOW);
        assert_eq!(silence.server(NOW), ServerState::KeepsSilent);
        assert_eq!(silence.server(NOW + 1), ServerState::KeptSilent);
        silence.server_kept_silent(NOW + 1);
        assert_eq!(silence.server(NOW + 1 + LEFT_ALONE_SECS), ServerState::Speaks);
        assert_eq!(silence.server(NOW - 1), ServerState::Speaks, "a clock that was ahead");
        silence.server_speaks();
        assert_eq!(silence.server(NOW + 2), ServerState::Speaks);
        assert!(!silence.is_left_alone("_dmarc.far.example", NOW + 2));
        assert!(silence.is_left_alone("_dmarc.before.example", NOW + 2), "it kept silent by itself");
    }
}
