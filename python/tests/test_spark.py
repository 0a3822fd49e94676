"""Runs on real executors. They need Java and pyspark."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import OPTIONS, arguments, files_of_set

from amc_keywords import engines
from amc_keywords.job import JobError, run_job
from amc_keywords.storage import Folder

pytest.importorskip("pyspark", reason="pyspark is not installed")
if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
    pytest.skip("there is no Java", allow_module_level=True)

MASTER = "local-cluster[2,1,1024]"


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    from pyspark import cloudpickle
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Executors do not have this module.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    spark = SparkSession.builder.master(MASTER).config("spark.ui.showConsoleProgress", "false").getOrCreate()
    yield spark
    spark.stop()


class Wrapped:
    """An engine that gives each item twice, through a function around the function."""

    def __init__(self, session: Any, around: type) -> None:
        self.engine, self.around = engines.Spark(session.sparkContext), around

    def map(self, function: Any, items: Sequence[Any]) -> Iterable[Any]:
        return self.engine.map(self.around(function), [item for item in items for _ in range(2)])


class KillOnce:
    """Kills the executor of the first task that is about to record a part."""

    def __init__(self, function: Any) -> None:
        self.function, self.marker = function, Path(function.job.out.removeprefix("file://") + ".killed")

    def __call__(self, item: Any) -> Any:
        push, marker = Folder._push, self.marker

        def push_or_die(folder: Folder, source: str, name: str) -> None:
            if name.endswith("record.json") and not marker.exists():
                marker.touch()
                daemon = os.getppid()
                executor = int(Path(f"/proc/{daemon}/stat").read_text().rsplit(")", 1)[1].split()[1])
                os.kill(executor, signal.SIGKILL)
                os.kill(os.getpid(), signal.SIGKILL)
            push(folder, source, name)

        Folder._push = push_or_die  # type: ignore[method-assign]
        try:
            return self.function(item)
        finally:
            Folder._push = push  # type: ignore[method-assign]


class CountAttempts:
    """Leaves a file for each call of the function."""

    def __init__(self, function: Any) -> None:
        self.function, self.folder = function, Path(function.job.out + ".attempts")

    def __call__(self, item: Any) -> Any:
        self.folder.mkdir(exist_ok=True)
        (self.folder / f"{item.number}-{os.urandom(4).hex()}").touch()
        return self.function(item)


def test_the_command_line_has_the_bytes_of_one_machine(
    shards: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "amc_keywords.spark", *shards, "--out", "out", "--name", "web"]
    command += ["--master", MASTER, "--shards-per-task", "3", "--concat", *arguments(OPTIONS)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path}/out: manifest_web.json\n"
    assert files_of_set(tmp_path / "out") == expected


def test_the_active_session_encodes_and_goes_on(
    session: Any, shards: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    from amc_keywords.spark import encode

    summary = encode(shards, str(tmp_path), "web", shards_per_task=2, concat=True, **OPTIONS)
    assert (summary["out"], summary["manifest"]) == (str(tmp_path), "manifest_web.json")
    assert files_of_set(tmp_path) == expected
    assert session.sparkContext.parallelize([1]).collect() == [1]


def test_a_killed_executor_and_repeated_items_change_nothing(
    session: Any, shards: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    inputs = [f"file://{shard}" for shard in shards]
    engine = Wrapped(session, KillOnce)
    run_job(inputs, f"file://{out}", "web", engine, shards_per_task=2, concat=True, **OPTIONS)
    assert Path(f"{out}.killed").exists()
    assert files_of_set(out) == expected


def test_bad_data_is_not_retried(session: Any, shards: list[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "x", "tags": {"sea": 1}}\n')
    with pytest.raises(JobError, match=f"^amc-keywords shards count: {bad}: line 1") as caught:
        run_job([shards[0], str(bad)], str(tmp_path / "out"), "web", Wrapped(session, CountAttempts), **OPTIONS)
    assert len(str(caught.value).splitlines()) == 1
    assert len(os.listdir(tmp_path / "out.attempts")) == 4
