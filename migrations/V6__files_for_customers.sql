-- One decision for each file of a message: may customers have it? It was made when the message was written, and letters,
-- pages and exports read it here. What mail clients add to mails of staff is for nobody.
alter table attachment add column outside integer not null default 1;
update attachment set outside = 0
where message in (select id from message where kind = 'staff')
  and (lower(filename) in ('winmail.dat', 'smime.p7s', 'smime.p7m') or media_type in (
    'application/pkcs7-signature', 'application/x-pkcs7-signature', 'application/pkcs7-mime',
    'application/x-pkcs7-mime', 'application/pgp-signature', 'application/pgp-keys', 'application/ms-tnef',
    'application/vnd.ms-tnef', 'text/calendar', 'application/ics', 'text/vcard', 'text/x-vcard',
    'text/directory', 'text/x-amp-html', 'text/vnd.google.email-reaction+json', 'application/applefile'));
