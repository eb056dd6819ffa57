//! What mail clients call things, in the languages of their users. Each list is one text; ` / ` stands
//! between its entries, which are regular expressions in small letters. `.` stands for a letter that broken
//! encodings lose.

/// Verbs of "X wrote:" as clients write them, without their subject where a client can leave it out.
pub(super) const WROTE: &str = r"
    wrote / writes / sent / schrieb / schreibt / schreef / geschreven / skrev / skrevet / skrifaði /
    kirjoitti / kirjutas / rakstīja / raksta / rašė / écrit / ecrit / escribió / escribio / escribe /
    escreveu / ha scritto / scrive / va escriure / escrigué / scris / escribiu / idatzi du / idatzi zuen /
    napisał(?:\(a\)|a)? / na?psal(?:\(a\)|a)? / napísal(?:\(a\)|a)? / napisal(?:\(a\)|a)? /
    napisal(?:/a)? / napisao(?:/la)? / napisala / написао(?:/ла)? / írta / írt / yazdı / yazmış / yazıb /
    shkroi / написал(?:\(а\)|а)? / пишет / писал(?:\(а\)|а)? / написав / пише / написа / піша / напіша /
    έγραψε / viết / menulis / tulis / כתב / כתבה / كتب / كتبت / نوشت / كتابة ما يلي بواسطة
";

/// The same for scripts without spaces between words.
pub(super) const WROTE_CJK: &str = r"
    写道 / 寫道 / 写了 / のメール / 書きました / 님이 작성 / 작성 / 씀 / 님이 쓴 글 / 님의 말 / เขียน /
    ने लिखा
";

/// First words of an attribution.
pub(super) const OPENERS: &str = r"
    on / at / in a message dated / in article / am / le / el / missatge de / il / in data / em / a /
    no dia / il giorno / op / den / på / d[.] / kl[.] / w dniu / dnia / dne / dňa / v / v v / dana / u /
    în / pe / la / kuupäev / tarih / в / у / на / στις / την / τη / þann / më / vào / lúc / pada /
    בתאריך / ב- / في / در تاریخ / ในวันที่ / เมื่อ / 在 / 於 / 于
";

/// Words beside the verb that say that the writer means themself: then it is a sentence, not an attribution.
pub(super) const FIRST_PERSON: &str = r"
    i / ich / je / j'ai / j’ai / ho / yo / eu / ik / jag / jeg / minä / ja / jsem / som / я / az / am /
    we / wir
";

/// What stands between two rules above the older mail.
pub(super) const ORIGINAL: &str = r"
    original message / original mail / original e-?mail / original appointment / original /
    reply message / old message / urspr.{1,2}ngliche nachricht / urspr.{1,2}ngliche mail /
    urspr.{1,2}nglicher termin / original-?nachricht / antwort nachricht / message d.origine /
    message original / mensaje original / missatge original / mensagem original / messaggio originale /
    oorspronkelijk bericht / origineel bericht / originalmeddelande / ursprungligt meddelande /
    ursprungligt mejl / opprinnelig melding / original melding / oprindelig (?:meddelelse|besked|mail) /
    original meddelelse / alkuper.{1,2}inen viesti / wiadomość oryginalna / oryginalna wiadomość /
    wiadomość pierwotna / původní zpráva / původní e-?mail / pôvodná správa / pôvodný e-?mail /
    eredeti üzenet / mesaj original / mesajul original / izvorna poruka / originalna poruka /
    izvirno sporočilo / algne sõnum / algkiri / pirminis laiškas / sākotnējā vēstule /
    исходное сообщение / оригинальное сообщение / исходное письмо / оригинално съобщение /
    оригинальне повідомлення / оригінальне повідомлення / вихідне повідомлення / αρχικό μήνυμα /
    özgün ileti / orijinal (?:mesaj|ileti) / הודעה מקורית / ההודעה המקורית / الرسالة الأصلية / پیام اصلی /
    原始邮件 / 邮件原件 / 元のメール / 原始郵件 / 原始訊息 / 元のメッセージ / 원본 ?메시지 / 원본 ?메일 /
    thư gốc / tin nhắn gốc / thư ban đầu / pesan asli / mesej asal / ข้อความต้นฉบับ / मूल संदेश
";

/// What stands between two rules above a forwarded mail.
pub(super) const FORWARDED: &str = r"
    forwarded message / start of forwarded message / forwarded mail / forwarded e-?mail / forwarded by /
    forwarded / forward message / weitergeleitete nachricht / weitergeleitete e-?mail /
    message transf.r. / message transmis / message r.exp.di. / e-?mail transf.r. / mensaje reenviado /
    mensaje enviado / missatge reenviat / mensagem encaminhada / mensagem reencaminhada /
    messaggio inoltrato / doorgestuurd bericht / vidarebefordrat meddelande / vidarebefordrat mejl /
    videresendt (?:melding|meddelelse|besked|e-?post|mail) / videresendt / v.{1,2}litetty viesti /
    edelleenl.{1,2}hetetty viesti / przekazana wiadomość / wiadomość przekazana /
    treść przekazanej wiadomości / přeposlaná zpráva / přeposlaný e-?mail / preposlaná správa /
    továbbított (?:üzenet|levél) / mesaj (?:redirecționat|redirecţionat|redirecționată) / mesaj transmis /
    prosljeđena poruka / proslijeđena poruka / posredovano sporočilo / edastatud kiri /
    persiųstas laiškas / pārsūtītā vēstule / пересылаемое сообщение / пересланное сообщение /
    пересылаемое письмо / переслане повідомлення / пересланий лист / препратено съобщение /
    προωθημένο μήνυμα / iletilen (?:mesaj|ileti) / yönlendirilen ileti / הודעה שהועברה / הודעה מועברת /
    رسالة معاد توجيهها / رسالة محولة / 转发邮件信息 / 转发的邮件 / 转发邮件 / 已转发邮件 / 轉寄郵件 /
    轉寄的郵件 / 已轉寄郵件 / 転送メッセージ / 転送されたメッセージ / 전달된 ?메시지 / 전달된 ?메일 /
    thư chuyển tiếp / tin nhắn được chuyển tiếp / thư đã chuyển tiếp / pesan terusan /
    pesan yang diteruskan / ข้อความส่งต่อ
";

/// Apple Mail sets these without rules.
pub(super) const FORWARDED_APPLE: &str = r"
    begin forwarded message / anfang der weitergeleiteten (?:nachricht|e-?mail) /
    début du (?:message|e-?mail) (?:transféré|réexpédié) / inicio del mensaje reenviado /
    inizio (?:del )?messaggio inoltrato / begin doorgestuurd bericht /
    início da mensagem (?:encaminhada|reencaminhada) / vidarebefordrat (?:mejl|brev|meddelande) /
    videresendt (?:e-?post|besked|melding) / start på videresendt (?:besked|melding) /
    välitetty viesti alkaa / początek przekazywanej wiadomości / původní zpráva - začátek /
    začátek přeposlané zprávy / začiatok preposlanej správy / továbbított levél kezdete /
    начало переадресованного сообщения / початок переадресованого повідомлення /
    iletilen ileti başlangıcı / αρχή προωθημένου μηνύματος / 转发的邮件 / 開始轉寄郵件 /
    転送されたメール / 전달된 메시지 시작 / bắt đầu thư được chuyển tiếp / awal pesan terusan
";

/// Subjects of forwards: what clients set in front. "VS" is left out: a forward in Norwegian, but an answer
/// in Finnish.
pub(super) const FORWARD_PREFIX: &str = r"
    fwd? / fw / wg / tr / rv / enc / i / doorst / vb / vl / pd / továbbítás / redir / пересл / итт / πρθ /
    ilt / 转发 / 轉寄 / 転送 / 전달 / הועבר / إعادة توجيه / trs / dvs
";

/// The field of the writer, of the date, of the addressees, of the subject, and others, as clients translate
/// them: words, no expressions.
pub(super) const FIELDS: [&str; 5] = [
    r"
        from / von / absender / de / expéditeur / remitente / remetente / da / mittente / van / afzender /
        från / fra / avsender / afsender / lähettäjä / od / nadawca / odesílatel / odosielateľ / feladó /
        expeditor / de la / pošiljatelj / šalje / saatja / kellelt / nuo / no / frá / от кого / от /
        отправитель / відправник / від / од / από / kimden / gönderen / מאת / من / از / 发件人 / 寄件者 /
        寄件人 / 差出人 / 送信者 / 送信元 / 보낸 사람 / 보낸이 / 발신 / từ / người gửi / dari / pengirim /
        daripada / จาก / प्रेषक / desde / nga / kimdən
    ",
    r"
        date / datum / datum/zeit / fecha / data / dato / päivä / päiväys / päivämäärä / dátum / kuupäev /
        datums / дата / время / ημερομηνία / tarih / תאריך / تاريخ / التاريخ / تاریخ / 日期 / 时间 /
        日時 / 日付 / 날짜 / 일시 / ngày / tanggal / tarikh / วันที่ / दिनांक / dagsetning
    ",
    r"
        to / an / empfänger / à / a / destinataire / para / destinatario / destinatário / per a / aan /
        til / till / vastaanottaja / do / komu / adresat / címzett / către / catre / za / prima /
        prejemnik / kellele / saaja / kam / kada / кому / до / за / προς / kime / alıcı / אל / إلى / الى /
        به / 收件人 / 收件者 / 宛先 / 收件 / 받는 사람 / 수신 / 받는이 / tới / đến / người nhận / kepada /
        untuk / ถึง / प्रति
    ",
    r"
        subject / betreff / objet / sujet / asunto / assunto / assumpte / oggetto / onderwerp / emne /
        ämne / aihe / temat / předmět / predmet / tárgy / subiect / naslov / zadeva / teema / tema /
        dalykas / temats / тема / относно / наслов / θέμα / konu / נושא / الموضوع / موضوع / 主题 / 主旨 /
        主題 / 件名 / 제목 / chủ đề / tiêu đề / perihal / subjek / hal / judul / เรื่อง / हेतु / विषय /
        efni / gaia
    ",
    r"
        cc / bcc / kopie / kopie an / copie à / copie / kopia / kopija / kopi / копия / копія /
        másolatot kap / κοιν. / κοιν / κοινοποίηση / bilgi / 抄送 / 副本 / 参照 / 참조 / עותק / نسخة /
        tembusan / reply-to / antwort an / répondre à / importance / wichtigkeit / attachments / anlagen /
        anhänge / organization / reply to / com cópia / kopio / kopie naar / cs / đồng kính gửi
    ",
];

/// Names of the date that only mails have; words, too.
pub(super) const SENT: &str = r"
    sent / sent at / date sent / gesendet / gesendet am / envoyé / envoyé le / date d'envoi / message du /
    enviado / enviat / enviado el / enviado em / enviada em / enviada / data de envio / inviato /
    inviata / verzonden / verzonden op / sendt / skickat / lähetetty / wysłano / wysłane / odesláno /
    odoslané / odoslaná / elküldve / küldve / küldési dátum / trimis / poslano / послато / poslato /
    saadetud / išsiųsta / nosūtīts / отправлено / надіслано / изпратено / στάλθηκε / εστάλη / απεστάλη /
    gönderildi / gönderme tarihi / gönderilen / נשלח / تم الإرسال / أرسلت / 发送时间 / 发送日期 /
    寄件日期 / 傳送時間 / 已傳送 / 送信日時 / 送信 / 보낸 날짜 / 보낸 시간 / đã gửi / ngày gửi / dikirim /
    terkirim / ส่ง / sent on
";

/// How a phone or program begins the line that it adds, and how it ends it in languages that set the verb
/// last.
pub(super) const SENT_FROM: &str = r"
    sent (?:from|via|with|using|by|on) / get outlook for / gesendet (?:von|mit|via|über) /
    von (?:meinem|meiner|unterwegs) / diese nachricht wurde von / (?:holen sie sich|hol dir) outlook /
    outlook (?:für|voor|pour|para|per|til|för|для|pro|pre) /
    envoyé (?:de|du|depuis|à partir|par|avec|via) / (?:télécharge[rz]|obtene[rz]|obtenir) outlook /
    enviado (?:desde|de|do|da|a partir|via|por|pelo|com) /
    (?:obtener|obtenga|obter|baixar) (?:o )?outlook / inviato (?:da|dal|dalla|con|tramite|via) /
    (?:scarica|ottieni|scaricare) outlook /
    (?:verzonden|verstuurd|gestuurd) (?:vanaf|vanuit|met|via|van) /
    (?:download|hent|hämta|last ned|få) outlook / skickat (?:från|med|via) / skickades (?:från|med) /
    sendt (?:fra|med|via) / lähetetty / (?:wysłan[eo]|wysłana) (?:z|ze|za) / odesláno (?:z|ze) /
    odoslané (?:z|zo) / trimis (?:de|din|cu|prin) / отправлено (?:с|со|из|от|через) /
    надіслано (?:з|із|зі|через) / изпратено (?:от|с) / (?:στάλθηκε|εστάλη) (?:από|με) / נשלח מ /
    (?:أُرسلت|أرسلت|تم الإرسال|مرسل|مرسلة) (?:من|بواسطة) / (?:đã |được )?gửi từ /
    dikirim (?:dari|melalui) / poslano (?:s|sa|iz|z) / poslato (?:sa|iz) / saadetud / išsiųsta iš /
    nosūtīts no / enviat (?:des|de) / 发自(?:我的)? / 發自(?:我的)? / (?:从|從)我的 / 나의 / 내 / ส่งจาก
";

/// What phones set before the device with a comma, and what their owners say behind it.
pub(super) const CARRIER: &str = r"
    verizon / at&t / t-mobile / sprint / u[.]s[.] cellular / samsung galaxy / rogers / bell
";
/// See [`CARRIER`].
pub(super) const EXCUSE: &str = r"
    please / excuse / pardon / forgive / sorry / so please / bitte / entschuldige / désolé / excusez /
    perdón / disculpe
";

/// How a quotation is announced without a verb (Horde, mutt).
pub(super) const QUOTING: &str = r"
    quoting / zitat von / citat från / citando a / citando / citazione di / citation de / cytat z /
    quote from
";

/// Ends of such lines where the verb comes last.
pub(super) const SENT_LAST: &str = r"
    gesendet[.]? / geschickt[.]? / küldve[.]? / gönderildi[.]? / から送信 / より送信 / 에서 보냄 /
    에서 전송함 / 发送 / 傳送 / 傳送的 / 送信 / lähetetty[.]?
";

/// Names that make a line one of those.
pub(super) const DEVICES: &str = r"
    iphone / ipad / ipod / ios / mac / macbook / apple watch / android / blackberry / mobile / mobil /
    mobiltelefon / mobilgerät / mobiele / mobitelu / mobilnega / móvil / celular / telemóvel / handy /
    smartphone / samsung / galaxy / huawei / honor / xiaomi / redmi / oppo / vivo / oneplus / pixel /
    nokia / lumia / htc / sony / xperia / motorola / zenfone / windows / outlook / yahoo / aol / proton /
    protonmail / gmx / web[.]de / mail[.]ru / яндекс / yandex / mail / post / почта / почты / пошта /
    app / приложения / telefon / telefonu / telefónu / téléphone / teléfono / telefone / telefoon /
    puhelin / puhelimesta / phone / cellphone / cell / device / tablet / mailbox / airmail / spark /
    superhuman / fastmail / nine / bluemail / aquamail / typeapp / k-9 / thunderbird / zoho / tuta /
    tutanota / hey / missive / polymail / zimbra / acompli / iphonesta / iphonet / iphoneom / iphonom /
    iphonu / айфона / телефона / телефону / смартфона / κινητό / 手机 / 手機 / 小米 / 华为 / 邮箱 / 郵件 /
    아이폰 / 갤럭시 / 아이패드 / qq邮箱 / điện thoại / ponsel / האייפון / الهاتف / هاتفي / الآيفون /
    droid / lotus traveler / gmail / icloud / hotmail / webmail / alto / boxer / newton / edison /
    postbox / em client / mymail / ibm verse / virtual access
";

/// Openings of legal notices, and the words of which two must follow.
pub(super) const NOTICE_OPENING: &str = r"
    confidential(?:ity)? (?:notice|note) / disclaimer / legal (?:notice|disclaimer) / privacy notice /
    this (?:e-?mail|message|communication|transmission) / the (?:information|content|contents|contained) /
    important notice / diese (?:e-?mail|nachricht) / der inhalt dieser / haftungsausschluss /
    vertraulichkeitshinweis / ce (?:message|courriel|mail) / cet? e-?mail / les informations contenues /
    este (?:mensaje|correo|e-?mail) / aviso (?:legal|de confidencialidad) / la información contenida /
    esta mensagem / as informações contidas / questo (?:messaggio|documento) /
    questa (?:e-?mail|comunicazione) / le informazioni contenute / avviso di riservatezza /
    dit (?:bericht|e-?mailbericht) / deze e-?mail / de informatie /
    denne (?:e-?post|e-?mail|mail|melding|meddelelse) / detta (?:meddelande|mejl|e-?post) /
    tämä (?:viesti|sähköposti) / ta wiadomość / niniejsza wiadomość / tato (?:zpráva|e-?mailová) /
    táto správa / ez az (?:üzenet|e-?mail) / acest (?:mesaj|e-?mail) / это (?:сообщение|письмо) /
    данное (?:сообщение|письмо) / настоящее (?:сообщение|письмо) / bu (?:e-?posta|mesaj|ileti) / 本邮件 /
    本郵件 / このメール / 본 메일
";

/// See [`NOTICE_OPENING`].
pub(super) const NOTICE_WORDS: &str = r"
    confidential / privileged / intended (?:recipient|solely|only) / addressee / unauthori[sz]ed /
    notify the sender / in error / vertraulich / bestimmungsgemäße / adressat / empfänger / irrtümlich /
    unbefugte / vernichten / confidentiel / destinataires? / par erreur / confidencial / destinatarios? /
    destinatários? / por error / por engano / riservat[aeio] / destinatari[oa]? / per errore /
    vertrouwelijk / geadresseerde / abusievelijk / fortrolig / konfidensiell / modtager / mottaker /
    konfidentiell / mottagare / luottamuksel / vastaanottaja / poufn / adresat / důvěrn / dôvern /
    adresát / bizalmas / címzett / confidenţial / confidențial / конфиденциальн / адресат / получател /
    gizli / alıcı / 机密 / 保密 / 機密 / 収信者 / 기밀
";

/// Lines that mail scanners and free mail hosts add.
pub(super) const ADDED: &str = r"
    virus-free[.] / this e-?mail has been checked for viruses /
    diese e-?mail wurde (?:von|mit|auf) .{0,60}vir / l.absence de virus dans ce courrier /
    este correo electrónico ha sido comprobado / questa e-?mail è stata controllata /
    please consider the environment before printing / bitte denken sie an die umwelt /
    pensez à l.environnement / antes de imprimir
";

/// The entries of a list.
pub(super) fn entries(list: &str) -> Vec<String> {
    let line = list.split_whitespace().collect::<Vec<_>>().join(" ");
    line.split(" / ").map(str::to_owned).collect()
}

/// The entries of a list as one alternative of a regular expression.
pub(super) fn any(list: &str) -> String {
    entries(list).iter().map(|entry| entry.replace(' ', r"\s+")).collect::<Vec<_>>().join("|")
}
