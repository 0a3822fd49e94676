//! NumPy's `.npy` and `.npz` formats: headers in both directions, and writers that hash what they
//! write. Nothing here knows a run, an image id or an option.

pub mod array;
pub mod hashing_writer;
pub mod header;
pub mod npz;
pub mod sha256;
