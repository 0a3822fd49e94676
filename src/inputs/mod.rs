//! The small files that a user gives in addition to the keywords: image list, id map, stop words,
//! vocabulary.

pub(crate) mod id_map;
pub(crate) mod list_file;
pub(crate) mod long_list;
pub(crate) mod stop_word_file;
pub(crate) mod vocabulary_file;
