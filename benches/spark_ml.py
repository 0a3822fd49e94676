"""Compares Spark ML's CountVectorizer with amc-keywords on the same shards.

    python benches/spark_ml.py keyword/keywords_lite.zip --shards 20 --master 'local[2]'

It needs the wheel with [spark], NumPy and Java. It prints the table of docs/scale.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from pyspark.ml import Pipeline
from pyspark.ml.feature import CountVectorizer, RegexTokenizer, StopWordsRemover, Tokenizer
from pyspark.sql import SparkSession, functions

from amc_keywords import read
from amc_keywords.spark import encode

MIN_DF = 6


def write_shards(archive: Path, count: int, folder: Path) -> list[str]:
    """Writes the keywords of a zip to JSON Lines, in the order of the images."""
    with zipfile.ZipFile(archive) as zipped:
        names = sorted(name for name in zipped.namelist() if name.endswith(".json"))
        size = -(-len(names) // count)
        for shard in range(count):
            with (folder / f"{shard:05}.jsonl").open("w", encoding="utf-8") as file:
                for name in names[shard * size : (shard + 1) * size]:
                    tags = json.loads(zipped.read(name))["tagging"]["keywords"]
                    file.write(json.dumps({"id": Path(name).stem, "tags": tags}) + "\n")
    return [str(path) for path in sorted(folder.glob("*.jsonl"))]


def stages(tokenizer: str) -> list[Any]:
    """The stages of a Spark ML pipeline from the column `text` to the column `counts`."""
    counter = CountVectorizer(inputCol="words", outputCol="counts", minDF=MIN_DF, vocabSize=1 << 24)
    if tokenizer == "Tokenizer":
        return [Tokenizer(inputCol="text", outputCol="words"), counter]
    pattern = RegexTokenizer(inputCol="text", outputCol="all", gaps=False, pattern=r"\b\w\w+\b")
    return [pattern, StopWordsRemover(inputCol="all", outputCol="words"), counter]


def spark_ml(
    spark: SparkSession, shards: list[str], tokenizer: str, partitions: int, out: Path
) -> tuple[list[str], float]:
    """The vocabulary in the order of its ids, and the seconds to learn, encode and write."""
    started = time.perf_counter()
    texts = spark.read.schema("id string, tags array<string>").json(shards).repartition(partitions)
    texts = texts.select("id", functions.array_join("tags", " ").alias("text"))
    model = Pipeline(stages=stages(tokenizer)).fit(texts)
    model.transform(texts).select("id", "counts").write.mode("overwrite").parquet(str(out))
    return model.stages[-1].vocabulary, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="a zip of keyword files")
    parser.add_argument("--shards", type=int, default=20)
    parser.add_argument("--master", default="local[2]")
    options = parser.parse_args()
    spark = SparkSession.builder.master(options.master).config("spark.ui.showConsoleProgress", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "in").mkdir()
        shards = write_shards(options.archive, options.shards, folder / "in")
        # The first job of a session also starts the Python workers.
        spark.sparkContext.parallelize(range(2), 2).map(str).collect()
        spark.read.json(shards[0]).count()
        started = time.perf_counter()
        encode(
            shards, str(folder / "out"), "set", shards_per_task=5, keywords_field="tags", id_field="id", min_df=MIN_DF
        )
        seconds = time.perf_counter() - started
        words = read(str(folder / "out")).words
        rows = [["amc-keywords", f"{len(words):,}", "0", "0", f"{len(words):,}", "0", f"{seconds:.1f} s"]]
        for tokenizer in ("Tokenizer", "RegexTokenizer"):
            found, seconds = spark_ml(spark, shards, tokenizer, 20, folder / "ml")
            again, _ = spark_ml(spark, shards, tokenizer, 7, folder / "ml")
            same = sum(a == b for a, b in zip(found, words))
            moved = len(found) - sum(a == b for a, b in zip(found, again))
            missing, added = len(set(words) - set(found)), len(set(found) - set(words))
            rows.append([tokenizer, *(f"{n:,}" for n in (len(found), missing, added, same, moved)), f"{seconds:.1f} s"])
    spark.stop()
    print("| | words | missing | added | words with the same id | ids that change with the partitions | time |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    sys.exit(main())
