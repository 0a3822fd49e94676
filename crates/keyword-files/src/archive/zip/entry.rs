//! One entry of the central directory, and the advice for damaged archives.

/// What stands before a member's data at the least: the fixed part of its local header.
pub const LOCAL_HEADER: u64 = 30;

/// What the central directory says of a member. Sizes of 4 GiB and more are kept as `u32::MAX`: no
/// limit lets them pass.
#[derive(Clone, Copy)]
pub struct ZipEntry {
    /// Where the local header stands in the file.
    pub offset: u64,
    pub packed: u32,
    pub size: u32,
    pub crc: u32,
    pub method: u16,
    pub flags: u16,
}

/// The next step after a member that no honest archiver writes.
pub const ZIP_AGAIN: &str = "unzip it and zip the keyword files again";
/// The next step after damage.
pub const FETCH_AGAIN: &str = "download or zip it again; `unzip -t` checks every member";
