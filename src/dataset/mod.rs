//! Which images there are, in which order, and where their keywords are. Each data set is one file.

pub(crate) mod clickture;
pub(crate) mod collection;
pub(crate) mod fields;
pub(crate) mod files;
pub(crate) mod image;
pub(crate) mod image_ids;
mod image_list;
pub(crate) mod image_set;
pub(crate) mod mscoco;
pub(crate) mod near_names;
pub(crate) mod plan;
pub(crate) mod record_fields;
pub(crate) mod repeats;
pub(crate) mod samples;
pub(crate) mod split;
pub(crate) mod split_source;
