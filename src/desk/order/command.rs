//! Words that can be mailed -> orders (INTERFACE, Mail: commands). A new command touches this file and
//! `apply.rs`; a new way to fail also `desk/model/fault.rs` and `desk/text/faults.rs`.

use crate::desk::model::bounds::COMMANDS_MAX;
use crate::desk::model::{CommandFault, Kind, Priority, Status, Verified};
use crate::desk::rules::Rules;
use crate::desk::text::saved_answer;
use crate::mail::{AddrSpec, Inbound, Words, quote};

/// So long may a label be that a mail server puts before words on their line; bytes.
const LABEL_BYTES_MAX: usize = 100;

/// What somebody may ask of a ticket: by mail, on the CLI, or by a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// The words are an internal note.
    Note,
    /// Moves the status.
    Status(Status),
    /// `None`: waits for the customer; a time (seconds since 1970): until then.
    Wait(Option<i64>),
    /// Gives the ticket to somebody.
    Assign(Assignee),
    /// Sets how urgent it is.
    Priority(Priority),
    /// Sets the category, spelled as the desk spells it.
    Category(String),
    /// (word, put on)
    Tag(Vec<(String, bool)>),
    /// This ticket goes into the one with this number.
    Merge(i64),
    /// The message of the notice that is answered becomes a ticket.
    Split,
    /// Adds a participant.
    Cc(AddrSpec),
    /// The answer goes to the requester alone.
    Private,
    /// Although something newer crossed it; alone: what was held back for that.
    Send,
    /// Closes the ticket; later mail of its requester is quarantined.
    Spam,
    /// Marks a privacy request.
    Privacy,
    /// Sets the due date; seconds since 1970.
    Due(i64),
    /// Hears of everything on the ticket, or no longer.
    Watch(bool),
    /// A saved answer stands before the words.
    Answer(String),
    /// Takes back the last set of commands.
    Undo,
    /// A first mail opens a ticket for this person.
    For(AddrSpec),
    /// Mails the page of help.
    Help,
}

impl Order {
    /// As the audit log names it (T92): the kind of the order, without what it says.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Note => "Note",
            Self::Status(_) => "Status",
            Self::Wait(_) => "Wait",
            Self::Assign(_) => "Assign",
            Self::Priority(_) => "Priority",
            Self::Category(_) => "Category",
            Self::Tag(_) => "Tag",
            Self::Merge(_) => "Merge",
            Self::Split => "Split",
            Self::Cc(_) => "Cc",
            Self::Private => "Private",
            Self::Send => "Send",
            Self::Spam => "Spam",
            Self::Privacy => "Privacy",
            Self::Due(_) => "Due",
            Self::Watch(_) => "Watch",
            Self::Answer(_) => "Answer",
            Self::Undo => "Undo",
            Self::For(_) => "For",
            Self::Help => "Help",
        }
    }
}

/// To whom a ticket is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// The one who orders.
    Me,
    /// Nobody any more.
    Nobody,
    /// The staff member with this address.
    Somebody(AddrSpec),
}

/// A command line and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// As it was written, such as `#close`.
    pub line: String,
    /// What it means; or what is wrong with it.
    pub order: Result<Order, CommandFault>,
}

/// What stands at the top of a staff mail, and the words below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// The lines with `#`, in their order.
    pub commands: Vec<Command>,
    /// The writer's own.
    pub words: String,
    /// What `#answer` puts before them.
    pub saved: String,
}

impl Block {
    /// All that the mail says: saved answers, then the writer's own words.
    pub fn text(&self) -> String {
        let pieces = [self.saved.as_str(), self.words.as_str()];
        pieces.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("\n\n")
    }
}

/// Word, arguments, what it does: the help that `#help` mails. One line a command.
pub const HELP: &[(&str, &str, &str)] = &[
    ("note", "", "the rest is an internal note"),
    ("close", "", "closes the ticket"),
    ("reopen", "", "opens it again"),
    ("wait", "[DATE]", "waits for the customer, or until DATE"),
    ("assign", "me|ADDRESS|nobody", "gives it to somebody"),
    ("priority", "P", "low, normal, high or urgent"),
    ("category", "C", "one of the desk's categories"),
    ("tag", "+a -b", "puts tags on and takes them off"),
    ("merge", "NUMBER", "this ticket goes into that one"),
    ("split", "", "the message of this notice becomes a ticket"),
    ("cc", "ADDRESS", "adds a participant"),
    ("private", "", "the answer goes to the requester alone"),
    ("spam", "", "closes; later mail of the sender is kept away"),
    ("privacy", "", "marks a privacy request"),
    ("due", "DATE", "sets the day by which it is due"),
    ("send", "", "sends it although something is newer"),
    ("answer", "NAME", "a saved answer stands before your words"),
    ("watch", "", "you hear of everything here"),
    ("unwatch", "", "you hear of what concerns you"),
    ("undo", "", "takes your last commands here back, for a day; alone in its mail"),
    ("for", "ADDRESS", "a new mail opens a ticket for that person"),
];

#[cfg(test)]
thread_local! {
    static READS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// How often commands were read by this thread.
#[cfg(test)]
pub fn reads() -> u32 {
    READS.get()
}

/// Reads the block at the top of the new words of a staff mail.
pub fn read_commands(text: &str, rules: &Rules) -> Block {
    #[cfg(test)]
    READS.set(READS.get() + 1);
    let (lines, rest) = split_block(text);
    let command = |line: &&str| Command { line: (*line).to_owned(), order: parse_order(line, rules) };
    let mut commands: Vec<Command> = lines.iter().take(COMMANDS_MAX).map(command).collect();
    if let Some(last) = commands.last_mut().filter(|_| lines.len() > COMMANDS_MAX) {
        // One that cannot be obeyed stands for all that are too many.
        last.order = Err(CommandFault::TooMany { most: COMMANDS_MAX });
    }
    let saved = commands.iter().filter_map(|c| match &c.order {
        Ok(Order::Answer(name)) => rules.answers.get(name).map(|text| text.trim()),
        _ => None,
    });
    let saved = saved.collect::<Vec<_>>().join("\n\n");
    Block { words: without_marks_of_text(rest, rules).trim().to_owned(), commands, saved }
}

/// The lines of commands at the top, without white space at their ends, and all that stands below them.
fn split_block(text: &str) -> (Vec<&str>, &str) {
    let (mut lines, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let bare = line.trim_end();
        if bare.starts_with('#') && !bare.starts_with("##") {
            lines.push(bare);
        } else if !bare.is_empty() {
            break;
        }
        rest = after;
    }
    (lines, rest)
}

/// `##` at the begin of the words stands for `#`; further down it does so before what would be a command.
fn without_marks_of_text(words: &str, rules: &Rules) -> String {
    let whole = words.strip_prefix("##").map_or_else(|| words.to_owned(), |r| format!("#{r}"));
    if !whole.contains("\n##") {
        return whole;
    }
    let text = |line: &'_ str| -> String {
        let meant = line.strip_prefix('#').filter(|l| l.starts_with('#') && parse_order(l, rules).is_ok());
        meant.unwrap_or(line).to_owned()
    };
    whole.split('\n').map(text).collect::<Vec<_>>().join("\n")
}

/// T118: a known command alone on a line below the block at the top was meant as one, and stands in the wrong
/// place: below words, or below a banner that a mail server put there. As it was written. In the middle of a
/// sentence it is text: the line above ends no sentence, and the line below goes on with a small letter.
pub fn misplaced<'a>(text: &'a str, rules: &Rules) -> Option<&'a str> {
    let rest = split_block(text).1;
    let lines: Vec<&str> = rest.lines().map(str::trim_end).collect();
    let in_a_sentence = |at: usize| {
        let open = |l: &&str| l.ends_with(|c: char| c.is_alphanumeric() || c == ',');
        let above = at.checked_sub(1).and_then(|n| lines.get(n)).is_some_and(open);
        above && lines.get(at + 1).is_some_and(|l| l.starts_with(char::is_lowercase))
    };
    let meant = |(at, line): &(usize, &&str)| parse_order(line, rules).is_ok() && !in_a_sentence(*at);
    let found = lines.iter().enumerate().find(meant).map(|(_, line)| *line);
    found.or_else(|| kept_inside(rest))
}

/// The first line that was meant to keep words from readers, wherever it stands: what cannot be seen before
/// and behind the `#` of `#note` or `#private`, what follows it and the kind of its `#` do not count (T72).
pub fn kept_inside(text: &str) -> Option<&str> {
    let unseen = |c: char| {
        let zero_width =
            matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}');
        c.is_whitespace() || zero_width
    };
    let meant = |line: &&str| {
        let rest = line.trim_matches(unseen).strip_prefix(['#', '\u{ff03}', '\u{fe5f}']);
        let rest = rest.map(|r| r.trim_start_matches(unseen));
        let (word, behind) =
            rest.map_or(("", ""), |r| r.split_at(r.find(|c: char| !c.is_alphanumeric()).unwrap_or(r.len())));
        word.eq_ignore_ascii_case("note")
            || word.eq_ignore_ascii_case("notes")
            || (word.eq_ignore_ascii_case("private") && behind.trim_matches(unseen).is_empty())
    };
    // A label that a mail server put on its line stands for nothing (T118).
    let labelled = |line: &&str| {
        let at = line.find(['#', '\u{ff03}', '\u{fe5f}']).filter(|at| (1..=LABEL_BYTES_MAX).contains(at));
        at.is_some_and(|at| meant(&&line[at..]) && quote::is_banner(line[..at].trim()))
    };
    text.lines().map(str::trim).find(|line| meant(line) || labelled(line))
}

/// One command line.
fn parse_order(line: &str, rules: &Rules) -> Result<Order, CommandFault> {
    let Some(line) = line.strip_prefix('#') else { return Err(CommandFault::NotACommand) };
    let (word, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let (word, argument) = (word.to_ascii_lowercase(), argument.trim());
    let plain = |order: Order| match argument {
        "" => Ok(order),
        more => Err(CommandFault::TakesNothing { word: word.clone(), argument: more.to_owned() }),
    };
    match word.as_str() {
        "note" => plain(Order::Note),
        "close" => plain(Order::Status(Status::Closed)),
        "reopen" => plain(Order::Status(Status::Open)),
        "wait" if argument.is_empty() => Ok(Order::Wait(None)),
        "wait" => parse_day(argument, rules).map(|t| Order::Wait(Some(t))),
        "assign" => parse_assignee(argument).map(Order::Assign),
        "priority" => parse_priority(argument).map(Order::Priority),
        "category" => parse_category(argument, rules).map(Order::Category),
        "tag" => parse_tags(argument).map(Order::Tag),
        "merge" => parse_number(argument, rules).map(Order::Merge),
        "split" => plain(Order::Split),
        "cc" => parse_address(argument).map(Order::Cc),
        "private" => plain(Order::Private),
        "send" => plain(Order::Send),
        "spam" => plain(Order::Spam),
        "privacy" => plain(Order::Privacy),
        "due" => parse_day(argument, rules).map(Order::Due),
        "watch" => plain(Order::Watch(true)),
        "unwatch" => plain(Order::Watch(false)),
        "answer" => saved_answer::find_name(argument, rules).map(Order::Answer),
        "undo" => plain(Order::Undo),
        "for" => parse_address(argument).map(Order::For),
        "help" => plain(Order::Help),
        _ => Err(CommandFault::NoSuchCommand(word)),
    }
}

/// A status by its word: it does what `#close`, `#reopen` and `#wait` do.
pub fn parse_status(word: &str) -> Result<Order, CommandFault> {
    match Status::from_word(&word.to_ascii_lowercase()) {
        Some(status @ (Status::Open | Status::Closed)) => Ok(Order::Status(status)),
        Some(Status::Waiting) => Ok(Order::Wait(None)),
        Some(Status::New) | None => Err(CommandFault::NoStatus(word.to_owned())),
    }
}

/// One of the four words of a priority.
pub fn parse_priority(word: &str) -> Result<Priority, CommandFault> {
    Priority::from_word(&word.to_ascii_lowercase()).ok_or_else(|| CommandFault::NoPriority(word.to_owned()))
}

/// The category of this name, in any case of letters; or which there are.
pub fn parse_category(word: &str, rules: &Rules) -> Result<String, CommandFault> {
    let known = rules.categories.iter().find(|c| c.eq_ignore_ascii_case(word)).cloned();
    known.ok_or_else(|| match rules.categories.is_empty() {
        true => CommandFault::NoCategories,
        false => CommandFault::NoCategory { asked: word.to_owned(), known: rules.categories.to_vec() },
    })
}

/// `+a -b`; a word without a sign is put on.
pub fn parse_tags(argument: &str) -> Result<Vec<(String, bool)>, CommandFault> {
    let mut out = Vec::new();
    for word in argument.split([' ', ',', '\t']).filter(|w| !w.is_empty()) {
        let (name, on) = match word.strip_prefix('-') {
            Some(name) => (name, false),
            None => (word.strip_prefix('+').unwrap_or(word), true),
        };
        let name = name.to_lowercase();
        let fine = (1..=40).contains(&name.chars().count())
            && name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
        if !fine {
            return Err(CommandFault::NotATag(word.to_owned()));
        }
        out.push((name, on));
    }
    if out.is_empty() { Err(CommandFault::NoTags) } else { Ok(out) }
}

/// `me`, `nobody`, or the address of a staff member.
pub fn parse_assignee(argument: &str) -> Result<Assignee, CommandFault> {
    match argument {
        "me" => Ok(Assignee::Me),
        "nobody" => Ok(Assignee::Nobody),
        other => parse_address(other).map(Assignee::Somebody),
    }
}

fn parse_address(argument: &str) -> Result<AddrSpec, CommandFault> {
    let bare = argument.trim_start_matches("mailto:").trim_matches(['<', '>']);
    AddrSpec::parse(bare).ok_or_else(|| CommandFault::NotAnAddress(argument.to_owned()))
}

/// A ticket number, alone or as its token.
pub fn parse_number(argument: &str, rules: &Rules) -> Result<i64, CommandFault> {
    let digits = argument.trim_matches(['[', ']']);
    let token = format!("{}-", rules.prefix);
    let named = digits.get(..token.len()).is_some_and(|head| head.eq_ignore_ascii_case(&token));
    let digits = if named { &digits[token.len()..] } else { digits };
    digits.parse().ok().filter(|n| *n > 0).ok_or_else(|| CommandFault::NotATicketNumber(argument.to_owned()))
}

/// `YYYY-MM-DD`: the end of that day in the desk's zone, in seconds since 1970.
pub fn parse_day(argument: &str, rules: &Rules) -> Result<i64, CommandFault> {
    let wrong = || CommandFault::NotADate(argument.to_owned());
    let date: jiff::civil::Date = argument.parse().map_err(|_| wrong())?;
    let next = date.tomorrow().map_err(|_| wrong())?.to_zoned(rules.zone.clone()).map_err(|_| wrong())?;
    Ok(next.timestamp().as_second() - 1)
}

/// What a customer orders at the top of a mail with proof: to close, or to begin a privacy request. `None`:
/// everything with `#` is text (decision table).
pub fn customer_orders(block: &Block, proven: bool) -> Option<Vec<Order>> {
    let allowed = |c: &Command| match &c.order {
        Ok(order @ (Order::Status(Status::Closed) | Order::Privacy)) => Some(order.clone()),
        Ok(_) | Err(_) => None,
    };
    let orders: Option<Vec<Order>> = block.commands.iter().map(allowed).collect();
    orders.filter(|orders| proven && !orders.is_empty())
}

/// What staff answered went out in its words, and the customer has them so: it stays as it is.
pub fn keeps_its_words(kind: Kind) -> bool {
    kind == Kind::Staff
}

/// The words of a kept mail as its message holds them: lines that were obeyed as commands are not among them.
pub fn message_words(
    rules: &Rules,
    mail: &Inbound,
    kind: Kind,
    verified: Verified,
    automatic: bool,
) -> Words {
    let whole = &mail.words;
    let block = || read_commands(&whole.text, rules);
    match kind {
        Kind::Staff | Kind::Note => Words { text: block().text(), ..whole.clone() },
        Kind::Customer => {
            let obeyed = (!automatic).then(block).filter(|b| customer_orders(b, verified.proven()).is_some());
            obeyed.map_or_else(|| mail.customer_words().clone(), |b| Words { text: b.words, ..whole.clone() })
        }
        Kind::System => whole.clone(),
    }
}

#[cfg(test)]
mod tests;
