use crate::desk::model::{LetterKind, Outcome};
use crate::desk::testing::{
    ALICE, BOB, MALLORY, NOW, TEN_DAYS, decided, known, letters_to, mail, reply_address, to_desk,
};
use crate::mail::parse;

const PGP: &str = "MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; \
                   protocol=\"application/pgp-encrypted\"; boundary=c\r\n";
const BODY: &str = "--c\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--c\r\n\
                    Content-Type: application/octet-stream\r\n\r\n\
                    -----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n--c--\r\n";
const SMIME: &str = "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; \
                     name=smime.p7m\r\n\
                     Content-Transfer-Encoding: base64\r\n";
const INLINE: &str =
    "#close\r\nhello\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n";

#[test]
fn t48_encrypted_mail_of_staff_is_refused_whole() {
    let to = |person: i64| format!("To: {}\r\nSubject: x\r\n", reply_address(person, NOW + TEN_DAYS));
    for (fields, body) in [(PGP, BODY), (SMIME, "MIAG"), ("", INLINE)] {
        let raw = mail(BOB, &format!("{}{fields}", to(1)), body);
        let d = decided(&raw, &known(), |_| {});
        assert_eq!((d.outcome, d.letters.len()), (Outcome::Refused, 1), "{}", d.reason);
        let result = letters_to(&d, "bob@staff.example")[0];
        let text = parse::parse(&result.bytes).words.text;
        assert!(result.kind == LetterKind::Result && text.contains("encrypted"), "{text}");
        assert!(
            !String::from_utf8_lossy(&result.bytes).contains("hQEMA") && !text.contains("hello"),
            "not quoted in part"
        );
        assert!(d.changes.is_empty(), "none of its commands acted");
    }
}

#[test]
fn t48_encrypted_mail_of_a_customer_reaches_staff_whole() {
    let new = mail(MALLORY, &format!("{}{PGP}", to_desk("secret")), BODY);
    let further =
        mail(ALICE, &format!("To: {}\r\nSubject: x\r\n{PGP}", reply_address(3, NOW + TEN_DAYS)), BODY);
    let in_part = mail(MALLORY, &to_desk("secret"), INLINE);
    for raw in [new, further, in_part] {
        let d = decided(&raw, &known(), |_| {});
        let notice = parse::parse(&letters_to(&d, "bob@staff.example")[0].bytes);
        assert!(
            notice.words.signature.contains("encrypted") || notice.words.text.contains("encrypted"),
            "{:?}",
            notice.words
        );
        assert!(!notice.words.text.contains("hello") && !notice.words.text.contains("hQEMA"));
        let files = &letters_to(&d, "bob@staff.example")[0].files;
        let whole: Vec<_> = files.iter().map(|f| (f.mail, f.part, f.filename.as_str())).collect();
        assert_eq!(whole, [(known().free.mail, None, super::FILENAME)], "the whole mail and nothing else");
    }
}
