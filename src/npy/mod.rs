//! NumPy's `.npy` and `.npz` formats: headers in both directions, and writers that hash what they
//! write. Nothing here knows a run, an image id or an option.

pub(crate) mod array;
pub(crate) mod hashing_writer;
pub(crate) mod header;
pub(crate) mod npz;
pub(crate) mod sha256;
