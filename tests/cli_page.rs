//! `docs/cli.md`, which is generated from the help texts.

use std::fmt::Write as _;

use crate::util::{WorkDir, repository};

/// The first lines of the page.
const HEAD: &str = "\
# Command-line reference

This page is for users who look for an option. It shows `--help` of each command. A test generates
it from the command-line definitions. To see the help of a command in a terminal, run

```sh
amc-keywords encode --help
```
";

/// The help of a command, such as `shards count`. Without a subcommand, it is the help of the tool.
fn help(work: &WorkDir, subcommand: Option<&str>) -> String {
    let mut words = subcommand.unwrap_or("--help").split(' ');
    let run = work.tool(words.next().unwrap()).args(words);
    let run = if subcommand.is_some() { run.args(["--help"]) } else { run };
    let lines = run.env("COLUMNS", "100").ok().stdout;
    lines.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// The subcommands that the help lists, without `help` itself.
fn subcommands(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.filter(|name| name != "help").collect()
}

fn page() -> String {
    let work = WorkDir::new();
    let overview = help(&work, None);
    let mut page = format!("{HEAD}\n## amc-keywords\n\n```text\n{overview}```\n");
    for name in subcommands(&overview) {
        let text = help(&work, Some(&name));
        write!(page, "\n## {name}\n\n```text\n{text}```\n").unwrap();
        let steps = if text.contains("Commands:\n") { subcommands(&text) } else { Vec::new() };
        for step in steps {
            let name = format!("{name} {step}");
            let text = help(&work, Some(&name));
            write!(page, "\n## {name}\n\n```text\n{text}```\n").unwrap();
        }
    }
    page
}

#[cfg(unix)]
#[test]
fn the_reference_page_shows_the_current_help() {
    let path = repository().join("docs/cli.md");
    if std::env::var_os("UPDATE_CLI_PAGE").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let advice = "write the page again with: UPDATE_CLI_PAGE=1 cargo test --test main cli_page";
    assert!(written == page(), "docs/cli.md is out of date; {advice}");
}
