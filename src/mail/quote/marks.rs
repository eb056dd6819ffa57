//! The lines that mail clients write above a quotation or a forwarded mail, in the languages of their users.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// A line that a mail client quoted. White space in front is what some of them write.
pub(super) fn is_quoted(line: &str) -> bool {
    line.starts_with('>') || line.starts_with("|>") || (line.starts_with(' ') && line.trim_start_matches(' ').starts_with("> "))
}

/// Verbs of "X wrote:", with what may stand between the verb and the colon.
const WROTE: &str = r"(?ix)
    (?: \b(?: wrote | writes | schrieb | schreef | skrev | skrifaði | kirjoitti | kirjutas | rašė | raksta | rakstīja | írta | írt | yazdı | yazmış | napisał | napisał\(a\) | napisała
    | napisal | napsal | napsal\(a\) | napísal | napísal\(a\) | je\ napisao | je\ napisala | napisao\ je | napisala\ je | napisao | je\ napisal | a\ scris | scris | ha\ scritto | scrive | escribi[óo] | escribe | escreveu | va\ escriure | escrigu[ée]
    | a\ écrit | écrit | a\ ecrit | a\ écrit\ | viết | đã\ viết | menulis | написал | написал\(а\) | написала | пишет | писал | писал\(а\) | написав | пише | написа | пиша | έγραψε | schreibt | schrieb\ am
    | shkroi | quoted | geschreven | skrevet | idatzi\ du | idatzi\ zuen | wrote\ on | sent )\b
    | 写道 | 寫道 | 写了 | のメール | 書きました | 님이\ 작성 | 작성 | 씀 | คำ | เขียน | כתב | כתבה | كتب | نوشت )
    [^:：]{0,160} [:：] \s* (?:<\s*)? $ | \d{1,2}[:.]\d{2}\b .* <\s*[^<>\s]+@[^<>\s]+\s*> \s* [:：] \s* $ | ^\s*on\s .* \d .* \bwrote \s* $";

/// How such a line begins.
const OPENER: &str = r"(?ix)^\s*(?:
    on | am | at | em | el | il | le | les | den | dne | dňa | dnia | w\ dniu | op | på | d\. | kl | vào | pada | în | la | a\ | óra | dana | u | 在 | em\ | le\ | ter\. | tue | mon | wed | thu | fri | sat | sun
    | 1?\d{1,3}[./-] | \d{4}[-/.年] | \d{1,2}\ | в | у | на | στις | \S+\ ?, | .*<[^<>\s]+@[^<>\s]+> | .*\d{1,2}:\d{2} | .*\d{4} )";

static WROTE_RE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(WROTE).ok());
static OPENER_RE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(OPENER).ok());
/// A date, a time or an address: one of them stands in every attribution line.
static FACT_RE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\d{4}|\d{1,2}[:.]\d{2}|\d{1,2}[./-]\d{1,2}|[^\s<>@]+@[^\s<>@]+").ok());

static SEPARATORS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        // Outlook, in its languages.
        r"(?i)^\s*[-_=]{2,}\s*(?:original\s+(?:message|mail|email|appointment)|ursprüngliche\s+nachricht|urspr.ngliche\s+nachricht|original\s*nachricht|originalnachricht|message\s+d.origine|mensaje\s+original|mensagem\s+original|messaggio\s+originale|oorspronkelijk\s+bericht|originalmeddelande|ursprungligt\s+meddelande|opprinnelig\s+melding|oprindelig\s+(?:meddelelse|besked)|antwort\s+nachricht|original\s+meddelelse|alkuperäinen\s+viesti|wiadomość\s+oryginalna|oryginalna\s+wiadomość|původní\s+zpráva|původní\s+e-?mail|pôvodná\s+správa|eredeti\s+üzenet|mesaj\s+original|исходное\s+сообщение|оригинальное\s+сообщение|пересылаемое\s+сообщение\s+исходное|оригінальне\s+повідомлення|αρχικό\s+μήνυμα|özgün\s+ileti|orijinal\s+mesaj|original\s+message|原始邮件|原始郵件|元のメッセージ|원본\s*메시지|원본\s*메일|thư\s+gốc|pesan\s+asli|הודעה\s+מקורית|الرسالة\s+الأصلية|izvorna\s+poruka|originalna\s+poruka|reply\s+message|reply\s+above|old\s+message)\s*[-_=]{0,}\s*:?\s*$",
        r"(?i)^\s*-{2,}\s*(?:on\s.*|.*\s)wrote\s*-{2,}\s*$",
        r"(?i)^\s*#{2,}-{2,}.*(?:reply|antwort).*(?:above|oberhalb|line|linie).*$",
    ])
    .ok()
});

static FORWARD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?:[-=]{2,}\s*(?:forwarded\s+(?:message|mail|by)|forwarded|weitergeleitete\s+nachricht|message\s+transf[ée]r[ée]|message\s+transmis|mensaje\s+reenviado|mensagem\s+encaminhada|messaggio\s+inoltrato|doorgestuurd\s+bericht|vidarebefordrat\s+meddelande|videresendt\s+(?:melding|meddelelse)|videresendt|välitetty\s+viesti|przekazana\s+wiadomość|wiadomość\s+przekazana|přeposlaná\s+zpráva|preposlaná\s+správa|továbbított\s+(?:üzenet|levél)|mesaj\s+redirecționat|пересылаемое\s+сообщение|пересланное\s+сообщение|переслане\s+повідомлення|προωθημένο\s+μήνυμα|iletilen\s+mesaj|転送メッセージ|転送されたメッセージ|转发邮件信息|转发的邮件|轉寄郵件|전달된\s*메시지|thư\s+chuyển\s+tiếp|pesan\s+terusan|הודעה\s+שהועברה|رسالة\s+معاد\s+توجيهها|prosljeđena\s+poruka|posredovano\s+sporočilo).*|begin\s+forwarded\s+message\s*:|anfang\s+der\s+weitergeleiteten\s+(?:nachricht|e-?mail)\s*:|début\s+du\s+message\s+(?:transféré|réexpédié)\s*:|inicio\s+del\s+mensaje\s+reenviado\s*:|inizio\s+messaggio\s+inoltrato\s*:|begin\s+doorgestuurd\s+bericht\s*:|início\s+da\s+mensagem\s+encaminhada\s*:|vidarebefordrat\s+mejl\s*:|начало\s+переадресованного\s+сообщения\s*:)\s*$").ok()
});

/// Names of fields as clients translate them, for the block of fields above a quotation.
static FIELD: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)^\s*\*?(?:from|von|de|da|van|fra|från|lähettäjä|od|od kogo|feladó|de la|от|отправитель|від|από|kimden|gönderen|发件人|寄件者|寄件人|差出人|送信者|보낸 ?사람|보낸사람|từ|dari|מאת|من|šalje|expéditeur|mittente|remitente|afzender|nadawca|odesílatel|saatja|nuo|no)\s*\*?\s*[:：]",
        r"(?i)^\s*\*?(?:sent|date|gesendet|datum|datum/zeit|envoyé|date d.envoi|enviado|enviado el|enviado em|fecha|data|inviato|verzonden|sendt|dato|skickat|lähetetty|päivä|wysłano|data|odesláno|odoslané|dátum|elküldve|küldve|trimis|дата|отправлено|надіслано|ημερομηνία|στάλθηκε|gönderildi|gönderilen|tarih|发送时间|发送日期|日期|寄件日期|傳送時間|日時|送信日時|보낸 ?날짜|날짜|ngày|đã gửi|tanggal|dikirim|נשלח|תאריך|تاريخ|poslano|saadetud|išsiųsta)\s*\*?\s*[:：]",
        r"(?i)^\s*\*?(?:to|an|à|a|para|aan|til|till|vastaanottaja|do|komu|címzett|către|кому|до|προς|kime|alıcı|收件人|收件者|宛先|받는 ?사람|tới|đến|kepada|אל|إلى|za|prima|destinataire|destinatario|cc|kopie|kopia)\s*\*?\s*[:：]",
        r"(?i)^\s*\*?(?:subject|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|aihe|temat|předmět|predmet|tárgy|subiect|тема|θέμα|konu|主题|主旨|件名|제목|chủ đề|perihal|subjek|נושא|الموضوع|teema|tema)\s*\*?\s*[:：]",
    ])
    .ok()
});

fn hit(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|r| r.is_match(text))
}

/// Where a forwarded mail begins, if one is in the text.
pub(super) fn forwarded(lines: &[&str]) -> Option<usize> {
    lines.iter().position(|l| l.len() < 200 && !is_quoted(l) && hit(&FORWARD, l))
}

/// Where everything to the end is an older mail: a separator, a block of fields, or an attribution whose quotation has
/// no marks.
pub(super) fn tail(lines: &[&str]) -> Option<usize> {
    let last_mark = lines.iter().rposition(|l| is_quoted(l));
    (0..lines.len()).find_map(|at| {
        let line = lines[at];
        if line.len() > 400 || line.trim().is_empty() || is_quoted(line) {
            return None;
        }
        if SEPARATORS.as_ref().is_some_and(|s| s.is_match(line)) {
            return Some(at);
        }
        if fields(&lines[at..]) {
            return Some(above_rule(lines, at));
        }
        // An attribution whose quotation is not marked with `>`: all below it is old.
        let last = attribution(lines, at)?;
        let marked = last_mark.is_some_and(|mark| mark > last);
        (!marked).then_some(at)
    })
}

/// A line of underscores or dashes belongs to the fields below it (Outlook on the web).
fn above_rule(lines: &[&str], at: usize) -> usize {
    let mut above = at;
    while above > 0 && lines[above - 1].trim().is_empty() {
        above -= 1;
    }
    let rule = above > 0 && {
        let line = lines[above - 1].trim();
        line.len() >= 5 && line.chars().all(|c| "_-=*".contains(c))
    };
    if rule { above - 1 } else { at }
}

/// A block of at least three different fields that begins with the one for From, within its first lines.
fn fields(lines: &[&str]) -> bool {
    let Some(set) = FIELD.as_ref() else {
        return false;
    };
    if !set.matches(lines[0]).matched(0) {
        return false;
    }
    let mut seen = [false; 4];
    for line in lines.iter().take(8).filter(|l| l.len() < 1000) {
        if line.trim().is_empty() && seen.iter().filter(|s| **s).count() > 1 {
            break;
        }
        for number in set.matches(line) {
            seen[number] = true;
        }
    }
    let count = seen.iter().filter(|s| **s).count();
    // Two fields are enough where they stand together and hold a date and an address.
    let two = lines.len() > 1 && lines[0].contains('@') && set.matches(lines[1]).matched(1);
    count >= 3 || (count == 2 && two)
}

/// If an attribution begins at `at`, its last line; it may be wrapped over up to four lines.
fn attribution(lines: &[&str], at: usize) -> Option<usize> {
    if !hit(&OPENER_RE, lines[at]) {
        return None;
    }
    let mut joined = String::new();
    for (number, line) in lines[at..].iter().take(4).enumerate() {
        if line.trim().is_empty() || line.len() > 300 {
            return None;
        }
        joined.push_str(if number > 0 { " " } else { "" });
        joined.push_str(line.trim());
        if hit(&WROTE_RE, &joined) {
            return hit(&FACT_RE, &joined).then_some(at + number);
        }
        // A line that ends a sentence does not go on as an attribution.
        if line.trim_end().ends_with(['.', '!', '?', ':'])
            && number == 0
            && line.split_whitespace().count() > 1
            && !line.contains('@')
            && !line.trim_end().ends_with("a.m.")
            && !line.trim_end().ends_with("p.m.")
        {
            return None;
        }
    }
    None
}

/// The first line of the attribution that stands directly above the quoted block at `block`.
pub(super) fn attribution_above(lines: &[&str], block: usize) -> Option<usize> {
    let mut last = block;
    while last > 0 && lines[last - 1].trim().is_empty() && block - last < 3 {
        last -= 1;
    }
    if last == 0 || is_quoted(lines[last - 1]) {
        return None;
    }
    let last = last - 1;
    // The longest form first: a wrapped line's second half may look whole.
    let found = (last.saturating_sub(3)..=last).find(|&at| attribution(lines, at) == Some(last));
    // Directly above a quotation a date or address and a colon are enough, in whatever language.
    let line = lines[last].trim();
    let dated = line.len() < 300 && hit(&FACT_RE, line);
    let named = line.ends_with('>') && line.contains('@') && line.starts_with(|c: char| c.is_ascii_digit());
    found.or_else(|| (dated && (line.ends_with([':', '：']) || named)).then_some(last))
}
