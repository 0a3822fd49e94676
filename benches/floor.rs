//! The least that any encoder must do on this machine, as a measure for others:
//!
//! ```text
//! cargo run --release -p benches --bin floor -- ZIP ROWS OUT
//! ```
//!
//! It inflates and checks every member of ZIP on all cores with libdeflate. Then it writes ROWS rows
//! of 16 bytes to OUT. It parses nothing, and it knows neither words nor an order. Each thread reads
//! large adjacent pieces of the archive through its own file handle. A memory map takes the same
//! time (see `benches/README.md`). The archive must be sound.

#![allow(clippy::indexing_slicing)]

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, ensure};
use libdeflater::Decompressor;
use rawzip::{MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ZipLocator};

/// How many bytes of the archive a thread takes at a time.
const PIECE: u64 = 512 << 10;
const LOCAL_HEADER: usize = 30;
const ROW_BYTES: u64 = 16;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [zip, rows, out] = arguments.as_slice() else { anyhow::bail!("usage: floor ZIP ROWS OUT") };
    let archive = list(Path::new(zip)).with_context(|| zip.clone())?;
    let bytes = inflate_all(Path::new(zip), &archive).with_context(|| zip.clone())?;
    let rows: u64 = rows.parse().context("ROWS is a whole number")?;
    write_rows(Path::new(out), rows).with_context(|| out.clone())?;
    println!("{} members, {bytes} bytes inflated, {rows} rows written", archive.members.len());
    Ok(())
}

struct Archive {
    /// In the order in which they lie in the file.
    members: Vec<Member>,
    /// Where the last one must have ended.
    end: u64,
}

struct Member {
    offset: u64,
    packed: usize,
    size: usize,
    crc: u32,
    is_deflated: bool,
}

fn list(path: &Path) -> anyhow::Result<Archive> {
    let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let directory = ZipLocator::new().locate_in_file(File::open(path)?, &mut buffer).map_err(|(_, error)| error)?;
    let mut members = Vec::with_capacity(usize::try_from(directory.entries_hint())?);
    let mut entries = directory.entries(&mut buffer);
    while let Some(entry) = entries.next_entry()? {
        members.push(Member {
            offset: entry.local_header_offset(),
            packed: usize::try_from(entry.compressed_size_hint())?,
            size: usize::try_from(entry.uncompressed_size_hint())?,
            crc: entry.crc32(),
            is_deflated: entry.compression_method().as_u16() == 8,
        });
    }
    members.sort_unstable_by_key(|member| member.offset);
    Ok(Archive { members, end: directory.directory_offset() })
}

/// Gives the bytes that all members have together.
fn inflate_all(path: &Path, archive: &Archive) -> anyhow::Result<u64> {
    let pieces: Vec<&[Member]> = archive.members.chunk_by(|member, next| member.offset / PIECE == next.offset / PIECE).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut inflater =
            Inflater { file: File::open(path)?, inflate: Decompressor::new(), window: Vec::new(), out: Vec::new() };
        let mut bytes = 0;
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            let Some(members) = pieces.get(piece) else { return Ok(bytes) };
            let end = pieces.get(piece + 1).map_or(archive.end, |next| next[0].offset);
            bytes += inflater.piece(members, end)?;
        }
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).sum()
    })
}

struct Inflater {
    file: File,
    inflate: Decompressor,
    window: Vec<u8>,
    out: Vec<u8>,
}

impl Inflater {
    /// Inflates and checks neighbouring members, which end before `end`.
    fn piece(&mut self, members: &[Member], end: u64) -> anyhow::Result<u64> {
        let start = members[0].offset;
        self.window.resize(usize::try_from(end - start)?, 0);
        self.file.seek(SeekFrom::Start(start))?;
        self.file.read_exact(&mut self.window)?;
        let mut bytes = 0;
        for member in members {
            let header = &self.window[(member.offset - start) as usize..];
            let length = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
            let data = LOCAL_HEADER + length(26) + length(28);
            let packed = &header[data..data + member.packed];
            self.out.resize(member.size, 0);
            if member.is_deflated {
                self.inflate.deflate_decompress(packed, &mut self.out)?;
            } else {
                self.out.copy_from_slice(packed);
            }
            ensure!(crc32fast::hash(&self.out) == member.crc, "the member at byte {} is damaged", member.offset);
            bytes += member.size as u64;
        }
        Ok(bytes)
    }
}

fn write_rows(path: &Path, rows: u64) -> anyhow::Result<()> {
    let block = vec![7; 1 << 20];
    let mut out = File::create(path)?;
    let mut left = rows * ROW_BYTES;
    while left > 0 {
        let now = left.min(block.len() as u64);
        out.write_all(&block[..now as usize])?;
        left -= now;
    }
    Ok(())
}
