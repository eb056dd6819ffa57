-- The files of a letter are parts of kept mails: their bytes are kept once, and put into a letter when it is sent.
create table letter_file (
  letter integer not null references letter (id),
  place integer not null,                   -- in the order in which they stand in the letter
  mail integer not null references mail (id),
  part integer,                             -- of the kept mail; null: the whole of it
  filename text not null,
  media_type text not null,
  primary key (letter, place)
) without rowid;
