-- A number of a mail is no identity: a mailbox that was restored gives it out again (T109). So its size and
-- its date, as the server said them, stand beside it. Null: the server did not say, or it was taken in before.
alter table ledger add column size integer;
alter table ledger add column dated integer;

-- Mails that the server lists and did not hand out so far (T110).
create table awaited (
  mailbox text not null,
  uid_validity integer not null,
  uid integer not null,
  tries integer not null,
  next_at integer not null,
  mail integer,                             -- it is held under this number; null: not yet
  primary key (mailbox, uid_validity, uid)
) without rowid;
