-- A file of a Maildir is known by its name and its content: another mail may lie under a known name.

create table maildir_file (
  mailbox text not null,
  -- Up to its flags, and exact: a byte that is no UTF-8 stands as a slash and two digits. A slash alone: this
  -- folder was looked at.
  name text not null,
  -- SHA-256 of size and bytes; empty: the file was not read.
  content blob not null,
  -- Octets, and when the file was written, in nanoseconds since 1970; null: a version before this one took it.
  size integer,
  modified_at integer,
  mail integer,
  outcome text not null,
  primary key (mailbox, name, content)
) without rowid;

insert into maildir_file (mailbox, name, content, mail, outcome)
  select mailbox, case when name = '' then '/' else name end, x'', mail, outcome from maildir_ledger;
drop table maildir_ledger;
