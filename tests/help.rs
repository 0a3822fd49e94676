//! Help texts: their width, their examples and the suggestions for typing errors.

use crate::util::WorkDir;

/// The subcommands that the help lists.
fn subcommands(work: &WorkDir) -> Vec<String> {
    let help = work.tool("--help").env("COLUMNS", "80").ok().stdout;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<String> = names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
    assert!(names.contains(&"clickture".to_owned()) && names.contains(&"help".to_owned()), "{help}");
    names.into_iter().filter(|name| name != "help").collect()
}

#[test]
fn every_help_page_fits_80_columns_and_describes_each_option() {
    let work = WorkDir::new();
    for name in subcommands(&work).iter().map(String::as_str).chain([""]) {
        let help = work.tool("help").args(&[name].as_slice()[usize::from(name.is_empty())..]).env("COLUMNS", "80").ok().stdout;
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
        assert_eq!(
            help,
            work.tool(if name.is_empty() { "--help" } else { name }).args(["--help"]).env("COLUMNS", "80").ok().stdout
        );
        let lines: Vec<&str> = help.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0].trim_start().starts_with('-')) {
            let is_described = pair[0].trim_start().contains("  ") || pair[1].starts_with("          ");
            assert!(is_described, "{name}: {}", pair[0]);
        }
    }
}

#[test]
fn short_help_has_at_most_60_lines() {
    let work = WorkDir::new();
    for name in subcommands(&work) {
        let help = work.tool(&name).args(["-h"]).env("COLUMNS", "100").ok().stdout;
        assert!(help.lines().count() <= 60, "{name}: {} lines\n{help}", help.lines().count());
    }
}

#[test]
fn every_subcommand_has_an_example_with_valid_options() {
    let work = WorkDir::new();
    for name in subcommands(&work) {
        let help = work.tool(&name).args(["--help"]).env("COLUMNS", "200").ok().stdout;
        let examples: Vec<&str> =
            help.lines().filter_map(|line| line.split_once("amc-keywords ")).map(|(_, rest)| rest).collect();
        let example = examples.iter().skip(1).find(|rest| rest.starts_with(&name)).unwrap_or_else(|| panic!("{name}: {help}"));
        let words: Vec<&str> =
            example.split([' ', '(', ')']).take_while(|word| !["", "|", ">", "<", "#"].contains(word)).collect();
        let done = work.tool(words[0]).args(&words[1..]).go();
        // The sample is absent, so the run may only complain about missing data.
        assert_ne!(done.status, Some(2), "{}", done.dump());
    }
}

#[test]
fn a_mistyped_subcommand_option_or_value_gets_a_suggestion() {
    let work = WorkDir::new();
    for (subcommand, argument, tip) in [
        ("clicture", "--root=.", "tip: a similar subcommand exists: 'clickture'"),
        ("clickture", "--layuot=script", "tip: a similar argument exists: '--layout'"),
        ("clickture", "--layout=scirpt", "tip: a similar value exists: 'script'"),
    ] {
        let done = work.tool(subcommand).args([argument]).go();
        assert_eq!(done.status, Some(2), "{}", done.dump());
        assert!(done.stderr.contains(tip), "{}", done.dump());
    }
}
