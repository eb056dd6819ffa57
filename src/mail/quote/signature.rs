//! Where a signature begins: RFC 3676 §4.3, the lines phones add, the footers of lists.

use std::sync::LazyLock;

use regex::RegexSet;

use super::Heap;
use super::marks::is_quoted;

/// More lines than this below a bare `--` are words, not a signature.
const MAX_LINES: usize = 15;

static PHONE: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)^\s*(?:sent|skickat|sendt|gesendet|von meinem|envoyé|enviado|inviato|verzonden|verstuurd|wysłane|lähetetty|odesláno|odoslané|trimis|отправлено|надіслано|στάλθηκε|sent via|sent with|sent using|get outlook|outlook für|obtenir outlook|obtener outlook|scarica outlook|sendt fra|dikirim dari|được gửi từ|gönderildi)\b.{0,80}\b(?:i-?phone|i-?pad|ipod|android|blackberry|mobile|mobil|handy|smartphone|samsung|galaxy|huawei|xiaomi|nokia|windows|outlook|yahoo|proton ?mail|gmx|web\.de|mail\.ru|app|telefon|téléphone|phone|device|mailbox|airmail|spark|superhuman|fastmail|nine|bluemail|aquamail|ios|mail)\b.{0,60}$",
        r"^\s*(?:iPhoneから送信|iPadから送信|发自我的\s?(?:iPhone|iPad|小米|华为).*|發自我的\s?(?:iPhone|iPad)|나의 iPhone에서 보냄|从我的.*发送)\s*$",
    ])
    .ok()
});

/// Marks signatures between the words. `last`: nothing but quotation follows these lines.
pub(super) fn mark(lines: &[&str], heaps: &mut [Heap], last: bool) {
    delimiter(lines, heaps);
    if last {
        phone(lines, heaps);
    }
    footer(lines, heaps);
}

/// `-- ` begins a signature that ends at a quotation or at the end.
fn delimiter(lines: &[&str], heaps: &mut [Heap]) {
    let mut from = 0;
    while from < lines.len() {
        let end = (from..lines.len()).find(|&n| heaps[n] != Heap::Text).unwrap_or(lines.len());
        if let Some(at) = begin(&lines[from..end]) {
            heaps[from + at..end].fill(Heap::Signature);
        }
        from = (end..lines.len()).find(|&n| heaps[n] == Heap::Text).unwrap_or(lines.len());
    }
}

/// Where the signature of one run of new words begins. A bare `--` may be a rule between two pieces of text, so only
/// the last mark counts unless the first one is exact and what follows is short.
fn begin(lines: &[&str]) -> Option<usize> {
    let short = |at: usize| lines[at..].iter().filter(|l| !l.trim().is_empty()).take(MAX_LINES + 2).count() <= MAX_LINES + 1;
    let first = lines.iter().position(|l| *l == "-- ");
    if let Some(at) = first.filter(|&at| short(at)) {
        return Some(at);
    }
    let last = lines.iter().rposition(|l| *l == "-- ");
    if last.is_some() {
        return last;
    }
    let loose = |l: &&str| matches!(l.trim_end(), "--" | "—" | "__" | "---" | "–");
    lines.iter().rposition(loose).filter(|&at| at > 0 && short(at))
}

/// The last line of the new words, written by a phone.
fn phone(lines: &[&str], heaps: &mut [Heap]) {
    let words = |at: &usize| heaps[*at] == Heap::Text && !lines[*at].trim().is_empty();
    let Some(at) = (0..lines.len()).rfind(words) else {
        return;
    };
    if lines[at].len() < 200 && PHONE.as_ref().is_some_and(|p| p.is_match(lines[at])) {
        heaps[at] = Heap::Signature;
    }
}

/// A rule of at least 20 underscores and at most six lines below it, at the end: the footer of a mailing list.
fn footer(lines: &[&str], heaps: &mut [Heap]) {
    let rule = |l: &str| l.trim_end().len() >= 20 && l.trim_end().bytes().all(|b| b == b'_');
    let Some(at) = lines.iter().rposition(|l| rule(l)) else {
        return;
    };
    let below = lines[at + 1..].iter().filter(|l| !l.trim().is_empty()).count();
    if (1..=6).contains(&below) && lines[at..].iter().all(|l| !is_quoted(l)) {
        heaps[at..].fill(Heap::Signature);
    }
}
