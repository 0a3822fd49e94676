//! input

// The pipeline does not call all of these yet.
#[allow(dead_code)]
pub(crate) mod archive;
#[allow(dead_code)]
pub(crate) mod extract;
#[allow(dead_code)]
pub(crate) mod folder;
#[allow(dead_code)]
pub(crate) mod names;
pub(crate) mod not_a_zip;
pub(crate) mod other_methods;
#[cfg(test)]
mod test_zips;
pub(crate) mod zip_archive;
pub(crate) mod zip_reader;
