//! Text -> new words, quotation, signature. When in doubt, keep: losing a word of the writer is the one unforgivable fault.
//!
//! Each line goes to one of three heaps, so that together they hold every word. Sources of the rules: RFC 3676 §4.3
//! (`-- `), and what the mail clients write above a quotation. All matching is linear (T49).

mod marks;
mod signature;

use super::Words;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heap {
    Text,
    Quoted,
    Signature,
}

/// Longer texts are not folded at all: nobody wrote that (T49).
const MAX_BYTES: usize = 1024 * 1024;

/// Folds a decoded, cleaned body.
pub fn fold(text: &str) -> Words {
    if text.len() > MAX_BYTES {
        return Words { text: text.to_owned(), ..Words::default() };
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut heaps = vec![Heap::Text; lines.len()];
    // A forwarded mail is content: nothing below its mark is cut.
    let end = marks::forwarded(&lines).unwrap_or(lines.len());
    let tail = marks::tail(&lines[..end]).filter(|&at| has_words(&lines[..at]));
    let stop = tail.unwrap_or(end);
    heaps[stop..end].fill(Heap::Quoted);
    mark_quotes(&lines[..stop], &mut heaps[..stop]);
    signature::mark(&lines[..stop], &mut heaps[..stop], stop == lines.len() || tail.is_some());
    keep_inner_quotes(&lines[..stop], &mut heaps[..stop]);
    Words {
        text: gather(&lines, &heaps, Heap::Text),
        quoted: gather(&lines, &heaps, Heap::Quoted),
        signature: gather(&lines, &heaps, Heap::Signature),
    }
}

fn has_words(lines: &[&str]) -> bool {
    lines.iter().any(|l| !l.trim().is_empty() && !marks::is_quoted(l))
}

/// Lines that begin with `>`, and the attribution above each block of them.
fn mark_quotes(lines: &[&str], heaps: &mut [Heap]) {
    let mut at = 0;
    while at < lines.len() {
        if !marks::is_quoted(lines[at]) {
            at += 1;
            continue;
        }
        let block = at;
        while at < lines.len() && marks::is_quoted(lines[at]) {
            heaps[at] = Heap::Quoted;
            at += 1;
        }
        if let Some(start) = marks::attribution_above(lines, block) {
            heaps[start..block].fill(Heap::Quoted);
        }
    }
}

/// Quotation between two pieces of new words is kept in place: an interleaved answer makes no sense without it.
fn keep_inner_quotes(lines: &[&str], heaps: &mut [Heap]) {
    let words = |at: usize, heaps: &[Heap]| heaps[at] == Heap::Text && !lines[at].trim().is_empty();
    let first = (0..lines.len()).find(|&at| words(at, heaps));
    let last = (0..lines.len()).rfind(|&at| words(at, heaps));
    if let (Some(first), Some(last)) = (first, last) {
        // One block with its attribution is no interleaved answer: what follows it is a greeting or a footer.
        let blocks = (first..last).filter(|&at| heaps[at] == Heap::Quoted && (at == 0 || heaps[at - 1] != Heap::Quoted)).count();
        let attributed = (first..last).find(|&at| heaps[at] == Heap::Quoted).is_some_and(|at| !marks::is_quoted(lines[at]));
        if blocks == 1
            && attributed
            && !(last..lines.len()).any(|at| heaps[at] == Heap::Quoted)
            && words_between(lines, heaps, last) <= 2
        {
            return;
        }
        for heap in &mut heaps[first..last] {
            if *heap == Heap::Quoted {
                *heap = Heap::Text;
            }
        }
    }
}

/// Lines of new words after the last quotation before `last`.
fn words_between(lines: &[&str], heaps: &[Heap], last: usize) -> usize {
    let quote = (0..last).rfind(|&at| heaps[at] == Heap::Quoted).unwrap_or(0);
    (quote..=last).filter(|&at| heaps[at] == Heap::Text && !lines[at].trim().is_empty()).count()
}

/// The lines of one heap; runs of blank lines at its ends and where pieces were cut out are dropped.
fn gather(lines: &[&str], heaps: &[Heap], wanted: Heap) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut last = None;
    for (at, line) in lines.iter().enumerate().filter(|(at, _)| heaps[*at] == wanted) {
        let cut = last.is_some_and(|l| l + 1 != at);
        if line.trim().is_empty() && (out.is_empty() || (cut && out.last().is_some_and(|l| l.trim().is_empty()))) {
            continue;
        }
        last = Some(at);
        out.push(line);
    }
    while out.last().is_some_and(|l| l.trim().is_empty()) {
        out.pop();
    }
    out.join("\n")
}

#[cfg(test)]
mod tests;
