"""Shards of four formats, and the files that one machine writes for them."""

from __future__ import annotations

import gzip
import io
import json
import random
import subprocess
import tarfile
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from amc_keywords import binary
from amc_keywords.job import arguments

WORDS = ("sea", "sky", "lake", "dog", "cat", "bird", "tree", "road", "city", "boat", "Öl", "straße", "naïve", "猫")
WORDS += ("rock_1", "the", "old town", "x")
OPTIONS: dict[str, Any] = {
    "keywords_field": "tags",
    "id_field": "id",
    "min_df": 6,
    "emit": "pairs,padded,csr",
    "pad_to": 4,
}


def records(seed: int, images: int) -> list[str]:
    choose = random.Random(seed)
    return [
        json.dumps({"id": f"{seed}-{n}.jpg", "tags": choose.choices(WORDS, k=choose.randrange(6))})
        for n in range(images)
    ]


def write_shards(folder: Path) -> list[str]:
    """Seven shards. One has no image, and one has no word."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in (0, 4):
        (folder / f"{seed}.jsonl").write_text("\n".join(records(seed, 120)) + "\n", encoding="utf-8")
    (folder / "1.jsonl.gz").write_bytes(gzip.compress("\n".join(records(1, 90)).encode()))
    with tarfile.open(folder / "2.tar", "w") as archive:
        for n, record in enumerate(records(2, 70)):
            member = tarfile.TarInfo(f"{n:06}.json")
            member.size = len(record)
            archive.addfile(member, io.BytesIO(record.encode()))
    (folder / "3.jsonl").write_text("", encoding="utf-8")
    with zipfile.ZipFile(folder / "5.zip", "w") as zipped:
        for n, record in enumerate(records(5, 60)):
            zipped.writestr(f"5{n:06}.json", record)
    (folder / "6.jsonl").write_text('{"id": "6.jpg", "tags": ["the", "x"]}\n', encoding="utf-8")
    return [str(path) for path in sorted(folder.iterdir())]


def files_of_set(folder: Path) -> dict[str, bytes]:
    """The files that must be equal to those of one machine."""
    steps = ("job.json", "manifest_web.json", "parts_web.jsonl", "plan_web.json")
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name not in steps}


def encode_on_one_machine(shards: list[str], out: Path, **options: Any) -> dict[str, bytes]:
    words = arguments({**OPTIONS, **options})
    command = [binary(), "encode", *shards, "--name", "web", "--out", str(out), "--quiet", *words]
    subprocess.run(command, check=True)
    return files_of_set(out)


@pytest.fixture(scope="session")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return write_shards(tmp_path_factory.mktemp("shards"))


@pytest.fixture(scope="session")
def expected(shards: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return encode_on_one_machine(shards, tmp_path_factory.mktemp("one"))


@pytest.fixture
def memory() -> str:
    """An empty folder in fsspec's file system in memory."""
    fsspec = pytest.importorskip("fsspec")
    from fsspec.implementations.memory import MemoryFileSystem

    class Memory(MemoryFileSystem):
        """fsspec's own lets all readers of a file share one position."""

        def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
            file = super()._open(path, mode, **options)
            return io.BytesIO(file.getvalue()) if mode == "rb" else file

    fsspec.register_implementation("memory", Memory, clobber=True)
    return f"memory://{uuid.uuid4().hex}"


def upload(paths: list[str], folder: str) -> list[str]:
    import fsspec

    for path in paths:
        fsspec.filesystem(folder.split(":")[0]).put_file(path, f"{folder}/{Path(path).name}")
    return [f"{folder}/{Path(path).name}" for path in paths]


def download(folder: str, to: Path) -> dict[str, bytes]:
    import fsspec

    system, inner = fsspec.core.url_to_fs(folder)
    for path in system.ls(inner, detail=False):
        if system.isfile(path):
            system.get_file(path, str(to / Path(path).name))
    return files_of_set(to)
