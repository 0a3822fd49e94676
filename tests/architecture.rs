//! The structure of the code: no import cycles between files, and arrows between modules that go
//! one way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The modules of the library, each with the modules that it must not import: those above it.
///
/// A module may import the modules after it in this list, and no module before it.
const ORDER: [&str; 21] = [
    "shards",
    "run",
    "inspect",
    "dataset",
    "extract",
    "report",
    "readback",
    "check",
    "forms",
    "word_store",
    "row_sorter",
    "files",
    "settings",
    "inputs",
    "input_kind",
    "times",
    "problems",
    "policy",
    "parallel",
    "progress",
    "error",
];

/// The imports that go against [`ORDER`], with the reason.
const EXCEPTIONS: [(&str, &str, &str); 2] = [
    ("forms", "dataset", "a form writes the images of a split"),
    ("settings", "forms", "the settings contain the forms that --emit selects"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A crate: its files by module path, such as `forms::csr`. The crate root is the empty path.
struct Source {
    modules: BTreeMap<String, String>,
}

impl Source {
    fn read(folder: &Path) -> Source {
        let mut modules = BTreeMap::new();
        collect(folder, folder, &mut modules);
        assert!(modules.contains_key(""), "no crate in {}", folder.display());
        Source { modules }
    }

    /// The module that a path leads to: its longest prefix that is a file.
    fn resolve(&self, path: &str) -> Option<String> {
        let parts: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
        (0..=parts.len()).rev().map(|len| parts[..len].join("::")).find(|module| self.modules.contains_key(module))
    }

    /// The other files that a file imports.
    fn imports(&self, module: &str) -> BTreeSet<String> {
        let text = code(&self.modules[module]);
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let mut paths: Vec<String> = Vec::new();
        for (prefix, base) in [("crate::", ""), ("super::super::", grandparent(module)), ("super::", parent), ("self::", module)]
        {
            paths.extend(paths_after(&text, prefix).into_iter().map(|path| format!("{base}::{path}")));
        }
        for child in self.children(module) {
            let name = child.rsplit("::").next().unwrap().to_owned();
            if paths_after(&text, &format!("{name}::")).iter().any(|path| !path.is_empty()) {
                paths.push(child);
            }
        }
        // In a module that is written inside the file, `super` is the file.
        let inline = |path: &String| format!("{module}::{}", path.strip_prefix(&format!("{parent}::")).unwrap_or(path));
        let resolve = |path: &String| match self.resolve(&inline(path)) {
            Some(file) if file.len() > module.len() => Some(file),
            _ => self.resolve(path.trim_start_matches("::")),
        };
        let files = paths.iter().filter_map(resolve);
        files.filter(|file| file != module && !file.is_empty()).collect()
    }

    fn children(&self, module: &str) -> Vec<String> {
        let prefix = if module.is_empty() { String::new() } else { format!("{module}::") };
        let is_child = |path: &&String| {
            !path.is_empty() && path.strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty() && !rest.contains("::"))
        };
        self.modules.keys().filter(is_child).cloned().collect()
    }

    /// Import cycles: groups of files that can all reach each other.
    fn cycles(&self) -> Vec<BTreeSet<String>> {
        let imports: BTreeMap<&String, BTreeSet<String>> =
            self.modules.keys().filter(|m| !m.is_empty()).map(|m| (m, self.imports(m))).collect();
        let reach = |start: &String| {
            let (mut seen, mut stack) = (BTreeSet::new(), vec![start.clone()]);
            while let Some(module) = stack.pop() {
                for next in imports.get(&module).into_iter().flatten() {
                    if seen.insert(next.clone()) {
                        stack.push(next.clone());
                    }
                }
            }
            seen
        };
        let reached: BTreeMap<&String, BTreeSet<String>> = imports.keys().map(|m| (*m, reach(m))).collect();
        let mut cycles = BTreeSet::new();
        for (module, others) in &reached {
            if others.contains(*module) {
                let both = others.iter().filter(|other| reached[other].contains(*module));
                cycles.insert(both.cloned().collect::<BTreeSet<String>>());
            }
        }
        cycles.into_iter().collect()
    }
}

fn grandparent(module: &str) -> &str {
    module.rsplit("::").nth(2).map_or("", |_| {
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        parent.rsplit_once("::").map_or("", |(grandparent, _)| grandparent)
    })
}

fn collect(root: &Path, folder: &Path, modules: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, modules);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace(['/', '\\'], "::");
        let Some(name) = name.strip_suffix(".rs") else { continue };
        let is_test = name.split("::").any(|part| part.ends_with("tests") || part.starts_with("test_"));
        if is_test || name == "main" || name.starts_with("cli") {
            continue;
        }
        let module = name.strip_suffix("::mod").unwrap_or(name);
        let module = if module == "lib" { "" } else { module };
        modules.insert(module.to_owned(), std::fs::read_to_string(&path).unwrap());
    }
}

/// The code of a file without comments and unit tests, with the braces of `use` expanded.
fn code(text: &str) -> String {
    let text = text.replace("#[cfg(test)]\nmod tests;", "").replace("#[cfg(test)]\nmod process_tests;", "");
    let before_tests = text.split("#[cfg(test)]").next().unwrap();
    let lines = before_tests.lines().map(|line| line.split("//").next().unwrap());
    let joined = lines.collect::<Vec<_>>().join("\n");
    let mut out = String::new();
    for (i, part) in joined.split("use ").enumerate() {
        let (before, rest) = if i == 0 { ("", part) } else { part.split_once(';').map_or(("", part), |(a, b)| (a, b)) };
        for path in expand(before) {
            out.push_str(&path);
            out.push('\n');
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}

/// Expands `a::{b, c::{d, e}}` to `a::b`, `a::c::d`, `a::c::e`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else { return vec![tree.to_owned()] };
    let (prefix, inner) = (&tree[..open], tree[open + 1..].trim_end().trim_end_matches('}'));
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(expand).map(|part| format!("{prefix}{part}")).collect()
}

/// The paths that follow `prefix`, where `prefix` is not the end of a longer path.
fn paths_after(text: &str, prefix: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let starts = text.match_indices(prefix).filter(|(at, _)| !text[..*at].ends_with(is_path));
    starts.map(|(at, _)| text[at + prefix.len()..].split(|c| !is_path(c)).next().unwrap().to_owned()).collect()
}

#[test]
fn no_file_imports_itself_through_others() {
    for folder in ["src", "crates/count-vectorizer/src", "crates/keyword-files/src"] {
        let cycles = Source::read(&root().join(folder)).cycles();
        assert_eq!(cycles, Vec::<BTreeSet<String>>::new(), "import cycles in {folder}");
    }
}

#[test]
fn imports_between_modules_go_one_way() {
    let source = Source::read(&root().join("src"));
    let top = |module: &str| module.split("::").next().unwrap().to_owned();
    let place =
        |module: &str| ORDER.iter().position(|name| *name == module).unwrap_or_else(|| panic!("{module} is not in ORDER"));
    let mut unused: BTreeSet<(&str, &str)> = EXCEPTIONS.iter().map(|(from, to, _)| (*from, *to)).collect();
    for module in source.modules.keys().filter(|module| !module.is_empty()) {
        for import in source.imports(module) {
            let (from, to) = (top(module), top(&import));
            if from == to || place(&from) < place(&to) {
                continue;
            }
            let exception = EXCEPTIONS.iter().find(|(a, b, _)| (*a, *b) == (&*from, &*to));
            let (a, b, _) = exception.unwrap_or_else(|| panic!("{module} imports {import}, against the order"));
            unused.remove(&(*a, *b));
        }
    }
    assert!(unused.is_empty(), "exceptions that nothing needs: {unused:?}");
}

#[test]
fn the_crates_depend_on_each_other_in_one_direction() {
    let manifest = |folder: &str| std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    for (folder, forbidden) in
        [("crates/count-vectorizer", &["keyword-files", "amc-keywords"][..]), ("crates/keyword-files", &["amc-keywords"])]
    {
        let text = manifest(folder);
        let depends = |name: &&&str| text.lines().any(|line| line.starts_with(&format!("{name} =")));
        assert_eq!(forbidden.iter().find(depends), None, "{folder}");
    }
}

#[test]
fn the_libraries_never_print_and_never_exit() {
    for folder in ["src", "crates/count-vectorizer/src", "crates/keyword-files/src"] {
        for (module, text) in Source::read(&root().join(folder)).modules {
            for forbidden in ["println!", "eprintln!", "print!(", "process::exit", "std::io::stdout", "dbg!"] {
                assert!(!code(&text).contains(forbidden), "{folder}: {module} contains {forbidden}");
            }
        }
    }
}

#[test]
fn braces_of_imports_are_expanded() {
    assert_eq!(expand("a::{b, c::{d, e}, f}"), ["a::b", "a::c::d", "a::c::e", "a::f"]);
    assert_eq!(paths_after("crate::a::b(x); my_crate::c", "crate::"), ["a::b"]);
}

/// The paths of all files of the repository, with `/`.
fn repository_files() -> Vec<String> {
    let mut folders = vec![root()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && name != ".git" {
                folders.push(path);
            } else if path.is_file() {
                files.push(format!("/{}", path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")));
            }
        }
    }
    files
}

/// The types that the code of a file declares.
fn declared_types(text: &str) -> Vec<String> {
    let code = code(text);
    let name = |line: &str| {
        let words = line.split_once(") ").filter(|_| line.starts_with("pub(")).map_or(line, |(_, rest)| rest);
        let (keyword, rest) = words.strip_prefix("pub ").unwrap_or(words).split_once(' ')?;
        let declares = ["struct", "enum", "trait"].contains(&keyword);
        declares.then(|| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned())
    };
    code.lines().filter_map(|line| name(line.trim_start())).collect()
}

#[test]
fn the_name_of_a_type_is_unique_in_its_crate() {
    let crates = ["/src/", "/src/cli/", "/crates/count-vectorizer/src/", "/crates/keyword-files/src/", "/crates/amc-rank/src/"];
    let mut declared: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for file in repository_files().into_iter().filter(|file| file.ends_with(".rs") && !file.contains("tests")) {
        // The last one that fits: the command line is a crate of its own.
        let Some(name) = crates.iter().rfind(|folder| file.starts_with(**folder)) else { continue };
        let text = std::fs::read_to_string(root().join(&file[1..])).unwrap();
        for declared_type in declared_types(&text) {
            declared.entry((name, declared_type)).or_default().push(file.clone());
        }
    }
    assert!(declared.len() > 300);
    declared.retain(|_, files| files.len() > 1);
    assert!(declared.is_empty(), "{declared:#?}");
}

#[test]
fn every_file_that_the_page_names_exists() {
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let files = repository_files();
    let exists = |name: &str| {
        files.iter().any(|file| {
            if name.ends_with('/') { file.contains(&format!("/{name}")) } else { file.ends_with(&format!("/{name}")) }
        })
    };
    let names =
        page.split('`').skip(1).step_by(2).filter(|name| name.ends_with(".rs") || name.ends_with(".html") || name.ends_with('/'));
    let missing: Vec<&str> = names.filter(|name| !exists(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
