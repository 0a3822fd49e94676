"""Runs of the binary: where it is, and how shards of a file system reach it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterable
from typing import Any, cast

from .storage import open_shard

#: Formats that the tool cannot read from a pipe.
_FILES_ONLY = (".parquet", ".zip")


class DataError(Exception):
    """The data or the options are wrong, so another attempt would also fail. Each line is one error."""


def binary() -> str:
    """The path of the binary `amc-keywords`.

    The environment variable AMC_KEYWORDS_BINARY names another one.

    Raises:
        FileNotFoundError: The binary is not installed.
    """
    name = "amc-keywords.exe" if os.name == "nt" else "amc-keywords"
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]
    places = [os.environ.get("AMC_KEYWORDS_BINARY"), *(os.path.join(at, name) for at in folders)]
    for place in places:
        if place and os.path.isfile(place):
            return place
    found = shutil.which(name)
    if not found:
        raise FileNotFoundError(f"no binary {name} in {folders[0]} or in PATH; run: pip install amc-keywords")
    return found


class Streams:
    """Named pipes that carry shards of a file system to the binary, and files where a pipe fails."""

    def __init__(self, scratch: str) -> None:
        self._scratch = scratch
        self._pipes: dict[str, str] = {}
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()
        self._failures: list[Exception] = []

    def add(self, shard: str, from_file: bool) -> str:
        """The local path at which the binary reads a shard."""
        folder = os.path.join(self._scratch, f"shard-{len(self._pipes)}")
        os.makedirs(folder)
        path = os.path.join(folder, shard.rsplit("/", 1)[-1])
        self._pipes[path] = shard
        if from_file or shard.endswith(_FILES_ONLY):
            with open_shard(shard) as source, open(path, "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
        else:
            os.mkfifo(path)
        return path

    def feed(self, process: subprocess.Popen[str]) -> None:
        """Starts a thread for each pipe. All end when `process` has ended."""
        for path, shard in self._pipes.items():
            if not os.path.isfile(path):
                thread = threading.Thread(target=self._feed, args=(path, shard, process), daemon=True)
                thread.start()
                self._threads.append(thread)

    def end(self) -> None:
        """Waits for the threads, and raises the first failure to read a shard."""
        self._ended.set()
        for thread in self._threads:
            thread.join()
        for failure in self._failures:
            raise failure

    def rename(self, text: str) -> str:
        """The text with the names of the shards instead of local paths."""
        for path, shard in self._pipes.items():
            text = text.replace(path, shard)
        return text

    def _feed(self, path: str, shard: str, process: subprocess.Popen[str]) -> None:
        try:
            with open_shard(shard) as source:
                sink = self._open(path)
                if sink is not None:
                    with os.fdopen(sink, "wb", buffering=0) as file:
                        shutil.copyfileobj(source, file, 1 << 20)
        except BrokenPipeError:
            pass  # The binary needs no more, or it has stopped with an error of its own.
        except (FileNotFoundError, PermissionError) as failure:
            missing = isinstance(failure, FileNotFoundError)
            self._failures.append(DataError(f"{shard}: {'no such file' if missing else 'permission denied'}"))
            process.kill()
        except Exception as failure:
            self._failures.append(failure)
            process.kill()

    def _open(self, path: str) -> int | None:
        while not self._ended.is_set():
            try:
                sink = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # Nobody reads the pipe yet.
                time.sleep(0.005)
            else:
                os.set_blocking(sink, True)
                return sink
        return None


def run_tool(step: str, arguments: Iterable[str], streams: Streams | None = None) -> dict[str, Any]:
    """Runs `amc-keywords shards STEP` and returns what it prints with --json.

    Raises:
        DataError: The tool refused the data or the options.
        RuntimeError: Something stopped the tool.
    """
    command = [binary(), "shards", step, *arguments, "--json", "--progress", "none"]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    if streams:
        streams.feed(process)
    try:
        printed, said = process.communicate()
    finally:
        process.kill()
        if streams:
            streams.end()
    said = streams.rename(said) if streams else said
    if process.returncode in (1, 2):
        errors = [line for line in said.splitlines() if not line.startswith("amc-keywords: ")]
        raise DataError("\n".join(errors) or said)
    if process.returncode:
        raise RuntimeError(f"amc-keywords shards {step} ended with status {process.returncode}: {said.strip()}")
    sys.stderr.write(said)  # Notes, such as the number of skipped images.
    return cast("dict[str, Any]", json.loads(printed))
