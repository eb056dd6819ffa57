//! Banners of mail servers, and what only looks like one.

use super::is_banner;
use crate::mail::quote;

const BANNERS: &[&str] = &[
    "[EXTERNAL]",
    "[External]",
    "*** EXTERNAL EMAIL ***",
    "EXTERNAL SENDER",
    "External email",
    "[EXT]",
    "\u{26a0}\u{fe0f} External email \u{26a0}\u{fe0f}",
    "CAUTION: This email originated from outside of the organization. Do not click links or open \
     attachments unless you recognize the sender and know the content is safe.",
    "CAUTION: This email originated from outside of the organization. Do not\nclick links or open \
     attachments unless you recognize the sender and know\nthe content is safe.",
    "WARNING: This email originated outside of Dargo Ltd. DO NOT CLICK links or attachments unless you \
     recognize the sender and know the content is safe.",
    "CAUTION EXTERNAL EMAIL\nDO NOT click links or open attachments unless you recognise the sender.",
    "This message was sent from outside the company. Please do not click links or open attachments unless \
     you recognise the source of this email and know the content is safe.",
    "This Message Is From an External Sender\nThis message came from outside your organization.",
    "This Message Is From an Untrusted Sender\nYou have not previously corresponded with this sender.\n\
     Report Suspicious <https://warn.example/r/abc>",
    "This is an external email. Be careful with links and attachments.",
    "You don't often get email from bob@elsewhere.example. Learn why this is important \
     <https://aka.example/LearnAboutSenderIdentification>",
    "[You don't often get email from bob@elsewhere.example. Learn why this is important at \
     https://aka.example/LearnAboutSenderIdentification ]",
    "Some people who received this message don't often get email from bob@x.example. Learn why this is \
     important",
    "**********************\n* External email *\n**********************",
    "########\nEXTERNAL EMAIL\n########",
    "[EXTERNAL EMAIL] - Exercise caution: do not open attachments from unknown senders.",
    "ACHTUNG: Diese E-Mail stammt von einem externen Absender.\n--------",
    "ACHTUNG: Diese E-Mail kommt von au\u{df}erhalb der Organisation. Klicken Sie nicht auf Links und \
     \u{f6}ffnen Sie keine Anh\u{e4}nge, es sei denn, Sie kennen den Absender.",
    "[EXTERN]",
    "Externe E-Mail: Bitte keine Anh\u{e4}nge von unbekannten Absendern \u{f6}ffnen.",
    "Sie erhalten nicht oft eine E-Mail von bob@x.example. Erfahren Sie, warum dies wichtig ist",
    "ATTENTION : ce message provient de l'ext\u{e9}rieur.",
    "ATTENTION : Cet e-mail provient d\u{2019}un exp\u{e9}diteur externe. Ne cliquez pas sur les liens et \
     n'ouvrez pas les pi\u{e8}ces jointes si vous ne connaissez pas l'exp\u{e9}diteur.",
    "Vous ne recevez pas souvent de courriers de la part de bob@x.example. D\u{e9}couvrez pourquoi \
     c'est important",
    "PRECAUCI\u{d3}N: Este correo electr\u{f3}nico proviene de fuera de la organizaci\u{f3}n. No haga clic \
     en enlaces ni abra adjuntos a menos que reconozca al remitente.",
    "Correo externo",
    "No suele recibir correo electr\u{f3}nico de bob@x.example. Descubra por qu\u{e9} esto es importante",
    "LET OP: Deze e-mail is afkomstig van buiten de organisatie. Klik niet op links en open geen bijlagen, \
     tenzij u de afzender herkent.",
    "[Externe e-mail]",
    "ATTENZIONE: questa e-mail proviene dall'esterno. Non aprire allegati se non conosci il mittente.",
    "ATEN\u{c7}\u{c3}O: Este e-mail foi enviado de fora da organiza\u{e7}\u{e3}o. N\u{e3}o clique em links.",
    "ADVARSEL: Denne e-mail kommer fra en ekstern afsender. Klik ikke p\u{e5} links.",
    "VARNING: Detta mejl kommer fr\u{e5}n en extern avs\u{e4}ndare.",
    "UWAGA: Ta wiadomo\u{15b}\u{107} pochodzi spoza organizacji. Nie otwieraj za\u{142}\u{105}cznik\u{f3}w.",
    "ZjQcmQRYFpfptBannerStart\nWhatever stands here\nin two lines\nZjQcmQRYFpfptBannerEnd",
];

/// A banner is no word of the writer's: it is folded, and the words are what stands below it.
#[test]
fn t118_banners_of_mail_servers_are_recognised() {
    let missed: Vec<&&str> = BANNERS.iter().filter(|b| !is_banner(b)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    for banner in BANNERS {
        for gap in ["\n", "\n\n", "\n \n\n"] {
            for words in ["#note\nShe is a bad payer.", "Hello Alice,\n\nclick the link.\n\nBob"] {
                let words_of = quote::fold(&format!("{banner}{gap}{words}"));
                assert_eq!(words_of.text, words, "{banner}");
                assert_eq!(words_of.quoted.trim_end(), banner.trim_end(), "no word is lost");
            }
        }
    }
    // Two of them, one below the other.
    let both = format!("{}\n\n{}\n\nHello", BANNERS[0], BANNERS[7]);
    assert_eq!(quote::fold(&both).text, "Hello");
    // A title, and the advice as a paragraph of its own.
    let apart = "[EXTERNAL]\n\nDo not click links unless you recognize the sender.\n\nHello";
    assert_eq!(quote::fold(apart).text, "Hello");
    // On one line with the words.
    for words in ["#note\nx", "Hello Alice\nx"] {
        let folded = quote::fold(&format!("[EXTERNAL] {words}"));
        assert_eq!((folded.text.as_str(), folded.quoted.as_str()), (words, "[EXTERNAL]"));
    }
}

/// Whatever may be the writer's own stays: in doubt it is no banner.
#[test]
fn words_that_only_look_like_a_banner_stay() {
    for words in [
        "External",
        "External monitor",
        "Unknown problem",
        "Warning: the printer is hot.",
        "This email was wrong.",
        "This message is for people outside of Berlin.",
        "The email that you sent to our external address did not arrive.",
        "Please do not open the attachment, it is the wrong one.",
        "[EXTERNAL]\nPlease do not open the attachment, it is the wrong one.",
        "Diese Nachricht ist nur f\u{fc}r externe Kunden.",
        "Achtung!",
        "[Image 4] Hello",
        "****",
        "CAUTION: This email originated from outside of the organization. I do not know why that stands \
         there.",
        "ZjQcmQRYFpfptBannerStart\nand no end",
    ] {
        assert!(!is_banner(words), "{words}");
    }
    for (mail, text) in [
        (
            "[EXTERNAL]\n\nPlease do not open the attachment of Monday.",
            "Please do not open the attachment of Monday.",
        ),
        ("[EXTERNAL]\nHi\n[EXTERNAL]\nx", "Hi\n[EXTERNAL]\nx"),
        ("Hello\n[EXTERNAL]\nx", "Hello\n[EXTERNAL]\nx"),
    ] {
        assert_eq!(quote::fold(mail).text, text);
    }
    assert_eq!(
        quote::fold_first("[EXTERNAL]\nHi").text,
        "[EXTERNAL]\nHi",
        "a first mail shows all its words"
    );
}
