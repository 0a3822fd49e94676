//! Thumbnails of pictures, which become part of the page. Pictures are untrusted: a file that is
//! not a picture or needs too much memory is left out.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jpeg_encoder::{ColorType, Encoder};
use png::Transformations;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::error::{Error, Result};

/// The longer side of a thumbnail in pixels, twice its size on the page.
const SIDE: usize = 320;
const QUALITY: u8 = 72;
/// Limits of a picture: size of the file, longer side, and memory of its pixels and the decoder.
const MOST_BYTES: u64 = 32 << 20;
const LONGEST_SIDE: usize = 12_000;
const MOST_MEMORY: usize = 512 << 20;
/// The most pixels of a side that a JPEG codes at once.
const LARGEST_BLOCK: usize = 32;
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
    pub width: u16,
    pub height: u16,
}

/// A decoded picture.
#[derive(Debug, PartialEq)]
struct Pixels {
    width: usize,
    height: usize,
    /// Bytes per pixel: 1 grey, 2 grey and opacity, 3 colours, or 4 colours and opacity.
    channels: usize,
    bytes: Vec<u8>,
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
    let small = decode(bytes)?.thumbnail();
    let (width, height) = (u16::try_from(small.width).ok()?, u16::try_from(small.height).ok()?);
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY).encode(&small.bytes, width, height, ColorType::Rgb).ok()?;
    Some(Picture { url: format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg)), width, height })
}

fn decode(bytes: &[u8]) -> Option<Pixels> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => decode_png(bytes),
        [0xFF, 0xD8, ..] => decode_jpeg(bytes),
        _ => None,
    }
}

fn decode_png(bytes: &[u8]) -> Option<Pixels> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MOST_MEMORY / 2 });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = reader.info().size();
    let bytes = reader.output_buffer_size()?;
    check_size(width as usize, height as usize, bytes.checked_add(MOST_MEMORY / 2)?)?;
    let mut pixels = vec![0; bytes];
    let frame = reader.next_frame(&mut pixels).ok()?;
    Some(Pixels { width: width as usize, height: height as usize, channels: frame.color_type.samples(), bytes: pixels })
}

fn decode_jpeg(bytes: &[u8]) -> Option<Pixels> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let info = decoder.info()?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    let [wide, high] = [width, height].map(|side| side.next_multiple_of(LARGEST_BLOCK));
    // The decoder keeps a coefficient of 2 bytes for each sample if the file has several scans.
    let has_one_scan = !info.sof.is_progressive() && components_of_first_scan(bytes) == Some(info.components);
    let coefficients = if has_one_scan { 0 } else { 2 * wide * high * usize::from(info.components) };
    check_size(width, height, decoder.output_buffer_size()?.checked_add(coefficients)?)?;
    let pixels = decoder.decode().ok()?;
    Some(Pixels { width, height, channels: decoder.output_colorspace()?.num_components(), bytes: pixels })
}

/// The number of components in the first scan of a JPEG.
fn components_of_first_scan(jpeg: &[u8]) -> Option<u8> {
    const START_OF_SCAN: u8 = 0xDA;
    let mut rest = jpeg.get(2..)?;
    loop {
        let [0xFF, marker, high, low, segment @ ..] = rest else { return None };
        if *marker == START_OF_SCAN {
            return segment.first().copied();
        }
        // The length includes its own two bytes.
        rest = segment.get(usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?..)?;
    }
}

/// `None` if a picture that takes `memory` is too large.
fn check_size(width: usize, height: usize, memory: usize) -> Option<()> {
    (width.max(height) <= LONGEST_SIDE && memory <= MOST_MEMORY).then_some(())
}

impl Pixels {
    /// A copy of three channels with at most [`SIDE`] pixels a side. Each pixel is the mean of those
    /// that it replaces.
    fn thumbnail(&self) -> Pixels {
        let longer = self.width.max(self.height).max(SIDE);
        let (width, height) = [self.width, self.height].map(|side| ((side * SIDE + longer / 2) / longer).max(1)).into();
        let mut rgb = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                rgb.extend(self.mean(part(x, width, self.width), part(y, height, self.height)));
            }
        }
        Pixels { width, height, channels: 3, bytes: rgb }
    }

    fn mean(&self, columns: Range<usize>, rows: Range<usize>) -> [u8; 3] {
        let pixels = (columns.len() * rows.len()).max(1) as u32;
        let mut sums = [0; 3];
        for y in rows {
            for x in columns.clone() {
                sums.iter_mut().zip(self.color(x, y)).for_each(|(sum, color)| *sum += color);
            }
        }
        sums.map(|sum| (sum / pixels) as u8)
    }

    /// The colour of a pixel. Transparency becomes white, because JPEG has none.
    fn color(&self, x: usize, y: usize) -> [u32; 3] {
        let start = (y * self.width + x) * self.channels;
        let (colors, opacity) = match self.bytes.get(start..start + self.channels) {
            Some(&[grey]) => ([grey; 3], 255),
            Some(&[grey, opacity]) => ([grey; 3], opacity),
            Some(&[red, green, blue]) => ([red, green, blue], 255),
            Some(&[red, green, blue, opacity]) => ([red, green, blue], opacity),
            _ => ([255; 3], 255),
        };
        let opacity = u32::from(opacity);
        colors.map(|color| (u32::from(color) * opacity + 255 * (255 - opacity)) / 255)
    }
}

/// The pixels that one pixel replaces, if a side shrinks from `long` pixels to `short`.
fn part(at: usize, short: usize, long: usize) -> Range<usize> {
    let start = at * long / short;
    start..((at + 1) * long / short).max(start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        bytes
    }

    fn black_png(width: u32, height: u32) -> Vec<u8> {
        png(width, height, png::ColorType::Rgb, &vec![0; (width * height * 3) as usize])
    }

    #[test]
    fn a_picture_is_found_by_its_name_here_and_one_folder_below_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("in/below/deep")).unwrap();
        let bytes = black_png(640, 320);
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
        let mut huge = black_png(1, 1);
        // The width and height of the header, and its checksum.
        huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        let crc = crc32fast::hash(&huge[12..29]).to_be_bytes();
        huge[29..33].copy_from_slice(&crc);
        let cut = black_png(50, 50);
        for bytes in [&huge[..], b"", b"<svg onload=alert(1)>", &cut[..60], &[0xFF, 0xD8, 0xFF, 0xE0]] {
            assert!(small_copy(bytes).is_none(), "{:?}", bytes.get(..16));
        }
    }

    #[test]
    fn a_jpeg_whose_coefficients_take_too_much_memory_is_left_out() {
        let mut jpeg = Vec::new();
        let mut encoder = Encoder::new(&mut jpeg, 50);
        encoder.set_progressive(true);
        encoder.encode(&[128; 32 * 32 * 3], 32, 32, ColorType::Rgb).unwrap();
        let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC2]).unwrap();
        let mut with_side = |side: u16| {
            let [high, low] = side.to_be_bytes();
            jpeg[frame + 5..frame + 9].copy_from_slice(&[high, low, high, low]);
            decode(&jpeg).map(|pixels| pixels.width)
        };
        assert_eq!([32, 1000, 8000].map(&mut with_side), [Some(32), Some(1000), None]);
    }

    #[test]
    fn the_first_scan_of_an_ordinary_jpeg_has_all_components() {
        let jpeg = |is_progressive, quality| {
            let mut jpeg = Vec::new();
            let mut encoder = Encoder::new(&mut jpeg, quality);
            encoder.set_progressive(is_progressive);
            encoder.encode(&[128; 8 * 8 * 3], 8, 8, ColorType::Rgb).unwrap();
            jpeg
        };
        assert_eq!(components_of_first_scan(&jpeg(false, 50)), Some(3));
        assert_eq!(components_of_first_scan(&jpeg(true, 50)), Some(1));
        assert_eq!(components_of_first_scan(b"\xff\xd8\xff\xe0\0\x01"), None);
    }

    #[test]
    fn what_can_be_seen_through_is_white() {
        let pixels = [[200, 0, 0, 0], [255, 0, 0, 51]].concat();
        let picture = decode(&png(2, 1, png::ColorType::Rgba, &pixels)).unwrap();
        let expected = Pixels { width: 2, height: 1, channels: 3, bytes: vec![255, 255, 255, 255, 204, 204] };
        assert_eq!(picture.thumbnail(), expected);
    }

    #[test]
    fn the_pixels_of_a_large_picture_are_means() {
        let rows = [[10, 30].repeat(320), [50, 70].repeat(320)].concat();
        let picture = decode(&png(640, 2, png::ColorType::Grayscale, &rows)).unwrap();
        let expected = Pixels { width: 320, height: 1, channels: 3, bytes: vec![40; 320 * 3] };
        assert_eq!(picture.thumbnail(), expected);
    }

    #[test]
    fn jpeg_pictures_are_read_in_grey_and_in_colour() {
        for (color, channels) in [(ColorType::Luma, 1), (ColorType::Rgb, 3), (ColorType::Cmyk, 4)] {
            let mut jpeg = Vec::new();
            Encoder::new(&mut jpeg, 100).encode(&vec![128; 400 * 100 * channels], 400, 100, color).unwrap();
            let small = small_copy(&jpeg).unwrap();
            assert_eq!((small.width, small.height), (320, 80), "{color:?}");
        }
    }
}
