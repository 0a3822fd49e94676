//! One entry of the central directory, and the advice for damaged archives.

/// The smallest size of the data before a member: the fixed part of its local header.
pub const LOCAL_HEADER: u64 = 30;

/// The entry of a member in the central directory. Sizes of 4 GiB and more are stored as
/// `u32::MAX`, which every limit refuses.
#[derive(Clone, Copy)]
pub struct ZipEntry {
    /// The position of the local header in the file.
    pub offset: u64,
    pub packed: u32,
    pub size: u32,
    pub crc: u32,
    pub method: u16,
    pub flags: u16,
}

impl ZipEntry {
    /// The work to read the member: its bytes in the file, or a sixteenth of its unpacked size.
    pub fn work(&self) -> u64 {
        u64::from(self.packed.max(self.size / 16)).max(1)
    }
}

/// The advice for a member that no archiver writes.
pub const ZIP_AGAIN: &str = "unzip it and zip the keyword files again";
/// The advice for damage.
pub const FETCH_AGAIN: &str = "download or zip it again; `unzip -t` checks every member";
