-- DKIM signatures of staff mail that was taken in: each counts once (T107).
create table signature (
  fingerprint blob primary key,
  at integer not null
) without rowid;
