-- What the second engine needs, and what was decided by reading words.

-- Aliases of staff keep the order in which they were given.
alter table staff_alias add column place integer not null default 0;
update staff_alias set place =
  (select count(*) from staff_alias a where a.person = staff_alias.person and a.rowid < staff_alias.rowid);

-- The last attempt had no answer after DATA (T35). Until now the words of the reason told.
alter table letter add column unanswered integer not null default 0;
update letter set unanswered = 1 where reason like 'no answer after%';

-- A condition as both engines write it: true or false, and no comparison with a number. SQLite takes a
-- partial index where the words of its condition stand in the question.
drop index letter_counted;
create index letter_counted on letter (counted_as, created_at) where automatic;
drop index letter_created;
create index letter_created on letter (created_at, domain) where automatic;

-- The first form of this one was never taken: the key of the table answered as well, and walked all mails
-- that a mailbox ever had.
drop index ledger_open;
create index ledger_open on ledger (mailbox, uid_validity, settled) where settled = false;

-- Crossed answers are found by their cause: no hint is needed that names an index.
drop index held_crossed;
create index held_crossed on held (person, cause, id) where ended_at is null;
