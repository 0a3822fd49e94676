//! Where images, their order and their keyword files come from: the files that are read, one module a format.

pub(crate) mod archive;
pub(crate) mod bounded;
pub(crate) mod coco_file;
pub(crate) mod extract;
pub(crate) mod folder;
pub(crate) mod id_map;
pub(crate) mod json;
mod json_numbers;
pub(crate) mod keyword_file;
pub(crate) mod list_file;
pub(crate) mod names;
pub(crate) mod not_a_zip;
pub(crate) mod other_methods;
pub(crate) mod pickle;
pub(crate) mod positioned;
pub(crate) mod record_file;
pub(crate) mod source;
mod stop_word_file;
#[cfg(test)]
mod test_zips;
pub(crate) mod utf8_reader;
pub(crate) mod vocabulary_file;
pub(crate) mod zip_archive;
pub(crate) mod zip_reader;
