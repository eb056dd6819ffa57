-- What the relay did, and what a backup brought back.

-- The letter waits since the relay itself is at fault: it is due again as soon as the relay answers.
alter table letter add column waits_for_relay integer not null default 0;
create index letter_waits on letter (id) where waits_for_relay;

-- The same letter without its files, for a relay that does not take them; null: it has none to leave out.
alter table letter_bytes add column without_files blob;

-- When a backup was put in place; one row. Older mail was most likely handled before.
create table restored (
  id integer primary key check (id = 1),
  at integer not null
);
