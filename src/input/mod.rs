//! input

// Nothing reads a map or a vocabulary yet: the allowance goes when the first reader comes.
#[allow(dead_code)]
pub(crate) mod id_map;
#[allow(dead_code)]
pub(crate) mod pickle;
