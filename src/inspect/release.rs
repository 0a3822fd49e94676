//! Inputs that are files of the AMC release, which have subcommands of their own.

use std::path::{Path, PathBuf};

/// The subcommands of the data sets, and the archives of their keywords.
const DATA_SETS: [(&str, &[&str]); 2] = [("clickture", &["keywords_dev", "keywords_lite"]), ("mscoco", &["keywords_coco"])];

/// The root of the release that an input belongs to, and the subcommands for it.
pub(crate) struct Release {
    pub root: PathBuf,
    pub commands: Vec<&'static str>,
}

impl Release {
    /// The release of which `path` is the root, a folder, or an archive of keywords.
    pub fn of(path: &Path) -> Option<Release> {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let above = |levels: usize| path.ancestors().nth(levels);
        let archives: Vec<&str> = DATA_SETS.iter().flat_map(|(_, archives)| archives.iter().copied()).collect();
        let root = match name {
            "keyword" | "clickture" | "mscoco" => above(1)?,
            name if archives.contains(&name) => above(2)?,
            _ => path,
        };
        let has = |archive: &&str| {
            let folder = root.join("keyword").join(archive);
            folder.is_dir() || folder.with_extension("zip").is_file()
        };
        let commands: Vec<&str> =
            DATA_SETS.iter().filter(|(_, archives)| archives.iter().any(has)).map(|(name, _)| *name).collect();
        let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
        (!commands.is_empty()).then(|| Release { root: root.to_path_buf(), commands })
    }
}
