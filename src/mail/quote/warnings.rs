//! What banners of mail servers say, in the languages of their makers: beginnings of sentences in lower case,
//! as expressions. [`super::banner`] reads them.

/// Words before a warning, which alone say nothing.
pub(super) const LEADS: &str = r"
    caution / warning / attention / alert / notice / important / security (?:notice|alert|warning) /
    beware / please note / achtung / vorsicht / warnung / hinweis / sicherheitshinweis / wichtig /
    wichtiger hinweis / avertissement / prudence / mise en garde / atención / precaución / advertencia /
    aviso / cuidado / alerta / let op / waarschuwing / opgelet / pas op / attenzione / avviso / atenção /
    advarsel / obs / bemærk / varning / uwaga / ostrzeżenie / varoitus / upozornění / pozor / 注意 / 警告
";

/// A word or two that name a mail from outside.
pub(super) const LABELS: &str = r"
    (?:external|untrusted|unverified|outside|unknown) (?:e-?mail|mail|message|sender|source) /
    external(?: to (?:the )?\w+)? / external (?:e-?mail|mail|message|sender) (?:warning|alert|notice) / ext /
    (?:e-?mail|message) from (?:an )?external (?:sender|source) / sender is external / first.time sender /
    (?:dies ist eine )?externe?[rs]? (?:e-?mail|mail|nachricht|absender|absenderin|quelle) / extern /
    (?:e-?mail|mail|nachricht) von extern / von extern / (?:bericht|e-?mail) van buiten / externe? afzender /
    (?:e-?mail|message|courriel|mail|expéditeur|courrier) (?:externe|extérieur) / externe /
    (?:correo|correo electrónico|mensaje|remitente|e-?mail) externo / externo / externa / externe? bericht /
    (?:e-?mail|mail|messaggio|mittente) estern[oa] / estern[oa] / (?:e-?mail|mensagem|remetente) extern[oa] /
    eksterne?t? (?:e-?mail|mail|afsender|avsender|e-?post) / ekstern /
    extern[ta]? (?:e-?post|mejl|avsändare) /
    (?:wiadomość|nadawca) zewnętrzn[ay] / ulkoinen (?:viesti|sähköposti|lähettäjä) /
    externí (?:e-?mail|zpráva|odesílatel) / 外部(?:メール|からのメール|送信者|邮件|郵件)? / 社外メール
";

/// What a mail is called, words that lead on, and the word for outside: one language each.
pub(super) const FROM_OUTSIDE: [[&str; 3]; 9] = [
    [
        r"(?:this|the following|this is an?) (?:e-?mail|message|mail|communication)",
        r"has / was / is / may / might / have / be / been / originated / originates / originating / sent /
          came / come / comes / coming / arrived / received / generated / to you / from / by / a / an / the /
          sender / person / someone / source / address / domain / account / an address / not / inside",
        r"outside / external / externally / untrusted / unknown / unverified",
    ],
    [
        r"(?:diese|folgende|die folgende) (?:e-?mail|mail|nachricht|mitteilung)",
        r"stammt / kommt / kam / wurde / ist / hat / erreicht / erreichte / sie / uns / von / aus / einem /
          einer / dem / der / ihren ursprung / nicht / durch / absender",
        r"extern\w* / außerhalb / ausserhalb / unbekannte[mnr]?",
    ],
    [
        r"(?:ce|cet|cette) (?:e-?mail|message|courriel|mail|courrier|courrier électronique|communication)",
        r"provient / vient / émane / a / été / est / envoyée? / émise? / expédiée? / reçue? / de / un / une /
          par / la / source / expéditeur / adresse / en provenance / depuis / personne",
        r"extérieure?s? / externes? / hors / inconnue?",
    ],
    [
        r"(?:este|el siguiente) (?:correo|correo electrónico|mensaje|e-?mail)",
        r"proviene / procede / se / originó / ha / originado / fue / enviado / sido / viene / es / llegó /
        de /
          del / desde / por / un / una / el / remitente / fuente / origen / dirección / generado",
        r"fuera / extern[oa]s? / exterior / desconocid[oa]",
    ],
    [
        r"(?:deze|dit|het volgende|de volgende) (?:e-?mail|mail|bericht|e-?mailbericht)",
        r"is / komt / kwam / werd / afkomstig / verzonden / verstuurd / gestuurd / ontvangen / van / een /
          door / vanuit / afzender / de",
        r"externe? / buiten / onbekende",
    ],
    [
        r"(?:questa|questo|il seguente|la seguente) (?:e-?mail|mail|messaggio|comunicazione)",
        r"proviene / arriva / è / stat[ao] / inviat[ao] / ha / origine / viene / da / dal / un / una /
        mittente",
        r"estern[oa] / fuori / sconosciut[oa]",
    ],
    [
        r"(?:este|esta|essa|esse) (?:e-?mail|mensagem|mail)",
        r"foi / enviad[oa] / veio / vem / é / se originou / originou-se / tem / origem / provém /
        recebid[oa] /
          de / do / da / um / uma / por / remetente",
        r"fora / extern[oa] / desconhecid[oa] / exterior",
    ],
    [
        r"(?:denne|dette|detta|det här|den här) (?:e-?mail|mail|e-?post|e-?posten|meddelelse|besked|melding|
          |meldingen|meddelande|meddelandet|mejl|mejlet|mailen|brev|brevet)",
        r"kommer / er / är / kom / stammer / har / blev / ble / skickades / sendt / skickats / fra / från /
        en /
          ett / et / afsender / avsender / avsändare",
        r"eksterne?t? / externa?t? / uden ?for / utenfor / utanför / udefra / utifrån / ukendt / okänd",
    ],
    [
        r"(?:ta|niniejsza|poniższa|ten) (?:wiadomość|e-?mail|mail)",
        r"pochodzi / została / wysłana / wysłany / jest / przyszła / z / od / nadawcy / adresu / źródła",
        r"spoza / zewnętrzn\w+ / zewnątrz",
    ],
];

/// Other sentences that say so.
pub(super) const ORIGINS: &str = r"
    (?:sent|received|originated|comes?|originates) from (?:an )?(?:outside|external)\b /
    (?:the )?sender (?:of this (?:e-?mail|message) )?(?:is|was) (?:from )?(?:external|outside)\b /
    (?:the )?sender (?:of this (?:e-?mail|message) )?is not (?:part|a part|a member|within|inside|from)\b /
    (?:the )?(?:sender(?:'|’)s identity|sender) (?:could not|cannot) be (?:verified|confirmed) /
    (?:the )?identity of the sender (?:could not|cannot) be (?:verified|confirmed) /
    you (?:don(?:'|’)?t|do not) (?:often|usually) (?:get|receive) (?:e-?mails?|messages?) from\b /
    some people who received this message don(?:'|’)?t often get e-?mail from\b /
    you have not (?:previously|recently) (?:corresponded|communicated) with this sender /
    be careful with this message / this is an? (?:external|untrusted) (?:e-?mail|mail|message) /
    dies ist eine externe (?:e-?mail|mail|nachricht) /
    (?:e-?mail|mail|nachricht) von (?:extern|außerhalb|ausserhalb|einem externen)\b /
    dies ist eine (?:e-?mail|mail|nachricht) von (?:extern|außerhalb|ausserhalb|einem externen)\b /
    (?:der )?absender (?:dieser (?:e-?mail|nachricht) )?(?:ist|befindet sich) (?:extern|au(?:ß|ss)erhalb)\b /
    sie (?:erhalten|bekommen) (?:nicht (?:oft|häufig)|selten) (?:eine )?(?:e-?mails?|nachrichten)\b.* von\b /
    l(?:'|’)expéditeur (?:de ce \w+ )?(?:est (?:externe|inconnu)|ne fait pas partie) /
    l(?:'|’)expéditeur (?:de ce \w+ )?n(?:'|’)est pas (?:interne|membre) /
    vous n(?:e recevez|(?:'|’)obtenez) pas souvent\b / no (?:suele|sueles) recibir\b.* de\b /
    el remitente (?:de este \w+ )?(?:es externo|no es interno|no pertenece|es desconocido)\b /
    (?:u|je) (?:ontvangt|krijgt) niet vaak\b.* van\b / non (?:si ricevono|ricevi|riceve) spesso\b.* da\b /
    de afzender (?:van (?:dit|deze) [\w-]+ )?(?:is extern|bevindt zich buiten|komt van buiten)\b /
    você não costuma receber\b.* de\b / não recebe frequentemente\b.* de\b / nieczęsto otrzymujesz\b.* od\b /
    du får (?:ikke|inte) ofta?e? (?:mails?|e-?mails?|e-?post|mejl|meddelelser)\b.* (?:fra|från)\b /
    tato zpráva (?:byla odeslána|přišla|pochází) (?:od extern|z extern|mimo|od osoby mimo)\w* /
    tämä (?:viesti|sähköposti) on (?:tullut |lähetetty )?(?:organisaation )?ulkopuol\w+ /
    この(?:メール|メッセージ)は.{0,40}(?:社外|外部|組織外) / 此(?:邮件|郵件)[来來]自.{0,10}外部
";

/// What such a warning advises.
pub(super) const ADVICE: &str = r"
    (?:please )?(?:do not|don(?:'|’)?t|never|be|use|exercise|take|treat|think|beware|only)\b /
    (?:please )?(?:verify|report|if|when)\b /
    (?:please )?(?:stay|proceed|forward|avoid|always|make sure|contact)\b / learn why this is important /
    report suspicious / powered by \w+$ / (?:bitte )?(?:klicken|öffnen|seien|achten|prüfen|folgen|melden)\b /
    (?:bitte )?(?:geben|antworten|leiten|überprüfen|gehen|laden|im zweifel|bei zweifel|wenn|niemals)\b /
    (?:bitte )?keine\b / erfahren sie, warum\b.*wichtig /
    (?:veuillez |merci de )?(?:ne|soyez|faites|cliquez|vérifiez|restez)\b /
    (?:veuillez |merci de )?(?:n(?:'|’)\w+|en cas|si|méfiez|assurez|signalez|évitez)\b /
    (?:découvrez |en savoir plus sur )?pourquoi c(?:'|’)est important /
    (?:por favor,? )?(?:no|tenga|ten|sea|verifique|compruebe|evite|si|en caso|tome|use|extreme|actúe)\b /
    (?:descubra|descubre|obtenga más información|sepa)\b.*importante /
    (?:bij twijfel|antwoord|vertrouw|als)\b /
    (?:klik|open|wees|let|controleer|pas|gebruik|meld|geef)\b /
    (?:meer informatie over )?waarom dit belangrijk is /
    (?:ontdek|lees) waarom\b.*belangrijk /
    (?:non|si prega|fare|fai|presta|prestare|verificare?|prima|in caso|se)\b /
    (?:informazioni sul|scopri) perché\b.*importante /
    (?:não|tenha|tome|verifique|evite|se|em caso|por favor)\b /
    saiba por ?que\b.*importante /
    (?:klikk|klicka|åbn|åpne|öppna|vær|var|undgå|undvik|unngå|udvis|tänk|tenk)\b /
    (?:få mere at vide|läs mer|lær mer|lær hvorfor)\b.*vi[gk]tigt? /
    (?:nie|prosimy|zachowaj|uważaj|proszę)\b /
    dowiedz się, dlaczego\b / neklikejte\b / neotv[ií]rejte\b / (?:älä|älkää)\b / .{0,40}(?:リンク|添付|链接|附件|連結)
";

/// And of what: an advice that holds none of these is the writer's own.
pub(super) const DANGERS: &str = r"
    links? / click\w* / attachments? / senders? / recogni[sz]e / phish\w* / suspicious / caution /
    credentials / untrusted / anhänge?n? / anlagen? / absender\w* / inhalt\w* / verdächtig\w* / vorsichtig /
    liens? / pièces? / expéditeur\w* / hameçonnage / suspect\w* / prudente?s? / vigilante?s? / enlaces? /
    vínculos? / adjuntos? / remitente / sospechos\w+ / precaución / koppeling\w* / bijlagen? / afzender /
    verdachte? / voorzichtig / collegament\w+ / allegat\w+ / mittente / sospett\w+ / anexos? / remetente /
    suspeit\w+ / lenk\w* / länk\w* / vedhæft\w+ / vedlegg\w* / bifog\w+ / afsender\w* / avsender\w* /
    avsändare\w* / forsigtig / forsiktig / försiktig / link\w* / załącznik\w* / nadawc\w+ / ostrożność /
    příloh\w* / odkaz\w* / liit\w+ / important / importante / belangrijk / wichtig / vigtigt / viktigt
";

/// What only a warning says, and no writer of their own mail.
pub(super) const UNLESS: &str = r"
    unless / recogni[sz]e / phish\w* / suspicious / caution / untrusted / the sender / es sei denn /
    absender\w* /
    expéditeur\w* / connaissez / remitente / conoce / conozca / afzender / herken\w* / mittente / conosc\w+ /
    remetente / conheç\w+ / afsender\w* / avsender\w* / avsändare\w* / nadawc\w+ / odesílatel\w* / リンク
";
