//! Thumbnails of pictures, which become part of the page. Pictures are untrusted: a file that is
//! not a picture or needs too much memory is left out.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageReader, Limits, RgbImage};

use crate::error::{Error, Result};

/// The longer side of a thumbnail in pixels, twice its size on the page.
const SIDE: u32 = 320;
const QUALITY: u8 = 72;
/// Limits of a picture: size of the file, longer side, and memory.
const MOST_BYTES: u64 = 32 << 20;
const LONGEST_SIDE: u32 = 12_000;
const MOST_MEMORY: u64 = 256 << 20;
/// The number of subfolders that are searched.
const MOST_FOLDERS: usize = 100;

const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "JPG", "JPEG", "PNG"];

/// The folders that may contain pictures.
#[derive(Debug)]
pub(super) struct Pictures {
    folders: Vec<PathBuf>,
}

/// A thumbnail.
#[derive(Debug)]
pub(super) struct Picture {
    /// A `data:` URL.
    pub url: String,
    pub width: u32,
    pub height: u32,
}

impl Pictures {
    /// The pictures in `folder` and in the folders directly below it.
    pub fn of_folder(folder: &Path) -> Result<Pictures> {
        let mut below = Vec::new();
        for entry in fs::read_dir(folder).map_err(Error::io(folder, "read"))? {
            let path = entry.map_err(Error::io(folder, "read"))?.path();
            if path.is_dir() {
                below.push(path);
            }
        }
        below.sort_unstable();
        below.truncate(MOST_FOLDERS);
        let folders = std::iter::once(folder.to_path_buf()).chain(below).collect();
        Ok(Pictures { folders })
    }

    /// The thumbnail of the picture with this name, if it can be shown.
    pub fn find(&self, name: &str) -> Option<Picture> {
        // The name is untrusted and must not lead to another folder.
        let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0', ':']);
        let files = self.folders.iter().flat_map(|folder| ENDINGS.map(|ending| folder.join(format!("{name}.{ending}"))));
        files.filter(|_| is_plain).find_map(|file| small_copy(&read_file(&file)?))
    }
}

fn read_file(path: &Path) -> Option<Vec<u8>> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    let read = File::open(path).ok()?.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (read as u64 <= MOST_BYTES).then_some(bytes)
}

fn small_copy(bytes: &[u8]) -> Option<Picture> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let small = if picture.width().max(picture.height()) > SIDE { picture.thumbnail(SIDE, SIDE) } else { picture };
    let small = on_white(small);
    let mut jpeg = Vec::new();
    small.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY)).ok()?;
    Some(Picture {
        url: format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)),
        width: small.width(),
        height: small.height(),
    })
}

/// Replaces transparency by white, because JPEG has no transparency.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let mut rgb = RgbImage::new(picture.width(), picture.height());
    for (to, from) in rgb.pixels_mut().zip(picture.into_rgba8().pixels()) {
        let [red, green, blue, alpha] = from.0;
        let over = |channel: u8| ((u32::from(channel) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255) as u8;
        to.0 = [over(red), over(green), over(blue)];
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, RgbaImage};

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn a_picture_is_found_by_its_name_here_and_one_folder_below_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("in/below/deep")).unwrap();
        let bytes = png(&RgbImage::new(640, 320).into());
        for name in ["in/a.png", "in/below/b.PNG", "in/below/deep/c.png", "d.png"] {
            fs::write(dir.path().join(name), &bytes).unwrap();
        }
        let pictures = Pictures::of_folder(&dir.path().join("in")).unwrap();
        let found = ["a", "b", "c", "../d", "below/b", "", ".."].map(|name| pictures.find(name).is_some());
        assert_eq!(found, [true, true, false, false, false, false, false]);
        let small = pictures.find("a").unwrap();
        assert_eq!((small.width, small.height), (320, 160));
        assert!(small.url.starts_with("data:image/jpeg;base64,/9j/"), "{}", small.url);
    }

    #[test]
    fn what_is_no_picture_or_asks_for_too_much_is_left_out() {
        let mut huge = png(&RgbImage::new(1, 1).into());
        // The width and height of the header, and its checksum.
        huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        let crc = crc32fast::hash(&huge[12..29]).to_be_bytes();
        huge[29..33].copy_from_slice(&crc);
        let cut = png(&RgbImage::new(50, 50).into());
        for bytes in [&huge[..], b"", b"<svg onload=alert(1)>", &cut[..60]] {
            assert!(small_copy(bytes).is_none(), "{:?}", bytes.get(..16));
        }
    }

    #[test]
    fn what_can_be_seen_through_is_white() {
        let clear = RgbaImage::from_pixel(1, 1, image::Rgba([200, 0, 0, 0]));
        let half = RgbaImage::from_pixel(1, 1, image::Rgba([255, 0, 0, 51]));
        assert_eq!([clear, half].map(|picture| on_white(picture.into()).get_pixel(0, 0).0), [[255; 3], [255, 204, 204]]);
    }
}
