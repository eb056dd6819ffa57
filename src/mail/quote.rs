//! Text -> new words, quotation, signature. When in doubt, keep: losing a word of the writer is the one
//! unforgivable fault.
//!
//! Each line goes to one of three heaps, so that together they hold every word. Sources of the rules: RFC
//! 3676 §4.3 (`-- `) and §4.5 (`>`), and what the mail clients write above a quotation. All matching is
//! linear (T49).

mod attribution;
mod banner;
mod fields;
mod history;
mod lines;
mod signature;
mod split;
mod vocabulary;
mod warnings;

use super::inbound::Words;
use super::subject::is_answer_mark;
use history::Kind;
use lines::{BodyLine, Heap, continues_link};
use split::split;

pub use banner::is_banner;
pub(super) use lines::{HISTORY, SIGNATURE, unmark};

/// Longer texts are not folded at all: nobody wrote that (T49).
const MAX_BYTES: usize = 1024 * 1024;
const MAX_LINES: usize = 50_000;

/// Folds a decoded, cleaned body.
pub fn fold(text: &str) -> Words {
    fold_of("", text)
}

/// As [`fold`], knowing the subject: where it says that the mail is a forward, the block that Outlook writes
/// above an older mail, the same for answers and forwards, is content.
pub fn fold_of(subject: &str, text: &str) -> Words {
    if text.len() > MAX_BYTES || text.bytes().filter(|b| *b == b'\n').count() > MAX_LINES {
        return Words { text: unmark(text).into_owned(), ..Words::default() };
    }
    let mut lines = split(text);
    banner::set_apart_label(&mut lines);
    let mut heaps = vec![Heap::Text; lines.len()];
    // What a mail server put on top is none of its writer's words, and hides no command (T118).
    let banner = banner::lines_of(&lines);
    heaps[..banner].fill(Heap::Quoted);
    mark_all(subject, &lines[banner..], &mut heaps[banner..]);
    Words {
        text: gather(&lines, &heaps, Heap::Text),
        quoted: gather(&lines, &heaps, Heap::Quoted),
        signature: gather(&lines, &heaps, Heap::Signature),
    }
}

/// Which heap each line goes to; all begin as text.
fn mark_all(subject: &str, lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    // A forwarded mail is content: nothing below its mark is cut.
    let end = history::forwarded(lines, subject).unwrap_or(lines.len());
    let mut stop = end;
    let mut last = end == lines.len();
    if let Some((at, kind)) = history::tail(&lines[..end]).filter(|(at, _)| has_words(&lines[..*at])) {
        stop = at;
        if kind == Kind::Attribution || !history::is_forward(subject) {
            // What an older mail forwarded is as old as that mail.
            heaps[at..].fill(Heap::Quoted);
            last = true;
        }
    }
    mark_quotes(&lines[..stop], &mut heaps[..stop]);
    signature::mark(&lines[..stop], &mut heaps[..stop], last);
    keep_inner_quotes(&lines[..stop], &mut heaps[..stop]);
}

/// Folds a mail that answers nothing (T117): what looks like a quotation in it is its writer's own words, and
/// a rule is typography. A signature is cut off only where its mark is beyond doubt.
pub fn fold_first(text: &str) -> Words {
    if text.len() > MAX_BYTES || text.bytes().filter(|b| *b == b'\n').count() > MAX_LINES {
        return Words { text: unmark(text).into_owned(), ..Words::default() };
    }
    let lines: Vec<BodyLine<'_>> = text.split('\n').map(BodyLine::parse).collect();
    let mut heaps = vec![Heap::Text; lines.len()];
    signature::mark_certain(&lines, &mut heaps);
    Words {
        text: gather(&lines, &heaps, Heap::Text),
        quoted: String::new(),
        signature: gather(&lines, &heaps, Heap::Signature),
    }
}

/// Whether a subject begins with the mark of an answer, such as `Re:`, in the languages of mail clients.
pub fn is_answer(subject: &str) -> bool {
    let Some((mark, _)) = subject.trim_start().split_once([':', '：']) else { return false };
    let bare = mark.split(['[', '(', '^']).next().unwrap_or("").trim();
    bare.chars().count() <= 12 && is_answer_mark(bare)
}

/// The words above a forwarded mail, and that mail from its mark on; `None` where nothing is forwarded.
/// `subject` as for [`fold_of`].
pub fn split_forward<'a>(subject: &str, text: &'a str) -> Option<(&'a str, &'a str)> {
    let at = history::forwarded(&split(text), subject)?;
    let above: usize = text.split('\n').take(at).map(|line| line.len() + 1).sum();
    text.get(..above).zip(text.get(above..)).map(|(words, mail)| (words.trim(), mail.trim_end()))
}

fn has_words(lines: &[BodyLine<'_>]) -> bool {
    lines.iter().any(|l| !l.is_blank() && !l.is_quoted())
}

/// Lines that begin with `>`, and the attribution above each block of them.
fn mark_quotes(lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    let mut at = 0;
    while at < lines.len() {
        if !lines[at].is_quoted() {
            at += 1;
            continue;
        }
        let block = at;
        while at < lines.len() && (lines[at].is_quoted() || continues_link(lines, at)) {
            heaps[at] = Heap::Quoted;
            at += 1;
        }
        if let Some((start, end)) = attribution::above(lines, block) {
            heaps[history::above_rule(lines, start)..end].fill(Heap::Quoted);
        }
    }
}

/// Quotation between two pieces of new words is kept in place: an interleaved answer makes no sense without
/// it. The line above it that says who wrote when goes: it holds addresses that the reader need not have.
fn keep_inner_quotes(lines: &[BodyLine<'_>], heaps: &mut [Heap]) {
    let words = |at: usize, heaps: &[Heap]| heaps[at] == Heap::Text && !lines[at].is_blank();
    let first = (0..lines.len()).find(|&at| words(at, heaps));
    let last = (0..lines.len()).rfind(|&at| words(at, heaps));
    let (Some(first), Some(last)) = (first, last) else {
        return;
    };
    // One block with its attribution is no interleaved answer: what follows it is a greeting or a footer.
    let blocks = (first..last)
        .filter(|&at| heaps[at] == Heap::Quoted && (at == 0 || heaps[at - 1] != Heap::Quoted))
        .count();
    let attributed =
        (first..last).find(|&at| heaps[at] == Heap::Quoted).is_some_and(|at| !lines[at].is_quoted());
    let below = heaps[last..].contains(&Heap::Quoted);
    if blocks <= 1 + usize::from(attributed) && attributed && !below && words_between(lines, heaps, last) <= 2
    {
        let marked = (first..last).filter(|&at| heaps[at] == Heap::Quoted && lines[at].is_quoted());
        if one_run(lines, marked) {
            return;
        }
    }
    for at in first..last {
        if heaps[at] == Heap::Quoted && (lines[at].is_quoted() || continues_link(lines, at)) {
            heaps[at] = Heap::Text;
        }
    }
}

/// Whether nothing but blank lines and links stands between these lines.
fn one_run(lines: &[BodyLine<'_>], marked: impl Iterator<Item = usize>) -> bool {
    let mut before: Option<usize> = None;
    for at in marked {
        if before.is_some_and(|b| (b + 1..at).any(|n| !lines[n].is_blank() && !continues_link(lines, n))) {
            return false;
        }
        before = Some(at);
    }
    true
}

/// Lines of new words after the last quotation before `last`.
fn words_between(lines: &[BodyLine<'_>], heaps: &[Heap], last: usize) -> usize {
    let quote = (0..last).rfind(|&at| heaps[at] == Heap::Quoted).unwrap_or(0);
    (quote..=last).filter(|&at| heaps[at] == Heap::Text && !lines[at].is_blank()).count()
}

/// The lines of one heap; runs of blank lines at its ends and where pieces were cut out are dropped.
fn gather(lines: &[BodyLine<'_>], heaps: &[Heap], wanted: Heap) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut last = None;
    for (at, line) in lines.iter().enumerate().filter(|(at, _)| heaps[*at] == wanted) {
        let cut = last.is_some_and(|l| l + 1 != at);
        if line.is_blank() && (out.is_empty() || (cut && out.last().is_some_and(|l| l.trim().is_empty()))) {
            continue;
        }
        last = Some(at);
        out.push(line.text);
    }
    while out.last().is_some_and(|l| l.trim().is_empty()) {
        out.pop();
    }
    out.join("\n")
}

#[cfg(test)]
mod tests;
