//! What staff write: commands, notes, answers and files, and who may read each word of them.

use super::*;

impl Play {
    pub fn staff_answers(&mut self) {
        let (_, from, aliases) = *self.dice.pick(&STAFF);
        let Some(letter) = self.letter_of(from) else { return };
        let Some(to) = field(&letter, "Reply-To") else { return };
        let Some(number) = self.live(&letter) else { return };
        let from = if self.dice.one_in(5) { aliases[0] } else { from };
        let people = self.people(number);
        let (note, private) = (self.dice.one_in(3), self.dice.one_in(5));
        let mut readers: Vec<String> =
            people.iter().take(if private { 1 } else { people.len() }).cloned().collect();
        let mut commands = String::new();
        if self.dice.one_in(2) {
            commands += "#send\n";
        }
        for command in
            [(note, "#note"), (private, "#private"), (self.dice.one_in(9), "#close")].iter().filter(|c| c.0)
        {
            commands += &format!("{}\n", command.1);
        }
        if self.dice.one_in(5) {
            let tag = self.canary("TAG", &[]).to_lowercase();
            self.words.push((tag.clone(), Readers::These(BTreeSet::new())));
            commands += &format!("#tag +{tag}\n#assign {}\n", self.dice.pick(&STAFF).1);
        }
        if self.dice.one_in(6) {
            let cc = *self.dice.pick(&CUSTOMERS);
            commands += &format!("#cc {cc}\n");
            if !private {
                readers.push(cc.to_owned());
            }
        }
        match self.dice.below(14) {
            0 => commands += &format!("#merge {}\n", 1 + self.dice.below(6)),
            1 => commands += "#split\n",
            2 => commands += &format!("#nonsense {}\n", self.canary("NONSENSE", &[])),
            _ => {}
        }
        let readers: Vec<&str> = readers.iter().map(String::as_str).filter(|_| !note).collect();
        let words = self.canary(if note { "NOTE" } else { "ANSWER" }, &readers);
        let [file, shown] = ["STAFFFILE", "STAFFBYTES"].map(|w| self.canary(w, &readers));
        let [sign, picture, id, blind] =
            ["STAFFSIGN", "PICTURE", "STAFFID", "BLIND"].map(|w| self.canary(w, &[]));
        let (kind, body) = self.staff_words(&letter, &words, from, &sign);
        let odd = self.odd_fields(&[]);
        let raw = format!(
            "From: {from}\nTo: {to}\nBcc: {blind}@x.example\nSubject: Re: x\n\
             Message-ID: <{id}@staff.example>\n{odd}MIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/{kind}; charset=utf-8\n\n\
             {}{body}\n\
             --b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"{file} {from}.txt\"\n\
             \n{shown}\n\
             --b\nContent-Type: image/png; name={picture}.png\nContent-ID: <{picture}@x>\n\
             Content-Disposition: inline; \
             filename={picture}.png\n\n{picture}\n--b--\n",
            if kind == "html" { commands.replace('\n', "<br>\n") } else { commands },
        );
        // An answer that something newer crossed is held as well; what is counted is what its quotations held
        // back.
        let newest = |desk: &Desk| {
            desk.operator()
                .held()
                .expect("held")
                .iter()
                .filter(|h| h.cause == Cause::Other)
                .map(|h| h.id)
                .max()
        };
        let before = newest(&self.desk);
        self.bring(&raw, from, &to, false);
        self.returned += usize::from(newest(&self.desk) > before);
        self.answers += 1;
    }

    /// The words of a staff mail in the ways in which mail clients quote: below, between, marked or not; as
    /// text or HTML.
    fn staff_words(&mut self, letter: &str, words: &str, from: &str, sign: &str) -> (&'static str, String) {
        let body = plain(letter);
        let lines: Vec<&str> = body.lines().filter(|l| l.len() > 3 && *l != "-- ").collect();
        let (line, other) = (*self.dice.pick(&lines), *self.dice.pick(&lines));
        let quoted = quotation(letter);
        let told = format!("{words} helps; I am {from}, or {}.", from.to_uppercase());
        let below = "On Tue, 24 Nov 2026 at 10:00, Desk <support@desk.example> wrote:";
        let [html, part, piece, above] = [body.as_str(), line, other, below].map(escaped);
        match self.dice.below(9) {
            0 => ("plain", format!("{told}\n\n-- \nBob {sign}\n{from}\n\n{below}\n{quoted}")),
            1 => ("plain", format!("{told}\n\n> {line}\n\n{words} is what I say to that.\n\n-- \n{sign}\n")),
            2 => (
                "plain",
                format!(
                    "{told}\n\n{below}\n> Hello\n> {line}\n\n{words}, and as to\n\n> {other}\n\n\
                     this: {words}, as well.\n"
                ),
            ),
            3 => {
                let fields = format!("From: Desk <{DESK}>\nSent: Monday\nTo: {from}\nSubject: x");
                ("plain", format!("{told}\n\n________________________________\n{fields}\n\n{body}"))
            }
            // A client that marks nothing: the whole notice stands below the words.
            4 => ("plain", format!("{told}\n\nthe mail was\n\n{body}")),
            5 => (
                "html",
                format!(
                    "<p>{told}</p><div class=\"gmail_quote\"><div class=\"gmail_attr\">{above}<br></div>\
                     <blockquote class=\"gmail_quote\">{html}</blockquote></div>"
                ),
            ),
            6 => (
                "html",
                format!(
                    "<p>{told}</p><blockquote type=\"cite\">{part}</blockquote><p>{words} is what I say to \
                     that.</p>\
                     <blockquote type=\"cite\">{piece}</blockquote><p>And {words} to this.</p>"
                ),
            ),
            7 => (
                "html",
                format!(
                    "<p>{told}</p><div style=\"border:none;border-top:solid #E1E1E1 1.0pt\"><p><b>From:</b> \
                     Desk &lt;{DESK}&gt;<br>\
                     <b>Sent:</b> Monday<br><b>To:</b> {from}<br><b>Subject:</b> x</p></div><p>{html}</p>"
                ),
            ),
            _ => ("html", format!("<p>{told}</p><p>the mail was</p><p>{html}</p>")),
        }
    }
}
