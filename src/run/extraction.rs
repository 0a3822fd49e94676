//! `--extract`: writes the keyword files next to their archives.

use std::path::{Path, PathBuf};

use keyword_files::archive::{Archive, is_image_member, is_keyword_file};

use super::context::Context;
use crate::dataset::plan::Plan;
use crate::dataset::split::OpenSplit;
use crate::error::{Result, shown_path};
use crate::extract::extract;

/// Extracts the keyword files of every zip archive if the settings ask for it, and adds a note for
/// each.
pub(super) fn extract_archives(plan: &mut Plan, context: &Context<'_>) -> Result<()> {
    if !context.settings.extract {
        return Ok(());
    }
    if !plan.parts.iter().any(|part| zips(&part.split).next().is_some()) {
        context.progress.warn("--extract has no effect, because the keywords are not in a zip archive");
    }
    for part in &mut plan.parts {
        extract_split(&mut part.split, context)?;
    }
    Ok(())
}

fn extract_split(split: &mut OpenSplit, context: &Context<'_>) -> Result<()> {
    // The keyword files of a user's own archive have the ending .json.
    let is_keywords = if split.source.fields.are_given { is_image_member } else { is_keyword_file };
    let zips: Vec<PathBuf> = zips(split).map(Path::to_path_buf).collect();
    for zip in zips {
        let Some(folder) = zip.parent() else { continue };
        let archive = &Archive::open_zip(&zip, context.settings.limits())?;
        let is_wanted = |name: &[u8]| is_keywords(name) && !is_hidden(name);
        let members = (0..archive.len() as u32).filter(|&member| is_wanted(&archive.name_bytes(member)));
        let members: Vec<u32> = members.collect();
        let done = extract(archive, &members, folder, context.settings.jobs, context.progress)?;
        let folder = if folder.as_os_str().is_empty() { ".".to_owned() } else { shown_path(folder) };
        let others = match archive.len() - members.len() {
            0 => String::new(),
            others => format!("; {others} other or hidden members were not extracted"),
        };
        split.notes.push(format!(
            "{}: {} keyword files extracted below {folder}, {} were there already{others}",
            split.source.name, done.written, done.left,
        ));
    }
    Ok(())
}

/// The zips with the keywords of a split.
fn zips(split: &OpenSplit) -> impl Iterator<Item = &Path> {
    let archives = split.source.archives.iter().filter(|archive| archive.is_zip()).map(Archive::path);
    let members = split.source.members.iter().filter(|input| input.sections.is_zip()).map(|input| input.sections.path());
    archives.chain(members)
}

/// Whether a part of the name begins with a dot.
fn is_hidden(name: &[u8]) -> bool {
    name.split(|&byte| byte == b'/').any(|part| part.starts_with(b".") && part != b"." && part != b"..")
}
