//! The field that names the image of a record.

use super::candidates::{is_file_name, key_of, last_key, path_option, without_number};
use super::field_names::{id_rank, is_image_name, keyword_score};
use super::field_values::{FieldTable, FieldValues, Step};

/// A field that could hold the names of images.
#[derive(Debug, Clone)]
pub(crate) struct NameField {
    /// The path as `--id-field` takes it.
    pub path: String,
    pub example: String,
    /// The pattern that selects the name of the image in that of a caption.
    pub pattern: Option<&'static str>,
    /// Whether the names repeat, so that rows must be grouped.
    pub is_repeated: bool,
    /// Whether the values, or the name of the field, are those of images.
    is_of_images: bool,
    rank: usize,
}

impl NameField {
    /// Whether the field names the images by its name, and each image once.
    pub fn is_certain(&self) -> bool {
        self.rank < CODE_RANK && !self.is_repeated
    }
}

/// Names whose rank is lower say nothing about images.
const UNKNOWN_RANK: usize = 1000;
/// The rank of fields with codes, which count only if no other field names the images.
const CODE_RANK: usize = 500;

/// The fields that could hold the names of images, the best one first. `keywords` is the field of
/// the keywords.
pub(crate) fn find_name_fields(table: &FieldTable, records: usize, keywords: &[Step]) -> Vec<NameField> {
    let fields = table.fields.iter().filter(|(path, _)| path != keywords && path.iter().all(|step| key_of(step).is_some()));
    let mut names: Vec<NameField> = fields.filter_map(|(path, values)| name_field(path, values, records)).collect();
    if names.iter().any(|name| name.rank < CODE_RANK) {
        names.retain(|name| name.rank < CODE_RANK);
    }
    // A name that is unique is better than one that repeats. But a table with a row for each
    // keyword may number its rows.
    let numbers_rows = !names.iter().any(|name| name.is_of_images && !name.is_repeated);
    let is_long_table = |name: &NameField| numbers_rows && name.is_of_images && name.is_repeated;
    names.sort_by_key(|name| (!is_long_table(name), name.is_repeated, name.rank));
    names
}

/// Whether the values are ASCII texts without white space.
fn are_codes(values: &FieldValues) -> bool {
    let is_code = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    values.numbers.is_empty() && values.texts.len() > 1 && values.texts.iter().all(is_code)
}

fn name_field(path: &[Step], values: &FieldValues, records: usize) -> Option<NameField> {
    let is_whole = |number: &String| number.bytes().all(|byte| byte.is_ascii_digit());
    let is_scalar = values.texts.len() + values.numbers.len() == values.present;
    if path.is_empty() || records == 0 || values.present < records || !is_scalar || !values.numbers.iter().all(is_whole) {
        return None;
    }
    let are_captions = values.scalars().all(|name| without_number(name).len() < name.len());
    let is_repeated = are_captions || !values.is_unique();
    let key = last_key(path)?;
    let are_files = values.texts.iter().filter(|text| is_file_name(text)).count() * 2 > records;
    let rank = match id_rank(key) {
        Some(rank) => rank + 100 * (path.len() - 1),
        None if are_files => 60,
        None if is_image_name(key) => 70,
        None if key.to_lowercase().ends_with("id") && !is_repeated => 80,
        None if !is_repeated && keyword_score(key) == 0.0 && are_codes(values) => CODE_RANK,
        None => return None,
    };
    let example = values.scalars().next().unwrap_or_default().to_owned();
    let is_name = rank < UNKNOWN_RANK && values.scalars().all(|value| !value.is_empty());
    let pattern = are_captions.then_some("^(.+)#[0-9]+$");
    let is_of_images = are_files || is_image_name(key);
    is_name.then_some(NameField { path: path_option(path)?, example, pattern, is_repeated, is_of_images, rank })
}
