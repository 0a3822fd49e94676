//! A row an image for data frames: id, name, words, word ids.

use std::ops::Range;

use super::encoded::{Desk, Encoded};
use super::pieces::{BLOCK_IMAGES, BLOCK_ROWS, whole_images};
use super::walk::walk;
use super::{Writing, Written};
use crate::error::{Problem, Result};
use crate::output::parquet_file::{Images, ParquetWriter};
use crate::pipeline::times::lap;

/// A row group is written once it has so many images or so many words.
const GROUP_IMAGES: usize = 1 << 16;
const GROUP_WORDS: usize = 4 << 20;

/// A list must be handed to its column whole; no image has nearly so many words.
const MOST_WORDS: usize = 1 << 20;

/// Writes the table as `name`.
pub(super) fn write(encoded: Encoded<'_>, name: &str, writing: Writing<'_>, written: &mut Written) -> Result<()> {
    let mut file = ParquetWriter::create(writing.files, name, writing.emit.dtype, encoded.vocabulary)?;
    let pieces = whole_images(encoded.documents, BLOCK_ROWS, BLOCK_IMAGES);
    let make = |desk: &mut Desk, places: &Range<usize>| {
        let mut clock = writing.stopwatch.start();
        let images = images(encoded, places.clone(), desk)?;
        let work = lap(&mut clock, 4 * images.words.len() as u64);
        Ok((images, work))
    };
    let mut group = Images::default();
    walk(writing, &pieces, make, |(images, work)| {
        written.times.rows += work;
        group.extend(&images);
        if group.ids.len() >= GROUP_IMAGES || group.words.len() >= GROUP_WORDS {
            file.write_group(std::mem::take(&mut group))?;
        }
        Ok(())
    })?;
    if !group.ids.is_empty() {
        file.write_group(group)?;
    }
    written.add(file.finish()?);
    Ok(())
}

fn images(encoded: Encoded<'_>, places: Range<usize>, desk: &mut Desk) -> Result<Images> {
    let mut images = Images::default();
    for place in places {
        let Some(words) = encoded.words_of(place, MOST_WORDS + 1, desk)? else { continue };
        let name = encoded.split.image_name(place);
        if words.len() > MOST_WORDS {
            let what = format!("more than {MOST_WORDS} words do not fit into a row of Parquet");
            let problem = Problem::new(encoded.split.path_of(place), what).in_member(name);
            return Err(problem.hint("leave parquet out of --emit").into());
        }
        images.ids.push(encoded.image_id(place) as i64);
        images.names.push(&name);
        images.lens.push(words.len());
        images.words.extend_from_slice(words);
    }
    Ok(images)
}
