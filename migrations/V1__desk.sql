-- The desk's memory. Times are seconds since 1970 (UTC); addresses are canonical addr-specs.

create table person (
  id integer primary key,
  address text not null unique,
  name text not null,
  spam integer not null default 0,          -- #spam: later mail is quarantined
  undeliverable_at integer,                 -- the last permanent failure of a letter to this address
  created_at integer not null
);

create table staff (
  person integer primary key references person (id),
  name text not null,
  configured integer not null,              -- 1: stands in the configuration, 0: by `staff add`
  digest integer not null default 0,        -- one letter a day instead of single notices
  digest_choice integer,                    -- what the person chose since then
  since integer not null,
  removed_at integer
);

create table staff_alias (
  address text primary key,
  person integer not null references person (id)
);

create table ticket (
  id integer primary key,                   -- the number in [PREFIX-NUMBER]
  subject text not null,
  status text not null,
  priority text not null,
  category text,
  mailbox text,                             -- through which it came, for [[route]]
  requester integer not null references person (id),
  assignee integer references person (id),
  privacy integer not null default 0,
  merged_into integer references ticket (id),
  created_at integer not null,
  updated_at integer not null,
  due_at integer,
  wait_until integer,
  closed_at integer,
  asked_at integer,                         -- since when the customer waits for an answer
  started_at integer,                       -- from when the time until the close counts
  due_by_hand integer not null default 0,   -- #due set due_at
  reminded integer not null default 0,      -- reminders about this due_at: 0, 1, 2 (all staff, too)
  reminded_at integer,
  remind_at integer                         -- when the next reminder leaves
);
create index ticket_requester on ticket (requester);
create index ticket_remind on ticket (remind_at) where remind_at is not null;
create index ticket_due on ticket (due_at) where due_at is not null;
create index ticket_waiting on ticket (wait_until) where wait_until is not null;
create index ticket_ours on ticket (updated_at) where status in ('new', 'open');
create index ticket_assignee on ticket (assignee) where assignee is not null;
create index ticket_merged on ticket (merged_into) where merged_into is not null;

create table participant (
  ticket integer not null references ticket (id),
  person integer not null references person (id),
  since integer not null,                   -- messages with an id above this one are his to see (T06)
  primary key (ticket, person)
) without rowid;
create index participant_person on participant (person);

-- Addresses that a person with proof wrote to along with the desk: the page asks him whether they take part (T06).
create table suggestion (
  ticket integer not null references ticket (id),
  person integer not null references person (id),
  address text not null,
  created_at integer not null,
  primary key (ticket, person, address)
) without rowid;

create table watcher (                      -- staff who hear of everything on a ticket
  ticket integer not null references ticket (id),
  person integer not null references person (id),
  primary key (ticket, person)
) without rowid;

-- What sets of commands changed, for a day, so that `#undo` can take it back.
create table deed (
  id integer primary key,
  ticket integer not null references ticket (id),
  person integer references person (id),    -- null: the operator
  letter integer,                           -- the result letter that told of it
  steps text not null,                      -- one a line: how it was, how it is
  at integer not null,
  undone_at integer
);
create index deed_ticket on deed (ticket);
create index deed_at on deed (at);

create table tag (
  ticket integer not null references ticket (id),
  word text not null,
  primary key (ticket, word)
) without rowid;

create table mail (
  id integer primary key,
  hash blob not null,                       -- content hash (T17); found by way of the Message-ID, so it has no index
  message_id text,
  from_address text,
  subject text not null,
  outcome text not null,
  reason text not null,
  ticket integer references ticket (id),
  source text not null,
  size integer not null,
  received_at integer not null
);

-- Raw mail, zstd: the truth. Alone in its table, so that reading rows never drags bytes along.
create table kept (
  mail integer primary key references mail (id),
  packed blob not null
);

create table message (
  id integer primary key,
  ticket integer not null references ticket (id),
  origin integer references ticket (id),    -- where it was said, if its ticket was merged: only people of that one see it (T06)
  kind text not null,
  via text not null,
  author integer references person (id),
  author_name text not null,
  mail integer references mail (id),
  message_id text,
  subject text,
  text text not null,
  quoted text not null,
  signature text not null,
  verified text not null,
  automatic integer not null default 0,
  private integer not null default 0,       -- #private: between staff and requester alone
  shown integer not null default 1,         -- 0: a stranger's or automatic mail that customers do not see (T04)
  created_at integer not null
);
create index message_ticket on message (ticket);
create index message_mail on message (mail) where mail is not null;

create table attachment (
  id integer primary key,
  message integer not null references message (id),
  part integer not null,
  filename text not null,
  media_type text not null,
  size integer not null,
  sha256 blob not null
);
create index attachment_message on attachment (message);

-- Every id that may stand in In-Reply-To or References: of mails taken in, of letters, and what a relay made of them (D15).
create table known_id (
  id text not null,
  mail integer not null default 0,
  letter integer not null default 0,
  primary key (id, mail, letter)
) without rowid;

-- DKIM signatures of staff mail that was taken in: each counts once (T107).
create table signature (
  fingerprint blob primary key,
  at integer not null
) without rowid;

create table letter (
  id integer primary key,
  kind text not null,
  ticket integer references ticket (id),
  person integer references person (id),    -- to whom
  author integer references person (id),    -- who is told when it fails
  message integer,                          -- the newest message that its reader had seen
  automatic integer not null,
  reverse_path text,                        -- null is <>
  forward_path text not null,
  counted_as text not null,                 -- the address without its subaddress, for limits (T25)
  domain text not null,
  message_id text not null,
  subject text not null,
  generation integer not null default 1,    -- of the keys that sealed it: only letters of the one in force are proof (T14)
  state text not null,                      -- queued claimed sent deferred unknown failed cancelled
  reason text not null,
  attempts integer not null default 0,
  next_at integer,
  created_at integer not null,
  settled_at integer
);
create index letter_due on letter (next_at) where next_at is not null;
create index letter_open on letter (state) where state not in ('sent', 'cancelled');
create index letter_ticket on letter (ticket) where ticket is not null;
create index letter_counted on letter (counted_as, created_at) where automatic = 1;
create index letter_told on letter (person, kind, created_at) where kind in ('hold', 'result');
create index letter_created on letter (created_at, domain) where automatic = 1;
create index letter_summary on letter (person, created_at) where kind = 'summary';

create table letter_bytes (
  letter integer primary key references letter (id),
  bytes blob not null                       -- after sending only the head and the text stay
);

create table ledger (
  mailbox text not null,
  uid_validity integer not null,
  uid integer not null,
  mail integer,                             -- null: left outside (`before`)
  outcome text not null,
  settled integer not null,                 -- 0: not yet flagged or moved on the server (T86)
  primary key (mailbox, uid_validity, uid)
) without rowid;
create index ledger_open on ledger (mailbox, uid_validity, uid) where settled = 0;

create table maildir_ledger (
  mailbox text not null,
  name text not null,
  mail integer,
  outcome text not null,
  primary key (mailbox, name)
) without rowid;

create table mailbox_cursor (
  mailbox text primary key,
  uid_validity integer not null,
  next_uid integer not null,
  base_uid integer not null,                -- UIDs below were there before the desk (`audit` counts from here)
  first_connect_at integer not null,
  history_below integer not null
);

create table held (
  id integer primary key,
  kind text not null,                       -- held | quarantine
  mail integer not null references mail (id),
  ticket integer references ticket (id),
  person integer references person (id),    -- the staff member whom it concerns
  cause text not null,                      -- unproven: its person may confirm it | crossed: its writer may send it | quarantine | other
  verified text not null,                   -- how its sender was proven when it came
  reason text not null,
  received_at integer not null,
  ended_at integer,
  ended_how text
);
create index held_open on held (person, id) where ended_at is null;
create index held_crossed on held (person, id) where ended_at is null and cause = 'crossed';
create index held_mail on held (mail);

-- By it a staff member says what becomes of mails in his name.
create table held_link (
  hash blob primary key,                    -- SHA-256 of the token (T62)
  person integer not null references person (id),
  created_at integer not null,
  expires_at integer not null
) without rowid;
create index held_link_person on held_link (person, created_at);

-- Notices that were held back and leave as one (T18, T29, T31).
create table pending (
  id integer primary key,
  person integer not null references person (id),
  ticket integer references ticket (id),    -- null: it is about no ticket
  why text not null,
  created_at integer not null,
  due_at integer not null
);

create index pending_person on pending (person, due_at);

-- New tickets of the last hour by sender, all his subaddresses as one (T29).
create table opened (
  counted_as text not null,
  at integer not null,
  ticket integer not null references ticket (id),
  primary key (counted_as, at, ticket)
) without rowid;

-- Letters that the gate kept back, by the limit that did it (T25, T26, T29, T31).
create table kept_back (
  limit_word text primary key,
  n integer not null
) without rowid;

-- What the operator is told once: it opens, and closes by itself (T26).
create table alarm (
  id integer primary key,
  what text not null,                       -- `breaker:desk`, `breaker:domain:evil.example`
  text not null,
  opened_at integer not null,
  told_at integer,
  closed_at integer
);
create unique index alarm_open on alarm (what) where closed_at is null;

-- Up to where the daily digest told; one row.
create table digest (
  id integer primary key check (id = 1),
  at integer not null,                      -- the start of the working day that was told last
  message integer not null,                 -- what is newer than these is told by the next one
  ticket integer not null
);

create table link (
  hash blob primary key,                    -- SHA-256 of the token (T62)
  person integer not null references person (id),
  ticket integer references ticket (id),
  created_at integer not null,
  expires_at integer not null,
  used_at integer
) without rowid;
create index link_person on link (person, created_at);

create table session (
  hash blob primary key,
  person integer not null references person (id),
  form_token text not null,
  ip text not null,
  agent text not null,
  created_at integer not null,
  expires_at integer not null
) without rowid;
create index session_person on session (person);

create table asked (                        -- requests for links, for their limits (T30)
  id integer primary key,
  what text not null,                       -- `address:…` or `network:…`
  at integer not null
);
create index asked_what on asked (what, at);

-- Long work in small steps: where it stands, so that it goes on after a crash.
create table task (
  name text primary key,
  cursor integer not null,                  -- done up to here
  last integer not null                     -- and over after this one
) without rowid;

-- Mails that ended the program while they were read, by a hash of their place (T34).
create table attempt (
  mail text primary key,
  times integer not null
) without rowid;

-- Mails of the desk to itself that must come back (`maildesk probe`); the last ones are kept.
create table probe (
  number integer primary key,
  id text not null unique,                  -- its Message-ID when it left
  kind text not null,
  forward_path text not null,
  sent_at integer not null,
  relay text not null,                      -- what the relay answered
  refused text,                             -- why it will not come back
  came_back_at integer,
  mailbox text,
  id_kept integer,
  stamp text,                               -- what became of Authentication-Results
  stamped_by text,
  signature text,                           -- of the desk's domain: missing, holds, or why not
  policy text                               -- of the desk's domain (DMARC)
);

-- Generations of the keys that are derived from the desk's key (T81); the one with the highest number seals.
create table key_generation (
  id integer primary key,
  since integer not null
);

create table health (
  part text primary key,
  good integer not null,
  detail text not null,
  at integer not null
) without rowid;

create table audit (
  id integer primary key,
  at integer not null,
  actor text not null,                      -- `person:12`, `operator`, `desk`
  action text not null,
  object text not null,
  detail text not null,
  chain blob not null                       -- HMAC over the row and the chain before (T92)
);

insert into key_generation (id, since) values (1, cast(strftime('%s', 'now') as integer));

create virtual table words using fts5 (
  subject, text, content = '', contentless_delete = 1,
  tokenize = 'unicode61 remove_diacritics 2'
);
insert into words (words, rank) values ('pgsz', 16000);
insert into words (words, rank) values ('automerge', 0);
