//! Pictures that are shown on a page.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A larger picture is left out: the page contains the whole file.
const MOST_BYTES: u64 = 2 << 20;

/// A folder of pictures that are named after images.
#[derive(Debug)]
pub struct Pictures(PathBuf);

impl Pictures {
    /// The pictures in `folder`.
    pub fn new(folder: &Path) -> Pictures {
        Pictures(folder.to_path_buf())
    }

    /// The picture `NAME.jpg`, `.jpeg` or `.png` of an image as a `data:` URL. NAME is the name of
    /// the image, its id, or its id with 8 digits.
    pub fn find(&self, name: &str, id: Option<i64>) -> Option<String> {
        // A name comes from a file: it must not lead to another folder.
        let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0', ':']);
        let names = is_plain.then(|| name.to_owned()).into_iter();
        let names = names.chain(id.into_iter().flat_map(|id| [id.to_string(), format!("{id:08}")]));
        let files = names.flat_map(|name| ["jpg", "jpeg", "png"].map(|ending| self.0.join(format!("{name}.{ending}"))));
        files.into_iter().find_map(|file| data_url(&file))
    }
}

fn data_url(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|found| found.is_file()))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    let kind = match bytes.as_slice() {
        [0xff, 0xd8, 0xff, ..] => "jpeg",
        [0x89, b'P', b'N', b'G', ..] => "png",
        _ => return None,
    };
    let is_small = bytes.len() as u64 <= MOST_BYTES;
    is_small.then(|| format!("data:image/{kind};base64,{}", STANDARD.encode(bytes)))
}
