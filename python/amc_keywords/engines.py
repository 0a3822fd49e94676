"""Engines: they run a function over items. They know nothing about keywords.

An engine is any object with `map(function, items)`. It calls the function at least once for each
item and returns the results in any order. docs/scale.md shows engines for Ray and Dask.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any, Callable, Protocol, TypeVar

if TYPE_CHECKING:
    from pyspark import SparkContext

T = TypeVar("T")
R = TypeVar("R")
#: Seconds between two progress lines.
INTERVAL = 5.0


class Engine(Protocol):
    """Runs functions over items."""

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> Iterable[R]:
        """Returns the result of the function for each item, in any order."""
        ...


class Progress:
    """Prints how many parts are done, at most one line every few seconds."""

    def __init__(self, label: str, total: int) -> None:
        self.label, self.total = label, total
        self._next = time.monotonic() + INTERVAL

    def show(self, done: int) -> None:
        if time.monotonic() >= self._next or done == self.total:
            print(f"{self.label}: {done:,} of {self.total:,} parts", file=sys.stderr, flush=True)
            self._next = time.monotonic() + INTERVAL


class Local:
    """Threads on this machine. Each waits for one process of the tool."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> Iterable[R]:
        with ThreadPoolExecutor(self.workers) as pool:
            calls = [pool.submit(function, item) for item in items]
            try:
                yield from (call.result() for call in as_completed(calls))
            finally:
                for call in calls:
                    call.cancel()


class Spark:
    """One Spark task per item. Spark repeats the tasks of lost executors."""

    def __init__(self, context: SparkContext) -> None:
        self.context = context

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> Iterable[R]:
        label = getattr(function, "label", "amc-keywords")
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(label, len(items), ended), daemon=True)
        self.context.setJobDescription(label)
        watcher.start()
        try:
            return self.context.parallelize(items, max(len(items), 1)).map(function).collect()
        finally:
            ended.set()
            watcher.join()
            self.context.setLocalProperty("spark.job.description", None)  # type: ignore[arg-type]

    def _watch(self, label: str, total: int, ended: threading.Event) -> None:
        tracker: Any = self.context.statusTracker()
        progress = Progress(label, total)
        while not ended.wait(1.0):
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            done = [stage.numCompletedTasks for stage in stages if stage and stage.numTasks == total]
            if done and done[0] < total:
                progress.show(done[0])
