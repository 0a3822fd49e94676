"""Paths on disks and on fsspec file systems, such as s3://bucket/web/00000.tar."""

from __future__ import annotations

import glob
import itertools
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, cast

_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")
#: Files that the driver copies at the same time.
_COPIES = 16


def is_remote(path: str) -> bool:
    """Whether a path belongs to an fsspec file system. A path without a scheme is on a disk."""
    return "://" in path


def absolute(path: str) -> str:
    """The path that has the same meaning in every working directory."""
    return path if is_remote(path) else os.path.abspath(path)


def base_name(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _file_system(path: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise ImportError(f"{path} needs fsspec; run: pip install fsspec") from None
    system, inner = url_to_fs(path)
    return system, inner


def open_shard(path: str) -> BinaryIO:
    """Opens a file for reading, as it is."""
    if not is_remote(path):
        return open(path, "rb")
    system, inner = _file_system(path)
    return cast(BinaryIO, system.open(inner, "rb"))


def size(path: str) -> int:
    """The size of a file in bytes."""
    if not is_remote(path):
        return os.path.getsize(path)
    system, inner = _file_system(path)
    return int(system.size(inner))


def expand(patterns: Iterable[str]) -> list[str]:
    """The shards of patterns with {000..999}, {a,b}, * and ?, in the order of the patterns.

    Raises:
        FileNotFoundError: A pattern matches no file.
    """
    return [path for pattern in patterns for braced in _braced(pattern) for path in _globbed(braced)]


def _braced(pattern: str) -> Iterator[str]:
    found = _BRACES.search(pattern)
    if not found:
        yield pattern
        return
    numbers = _RANGE.fullmatch(found[1])
    choices: Iterable[str] = found[1].split(",")
    if numbers:
        width = len(numbers[1]) if numbers[1].startswith("0") else 0
        choices = (f"{n:0{width}}" for n in range(int(numbers[1]), int(numbers[2]) + 1))
    for choice in choices:
        yield from _braced(pattern[: found.start()] + choice + pattern[found.end() :])


def _globbed(path: str) -> list[str]:
    if not any(sign in path for sign in "*?["):
        return [absolute(path)]
    if is_remote(path):
        system, inner = _file_system(path)
        paths = [system.unstrip_protocol(match) for match in sorted(system.glob(inner))]
    else:
        paths = sorted(glob.glob(os.path.abspath(path)))
    if not paths:
        raise FileNotFoundError(f"{path}: no file matches")
    return paths


class Folder:
    """A folder with the files of a sharded set. Names in it are relative and have slashes."""

    def __init__(self, root: str) -> None:
        self.root = absolute(root).rstrip("/")
        self.remote = is_remote(root)
        if self.remote:
            self._system, self._inner = _file_system(self.root)
            self._inner = self._inner.rstrip("/")

    def read_json(self, name: str) -> Any:
        """The value in a JSON file, or None if there is no such file."""
        try:
            return json.loads(self.read_text(name))
        except FileNotFoundError:
            return None

    def read_text(self, name: str) -> str:
        with self._open(name) as file:
            return file.read().decode("utf-8")

    def set_names(self) -> list[str]:
        """The names of the sets that have a manifest."""
        files = _globbed(f"{self.root}/manifest_*.json")
        return [base_name(file)[len("manifest_") : -len(".json")] for file in files]

    def write_json(self, name: str, value: Any, scratch: str) -> None:
        """Writes a JSON file. It appears complete."""
        with open(os.path.join(scratch, name), "w", encoding="utf-8") as file:
            json.dump(value, file)
        self.push(scratch, [name])

    def sizes(self, folder: str) -> dict[str, int]:
        """The sizes of all files in a folder of an fsspec file system, by name."""
        found = self._system.find(f"{self._inner}/{folder}", detail=True)
        return {path[len(self._inner) + 1 :]: int(info["size"]) for path, info in found.items()}

    def pull(self, names: Iterable[str], to: str) -> None:
        """Copies files to the same names in a local folder. Skips those that are there or missing."""
        with ThreadPoolExecutor(_COPIES) as pool:
            list(pool.map(self._pull, names, itertools.repeat(to)))

    def push(self, source: str, names: Iterable[str]) -> None:
        """Copies files from a local folder in this order. Each appears complete."""
        for name in names:
            self._push(os.path.join(source, name), name)

    def _open(self, name: str) -> BinaryIO:
        if not self.remote:
            return open(f"{self.root}/{name}", "rb")
        return cast(BinaryIO, self._system.open(f"{self._inner}/{name}", "rb"))

    def _pull(self, name: str, to: str) -> None:
        target = os.path.join(to, name)
        if os.path.exists(target):
            return
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            with self._open(name) as source, open(target + ".tmp", "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
        except FileNotFoundError:
            return  # The tool reports what is missing.
        os.replace(target + ".tmp", target)

    def _push(self, source: str, name: str) -> None:
        if self.remote and "file" not in self._system.protocol:
            # An object store shows an object only when it is complete.
            self._system.put_file(source, f"{self._inner}/{name}")
            return
        # A disk also shows a file that is being written, so a complete one is renamed.
        target = f"{self._inner if self.remote else self.root}/{name}"
        os.makedirs(os.path.dirname(target), exist_ok=True)
        unique = f"{target}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
        shutil.copyfile(source, unique)
        os.replace(unique, target)


class Mirror:
    """A local copy of a folder with the files that a step needs. A folder on a disk is its own copy."""

    def __init__(self, folder: Folder, scratch: str) -> None:
        self._folder = folder
        self.path = scratch if folder.remote else folder.root

    def pull_recorded(self, folders: Iterable[str]) -> None:
        """Copies the records of these folders and the files they list. A folder may have no record."""
        if self._folder.remote:
            records = [f"{folder}/record.json" for folder in folders]
            self._folder.pull(records, self.path)
            listed = [name for record in records for name in listed_files(self.path, record)]
            self._folder.pull(listed, self.path)

    def pull_sizes(self, folder: str) -> None:
        """Copies the records in a folder. Makes sparse files of the same sizes for its other files."""
        sizes = self._folder.sizes(folder) if self._folder.remote else {}
        self._folder.pull((name for name in sizes if name.endswith("/record.json")), self.path)
        for name, size in sizes.items():
            target = os.path.join(self.path, name)
            if not os.path.exists(target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "wb") as file:
                    file.truncate(size)

    def push(self, names: Iterable[str]) -> None:
        if self._folder.remote:
            self._folder.push(self.path, names)


def listed_files(root: str, record: str) -> list[str]:
    """The files that a record lists, with the folder of the record. No file if there is no record."""
    try:
        with open(os.path.join(root, record), encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError:
        return []
    files = content["files"] if "files" in content else content["outputs"]
    return [f"{record.rsplit('/', 1)[0]}/{file['name']}" for file in files]
