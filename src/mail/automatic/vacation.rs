//! Answers of absent people that carry no field of RFC 3834: told by a subject that machines write, and one
//! thing more.
//!
//! A person writes such a subject, too ("Out of office next week"), so it never counts alone.

/// How the subject of a vacation answer begins, in lower case.
const SUBJECTS: [&str; 76] = [
    "out of office autoreply",
    "abwesenheitsnotiz",
    "automatiskt svarsmeddelande",
    "自动答复",
    "자동 응답",
    "out of office",
    "out of the office",
    "out-of-office",
    "automatic reply",
    "automatic response",
    "automated reply",
    "automated response",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "auto:",
    "vacation reply",
    "vacation response",
    "away from my mail",
    "i am away",
    "automatische antwort",
    "automatische rückantwort",
    "abwesenheit",
    "außer haus",
    "ich bin nicht im büro",
    "réponse automatique",
    "reponse automatique",
    "absence du bureau",
    "absent du bureau",
    "message d'absence",
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "resposta automática",
    "fora do escritório",
    "ausência temporária",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "automatisch antwoord",
    "afwezig",
    "automatiskt svar",
    "autosvar",
    "frånvaro",
    "automatisk svar",
    "fravær",
    "automaattinen vastaus",
    "poissa toimistosta",
    "automatyczna odpowiedź",
    "nieobecność",
    "automatická odpověď",
    "automatická odpoveď",
    "automatikus válasz",
    "răspuns automat",
    "otomatik yanıt",
    "otomatik cevap",
    "ofis dışında",
    "автоматический ответ",
    "автоответ",
    "автоматична відповідь",
    "автоматичен отговор",
    "αυτόματη απάντηση",
    "εκτός γραφείου",
    "自動応答",
    "自動返信",
    "不在通知",
    "自动回复",
    "自動回覆",
    "자동 회신",
    "부재중",
    "מענה אוטומטי",
    "رد تلقائي",
    "trả lời tự động",
];

/// How a machine calls its own answer, in lower case.
const CONFESSIONS: [&str; 27] = [
    "automated response",
    "automated reply",
    "automated message",
    "automatic response",
    "automatic reply",
    "automatically generated",
    "auto-reply",
    "autoreply",
    "auto-generated",
    "automatische antwort",
    "automatisch generiert",
    "automatisch erstellt",
    "automatisch erzeugt",
    "réponse automatique",
    "message automatique",
    "respuesta automática",
    "mensaje automático",
    "resposta automática",
    "risposta automatica",
    "messaggio automatico",
    "automatisch antwoord",
    "automatisch bericht",
    "automatyczna odpowiedź",
    "автоматический ответ",
    "自動返信",
    "自動応答",
    "自动回复",
];

/// How people say that they are not there, in lower case.
const ABSENCES: [&str; 76] = [
    "no access to my e",
    "bis auf weiteres nicht",
    "wieder erreichbar",
    "wieder im büro",
    "je suis absent",
    "estaré ausente",
    "estou ausente",
    "sono assente",
    "ikke til stede",
    "ikke tilgjengelig",
    "jeg er fraværende",
    "inte på kontoret",
    "inte på plats",
    "är ledig",
    "poissa",
    "lomalla",
    "nieobecn",
    "nepřítom",
    "házon kívül",
    "szabadságon",
    "din birou",
    "în concediu",
    "ofis dışı",
    "izindeyim",
    "отсутств",
    "вне офиса",
    "відсутн",
    "у відпустці",
    "απουσιάζω",
    "εκτός γραφείου",
    "out of the office",
    "out of office",
    "not in the office",
    "away from the office",
    "away from my desk",
    "on vacation",
    "on holiday",
    "on annual leave",
    "on leave",
    "on parental leave",
    "limited access to",
    "nicht im büro",
    "nicht im haus",
    "außer haus",
    "im urlaub",
    "abwesend",
    "nicht erreichbar",
    "absent du bureau",
    "absente du bureau",
    "actuellement absent",
    "en congé",
    "de retour le",
    "fuera de la oficina",
    "de vacaciones",
    "estoy ausente",
    "fora do escritório",
    "de férias",
    "fuori ufficio",
    "fuori sede",
    "in ferie",
    "niet op kantoor",
    "met vakantie",
    "op vakantie",
    "afwezig",
    "ikke på kontoret",
    "på ferie",
    "på semester",
    "poza biurem",
    "na urlopie",
    "mimo kancelář",
    "na dovolené",
    "в отпуске",
    "нет в офисе",
    "不在",
    "休假",
    "부재중",
];

/// Is the subject that of a vacation answer? A list's tag in front does not count, a mark of a person's reply
/// does.
pub(super) fn subject(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    while let Some((_, after)) = rest.strip_prefix('[').and_then(|tag| tag.split_once(']')) {
        let inner = rest[1..].split(']').next().unwrap_or("").to_lowercase();
        if SUBJECTS.iter().any(|s| inner.starts_with(s)) {
            return true;
        }
        rest = after.trim_start();
    }
    let lower: String = rest.chars().take(60).collect::<String>().to_lowercase();
    SUBJECTS.iter().any(|s| lower.starts_with(s))
}

/// Do the new words of the mail say that a machine wrote them? Those of a quotation are somebody else's.
/// Where the subject begins with the fixed words of a mail server, it is enough that they tell of an absence.
pub(super) fn confesses(subject: &str, words: &str) -> bool {
    let lower = words.chars().take(8000).collect::<String>().to_lowercase();
    let line = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let says = |phrases: &[&str]| phrases.iter().any(|p| line.contains(p));
    says(&CONFESSIONS) || (has_fixed_words(subject) && says(&ABSENCES))
}

/// What older versions of Exchange and Outlook write before the subject that they answer, in lower case.
const FIXED: [&str; 2] = ["out of office autoreply", "abwesenheitsnotiz"];

/// `Automatic reply: Printer`, as Exchange writes it. A person may well begin with "Out of office".
fn has_fixed_words(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    while let Some((_, after)) = rest.strip_prefix('[').and_then(|tag| tag.split_once(']')) {
        rest = after.trim_start();
    }
    let Some((before, _)) = rest.split_once([':', '：']) else { return false };
    let before = before.trim().to_lowercase();
    let roots =
        ["auto", "otomatik", "авто", "自動", "自动", "자동", "tự động", "אוטומטי", "تلقائي", "αυτόματη"];
    FIXED.contains(&before.as_str())
        || SUBJECTS.iter().any(|s| before == *s && roots.iter().any(|root| s.contains(root)))
}
