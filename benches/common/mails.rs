//! A mailbox that looks like a helpdesk's: 72 KB a mail on average, 15 % with attachments of 30 KB to 1 MB.
//! The same seed gives the same mailbox.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

pub struct Mailbox {
    /// Of the mails as they travel, with CRLF.
    pub bytes: u64,
}

pub struct Made {
    /// With LF, as Dovecot keeps mails.
    pub raw: Vec<u8>,
    pub text: String,
}

/// splitmix64: small, and the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// From 0 up to 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut out: Vec<u8> = (0..n.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        out.truncate(n);
        out
    }
}

pub struct Generator {
    dice: Dice,
    words: Vec<String>,
    senders: Vec<String>,
}

impl Generator {
    pub fn new(seed: u64) -> Generator {
        let mut dice = Dice::new(seed);
        let syllables: Vec<&str> =
            "ar be con da el for gen hi in ja kor la men no or pre que ra sen ti un ver wa xi za tion dro \
             mül sé ing"
                .split(' ')
                .collect();
        let word = |dice: &mut Dice| {
            let n = 1 + dice.below(4);
            (0..n).map(|_| syllables[dice.below(syllables.len())]).collect::<String>()
        };
        let words = (0..5000).map(|_| word(&mut dice)).collect();
        Generator { dice, words, senders: Vec::new() }
    }

    /// Few words are common, most are rare.
    fn word(&mut self) -> &str {
        let place = self.dice.part().powi(3) * self.words.len() as f64;
        &self.words[place as usize]
    }

    /// Sentences in lines of less than 72 characters, about `bytes` of them.
    fn prose(&mut self, bytes: usize) -> String {
        let mut out = String::with_capacity(bytes + 80);
        let mut column = 0;
        while out.len() < bytes {
            let word = self.word().to_owned();
            if column + word.len() > 70 {
                out.push('\n');
                column = 0;
            } else if column > 0 {
                out.push(' ');
            }
            out += &word;
            column += word.len() + 1;
            if self.dice.below(9) == 0 {
                out.push('.');
            }
        }
        out
    }

    /// The next mail; every fourth answers an earlier one of the same sender.
    pub fn mail(&mut self) -> Made {
        let n = self.senders.len();
        let earlier = (n > 0 && self.dice.below(4) == 0).then(|| self.dice.below(n));
        let sender = match earlier {
            Some(i) => self.senders[i].clone(),
            None => format!("person{n}@customer{}.example", self.dice.below(500)),
        };
        self.senders.push(sender.clone());
        let subject = (0..5).map(|_| self.word().to_owned()).collect::<Vec<_>>().join(" ");
        let date = jiff::Timestamp::from_second(1_700_000_000 + n as i64).expect("a time");
        let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&date).expect("a date");
        let ascii: String = subject.chars().filter(char::is_ascii).collect();
        let mut head = format!(
            "From: Person {n} <{sender}>\nTo: support@desk.example\nSubject: {ascii}\nDate: {date}\n\
             Message-ID: <mail{n}@bench.example>\n"
        );
        if let Some(i) = earlier {
            head += &format!("In-Reply-To: <mail{i}@bench.example>\nReferences: <mail{i}@bench.example>\n");
        }
        head += "MIME-Version: 1.0\n";
        let length = 1024 + self.dice.below(7 * 1024);
        let text = self.prose(length);
        let length = 6 * 1024 + self.dice.below(9 * 1024);
        let html = self.prose(length).replace('.', ".</p>\n<p style=\"margin:0 0 1em\">");
        let eight = "charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n";
        let body = format!(
            "--alt{n}\nContent-Type: text/plain; {eight}{text}\n--alt{n}\n\
             Content-Type: text/html; {eight}<html><body><p>{html}</p></body></html>\n--alt{n}--\n"
        );
        let kind = format!("Content-Type: multipart/alternative; boundary=alt{n}\n\n");
        let raw = if self.dice.part() < 0.15 {
            // As many small as large ones by order of magnitude.
            let size = 30_000.0 * (1_000_000.0f64 / 30_000.0).powf(self.dice.part());
            let file = attachment(&mut self.dice, size as usize, "scan.pdf");
            format!(
                "{head}Content-Type: multipart/mixed; boundary=mix{n}\n\n--mix{n}\n{kind}{body}--mix{n}\n\
                 {file}--mix{n}--\n"
            )
        } else {
            format!("{head}{kind}{body}")
        };
        Made { raw: raw.into_bytes(), text }
    }
}

/// A part that does not compress, in lines of 76 characters.
pub fn attachment(dice: &mut Dice, size: usize, name: &str) -> String {
    let code = data_encoding::BASE64.encode(&dice.bytes(size));
    let mut out = format!(
        "Content-Type: application/pdf; name={name}\nContent-Disposition: attachment; filename={name}\n\
         Content-Transfer-Encoding: base64\n\n"
    );
    for line in code.as_bytes().chunks(76) {
        out += std::str::from_utf8(line).expect("base64");
        out.push('\n');
    }
    out
}

/// Writes `mails` into a Maildir as Dovecot would have, and what people wrote in them into `texts`.
pub fn fill(maildir: &Path, texts: &Path, mails: usize, owner: (u32, u32)) -> Mailbox {
    for part in ["", "cur", "new", "tmp"] {
        let dir = maildir.join(part);
        fs::create_dir_all(&dir).expect("a Maildir");
        chown(&dir, Some(owner.0), Some(owner.1)).expect("chown");
    }
    // The folder of the domain was made on the way.
    chown(maildir.parent().expect("a folder above"), Some(owner.0), Some(owner.1)).expect("chown");
    fs::create_dir_all(texts).expect("a folder for the texts");
    let mut generator = Generator::new(42);
    let mut bytes = 0;
    for n in 0..mails {
        let Made { raw, text } = generator.mail();
        let wire = raw.len() + raw.iter().filter(|b| **b == b'\n').count();
        let name = format!("{}.M{n}P1.bench,S={},W={wire}:2,S", 1_700_000_000 + n, raw.len());
        let path = maildir.join("cur").join(name);
        fs::write(&path, raw).expect("a mail");
        chown(&path, Some(owner.0), Some(owner.1)).expect("chown");
        fs::write(texts.join(n.to_string()), text).expect("a text");
        bytes += wire as u64;
    }
    Mailbox { bytes }
}
