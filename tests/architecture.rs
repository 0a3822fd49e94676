//! The picture of the house in the README, held against the imports in src/.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The arrow of the picture that speaks for every module.
const ALL: &str = "all";

type Arrows = BTreeSet<(String, String)>;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn readme() -> String {
    std::fs::read_to_string(source().join("../README.md")).unwrap()
}

/// The Rust files below `folder`: (path relative to src/, text).
fn files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&source().join(folder), &mut found);
    found.sort();
    assert!(!found.is_empty(), "no source in src/{folder}");
    found
}

fn collect(path: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(source()).unwrap().to_str().unwrap().replace('\\', "/");
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The library's top-level modules; those behind a cargo feature are doors for tests and no part of the house.
fn modules() -> Vec<String> {
    let text = std::fs::read_to_string(source().join("lib.rs")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("#[doc")).collect();
    let is_for_use = |at: usize| at == 0 || !lines[at - 1].starts_with("#[cfg(feature");
    let named = lines.iter().enumerate().filter(|(at, _)| is_for_use(*at)).filter_map(|(_, line)| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    named.map(str::to_owned).collect()
}

/// The module that a file of the library belongs to; none for the binary, for lib.rs, and for what is no part of the house.
fn module_of(file: &str, modules: &[String]) -> Option<String> {
    let first = file.split('/').next().unwrap().trim_end_matches(".rs");
    modules.iter().find(|module| *module == first).cloned()
}

/// The lines of code, comments left out.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"))
}

/// The lines of code of the named modules that are no test's: (file, line).
fn lines_for_use(modules: &[String]) -> Vec<(String, String)> {
    let is_test = |file: &str| file.split('/').any(|part| part.trim_end_matches(".rs").ends_with("tests"));
    let files = files("").into_iter().filter(|(file, _)| module_of(file, modules).is_some() && !is_test(file));
    files
        .flat_map(|(file, text)| {
            let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            code(before_tests).map(|line| (file.clone(), line.to_owned())).collect::<Vec<_>>()
        })
        .collect()
}

/// The names that follow `prefix` in a line, `prefix` itself not being the end of a longer name.
fn names_after<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let starts = line.match_indices(prefix).filter(|(at, _)| !line[..*at].ends_with(is_name));
    starts.map(|(at, _)| line[at + prefix.len()..].split(|c| !is_name(c)).next().unwrap()).collect()
}

/// Every import from one top-level module to another, with the file it stands in.
fn imports() -> BTreeMap<(String, String), String> {
    let modules = modules();
    let mut imports = BTreeMap::new();
    for (file, text) in files("") {
        let Some(from) = module_of(&file, &modules) else { continue };
        let at_the_top = file == format!("{from}.rs") || file == format!("{from}/mod.rs");
        for line in code(&text) {
            assert!(!line.contains("super::super::"), "{file}: a way up that this test cannot follow: {line}");
            let mut names = names_after(line, "crate::");
            if at_the_top {
                names.extend(names_after(line, "super::").into_iter().filter(|name| modules.iter().any(|module| module == name)));
            }
            for name in names {
                assert!(modules.iter().any(|module| module == name), "{file}: name the module that it comes from: {line}");
                if name != from {
                    imports.insert((from.clone(), name.to_owned()), file.clone());
                }
            }
        }
    }
    imports
}

/// The arrows of the README's picture.
///
/// A line is a chain `a ─▶ b ─▶ c, d`. A line that begins with `├` or `└` goes on from the module before the `┬` that stands above.
fn picture() -> Arrows {
    let readme = readme();
    let block = readme.split("```").find(|block| block.starts_with("text\n") && block.contains("─▶")).expect("no picture");
    let mut arrows = Arrows::new();
    let mut branches: BTreeMap<usize, String> = BTreeMap::new();
    for line in block.lines().skip(1) {
        let chars: Vec<char> = line.chars().collect();
        let branch = chars.iter().position(|c| "├└".contains(*c));
        let fork = chars.iter().position(|c| *c == '┬');
        let mut from = branch.map(|column| branches[&column].clone());
        for part in line.split('▶') {
            let named = part.trim_matches(|c: char| " ─┬├└".contains(c));
            let names: Vec<&str> = named.split(", ").filter(|name| !name.is_empty()).collect();
            if let Some(from) = &from {
                arrows.extend(names.iter().map(|name| (from.clone(), (*name).to_owned())));
            }
            if let Some(last) = names.last() {
                from = Some((*last).to_owned());
                if let Some(column) = fork.filter(|_| part.contains('┬')) {
                    branches.insert(column, (*last).to_owned());
                }
            }
        }
    }
    arrows
}

/// The names that the picture's arrow for all modules points to.
fn common(picture: &Arrows) -> BTreeSet<String> {
    picture.iter().filter(|(from, _)| from == ALL).map(|(_, to)| to.clone()).collect()
}

#[test]
fn the_modules_import_one_another_as_the_readme_draws_it() {
    let picture = picture();
    let common = common(&picture);
    let imports = imports();
    assert!(imports.contains_key(&("pipeline".to_owned(), "dataset".to_owned())), "no imports were found: {imports:?}");
    for ((from, to), file) in &imports {
        let drawn = picture.contains(&(from.clone(), to.clone())) || (common.contains(to) && !common.contains(from));
        assert!(drawn, "src/{file}: '{from}' imports '{to}', which the picture in README.md does not draw");
    }
    for (from, to) in picture.iter().filter(|(from, _)| from != ALL && from != "cli") {
        let used = imports.contains_key(&(from.clone(), to.clone()));
        assert!(used, "README.md draws an arrow from '{from}' to '{to}', and no import is behind it");
    }
}

#[test]
fn nothing_points_back() {
    let mut arrows = picture();
    let common = common(&arrows);
    arrows.retain(|(from, _)| from != ALL);
    assert!(arrows.iter().all(|(from, to)| !common.contains(from) || common.contains(to)), "a common module has an arrow out");
    // Whatever nothing points to can be taken away; if something is left at the end, it goes round in a circle.
    while let Some((from, _)) = arrows.iter().find(|(from, _)| arrows.iter().all(|(_, to)| to != from)).cloned() {
        arrows.retain(|(other, _)| *other != from);
    }
    assert!(arrows.is_empty(), "a circle: {arrows:?}");
}

#[test]
fn the_readme_says_what_each_module_is() {
    let readme = readme();
    for module in modules() {
        assert!(readme.contains(&format!("\n| `{module}` | ")), "README.md has no line about '{module}'");
    }
}

#[test]
fn what_is_pure_touches_no_file() {
    let outside = ["std::fs", "std::io", "std::path", "std::env", "std::process", "std::net", "tempfile"];
    for (file, line) in lines_for_use(&["text", "vocabulary", "matrix", "string_table"].map(str::to_owned)) {
        assert!(!outside.iter().any(|path| line.contains(path)), "src/{file}: {line}");
    }
}

#[test]
fn the_library_never_prints_never_exits_and_does_not_know_the_command_line() {
    let forbidden = ["println!", "print!(", "process::exit", "clap::", "anyhow", "signal_hook", "io::stdout", "io::stderr"];
    for (file, line) in lines_for_use(&modules()) {
        assert!(!forbidden.iter().any(|word| line.contains(word)), "src/{file}: {line}");
    }
}

#[test]
fn the_binary_uses_public_names_alone() {
    let main = [("main.rs".to_owned(), std::fs::read_to_string(source().join("main.rs")).unwrap())];
    for (file, text) in files("cli").into_iter().chain(main) {
        for line in code(&text) {
            assert!(names_after(line, "crate::").iter().all(|name| *name == "cli"), "src/{file}: {line}");
            assert!(!line.contains("#[path"), "src/{file}: {line}");
        }
    }
}
