-- No question walks a table, however old the desk is: what is counted is kept as a number, and what is looked
-- for by time has an index.

-- How many there are of each.
create table counter (
  what text not null,                       -- `tickets`, `letters`, `mails`, `held`, `audit`
  word text not null,                       -- the status, the state, the outcome, the kind
  n integer not null,
  primary key (what, word)
) without rowid;

insert into counter (what, word, n)
  select 'tickets', status, count(*) from ticket group by status
  union all select 'letters', state, count(*) from letter group by state
  union all select 'mails', outcome, count(*) from mail group by outcome
  union all select 'held', kind, count(*) from held where ended_at is null group by kind
  union all select 'audit', 'rows', count(*) from audit having count(*) > 0;

create trigger ticket_counted after insert on ticket begin
  insert into counter (what, word, n) values ('tickets', new.status, 1)
    on conflict (what, word) do update set n = n + 1;
end;
create trigger ticket_changed after update of status on ticket when old.status <> new.status begin
  update counter set n = n - 1 where what = 'tickets' and word = old.status;
  insert into counter (what, word, n) values ('tickets', new.status, 1)
    on conflict (what, word) do update set n = n + 1;
end;
create trigger ticket_gone after delete on ticket begin
  update counter set n = n - 1 where what = 'tickets' and word = old.status;
end;

create trigger letter_counted_in after insert on letter begin
  insert into counter (what, word, n) values ('letters', new.state, 1)
    on conflict (what, word) do update set n = n + 1;
end;
create trigger letter_changed after update of state on letter when old.state <> new.state begin
  update counter set n = n - 1 where what = 'letters' and word = old.state;
  insert into counter (what, word, n) values ('letters', new.state, 1)
    on conflict (what, word) do update set n = n + 1;
end;
create trigger letter_gone after delete on letter begin
  update counter set n = n - 1 where what = 'letters' and word = old.state;
end;

create trigger mail_counted after insert on mail begin
  insert into counter (what, word, n) values ('mails', new.outcome, 1)
    on conflict (what, word) do update set n = n + 1;
end;
create trigger mail_changed after update of outcome on mail when old.outcome <> new.outcome begin
  update counter set n = n - 1 where what = 'mails' and word = old.outcome;
  insert into counter (what, word, n) values ('mails', new.outcome, 1)
    on conflict (what, word) do update set n = n + 1;
end;
create trigger mail_gone after delete on mail begin
  update counter set n = n - 1 where what = 'mails' and word = old.outcome;
end;

create trigger held_counted after insert on held when new.ended_at is null begin
  insert into counter (what, word, n) values ('held', new.kind, 1)
    on conflict (what, word) do update set n = n + 1;
end;
create trigger held_ended after update of ended_at on held
  when old.ended_at is null and new.ended_at is not null begin
  update counter set n = n - 1 where what = 'held' and word = old.kind;
end;
create trigger held_gone after delete on held when old.ended_at is null begin
  update counter set n = n - 1 where what = 'held' and word = old.kind;
end;

-- Rows of the audit log are only ever added: this number tells when the last ones are missing (T92).
create trigger audit_counted after insert on audit begin
  insert into counter (what, word, n) values ('audit', 'rows', 1)
    on conflict (what, word) do update set n = n + 1;
end;

-- Overdue tickets that are our turn, of which closed ones are no part.
create index ticket_overdue on ticket (due_at) where due_at is not null and status in ('new', 'open');

-- What leaves by time.
create index session_expires on session (expires_at);
create index link_expires on link (expires_at);
create index held_link_expires on held_link (expires_at);
create index asked_at on asked (at);
create index opened_at on opened (at);
create index signature_at on signature (at);
create index alarm_closed on alarm (closed_at) where closed_at is not null;

-- What a clock wrote that was ahead is found by these (T93).
create index session_created on session (created_at);
create index link_created on link (created_at);
create index held_link_created on held_link (created_at);
create index held_received on held (received_at);
create index pending_created on pending (created_at);
create index letter_waiting on letter (created_at) where next_at is not null;
create index letter_tried on letter (settled_at) where next_at is not null;
create index ticket_updated on ticket (updated_at);
create index message_created on message (created_at);
create index mail_received on mail (received_at);

-- Notices that were held back and that the summary counts instead of naming them: nobody reads so many.
create table pending_more (
  person integer primary key references person (id),
  n integer not null
);
