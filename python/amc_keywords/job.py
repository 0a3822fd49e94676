"""The stages of a sharded run as plain functions. An engine runs them over parts.

Each stage may be called again, or twice at the same time. The result is the same.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Callable

from .engines import Engine, Progress
from .process import DataError, Streams, run_tool
from .storage import Folder, Mirror, absolute, base_name, expand, is_remote, listed_files, open_shard, size


def _options(text: str) -> dict[str, bool]:
    return {word.rstrip("=").replace("-", "_"): word.endswith("=") for word in text.split()}


#: The options of `shards count`, and whether each has a value, which is written as `=`.
COUNT_OPTIONS = _options("""
    keywords-field= separator= keyword-key= min-confidence= confidence-key= confidence-field= labels=
    id-field= id-pattern= group format= delimiter= no-header records= member= names= stop-words=
    binary lowercase no-lowercase strip-accents= ngram-range= analyzer= token-pattern= phrases
    on-error= duplicates= max-member-size=""")
#: The same for `shards learn`.
LEARN_OPTIONS = _options("""
    min-df= max-df= max-features= vocabulary= fit= emit= pad-to= pad-id= dtype= layout=""")


@dataclass(frozen=True)
class Part:
    """Shards that are counted together."""

    number: int
    shards: tuple[str, ...]

    @property
    def folder(self) -> str:
        return f"parts/{self.number:05d}"


@dataclass(frozen=True)
class Attachment:
    """A file that an option names. Executors receive its bytes."""

    option: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Job:
    """What executors must know. All paths are absolute."""

    out: str
    name: str
    options: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    threads: int = 1
    #: The files of the plan, relative to `out`. Unknown before `learn`.
    plan: tuple[str, ...] = ()

    def matrix_folder(self, part: Part) -> str:
        plan_folder = self.plan[0].split("/")[0]
        return f"{plan_folder.replace('plan_', 'matrix_', 1)}/{part.number:05d}"


@dataclass(frozen=True)
class Outcome:
    """The result of one part: the summary of the tool, or what is wrong with the data."""

    number: int
    summary: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class Step:
    """A stage of a job as a function of a part. Data errors are returned, so nobody retries them."""

    label: str
    stage: Callable[[Job, Part], dict[str, Any]]
    job: Job

    def __call__(self, part: Part) -> Outcome:
        try:
            return Outcome(part.number, self.stage(self.job, part))
        except DataError as error:
            return Outcome(part.number, error=str(error))


class JobError(Exception):
    """The data of some parts is wrong. Each line of the message is one error, in shard order."""


def count(job: Job, part: Part) -> dict[str, Any]:
    """Counts the shards of a part, unless this is done."""
    folder = Folder(job.out)
    options = ["--part", str(part.number), "--jobs", str(job.threads), *job.options]
    with tempfile.TemporaryDirectory(prefix="amc-keywords-") as scratch:
        for attachment in job.attachments:
            os.makedirs(f"{scratch}/{attachment.option}")
            path = f"{scratch}/{attachment.option}/{attachment.name}"
            with open(path, "wb") as file:
                file.write(attachment.content)
            options += [f"--{attachment.option}", path]
        if not folder.remote and not any(map(is_remote, part.shards)):
            return run_tool("count", [*part.shards, "--out", folder.root, *options])
        record = f"{part.folder}/record.json"
        done = folder.read_json(record)
        if done is not None:
            return _check_inputs(part, done)
        # An orphaned process would take the end of a pipe for the end of a shard. So it writes to a
        # scratch folder, and only this process publishes the part.
        streams = Streams(scratch)
        inputs = [streams.add(shard, "parquet" in job.options) for shard in part.shards]
        result = run_tool("count", [*inputs, "--out", scratch, *options], streams)
        folder.push(scratch, [*listed_files(scratch, record), record])
        return result


def _check_inputs(part: Part, record: dict[str, Any]) -> dict[str, Any]:
    counted = [(entry["path"], entry["bytes"]) for entry in record["inputs"]]
    if counted != [(base_name(shard), size(shard)) for shard in part.shards]:
        raise DataError(f"{part.folder}: the part was counted from other shards; delete its folder")
    return {"part": part.number, "done": False}


def learn(job: Job, parts: Sequence[Part], mirror: Mirror, options: Sequence[str]) -> Job:
    """Learns the vocabulary from all parts. Returns the job with its plan."""
    mirror.pull_recorded(part.folder for part in parts)
    result = run_tool("learn", [mirror.path, "--name", job.name, "--parts", str(len(parts)), *options])
    folder = base_name(result["folder"])
    plan = [f"{folder}/{name}" for name in sorted(os.listdir(f"{mirror.path}/{folder}"))]
    plan.append(f"plan_{job.name}.json")
    mirror.push(plan)
    return replace(job, plan=tuple(plan))


def encode(job: Job, part: Part) -> dict[str, Any]:
    """Writes the matrix of a part by the plan, unless this is done."""
    folder = Folder(job.out)
    arguments = ["--name", job.name, "--part", str(part.number), "--jobs", str(job.threads)]
    if not folder.remote:
        return run_tool("encode", [folder.root, *arguments])
    record = f"{job.matrix_folder(part)}/record.json"
    if folder.read_json(record) is not None:
        return {"part": part.number, "done": False}
    with tempfile.TemporaryDirectory(prefix="amc-keywords-") as scratch:
        with _PLAN_LOCK:
            plan = _local_plan(job)
        for name in os.listdir(plan.name):
            os.symlink(f"{plan.name}/{name}", f"{scratch}/{name}")
        Mirror(folder, scratch).pull_recorded([part.folder])
        try:
            result = run_tool("encode", [scratch, *arguments])
        except DataError as error:
            raise DataError(str(error).replace(scratch, job.out)) from None
        folder.push(scratch, [*listed_files(scratch, record), record])
        return result


_PLAN_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _local_plan(job: Job) -> tempfile.TemporaryDirectory[str]:
    """A copy of the plan that all tasks of this process share. It is removed with the process."""
    copy = tempfile.TemporaryDirectory(prefix="amc-keywords-plan-")
    Folder(job.out).pull(job.plan, copy.name)
    return copy


def finish(job: Job, parts: Sequence[Part], mirror: Mirror, concat: bool, with_matrix: bool) -> dict[str, Any]:
    """Checks the parts and writes the vocabulary, the statistics and the manifest."""
    mirror.pull_recorded(part.folder for part in parts)
    if with_matrix:
        mirror.pull_recorded(job.matrix_folder(part) for part in parts)
    else:
        # The tool compares the sizes with those in the records. It reads nothing else.
        mirror.pull_sizes(os.path.dirname(job.matrix_folder(parts[0])))
    result = run_tool("finish", [mirror.path, "--name", job.name, *(["--concat"] if concat else [])])
    manifest = f"manifest_{job.name}.json"
    outputs = Folder(mirror.path).read_json(manifest)["outputs"]
    mirror.push([*(output["name"] for output in outputs), manifest])
    return {**result, "out": job.out}


def run_job(
    shards: str | Sequence[str],
    out: str,
    name: str,
    engine: Engine,
    *,
    shards_per_task: int = 1,
    concat: bool = False,
    threads: int = 1,
    **options: Any,
) -> dict[str, Any]:
    """Encodes shards as one set, and returns the summary of `shards finish`.

    `options` are those of `amc-keywords encode`, with underscores: `min_df=10`, `phrases=True`.

    Raises:
        JobError: The data or the options are wrong.
    """
    unknown = options.keys() - COUNT_OPTIONS.keys() - LEARN_OPTIONS.keys()
    if unknown:
        raise TypeError(f"unknown options: {', '.join(sorted(unknown))}")
    paths = expand([shards] if isinstance(shards, str) else shards)
    parts = [
        Part(number, tuple(paths[first : first + shards_per_task]))
        for number, first in enumerate(range(0, len(paths), shards_per_task))
    ]
    files = _attachments(options)
    count_options = {key: value for key, value in options.items() if key in COUNT_OPTIONS}
    for attachment in files:
        del count_options[attachment.option.replace("-", "_")]
    job = Job(absolute(out), name, arguments(count_options), files, threads)
    learn_options = {key: value for key, value in options.items() if key in LEARN_OPTIONS}
    forms = str(options.get("emit", "")) + str(options.get("layout", ""))
    with tempfile.TemporaryDirectory(prefix="amc-keywords-") as scratch:
        folder = Folder(job.out)
        mirror = Mirror(folder, scratch)
        try:
            # Parts without errors stay valid if the errors of others are skipped later.
            lasting = arguments({key: value for key, value in count_options.items() if key != "on_error"})
            _record_job(folder, replace(job, options=lasting), parts, scratch)
            _map(engine, Step(f"count {name}", count, job), parts)
            job = learn(job, parts, mirror, arguments(learn_options))
            _map(engine, Step(f"encode {name}", encode, job), parts)
            return finish(job, parts, mirror, concat, concat or "ranges" in forms or "script" in forms)
        except DataError as error:
            raise JobError(str(error).replace(scratch, job.out)) from None


def _map(engine: Engine, step: Step, parts: Sequence[Part]) -> None:
    progress = Progress(step.label, len(parts))
    outcomes: dict[int, Outcome] = {}
    results = engine.map(step, parts)
    for outcome in results:
        outcomes[outcome.number] = outcome
        if not isinstance(results, list) or len(outcomes) == len(parts):
            progress.show(len(outcomes))
    lost = [part.number for part in parts if part.number not in outcomes]
    if lost:
        raise RuntimeError(f"{step.label}: the engine returned no result for {len(lost)} parts, first part {lost[0]}")
    errors = [outcomes[number].error for number in sorted(outcomes)]
    if any(errors):
        raise JobError("\n".join(dict.fromkeys(error for error in errors if error)))


def arguments(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The options as words of a command line."""
    words: list[str] = []
    for key, value in options.items():
        if value is None or value is False:
            continue
        words.append("--" + key.replace("_", "-"))
        if value is not True:
            values = value if isinstance(value, (list, tuple)) else [value]
            text = ",".join(map(str, values))
            words.append(os.path.abspath(text) if key in ("vocabulary", "fit") else text)
    return tuple(words)


def _attachments(options: Mapping[str, Any]) -> tuple[Attachment, ...]:
    files = []
    for key in ("labels", "stop_words"):
        path = options.get(key)
        if path and not (key == "stop_words" and path in ("english", "none")):
            with open_shard(path) as file:
                files.append(Attachment(key.replace("_", "-"), base_name(path), file.read()))
    return tuple(files)


def _record_job(folder: Folder, job: Job, parts: Sequence[Part], scratch: str) -> None:
    """Refuses a folder with parts of other options or shards. The parts that exist are not read."""
    now: dict[str, list[Any]] = {
        "options": [*job.options, *(hashlib.sha256(file.content).hexdigest() for file in job.attachments)],
        "parts": [list(part.shards) for part in parts],
    }
    before = folder.read_json("job.json")
    if before is not None and before["options"] != now["options"]:
        raise DataError(f"{folder.root}: the folder has parts with other options; use another --out")
    if before is not None and before["parts"] != now["parts"][: len(before["parts"])]:
        raise DataError(f"{folder.root}: the folder has parts of other shards; use another --out")
    if before != now:
        folder.write_json("job.json", now, scratch)
