"""Encodes shards on Apache Spark.

    python -m amc_keywords.spark 's3://bucket/web/{00000..39999}.tar' \\
        --out s3://bucket/keywords --name web --keywords-field tags
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .engines import Spark
from .job import COUNT_OPTIONS, LEARN_OPTIONS, JobError, run_job

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def encode(
    shards: str | Sequence[str],
    out: str,
    name: str,
    *,
    spark: SparkSession | None = None,
    shards_per_task: int = 10,
    concat: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Encodes shards on the active Spark session, and returns the summary of the set.

    `options` are those of `amc-keywords encode`, with underscores: `keywords_field="tags"`.
    If there is no active session, one is created and stopped again.

    Raises:
        JobError: The data or the options are wrong. Each line of the message is one error.
    """
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    is_running = spark is not None or SparkContext._active_spark_context is not None
    session = spark or SparkSession.builder.appName("amc-keywords").getOrCreate()
    try:
        engine = Spark(session.sparkContext)
        return run_job(shards, out, name, engine, shards_per_task=shards_per_task, concat=concat, **options)
    finally:
        if not is_running:
            session.stop()


def parser() -> argparse.ArgumentParser:
    """The command line of this module."""
    result = argparse.ArgumentParser(
        prog="python -m amc_keywords.spark",
        description="Encode the keywords of shards on Apache Spark.",
        epilog="Other options are those of `amc-keywords shards count` and `learn`.",
        allow_abbrev=False,
    )
    result.add_argument("shards", nargs="+", help="shards; {000..999}, {a,b}, * and ? are expanded")
    result.add_argument("--out", required=True, metavar="DIR", help="write the set to this folder")
    result.add_argument("--name", required=True, help="use this name in output files")
    result.add_argument("--master", metavar="URL", help="connect to this cluster")
    result.add_argument("--shards-per-task", type=int, default=10, metavar="N", help="shards of a part [default: 10]")
    result.add_argument("--concat", action="store_true", help="also write the matrix as one file")
    for option, has_value in {**COUNT_OPTIONS, **LEARN_OPTIONS}.items():
        action: Any = {"metavar": "VALUE"} if has_value else {"action": "store_true"}
        result.add_argument("--" + option.replace("_", "-"), default=None, help=argparse.SUPPRESS, **action)
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    options = vars(parser().parse_args(arguments))
    master = options.pop("master")
    from pyspark.sql import SparkSession

    if master is None or master.startswith("local"):
        # Executors on this machine need the Python that has this package.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("amc-keywords")
    session = (builder.master(master) if master else builder).getOrCreate()
    try:
        summary = encode(spark=session, **options)
    except JobError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        session.stop()
    print(f"{summary['out']}: {summary['manifest']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
