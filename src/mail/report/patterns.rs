//! The words of mail systems: what says that a mail failed or waits, where the returned copy begins, how
//! addresses are named.

use std::sync::LazyLock;

use regex::Regex;

/// `None` never happens (a test compiles them all); a pattern that did not compile would match nothing.
pub(super) type Pattern = LazyLock<Option<Regex>>;

/// Whether the text holds one of the words.
pub(super) fn hit(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_some_and(|p| p.is_match(text))
}

/// A mail did not arrive. Counts only from a mail system; alone these words say nothing.
pub(super) static FAILED: Pattern = LazyLock::new(|| {
    Regex::new(r"(?ix)
        undeliver | non[-\ ]?deliver | returned\ mail | return(?:ed|ing)\ (?:message\ )?to\ sender
        | failure\ notice | failed\ mail | mail\ failed
        | deliver[ey]\ (?:has\ |status\ notification\ \()?(?:fail|error)
        | (?:delivery|message)\ (?:was\ )?aborted | recipients?\ (?:was\ )?aborted
        | mail\ delivery\ (?:problem|error|fail|status) | delivery\ problem
        | delivery\ status\ notification:\ error | delivery\ to\ the\ following
        | (?:could|can|was|were|is|has|have|will|did)\s*not\s+(?:(?:be|been|yet|able|to)\s+)*
            (?:deliver|sent|accept|reach|complet|valid|exactly\ match)
        | (?:couldn|wasn|weren|hasn|can)['’]?t\s+(?:(?:be|been|able|to)\s+)*(?:deliver|sent|accept|reach|find)
        | (?:unable|failed)\s+to\s+(?:be\s+)?deliver | (?:error|trouble|problems?)\s+deliver
        | fatal\ (?:delivery\ )?error
        | permanent(?:ly)?\ (?:delivery\ )?(?:error|fail) | failed\ permanently
        | had\ (?:delivery\ problems|permanent)
        | user\ unknown | unknown\ (?:user|recipient|address)
        | no\ such\ (?:user|recipient|address|mailbox) | not\ a\ valid\ user | invalid\ user\ address
        | unrouteable\ address
        | mailbox\ (?:is\ full|full|exceeds|unavailable) | exceeds\ allowed\ size
        | account\ (?:has\ been|is)\ disabled | over\s?quota
        | message\ not\ delivered | not\ delivered\ to
        | (?:message|mail)\ (?:could\ not|was\ (?:automatically\ )?rejected) | rejected\ by\x20
        | automatically\ rejected
        | address(?:es|\(es\))?\ failed | failed\ (?:address|recipient) | no\ valid\ recipients
        | transaction\ failed | not\ listed\ in
        | error\ (?:has\ )?(?:occurred\ )?while\ (?:trying|attempting)\ to\ deliver
        | error\ sending\ your\ mail | mail\ system\ error | mail\ has\ been\ returned
        | unzustellbar | nicht\ (?:zugestellt|zustellbar) | konnte\ nicht
        | zustellung\b.{0,40}fehlgeschlagen
        | non\ (?:remis|délivré) | pas\ pu\ [êe]tre
        | [ée]chec\ de\ (?:la\ )?(?:remise|distribution|livraison)
        | impossible\ de\ (?:remettre|distribuer|livrer)
        | no\ se\ (?:ha\ podido|han\ podido|pudo|puede|pueden)\ (?:ser\ )?entreg
        | no\ (?:fue\ |ha\ sido\ )?entregado | (?:error|fallo)\ (?:de|en)\ (?:la\ )?entrega
        | não\ (?:p[ôo]de|foi\ possível|pode)\ (?:ser\ )?entreg | falha\ na\ entrega
        | impossibile\ (?:recapitare|consegnare) | mancat[ao]\ (?:recapito|consegna)
        | non\ (?:è\ stato|può\ essere)\ (?:possibile\ )?(?:recapit|consegn)
        | kon\ niet\ (?:worden|bezorg|aflever) | onbestelbaar | niet\ (?:bezorgd|afgeleverd)
        | kunde\ (?:inte|ej)\ lever | kunne\ ikke\ (?:leveres|levere) | ei\ voitu\ toimittaa
        | nedoručiteln | nelze\ doručit | nebyl[ao]?\ doručen
        | nem\ (?:lehetett|sikerült)\ kézbes | kézbesíthetetlen | teslim\ edilemedi | iletilemedi
        | nu\ a\ putut\ fi\ livrat
        | nie\ (?:można|udało|zosta[łl]a?)\ .{0,20}dostarcz | недоставлен
        | не\ (?:может|удалось|было|може|вдалося)\ (?:быть\ |бути\ )?достав
        | δεν\ (?:παραδόθηκε|ήταν\ δυνατή)
        | 送信できません | 送信エラー | 配信できません | 配信不能 | 配送できません | 届けられません | 届きません | 見つかりません | 送信することができません | エラーのため
        | 退信 | 无法(?:投递|送达|发送|传递) | 無法(?:傳送|遞送|投遞|送達) | 投递失败 | 传递失败 | 배달(?:되지|할\ 수\ 없|하지\ 못) | 전송\ ?실패
        | 반송").ok()
});

/// A mail waits and is still being tried.
pub(super) static DELAYED: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        delivery\ (?:status\ notification\ \(delay|incomplete|(?:is\ |has\ been\ |temporarily\ )?delayed)
        | \bdelayed\b.{0,40}(?:mail|deliver|message) | (?:mail|message|delivery).{0,40}\bdelayed\b
        | warning:\ (?:could\ not\ send|message\ (?:still\ )?undelivered|.{0,60}delayed)
        | transient\ non-fatal | not\ yet\ been\ delivered
        | verzögert | retardée | retrasad | atrasad | ritardat | vertraagd | задерж | opóźnion | 遅延 | 延迟
        | 延遲",
    )
    .ok()
});

/// Words that outweigh a subject which speaks of failure: somebody goes on trying.
pub(super) static STILL: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        will\ (?:be\ (?:retried|tried\ again|attempted\ again)|keep\ trying|retry
            |continue\ (?:to\ try|to\ be|trying)|try\ again)
        | attempts?\ will\ (?:continue|be\ continued)
        | do(?:\ not|n't)\ need\ to\ re-?send | no\ action\ is\ required
        | still\ (?:be\ )?(?:try(?:ing)?|attempting|in\ the\ queue) | warning\ message\ only
        | only\ a\ (?:warning|temporary\ failure)",
    )
    .ok()
});

/// Nobody goes on trying.
pub(super) static GIVEN_UP: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?ix) giv(?:en|ing)\ up | will\ not\ (?:be\ )?(?:retr|try|tried)
        | no\ (?:further|more)\ (?:delivery\ )?attempt
        | permanent(?:ly)?\ (?:fatal\ )?(?:delivery\ )?(?:error|fail) | not\ going\ to\ try",
    )
    .ok()
});

/// Words of a failure that may be over tomorrow, where neither status nor reply code tells.
pub(super) static PASSING: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?ix) temporar | tim(?:ed|e)[\ -]?out | expired | deferred | too\ long
        | connection\ refused | (?:could|can)\ ?n[o']t\ (?:\w+\ ){0,3}connect | try\ again\ later
        | over\ ?quota | (?:mailbox|disk)\ (?:is\ )?full",
    )
    .ok()
});

/// A subject that no person writes as the first words of a mail.
pub(super) static FORMAL: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^\s*(?: undeliver(?:able|ed)\b | returned\ mail | failure\ notice
        | mail\ delivery\ (?:failed|failure|problem|error|status|warning|delay) | mail\ system\ error
        | (?:permanent\ )?delivery\ (?:failure|status|notification|report)
        | non-?delivery | message\ (?:could\ not\ be|status\ -\ undeliver)
        | warning:\ .*\b(?:unknown|undeliver|deliver) | unzustellbar | non\ remis | onbestelbaar
        | undelivered )",
    )
    .ok()
});

/// After these lines the returned mail follows.
pub(super) static COPY: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?im)^[\s>*|]*(?:-+\s*)?(?:below this line|this is a copy|original (?:message|mail)\b",
        r"|original message (?:headers )?follows|returned m(?:essage|ail)\b|unsent message",
        r"|the header of the original|included is a copy|message (?:header|text|body|headers) follows?",
        r"|received: |return-path: |x-originating-ip:|dkim-signature:|message-id: )",
    ))
    .ok()
});

/// An address as reports write it.
const ADDRESS: &str = concat!(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*)?",
    r"@#?[A-Za-z0-9](?:[A-Za-z0-9_-]|\.[A-Za-z0-9_])*",
);

/// Any address.
pub(super) static ANY: Pattern = LazyLock::new(|| Regex::new(&format!("({ADDRESS})")).ok());

/// A field of RFC 3464, a gateway's row or a command of SMTP that names a recipient; no other words stand on
/// such lines.
pub(super) static FIELD: Pattern = LazyLock::new(|| {
    Regex::new(&format!(
        concat!(
            r"(?im)^[\s>*|]*(?:in:\s+)?(?:(?:final|original)-recipient:\s*rfc822;",
            r"|(?:failed )?recipient(?: address)?:|intended recipient:|rcpt\ to:)\s*<?({})",
        ),
        ADDRESS
    ))
    .ok()
});

/// A line that is an address, or begins with one: how most programs list whom they could not reach.
pub(super) static LISTED: Pattern = LazyLock::new(|| {
    Regex::new(&format!(
        concat!(
            r#"(?im)^[\s>*•-]*(?:[45]\d\d[ -](?:[45]\.\d+\.\d+ )?|"[^"\n]{{0,200}}"\s*)?"#,
            r"(?:mailto:|smtp:|\[)?<?({})>?\]?\s*(?:$|:|\(|on\ |,|;|\.\.\.|<|-\ |\))",
        ),
        ADDRESS
    ))
    .ok()
});

/// Words that come right before the address.
pub(super) static NAMED: Pattern = LazyLock::new(|| {
    Regex::new(&format!(
        concat!(
            r"(?i)\b(?:to|recipients?|user|mailbox|address|for|size|permanent\ errors|delivered\ to|was",
            r"|SMTP)(?:\s+address)?(?:\s*[:=,]\s*|\s+|\s*[<\[\x22'(])[<\[\x22'(]*({})",
        ),
        ADDRESS
    ))
    .ok()
});

/// A line that announces a list of those who were not reached; what follows it up to the next empty line is
/// the list.
pub(super) static HEADING: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?im)^.{0,200}(?:following\s+(?:recipient|address|user|destination|people|person)",
        r"|failed\ (?:recipient|address)|(?:delivered|reach|sent)\ (?:the\ following|to\s*:",
        r"|to\ the\ following)|delivery\ to\ the\ following).{0,300}$",
    ))
    .ok()
});

/// A reply code of RFC 5321 §4.2 with its line.
pub(super) static CODE: Pattern = LazyLock::new(|| {
    Regex::new(r"(?m)^.*?\b([45]\d\d)(?:[ -](?:#?[45]\.\d{1,3}\.\d{1,3}|[^\d\s]|#)|: ).*$").ok()
});

/// A reply code that closes a sentence, as some gateways give it.
pub(super) static CODE_LAST: Pattern =
    LazyLock::new(|| Regex::new(r"(?im)^.*\b(?:code|error|status)\W{1,3}([45]\d\d)\b.*$").ok());

/// `(expanded from: <a@b>)` of Sendmail: the address that was written to.
pub(super) static EXPANDED: Pattern =
    LazyLock::new(|| Regex::new(&format!(r"(?i)\(expanded from:\s*<?({ADDRESS})>?\)")).ok());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_compile() {
        let all = [
            &FAILED, &DELAYED, &STILL, &GIVEN_UP, &PASSING, &FORMAL, &COPY, &ANY, &FIELD, &LISTED, &NAMED,
            &HEADING,
        ];
        assert!(all.iter().chain(&[&CODE, &CODE_LAST, &EXPANDED]).all(|p| p.is_some()));
    }
}
