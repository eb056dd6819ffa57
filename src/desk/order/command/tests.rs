//! The block of commands at the top of a mail.

use super::*;

fn check(text: &str, commands: &[(&str, bool)], words: &str) {
    let block = read_commands(text, &crate::desk::testing::rules());
    let got: Vec<(&str, bool)> = block.commands.iter().map(|c| (c.line.as_str(), c.order.is_ok())).collect();
    assert_eq!((got.as_slice(), block.words.as_str()), (commands, words), "{text:?}");
}

#[test]
fn commands_stand_at_the_top() {
    check("#close\nbye", &[("#close", true)], "bye");
    check("\n#close\n\n#tag +a -b\nbye", &[("#close", true), ("#tag +a -b", true)], "bye");
    check("words\n#close\nmore", &[], "words\n#close\nmore");
    check("##1 is text", &[], "#1 is text");
    check("words\n##close\n## Head", &[], "words\n#close\n## Head");
    check("#clsoe\nwords", &[("#clsoe", false)], "words");
    check(" #close", &[], "#close");
    check("\u{ff03}close", &[], "\u{ff03}close");
    check("#priority banana", &[("#priority banana", false)], "");
    check("#close now", &[("#close now", false)], "");
    check("", &[], "");
    check(
        "#merge [DESK-7]\n#due 2027-03-15\n#wait",
        &[("#merge [DESK-7]", true), ("#due 2027-03-15", true), ("#wait", true)],
        "",
    );
}

#[test]
fn a_day_ends_in_the_zone_of_the_desk() {
    let mut rules = crate::desk::testing::rules();
    assert_eq!(parse_day("1970-01-01", &rules), Ok(86_399));
    rules.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(3));
    assert_eq!(parse_day("1970-01-01", &rules), Ok(86_399 - 3 * 3600));
    assert!(parse_day("1970-13-01", &rules).is_err() && parse_day("soon", &rules).is_err());
}

#[test]
fn a_command_below_the_words_is_noticed() {
    let rules = crate::desk::testing::rules();
    assert_eq!(misplaced("thanks\n#close\n", &rules), Some("#close"));
    assert_eq!(misplaced("see chapter\n#5 of it", &rules), None);
    for text in ["a\n#close\nB", "Outside.\n#close\nb", "a\n\n#close\nb", "a\n#close\n\nb"] {
        assert_eq!(misplaced(text, &rules), Some("#close"), "{text:?}");
    }
    assert_eq!(misplaced("Please write\n#close\nif it works.", &rules), None, "it stands in a sentence");
    assert_eq!(misplaced("Please write\n#note\nif it works.", &rules), Some("#note"), "words could get out");
    // What is not the block at the top, though it looks like it.
    for text in
        ["\u{200b}#note\nx", " #note\nx", "\u{a0}#Note\nx", "\u{ff03}note\nx", "a\n#note x", "a\n#note: x"]
    {
        assert!(misplaced(text, &rules).is_some(), "{text:?}");
    }
    for text in
        ["#note\nx", "#close\n\n#note\nx", "a\n> #note", "##note\nx", "a\n##note", "a\n#noted", "a #note"]
    {
        assert_eq!(misplaced(text, &rules), None, "{text:?}");
    }
}

#[test]
fn a_fault_knows_whether_its_sentence_names_the_command() {
    let rules = crate::desk::testing::rules();
    for line in [
        "#clsoe",
        "#",
        "#Close now",
        "#tag",
        "#tag +$",
        "#priority banana",
        "#category none",
        "#wait soon",
        "#due soon",
        "#cc nobody",
        "#merge x",
        "#answer none",
    ] {
        let fault = parse_order(line, &rules).expect_err(line);
        let word = line.split(' ').next().unwrap_or(line).to_lowercase();
        assert_eq!(fault.names_the_command(), fault.to_string().contains(&word), "{line}: {fault}");
    }
}

/// T122: a mail with more commands than any person writes is refused whole; none of them becomes words.
#[test]
fn t122_too_many_commands_are_a_fault() {
    let rules = crate::desk::testing::rules();
    let of = |n: usize| read_commands(&format!("{}\nHello", "#tag +a\n".repeat(n)), &rules);
    assert!(of(COMMANDS_MAX).commands.iter().all(|c| c.order.is_ok()));
    let many = of(100_000);
    assert_eq!(many.commands.len(), COMMANDS_MAX);
    let last = many.commands.last().expect("commands");
    assert_eq!(last.order, Err(CommandFault::TooMany { most: COMMANDS_MAX }));
    assert_eq!(many.words, "Hello");
}
