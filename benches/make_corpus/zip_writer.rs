//! Zip archives of many small members, packed on all cores and written in order.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

use anyhow::{Context, bail};
use libdeflater::{CompressionLvl, Compressor};

const LEVEL: i32 = 6;
/// How many members are packed at a time.
const BLOCK: u64 = 1024;
/// 4 April 2017, midnight.
const DATE: u16 = (2017 - 1980) << 9 | 4 << 5 | 4;
const DEFLATED: u16 = 8;
const VERSION: u16 = 20;
const UNIX: u16 = 3 << 8;
const MODE: u32 = 0o644 << 16;

/// Writes members into a zip archive.
pub struct ZipWriter {
    file: BufWriter<File>,
    offset: u64,
    directory: Vec<u8>,
    members: u64,
}

/// Names and fills member number so and so; one a thread.
pub trait Members: FnMut(u64, &mut String, &mut String) {}
impl<T: FnMut(u64, &mut String, &mut String)> Members for T {}

impl ZipWriter {
    /// Begins an archive at `path`.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        Ok(ZipWriter { file: BufWriter::with_capacity(1 << 20, file), offset: 0, directory: Vec::new(), members: 0 })
    }

    /// Adds one member.
    pub fn add(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        let mut block = Block::default();
        block.add(&mut compressor(), name, text.as_bytes())?;
        self.append(block)
    }

    /// Adds members number 0 up to `count`. Each thread calls `members` once for what makes them.
    pub fn add_many<M: Members>(&mut self, count: u64, members: impl Fn() -> M + Sync) -> anyhow::Result<()> {
        let threads = thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
        let blocks = count.div_ceil(BLOCK);
        thread::scope(|scope| {
            // Thread t packs every t-th block, so that taking turns among the threads keeps the order.
            let packed: Vec<_> = (0..threads)
                .map(|thread| {
                    let (sender, receiver) = sync_channel(2);
                    let members = &members;
                    scope.spawn(move || {
                        let (mut member, mut compressor) = (members(), compressor());
                        for block in (thread..blocks).step_by(threads as usize) {
                            let range = block * BLOCK..count.min((block + 1) * BLOCK);
                            if sender.send(Block::pack(&mut compressor, range, &mut member)).is_err() {
                                break;
                            }
                        }
                    });
                    receiver
                })
                .collect();
            for block in 0..blocks {
                self.append(packed[(block % threads) as usize].recv().context("a thread has died")??)?;
            }
            Ok(())
        })
    }

    /// Writes the directory.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let (members, size, start) = (self.members, self.directory.len() as u64, self.offset);
        self.file.write_all(&self.directory)?;
        let (many, far) = (members >= 0xffff, start + size >= u64::from(u32::MAX));
        if many || far {
            let [old, new] = [VERSION, 45];
            let mut end = Vec::from(*b"PK\x06\x06");
            end.extend_from_slice(&44_u64.to_le_bytes());
            end.extend_from_slice([old | UNIX, new].map(u16::to_le_bytes).as_flattened());
            end.extend_from_slice(&[0; 8]);
            end.extend_from_slice([members, members, size, start].map(u64::to_le_bytes).as_flattened());
            end.extend_from_slice(b"PK\x06\x07\0\0\0\0");
            end.extend_from_slice(&(start + size).to_le_bytes());
            end.extend_from_slice(&1_u32.to_le_bytes());
            self.file.write_all(&end)?;
        }
        let members = u16::try_from(members).unwrap_or(u16::MAX);
        let mut end = Vec::from(*b"PK\x05\x06\0\0\0\0");
        end.extend_from_slice([members, members].map(u16::to_le_bytes).as_flattened());
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        end.extend_from_slice([number(size), number(start)].map(u32::to_le_bytes).as_flattened());
        end.extend_from_slice(&[0; 2]);
        self.file.write_all(&end)?;
        self.file.flush()?;
        Ok(())
    }

    fn append(&mut self, block: Block) -> anyhow::Result<()> {
        self.file.write_all(&block.bytes)?;
        for Entry { name, start, fields } in &block.entries {
            let Ok(offset) = u32::try_from(self.offset + start) else { bail!("the archive passes 4 GiB: make fewer images") };
            self.directory.extend_from_slice(b"PK\x01\x02");
            self.directory.extend_from_slice(&(VERSION | UNIX).to_le_bytes());
            self.directory.extend_from_slice(fields);
            self.directory.extend_from_slice(&[0; 6]);
            self.directory.extend_from_slice(&MODE.to_le_bytes());
            self.directory.extend_from_slice(&offset.to_le_bytes());
            self.directory.extend_from_slice(name.as_bytes());
        }
        self.offset += block.bytes.len() as u64;
        self.members += block.entries.len() as u64;
        Ok(())
    }
}

/// Members that are packed and not written yet.
#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    /// Where its local header is in the block.
    start: u64,
    /// What local and central header have in common, from the version needed to the length of the
    /// extra field.
    fields: [u8; 26],
}

impl Block {
    fn pack(compressor: &mut Compressor, range: std::ops::Range<u64>, member: &mut impl Members) -> anyhow::Result<Block> {
        let (mut block, mut name, mut text) = (Block::default(), String::new(), String::new());
        for number in range {
            name.clear();
            text.clear();
            member(number, &mut name, &mut text);
            block.add(compressor, &name, text.as_bytes())?;
        }
        Ok(block)
    }

    fn add(&mut self, compressor: &mut Compressor, name: &str, text: &[u8]) -> anyhow::Result<()> {
        let start = self.bytes.len();
        let data = start + 30 + name.len();
        self.bytes.resize(data + compressor.deflate_compress_bound(text.len()), 0);
        let packed = compressor.deflate_compress(text, &mut self.bytes[data..]).context("a member does not fit its bound")?;
        self.bytes.truncate(data + packed);
        let sizes = [packed, text.len()].map(u32::try_from);
        let [Ok(packed), Ok(size)] = sizes else { bail!("{name} has 4 GiB or more") };
        let mut fields = [0; 26];
        fields[..10].copy_from_slice([VERSION, 0, DEFLATED, 0, DATE].map(u16::to_le_bytes).as_flattened());
        fields[10..22].copy_from_slice([crc32fast::hash(text), packed, size].map(u32::to_le_bytes).as_flattened());
        fields[22..24].copy_from_slice(&u16::try_from(name.len())?.to_le_bytes());
        self.bytes[start..start + 4].copy_from_slice(b"PK\x03\x04");
        self.bytes[start + 4..start + 30].copy_from_slice(&fields);
        self.bytes[start + 30..data].copy_from_slice(name.as_bytes());
        self.entries.push(Entry { name: name.to_owned(), start: start as u64, fields });
        Ok(())
    }
}

fn compressor() -> Compressor {
    Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default())
}
