"""Measures the steps of a sharded run, and models large sets with the results.

    python benches/scale.py --parts 100,1000,10000 --executors 10,100

It needs the wheel with [spark], or the package in PYTHONPATH and AMC_KEYWORDS_BINARY. Without
pyspark or Java, the time to schedule a task is an assumed value.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from amc_keywords import binary
from amc_keywords.engines import Local, Spark
from amc_keywords.job import Job, Part, Step, count
from measure import Run, process

#: Words per image, and distinct words as a power of the number of images: those of Tate's titles.
WORDS_PER_IMAGE = 17
GROWTH = 0.57
#: Parts that are counted for `learn`. The others are copies.
TEMPLATES = 50


@dataclasses.dataclass
class Assumed:
    """Values of the model that this machine cannot measure."""

    images_per_shard: int = 10_000
    shards_per_task: int = 10
    cores_per_executor: int = 4
    #: A tar with pictures: bytes per image, and bytes per second and core from an object store.
    bytes_per_image: float = 50e3
    bytes_per_second: float = 25e6
    #: Bytes per second that the driver copies from the object store.
    driver_bytes_per_second: float = 200e6
    schedule: float = 0.01


@dataclasses.dataclass
class Measured:
    """Seconds of one core."""

    count_start: float = 0.0
    count_image: float = 0.0
    encode_start: float = 0.0
    encode_image: float = 0.0
    learn_row: float = 0.0
    bytes_of_terms: float = 0.0
    bytes_of_image: float = 0.0
    schedule: float | None = None


class Corpus:
    """Images whose words follow Zipf's law, so that new words keep appearing."""

    def __init__(self, seed: int, images: int) -> None:
        self.random = random.Random(seed)
        size = int(4 * (images * WORDS_PER_IMAGE) ** GROWTH) + 1000
        self.words = [f'"w{rank:x}"' for rank in range(size)]
        self.weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(size)))

    def shard(self, path: Path, first: int, images: int) -> str:
        words = self.random.choices(self.words, cum_weights=self.weights, k=images * WORDS_PER_IMAGE)
        with path.open("w", encoding="utf-8") as file:
            for n in range(images):
                tags = ",".join(words[n * WORDS_PER_IMAGE : (n + 1) * WORDS_PER_IMAGE])
                file.write(f'{{"id": {first + n}, "tags": [{tags}]}}\n')
        return str(path)


OPTIONS = ("--keywords-field", "tags", "--id-field", "id")


def tool(*words: Any) -> Run:
    return process([binary(), "shards", *map(str, words), "--quiet", "--progress", "none"])


def count_and_encode(folder: Path, measured: Measured) -> None:
    """The cost of a shard with few images and of one with many, on one core."""
    sizes = (10, 20_000)
    corpus = Corpus(1, sum(sizes))
    shards = [corpus.shard(folder / f"{images}.jsonl", number * 10, images) for number, images in enumerate(sizes)]
    out = folder / "set"
    counts = [tool("count", shard, "--out", out, "--part", n, "-j", 1, *OPTIONS) for n, shard in enumerate(shards)]
    tool("learn", out, "--name", "set", "--parts", len(sizes), "--min-df", 1)
    encodes = [tool("encode", out, "--part", n, "-j", 1) for n in range(len(sizes))]
    measured.count_start, measured.count_image = line(sizes, [run.busy for run in counts])
    measured.encode_start, measured.encode_image = line(sizes, [run.busy for run in encodes])
    part = out / "parts" / "00001"
    measured.bytes_of_image = (part / "images.parquet").stat().st_size / sizes[1]


def line(places: tuple[int, ...], values: list[float]) -> tuple[float, float]:
    """Start and slope of the line through two points."""
    slope = (values[1] - values[0]) / (places[1] - places[0])
    return max(values[0] - slope * places[0], 0.0), max(slope, 0.0)


def learn(folder: Path, sizes: list[int], images: int, measured: Measured) -> list[str]:
    """The time and the memory of `learn` for many parts, which are copies of some counted ones.

    The images have no names, so a copy is a part with other images.
    """
    templates = folder / "templates"
    templates.mkdir()
    corpus = Corpus(2, TEMPLATES * images)
    parts = [Part(n, (corpus.shard(templates / f"{n:05}.jsonl", 0, images),)) for n in range(TEMPLATES)]
    step = Step("count", count, Job(str(templates), "set", ("--keywords-field", "tags")))
    errors = [outcome.error for outcome in Local().map(step, parts) if outcome.error]
    if errors:
        raise SystemExit(errors[0])
    table = []
    for size in sizes:
        out = folder / f"set-{size}"
        rows = sum(copy_part(templates / parts[n % TEMPLATES].folder, out, n) for n in range(size))
        run = tool("learn", out, "--name", "set", "--parts", size, "--min-df", 2, "-j", 1)
        cells = (f"{size:,}", f"{size * images:,}", f"{rows:,}", f"{run.seconds:.1f} s", f"{run.busy:.1f} s")
        table.append(f"| {' | '.join(cells)} | {run.peak / 2**20:.0f} MiB |")
        measured.learn_row = run.busy / rows
        shutil.rmtree(out)
    terms = [templates / part.folder / "terms.parquet" for part in parts]
    measured.bytes_of_terms = sum(path.stat().st_size for path in terms) / rows * size / TEMPLATES
    return table


def copy_part(template: Path, out: Path, number: int) -> int:
    """Makes a part with the files of another one. Returns the number of its terms."""
    part = out / Part(number, ()).folder
    shutil.copytree(template, part, copy_function=os.link)
    record = json.loads((part / "record.json").read_text())
    (part / "record.json").unlink()
    (part / "record.json").write_text(json.dumps({**record, "part": number}))
    return int(record["counts"]["terms"])


def schedule(tasks: int) -> float | None:
    """Seconds that Spark takes for a task that does nothing, on executors of one core."""
    if not tasks or not shutil.which("java"):
        return None
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        return None
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = SparkSession.builder.master("local-cluster[2,1,1024]").getOrCreate()
    try:
        engine = Spark(spark.sparkContext)
        engine.map(str, range(20))
        started = time.perf_counter()
        engine.map(str, range(tasks))
        return 2 * (time.perf_counter() - started) / tasks
    finally:
        spark.stop()


def model(images: float, executors: int, measured: Measured, assumed: Assumed) -> list[float]:
    """Seconds to read, count, learn and encode, and in all."""
    cores = executors * assumed.cores_per_executor
    shards = images / assumed.images_per_shard
    tasks = shards / assumed.shards_per_task
    terms_per_task = terms(assumed.images_per_shard * assumed.shards_per_task)
    per_task = assumed.schedule if measured.schedule is None else measured.schedule
    read = images * assumed.bytes_per_image / assumed.bytes_per_second / cores
    counting = (images * measured.count_image + tasks * (measured.count_start + per_task)) / cores
    copied = tasks * terms_per_task * measured.bytes_of_terms + images * measured.bytes_of_image
    learning = tasks * terms_per_task * measured.learn_row + copied / assumed.driver_bytes_per_second
    encoding = (images * measured.encode_image + tasks * (measured.encode_start + per_task)) / cores
    return [read, counting, learning, encoding, read + counting + learning + encoding]


def terms(images: float) -> float:
    """The number of distinct terms of a number of images."""
    return 4 * (images * WORDS_PER_IMAGE) ** GROWTH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="100,1000", help="numbers of parts for learn, joined by commas")
    parser.add_argument("--images", type=int, default=1000, help="images of each of these parts")
    parser.add_argument("--executors", default="10,100", help="numbers of executors of the model")
    parser.add_argument("--tasks", type=int, default=400, help="tasks that Spark schedules, or 0 for an assumed time")
    options = parser.parse_args()
    measured, assumed = Measured(), Assumed()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as scratch:
        count_and_encode(Path(scratch), measured)
        table = learn(Path(scratch), [int(n) for n in options.parts.split(",")], options.images, measured)
    measured.schedule = schedule(options.tasks)
    print(
        "| parts | images | term rows | time | processor time | peak memory |\n|---|---|---|---|---|---|",
        *table,
        sep="\n",
    )
    print(f"\nload of the machine: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
    for title, values in (("measured", measured), ("assumed", assumed)):
        print(f"\n{title}:", *(f"  {name} {value}" for name, value in dataclasses.asdict(values).items()), sep="\n")
    print("\n| images | executors | read | count | learn | encode | total |\n|---|---|---|---|---|---|---|")
    for images in (40e6, 400e6):
        for executors in map(int, options.executors.split(",")):
            cells = [f"{seconds:,.0f} s" for seconds in model(images, executors, measured, assumed)]
            print(f"| {images / 1e6:.0f} M | {executors} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
