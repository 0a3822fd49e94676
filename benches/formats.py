#!/usr/bin/env python3
"""Compares the record formats of `encode`: the same images as JSON Lines, JSON list, JSON map, CSV and Parquet.

    cargo build --release --locked && python3 benches/formats.py

Times are processor seconds on one thread, which other processes disturb least. Parquet needs pyarrow and is left out
without it."""
import argparse
import csv
import importlib.util
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

from measure import Job, busy, in_turns, peak, sha256

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
FIELDS = ["--keywords-field", "tags", "--id-field", "id"]
# The file and the options of each format, the one to compare with first.
FORMATS = {
    "JSON Lines": ("images.jsonl", FIELDS),
    "JSON list": ("list.json", FIELDS),
    "JSON list, pretty": ("pretty.json", FIELDS),
    "JSON map": ("map.json", []),
    "CSV": ("images.csv", [*FIELDS, "--separator", "|"]),
    "Parquet": ("images.parquet", FIELDS),
}
BATCH = 10_000


def keywords(images):
    """About ten keywords of one or two words for each image. A few words are frequent and most are rare."""
    chance = random.Random(7)
    syllables = [a + b for a in "bcdfgklmnprstv" for b in ("a", "e", "i", "o", "u", "\u00e9")]
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(60_000)]
    for _ in range(images):
        ranks = (int(60_000 * chance.random() ** 4) for _ in range(chance.randint(4, 16)))
        yield [words[rank] + (" " + words[rank // 7] if rank % 3 == 0 else "") for rank in ranks]


def make(folder, images):
    """Writes the images in every format, and holds only a few of them."""
    with (
        open(folder / "images.jsonl", "w", encoding="utf-8") as lines,
        open(folder / "list.json", "w", encoding="utf-8") as whole,
        open(folder / "pretty.json", "w", encoding="utf-8") as pretty,
        open(folder / "map.json", "w", encoding="utf-8") as by_name,
        open(folder / "images.csv", "w", encoding="utf-8", newline="") as table,
    ):
        rows = csv.writer(table)
        rows.writerow(["id", "tags"])
        parquet = ParquetFile(folder / "images.parquet") if importlib.util.find_spec("pyarrow") else None
        for number, tags in enumerate(keywords(images)):
            record = {"id": number, "tags": tags}
            text = json.dumps(record, ensure_ascii=False)
            before = "[\n" if number == 0 else ",\n"
            lines.write(text + "\n")
            whole.write(before + text)
            pretty.write(before + json.dumps(record, ensure_ascii=False, indent=2))
            by_name.write(("{\n" if number == 0 else ",\n") + f'"{number}": ' + json.dumps(tags, ensure_ascii=False))
            rows.writerow([number, "|".join(tags)])
            if parquet:
                parquet.add(number, tags)
        whole.write("\n]\n")
        pretty.write("\n]\n")
        by_name.write("\n}\n")
        if parquet:
            parquet.close()


class ParquetFile:
    """A table that is written in row groups of [`BATCH`] images."""

    def __init__(self, path):
        import pyarrow
        import pyarrow.parquet

        self.arrow = pyarrow
        self.schema = pyarrow.schema([("id", pyarrow.int64()), ("tags", pyarrow.list_(pyarrow.string()))])
        self.writer = pyarrow.parquet.ParquetWriter(path, self.schema, compression="zstd")
        self.ids, self.tags = [], []

    def add(self, number, tags):
        self.ids.append(number)
        self.tags.append(tags)
        if len(self.ids) == BATCH:
            self.flush()

    def flush(self):
        self.writer.write_table(self.arrow.table([self.ids, self.tags], schema=self.schema))
        self.ids, self.tags = [], []

    def close(self):
        if self.ids:
            self.flush()
        self.writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binary", type=pathlib.Path, default=REPOSITORY / "target" / "release" / "amc-keywords")
    parser.add_argument("--data", type=pathlib.Path, default=REPOSITORY / "target" / "bench-data" / "formats")
    parser.add_argument("--make", action="store_true", help="only make the data")
    options = parser.parse_args()
    folder = options.data / str(options.images)
    if options.make:
        folder.mkdir(parents=True, exist_ok=True)
        make(folder, options.images)
        (folder / "made").touch()
        return
    if not (folder / "made").exists():
        # A process of its own: its memory would count as that of the tool.
        subprocess.run([sys.executable, __file__, "--make", "--images", str(options.images), "--data", options.data], check=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        out = pathlib.Path(scratch) / "out"
        jobs = {
            name: Job([options.binary, "encode", folder / file, *fields, "--name", "set", "--out", out, "-j", "1", "-q"], outputs=[out])
            for name, (file, fields) in FORMATS.items()
            if (folder / file).exists()
        }
        check(jobs, out)
        taken = in_turns(jobs, options.rounds)
    report(folder, taken)


def check(jobs, out):
    """Every format must give the same bytes."""
    expected = None
    for name, job in jobs.items():
        job.run(keep=True)
        made = [sha256(out / file) for file in ("img_keyword_ind_set_sk_6.npy", "vocabulary_set_sk_6.json")]
        expected = expected or made
        if made != expected:
            sys.exit(f"{name} gives other bytes than JSON Lines")
        job.clear()


def report(folder, taken):
    first = taken["JSON Lines"]
    print("| format | size | processor seconds | to JSON Lines | peak memory | to JSON Lines |\n|---|---|---|---|---|---|")
    for name, runs in taken.items():
        size = (folder / FORMATS[name][0]).stat().st_size
        ratio = statistics.median(run.busy / other.busy for run, other in zip(runs, first))
        memory = peak(runs) / peak(first)
        print(f"| {name} | {size / 2**20:.0f} MiB | {busy(runs):.2f} | {ratio:.2f} | {peak(runs) / 2**20:.0f} MiB | {memory:.2f} |")


if __name__ == "__main__":
    main()
