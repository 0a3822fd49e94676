//! The rules of the command line: help texts, wrong options, default values and `--verbose`.

use crate::util::{WorkDir, keyword_file};

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

/// The lines below a heading of a help page.
fn section<'h>(help: &'h str, heading: &str) -> Vec<&'h str> {
    let lines = help.lines().skip_while(|line| *line != heading).skip(1);
    lines.take_while(|line| !line.is_empty()).collect()
}

#[test]
fn every_help_page_has_examples_files_exit_statuses_and_variables() {
    let work = WorkDir::new();
    for name in subcommands(&work) {
        let help = work.tool(&name).args(["--help"]).env("COLUMNS", "100").ok().stdout;
        assert!(section(&help, "Examples:").len() >= 3, "{help}");
        for heading in ["Files written:", "Exit status:", "Environment:"] {
            assert!(!section(&help, heading).is_empty(), "{name}: {heading}\n{help}");
        }
    }
    let help = work.tool("encode").args(["-h"]).ok().stdout;
    let examples = section(&help, "Examples:").join("\n");
    assert!(examples.contains("--min-df 1") && examples.contains("--id-field"), "{examples}");
}

#[test]
fn wrong_options_exit_with_2_before_an_input_is_opened() {
    let work = WorkDir::new();
    for options in [
        "--layout script --emit ranges",
        "--pad-to 3",
        "--emit padded",
        "--emit padded --pad-to 3 --pad-id 3000000000 --dtype int32",
        "--emit csr --dtype int32",
        "--min-df 0",
        "--min-df 6 --max-df 2",
        "--stop-words german",
        "--token-pattern ((",
        "--id-pattern ((",
        "--keywords-field a..b",
        "--group",
        "--keyword-key tag --min-confidence 0.5",
        "--phrases --ngram-range 1,2",
        "--check --extract",
        "--fit a --vocabulary b",
        "--name a/b",
        "--quiet --verbose",
        "--jobs 0",
    ] {
        let done = work.tool("encode").args(["missing.jsonl", "--out", "out"]).args(options.split(' ')).go();
        assert_eq!(done.status, Some(2), "{options}: {}", done.dump());
        assert!(!done.stderr.contains("missing.jsonl"), "{options}: {}", done.dump());
    }
    work.tool("encode")
        .args(["missing.jsonl", "--out", "out", "--min-df", "0"])
        .misused("invalid value '0' for '--min-df <N>': expected a number of images from 1, or a share from 0.0 to 1.0");
}

/// A zip of seven images. The word `dog` is in all of them.
fn seven_dogs() -> WorkDir {
    let work = WorkDir::new();
    let members: Vec<(String, String)> = (0..7).map(|n| (format!("{n}.json"), keyword_file(&["Dog", "cat"]))).collect();
    work.zip("set.zip", &members);
    work
}

#[test]
fn default_values_on_the_command_line_change_nothing() {
    let work = seven_dogs();
    work.tool("encode").args(["set.zip", "--out", "plain"]).ok();
    let defaults = "--keywords-field tagging.keywords --format auto --names key --min-df 6 --max-df 1.0 --stop-words english \
                    --lowercase --strip-accents none --ngram-range 1,1 --analyzer word --token-pattern (?u)\\b\\w\\w+\\b \
                    --layout documented --emit pairs --pad-id -1 --dtype int64 --on-error stop --duplicates refuse \
                    --max-member-size 64M --progress auto --color auto";
    work.tool("encode").args(["set.zip", "--out", "given"]).args(defaults.split(' ')).ok();
    assert_eq!(work.contents("given"), work.contents("plain"));
    work.tool("encode").args(["set.zip", "--out", "phrases", "--phrases"]).args(defaults.split(' ')).ok();
}

#[test]
fn verbose_prints_times_on_stderr_with_every_subcommand_that_reads() {
    let work = seven_dogs();
    for command in [
        "encode set.zip --out out",
        "encode set.zip --out out --check",
        "verify out",
        "report out",
        "show out",
        "vocab out",
        "inspect set.zip",
    ] {
        let mut words = command.split(' ');
        let run = work.tool(words.next().unwrap()).args(words.collect::<Vec<_>>());
        let done = run.args(["-v"]).ok();
        assert!(!done.stderr.is_empty(), "{command}: {}", done.dump());
    }
}
