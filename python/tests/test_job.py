from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from conftest import OPTIONS, download, encode_on_one_machine, files_of_set, upload

from amc_keywords import binary, process
from amc_keywords.engines import Local
from amc_keywords.job import COUNT_OPTIONS, LEARN_OPTIONS, JobError, run_job
from amc_keywords.process import DataError, run_tool


class Twice(Local):
    """Gives each item to the function twice, at the same time."""

    def map(self, function: Any, items: Sequence[Any]) -> Iterable[Any]:
        return super().map(function, [item for item in items for _ in range(2)])


def run(shards: list[str], out: str, **options: Any) -> dict[str, Any]:
    engine = options.pop("engine", Local(2))
    return run_job(shards, out, "web", engine, **{"shards_per_task": 2, "concat": True, **OPTIONS, **options})


def test_parts_on_a_disk_have_the_bytes_of_one_machine(
    shards: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    run(shards, str(tmp_path))
    assert files_of_set(tmp_path) == expected


def test_parts_in_an_object_store_have_the_bytes_of_one_machine(
    shards: list[str], expected: dict[str, bytes], memory: str, tmp_path: Path
) -> None:
    run(upload(shards, f"{memory}/in"), f"{memory}/out")
    assert download(f"{memory}/out", tmp_path) == expected


def test_files_behind_a_scheme_have_the_bytes_of_one_machine(
    shards: list[str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    run([f"file://{shard}" for shard in shards], f"file://{tmp_path}")
    assert files_of_set(tmp_path) == expected


def test_shards_of_an_object_store_can_be_encoded_to_a_disk(
    shards: list[str], expected: dict[str, bytes], memory: str, tmp_path: Path
) -> None:
    run(upload(shards, memory), str(tmp_path))
    assert files_of_set(tmp_path) == expected


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_items_given_twice_at_the_same_time_change_nothing(
    where: str, shards: list[str], expected: dict[str, bytes], memory: str, tmp_path: Path
) -> None:
    if where == "disk":
        run(shards, str(tmp_path), engine=Twice(4))
        assert files_of_set(tmp_path) == expected
    else:
        run(upload(shards, f"{memory}/in"), f"{memory}/out", engine=Twice(4))
        assert download(f"{memory}/out", tmp_path) == expected


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_a_part_without_a_record_is_made_again(
    where: str, shards: list[str], expected: dict[str, bytes], memory: str, tmp_path: Path
) -> None:
    out = str(tmp_path) if where == "disk" else f"{memory}/out"
    inputs = shards if where == "disk" else upload(shards, f"{memory}/in")
    run(inputs, out)
    if where == "disk":
        (tmp_path / "parts/00001/record.json").unlink()
    else:
        import fsspec

        fsspec.filesystem("memory").rm(f"{out}/parts/00001/record.json")
    run(inputs, out)
    assert (files_of_set(tmp_path) if where == "disk" else download(out, tmp_path)) == expected


def test_a_missing_part_is_refused(shards: list[str], tmp_path: Path) -> None:
    run(shards, str(tmp_path))
    shutil.rmtree(tmp_path / "parts/00002")
    with pytest.raises(DataError, match="00002"):
        run_tool("learn", [str(tmp_path), "--name", "web", "--parts", "4"])


def test_a_part_of_another_version_is_refused(shards: list[str], tmp_path: Path) -> None:
    run(shards, str(tmp_path))
    record = tmp_path / "parts/00001/record.json"
    text = record.read_text(encoding="utf-8")
    version = subprocess.run([binary(), "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    assert f'"{version}"' in text
    record.write_text(text.replace(f'"{version}"', '"0.0.1"'), encoding="utf-8")
    with pytest.raises(JobError, match=r"0\.0\.1"):
        run(shards, str(tmp_path), min_df=1)


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_bad_data_is_reported_in_shard_order_and_can_be_repaired(
    where: str, shards: list[str], expected: dict[str, bytes], memory: str, tmp_path: Path
) -> None:
    local = [shutil.copy(shard, tmp_path) for shard in shards]
    good = {name: (tmp_path / name).read_bytes() for name in ("4.jsonl", "0.jsonl")}
    (tmp_path / "4.jsonl").write_text('{"id": "x", "tags": {"sea": 1}}\n')
    (tmp_path / "0.jsonl").write_text('{"id": "x", "tags": {"sea": 1}}\n')
    inputs = local if where == "disk" else upload(local, f"{memory}/in")
    out = str(tmp_path / "out") if where == "disk" else f"{memory}/out"
    with pytest.raises(JobError) as caught:
        run(inputs, out)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == [inputs[0], inputs[4]]
    for name, content in good.items():
        (tmp_path / name).write_bytes(content)
    if where == "memory":
        upload(local, f"{memory}/in")
    run(inputs, out)
    (tmp_path / "got").mkdir()
    assert (files_of_set(tmp_path / "out") if where == "disk" else download(out, tmp_path / "got")) == expected


def test_only_bad_parts_are_counted_again_to_skip_their_errors(shards: list[str], tmp_path: Path) -> None:
    local = [shutil.copy(shard, tmp_path) for shard in shards]
    with open(local[4], "a") as file:
        file.write('{"id": "x", "tags": {"sea": 1}}\n')
    with pytest.raises(JobError, match=r"4\.jsonl: line 121"):
        run(local, str(tmp_path / "out"))
    record = tmp_path / "out/parts/00000/record.json"
    counted = record.stat().st_mtime_ns
    run(local, str(tmp_path / "out"), on_error="skip")
    assert record.stat().st_mtime_ns == counted
    assert files_of_set(tmp_path / "out") == encode_on_one_machine(local, tmp_path / "one", on_error="skip")


def test_a_shard_that_changed_is_refused(shards: list[str], memory: str, tmp_path: Path) -> None:
    inputs = upload(shards, f"{memory}/in")
    run(inputs, f"{memory}/out")
    (tmp_path / "6.jsonl").write_text('{"id": "other.jpg", "tags": []}\n')
    upload([str(tmp_path / "6.jsonl")], f"{memory}/in")
    with pytest.raises(JobError, match="parts/00003: the part was counted from other shards; delete its folder"):
        run(inputs, f"{memory}/out")


def test_parts_with_other_options_are_refused(shards: list[str], tmp_path: Path) -> None:
    run(shards, str(tmp_path))
    with pytest.raises(JobError, match="the folder has parts with other options; use another --out"):
        run(shards, str(tmp_path), phrases=True)
    with pytest.raises(JobError, match="the folder has parts of other shards; use another --out"):
        run(shards[1:], str(tmp_path))


def test_a_shard_that_cannot_be_read_to_its_end_is_no_data_error(
    shards: list[str], memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            part = super().read(100)
            if not part:
                raise ConnectionError("the network failed")
            return part

    def open_broken(path: str) -> BinaryIO:
        return Broken(b'{"id": "a", "tags": ["sea"]}\n' * 50)

    inputs = upload(shards, memory)
    monkeypatch.setattr(process, "open_shard", open_broken)
    with pytest.raises(ConnectionError):
        run(inputs, f"{memory}/out")
    import fsspec

    assert not fsspec.filesystem("memory").exists(f"{memory}/out/parts")


def test_a_missing_shard_is_a_data_error(shards: list[str], memory: str) -> None:
    with pytest.raises(JobError, match=r"^memory://\w+/9.jsonl: no such file$"):
        run([*upload(shards[:1], memory), f"{memory}/9.jsonl"], f"{memory}/out", shards_per_task=1)


def test_files_of_options_reach_the_executors(shards: list[str], memory: str, tmp_path: Path) -> None:
    (tmp_path / "stop.txt").write_text("sea\nsky\n")
    options = {**OPTIONS, "stop_words": str(tmp_path / "stop.txt")}
    run(upload(shards, f"{memory}/in"), f"{memory}/out", **options)
    got = tmp_path / "got"
    got.mkdir()
    words = json.loads(download(f"{memory}/out", got)["vocabulary_web_sk_6.json"])
    assert "sea" not in words and "the" in words


def test_an_unknown_option_is_named(shards: list[str], tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="unknown options: keyword_field"):
        run(shards, str(tmp_path), keyword_field="tags")


@pytest.mark.parametrize(("step", "table"), [("count", COUNT_OPTIONS), ("learn", LEARN_OPTIONS)])
def test_the_options_are_those_of_the_binary(step: str, table: dict[str, bool]) -> None:
    shown = subprocess.run([binary(), "shards", step, "--help"], check=True, capture_output=True, text=True).stdout
    options = {
        name.replace("-", "_"): bool(value) for name, value in re.findall(r"^ +(?:-\w, )?--([\w-]+)( <)?", shown, re.M)
    }
    of_the_run = {
        "out",
        "part",
        "name",
        "parts",
        "sums",
        "jobs",
        "json",
        "quiet",
        "verbose",
        "progress",
        "color",
        "help",
        "version",
    }
    assert {name: value for name, value in options.items() if name not in of_the_run} == table


def test_executors_need_no_numpy_and_no_pyarrow() -> None:
    check = (
        "import sys, amc_keywords.job, amc_keywords.spark\n"
        "print([name for name in ('numpy', 'pyarrow', 'pyspark') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", check], check=True, capture_output=True, text=True).stdout == "[]\n"
