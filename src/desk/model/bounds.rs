//! How far back the desk looks, how long things stay, and how much is taken up at once, where no setting says
//! it. The store gets these from the rules and has no such number of its own.

/// Merges that are followed from a ticket to the one that it went into. A chain is seldom longer than one.
pub const MERGES_MAX: usize = 8;

/// Commands of one mail; one with more is refused whole (T122).
pub const COMMANDS_MAX: usize = 50;

/// Octets of words in which quoted lines are looked for, for one mail. Who quotes more than can be compared
/// gets the mail back (T72, T122).
pub const QUOTES_SEARCHED_BYTES_MAX: usize = 32 << 20;

/// Octets of new words that a notice brings; the rest is read in the ticket (T115).
pub const NOTICE_WORDS_BYTES_MAX: usize = 32 << 10;

/// Letters at each end of the queue that are looked at for the next ones that leave (T115).
pub const LETTERS_LOOKED_AT_MAX: usize = 500;

/// Messages that a returned answer tells of in words, the newest.
pub const TOLD_MAX: usize = 50;

/// No clock that shows less is right, since the program was written after 1 January 2026; seconds since 1970.
/// A machine without a battery wakes up in 1970 (T93).
pub const CLOCK_MIN_SECS: i64 = 1_767_225_600;

/// What a clock that was wrong wrote further ahead than this counts under no limit; seconds (T93).
pub const AHEAD_SECS: i64 = 120;

/// Numbers of time and amount that the store needs.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Seconds until a mail that the server does not hand out is asked for again, by the tries so far; the
    /// last one stays (T110).
    pub awaited_again_secs: [i64; 7],
    /// As [`AHEAD_SECS`].
    pub ahead_secs: i64,
    /// Limits per quarter of an hour look so far back (T30).
    pub quarter_secs: i64,
    /// Limits per hour look so far back (T25, T26, T29, T108).
    pub hour_secs: i64,
    /// Limits per day look so far back (T25, T30).
    pub day_secs: i64,
    /// A person gets no more than one summary in so many seconds: a flood that lasts tells of itself now and
    /// then (T29).
    pub summary_every_secs: i64,
    /// A link of a letter about held mail shows what was held before the letter and in so many seconds after
    /// it: whatever comes later is told by the next letter, which is at most one in that time.
    pub hold_letter_secs: i64,
    /// Links stay so long after they expired, so that a used one is known as used.
    pub links_kept_secs: i64,
    /// A set of commands can be taken back for a day; on the next one it is still told that it was too late.
    pub deeds_kept_secs: i64,
    /// An older signature is refused for its Date (T107).
    pub signatures_kept_secs: i64,
    /// Probes are forgotten when a new one leaves and they are older.
    pub probes_kept_secs: i64,
    /// Alarms that are over are for people who look today; the audit log keeps what was.
    pub alarms_kept_secs: i64,
    /// What is kept of a letter that left, in octets: head and text stay with the ticket, its files go.
    pub sent_bytes_max: usize,
    /// Words of one ticket that quotations are compared with, in octets; the newest messages (T72, T122).
    pub said_bytes_max: usize,
    /// Words of a ticket that one page brings, in octets; the newest messages, and at least one (T116).
    pub page_words_bytes_max: usize,
    /// Live links of a person; the oldest goes when there are more (T60).
    pub links_per_person_max: usize,
    /// Letters with a link to one address in a day that one network may ask for; the others of that day are
    /// for other networks.
    pub links_by_network_per_day: u32,
    /// Addresses about which one person is asked in one ticket (T06).
    pub suggestions_max: usize,
    /// Tickets that one turn of the Hour takes up; the next turn takes the rest.
    pub hour_tickets_max: usize,
    /// Notices that were held back and that one turn of the Hour takes up, those of a person together.
    pub hour_notices_max: usize,
    /// Notices that one summary names; of the others it says how many there are.
    pub summary_notices_max: usize,
    /// Rows that one transaction removes, of what is over: so nobody waits for it.
    pub rows_removed_max: usize,
    /// New tickets, and new messages, that one digest tells of.
    pub digest_news_max: usize,
    /// Overdue tickets that a digest counts.
    pub digest_overdue_max: usize,
    /// Tickets that one mail may name by ids.
    pub named_by_ids_max: usize,
    /// Newest tickets of a sender that a decision knows of.
    pub earlier_tickets_max: usize,
    /// Tickets that a page lists for a person.
    pub listed_tickets_max: usize,
    /// Tickets that one search finds.
    pub found_tickets_max: usize,
    /// Words of one search (T88).
    pub search_terms_max: usize,
    /// Characters of one such word (T88).
    pub search_term_chars_max: usize,
    /// What one search may cost until its first hit, in steps of the machine of the engine: for a word with
    /// `*` it gathers all that begin so first, which makes each step dear (T122).
    pub search_first_steps_max: u64,
    /// What one search may cost in all, in the same steps.
    pub search_steps_max: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        let (hour, day) = (3_600, 86_400);
        Self {
            awaited_again_secs: [1, 2, 60, 300, 900, 3_600, 21_600],
            ahead_secs: AHEAD_SECS,
            quarter_secs: 900,
            hour_secs: hour,
            day_secs: day,
            summary_every_secs: 600,
            hold_letter_secs: hour,
            links_kept_secs: day,
            deeds_kept_secs: 2 * day,
            signatures_kept_secs: 10 * day,
            probes_kept_secs: 90 * day,
            alarms_kept_secs: 30 * day,
            sent_bytes_max: 65_536,
            said_bytes_max: 8 << 20,
            page_words_bytes_max: 512 << 10,
            links_per_person_max: 5,
            links_by_network_per_day: 6,
            suggestions_max: 10,
            hour_tickets_max: 500,
            hour_notices_max: 1_000,
            summary_notices_max: 200,
            rows_removed_max: 1_000,
            digest_news_max: 100_000,
            digest_overdue_max: 1_000,
            named_by_ids_max: 12,
            earlier_tickets_max: 5,
            listed_tickets_max: 200,
            found_tickets_max: 500,
            search_terms_max: 10,
            search_term_chars_max: 64,
            search_first_steps_max: 4_000,
            search_steps_max: 200_000,
        }
    }
}
