//! The command that `inspect` prints.

use std::path::PathBuf;

use keyword_files::source;

use super::encoding::word_of;
use super::inspection::EncodeCommand;
use crate::dataset::collection::Collection;

/// The command that encodes these inputs with these options.
pub(super) fn command(paths: &[PathBuf], options: Vec<String>) -> EncodeCommand {
    let mut words = vec!["amc-keywords".to_owned(), "encode".to_owned()];
    words.extend(paths.iter().map(|path| word_of(path)));
    words.extend(options);
    words.extend(["--out".to_owned(), output_folder(paths)]);
    let name = paths.first().map(|path| source::stem(path)).unwrap_or_default();
    if Collection::check_name(&name).is_err() {
        words.extend(["--name".to_owned(), plain_name(&name)]);
    }
    EncodeCommand::new(words)
}

/// A name that can be part of file names.
fn plain_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let plain: String = name.chars().take(60).map(|c| if is_plain(c) { c } else { '_' }).collect();
    if Collection::check_name(&plain).is_ok() { plain } else { "keywords".to_owned() }
}

/// A folder for the outputs that is not inside an input.
fn output_folder(paths: &[PathBuf]) -> String {
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    let contains_here = |path: &&PathBuf| {
        let folder = std::fs::canonicalize(path).ok().filter(|folder| folder.is_dir());
        folder.zip(here.as_ref().ok()).is_some_and(|(folder, here)| here.starts_with(folder))
    };
    match paths.iter().find(contains_here) {
        Some(path) => path.join("..").join("out").to_string_lossy().into_owned(),
        None => "out".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn outputs_are_never_suggested_inside_an_input() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(output_folder(&["a.csv".into()]), "out");
        assert_eq!(output_folder(&[".".into()]), Path::new(".").join("..").join("out").to_string_lossy());
        assert_eq!(output_folder(std::slice::from_ref(&here)), here.join("..").join("out").to_string_lossy());
        assert_eq!(plain_name("a b;"), "a_b_");
    }
}
