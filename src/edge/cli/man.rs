//! `maildesk man`: one page for all commands; no command has a page of its own.

use super::args::Args;
use clap::{Command, CommandFactory};
use clap_mangen::Man;

/// The page in roff.
pub fn page() -> std::io::Result<String> {
    let mut program = Args::command();
    program.build();
    let mut out = Vec::new();
    let man = Man::new(program.clone());
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    man.render_extra_section(&mut out)?;
    let mut page = String::from_utf8_lossy(&out).replace(".SH EXTRA\n", ".SH EXAMPLES\n");
    commands(&program, "", &mut page)?;
    Ok(page)
}

/// Writes a section for each command below this one that does something; `before` is what is typed before its
/// name.
fn commands(above: &Command, before: &str, page: &mut String) -> std::io::Result<()> {
    for command in above.get_subcommands().filter(|c| c.get_name() != "help") {
        let name = format!("{before}{}", command.get_name());
        if command.has_subcommands() {
            commands(command, &format!("{name} "), page)?;
            continue;
        }
        // The flags that every command has stand at the top of the page.
        let own = command.clone().mut_args(|a| match a.get_id().as_str() {
            "config" | "help" => a.hide(true),
            _ => a,
        });
        let some = own.get_arguments().any(|a| !a.is_hide_set());
        let man = Man::new(own);
        let mut part = Vec::new();
        man.render_description_section(&mut part)?;
        man.render_synopsis_section(&mut part)?;
        if some {
            man.render_options_section(&mut part)?;
        }
        man.render_extra_section(&mut part)?;
        let part =
            String::from_utf8_lossy(&part).replace(".SH DESCRIPTION\n", "").replace(".SH EXTRA\n", ".PP\n");
        page.push_str(&format!(".SH \"{}\"\n{}", name.to_uppercase(), part.replace(".SH ", ".SS ")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_command_stands_in_the_page_with_its_example() {
        let page = super::page().expect("a page");
        for name in ["DEMO", "TICKET LIST", "STAFF ADD", "KEYS ROTATE", "HELD RELEASE", "MAN"] {
            assert!(page.contains(&format!(".SH \"{name}\"")), "{name} in {page}");
        }
        assert!(!page.contains("maildesk\\-demo(1)"), "no page that is not there");
        assert_eq!(
            page.matches(".SH \"").count(),
            page.matches("Example").count() - 1,
            "one each, and those of the program"
        );
    }
}
