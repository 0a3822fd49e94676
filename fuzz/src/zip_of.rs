//! A valid zip with members of any name. A fuzzer rarely finds one, because the checksums and the
//! offsets must be right.

/// The bytes themselves if they begin like a zip. Otherwise a zip of the members that they list.
pub fn zip_or_zip_of(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(b"PK") { bytes.to_vec() } else { zip_of(bytes) }
}

/// A zip in which each line is a member: its name, a tab and its content.
fn zip_of(bytes: &[u8]) -> Vec<u8> {
    let (mut zip, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for line in bytes.split(|&byte| byte == b'\n').take(100) {
        let tab = line.iter().position(|&byte| byte == b'\t').unwrap_or(line.len());
        let (name, content) = (&line[..tab.min(1000)], line.get(tab + 1..).unwrap_or_default());
        let offset = zip.len() as u32;
        let both = both(name, content);
        zip.extend([b"PK\x03\x04".as_slice(), &both, name, content].concat());
        let rest = [[0; 10].as_slice(), &offset.to_le_bytes()].concat();
        directory.extend([b"PK\x01\x02\x14\0".as_slice(), &both, &rest, name].concat());
        count += 1;
    }
    let numbers = [[0; 4].as_slice(), &count.to_le_bytes(), &count.to_le_bytes()].concat();
    let places = [(directory.len() as u32).to_le_bytes(), (zip.len() as u32).to_le_bytes()].concat();
    [zip, directory, b"PK\x05\x06".to_vec(), numbers, places, vec![0; 2]].concat()
}

/// The fields that the local header and the directory share: version, flags, method, time, CRC,
/// sizes and the length of the name.
fn both(name: &[u8], content: &[u8]) -> Vec<u8> {
    let size = (content.len() as u32).to_le_bytes();
    let crc = crc32fast::hash(content).to_le_bytes();
    let name = (name.len() as u16).to_le_bytes();
    [[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0].as_slice(), &crc, &size, &size, &name, &[0, 0]].concat()
}
