//! Shell completions in real shells, and the manual pages.

use std::path::Path;
use std::process::Command;

use crate::util::WorkDir;

/// Whether the shell is installed. If not, a note is printed.
fn is_there(shell: &str) -> bool {
    let found = Command::new(shell).arg("--version").output().is_ok_and(|done| done.status.success());
    if !found {
        eprintln!("skipped: {shell} is not there");
    }
    found
}

/// The output of a shell that runs this script in a folder with the completions for the shell.
fn output_of(shell: &str, text: &str, arguments: &[&str]) -> String {
    let work = WorkDir::new();
    let completions = work.tool("completions").args([shell]).ok().stdout;
    // zsh requires this file name. bash and fish accept any name.
    work.write("_amc-keywords", completions).write("script", text);
    let done = work.tool("").wrapped(|tool| {
        let tools = Path::new(tool.get_program()).parent().unwrap().to_path_buf();
        let path = std::env::join_paths([tools].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())));
        let mut command = Command::new(if shell == "zsh" { "timeout" } else { shell });
        // The timeout ends a zsh that offers something else.
        command.args(if shell == "zsh" { ["30", "zsh", "-f", "script"].as_slice() } else { ["script"].as_slice() });
        command.args(arguments).env("PATH", path.unwrap()).env("HOME", work.path());
        command
    });
    done.go().stdout
}

/// The completions that bash offers for the last of these words.
fn offered_by_bash(words: &[&str]) -> String {
    let text = r#"
source ./_amc-keywords
function=$(complete -p amc-keywords | sed 's/.*-F \([^ ]*\) .*/\1/')
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
"$function" amc-keywords "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
echo "${COMPREPLY[@]}"
"#;
    output_of("bash", text, words).trim_end().to_owned()
}

/// Presses the tab key in an interactive zsh and waits for the expected text.
const ZSH: &str = r#"
zmodload zsh/zpty
zpty shell 'TERM=dumb zsh -f -i'
zpty -w shell "PS1=; fpath=($PWD \$fpath); autoload -U compinit; compinit -u -D; echo RE''ADY"
zpty -r shell seen '*READY*'
zpty -w -n shell "$1"$'\t'
zpty -r shell seen "*$2*" && echo offered
zpty -d shell
"#;

#[test]
fn bash_completes_subcommands_options_and_their_values() {
    if !is_there("bash") {
        return;
    }
    assert_eq!(offered_by_bash(&["amc-keywords", "cl"]), "clickture");
    assert_eq!(offered_by_bash(&["amc-keywords", "clickture", "--layout", ""]), "documented script");
    assert_eq!(offered_by_bash(&["amc-keywords", "clickture", "--layout", "s"]), "script");
    assert_eq!(offered_by_bash(&["amc-keywords", "mscoco", "--root", ".", "--min"]), "--min-df");
    assert_eq!(offered_by_bash(&["amc-keywords", "verify", "--progress", ""]), "auto bar plain none");
    assert_eq!(offered_by_bash(&["amc-keywords", "completions", "z"]), "zsh");
}

#[test]
fn zsh_completes_subcommands_options_and_their_values() {
    if !is_there("zsh") {
        return;
    }
    for (typed, shown) in [
        ("amc-keywords cl", "amc-keywords clickture "),
        ("amc-keywords clickture --lay", "clickture --layout"),
        ("amc-keywords clickture --layout ", "documented*script"),
        ("amc-keywords mscoco --on-error sk", "--on-error skip "),
    ] {
        assert_eq!(output_of("zsh", ZSH, &[typed, shown]), "offered\n", "{typed}");
    }
}

#[test]
fn fish_completes_subcommands_options_and_their_values() {
    if !is_there("fish") {
        return;
    }
    let offered = |typed: &str| {
        let output = output_of("fish", "source ./_amc-keywords\ncomplete -C $argv[1]\n", &[typed]);
        output.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered("amc-keywords cl"), ["clickture"]);
    assert_eq!(offered("amc-keywords clickture --layout "), ["documented", "script"]);
}

#[test]
fn powershell_and_elvish_have_completions_and_unknown_shells_are_refused() {
    let work = WorkDir::new();
    for (shell, part) in [("powershell", "Register-ArgumentCompleter"), ("elvish", "edit:completion:arg-completer[amc-keywords]")]
    {
        assert!(work.tool("completions").args([shell]).ok().stdout.contains(part), "{shell}");
    }
    let wrong = work.tool("completions").args(["powershel"]).go();
    assert_eq!(wrong.status, Some(2));
    assert!(wrong.stderr.contains("tip: a similar value exists: 'powershell'"), "{}", wrong.dump());
}

#[test]
fn the_manual_has_a_reproducible_page_per_subcommand() {
    let work = WorkDir::new();
    work.tool("man").args(["share/man1"]).ok();
    let pages = work.contents("share/man1");
    for name in ["amc-keywords.1", "amc-keywords-clickture.1", "amc-keywords-verify.1", "amc-keywords-man.1"] {
        assert!(pages.contains_key(name), "{:?}", pages.keys());
    }
    let page = work.text("share/man1/amc-keywords-clickture.1");
    assert!(
        page.contains("\n.SH SYNOPSIS\n")
            && page.contains("[\\fB\\-\\-min\\-df\\fR \\fIN\\fR]")
            && page.contains(".SH EXAMPLES\n.nf\namc\\-keywords clickture \\-\\-root sample \\-\\-out"),
        "{page}"
    );
    for (name, page) in &pages {
        let page = String::from_utf8_lossy(page);
        for section in [".SH EXAMPLES", ".SH \"FILES\"", ".SH \"EXIT STATUS\"", ".SH \"ENVIRONMENT\"", ".SH \"SEE ALSO\""] {
            assert!(page.contains(section), "{name}: {section}");
        }
    }
    assert!(work.text("share/man1/amc-keywords.1").contains("\\fBamc\\-keywords\\-encode\\fR(1),\n"));
    assert!(work.text("share/man1/amc-keywords-encode.1").contains("\\fBamc\\-keywords encode\\fR \\fIKEYWORDS\\fR ..."));
    work.write("share/man1/amc-keywords.1", "old");
    work.tool("man").args(["share/man1"]).ok();
    assert_eq!(work.contents("share/man1"), pages);
    work.write("file", "")
        .tool("man")
        .args(["file"])
        .refused("file: expected a folder for the manual pages, found a file; choose another name");
}
