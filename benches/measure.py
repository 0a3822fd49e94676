"""Times whole processes in turns, so that a drift of the machine affects all of them equally."""
import dataclasses
import hashlib
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile
import time


@dataclasses.dataclass
class Run:
    """What one run took: seconds from start to end, seconds of all processors together, and the greatest resident memory of
    any of its processes in bytes."""
    seconds: float = 0.0
    busy: float = 0.0
    peak: int = 0


class Failed(Exception):
    """A process ended with an error."""


class Job:
    """Commands that run one after the other and count as one. `outputs` are removed before and after."""

    def __init__(self, *commands, outputs, address_space=None):
        self.commands = [[str(word) for word in command] for command in commands]
        self.outputs = [pathlib.Path(path) for path in outputs]
        self.address_space = address_space

    def run(self, keep=False):
        self.clear()
        # What earlier runs wrote would otherwise reach the disk at this one's expense.
        os.sync()
        run = Run()
        for command in self.commands:
            one = process(command, self.address_space)
            run = Run(run.seconds + one.seconds, run.busy + one.busy, max(run.peak, one.peak))
        if not keep:
            self.clear()
        return run

    def on_one_core(self):
        """The same commands, each with one processor for all of its threads."""
        self.commands = [["taskset", "-c", str(min(os.sched_getaffinity(0))), *command] for command in self.commands]
        return self

    def clear(self):
        for path in self.outputs:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def process(command, address_space=None):
    """Runs one process. A peak below that of this Python cannot be seen: the kernel starts from its parent's."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                                 preexec_fn=limit if address_space else None)
        try:
            _, status, used = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise Failed(f"{' '.join(command)}\nended with {child.returncode}: {said.read().decode(errors='replace')}")
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def in_turns(jobs, runs):
    """`{name: Job}` to `{name: [Run]}`: one warm-up each, then `runs` rounds A B C, A B C …"""
    for job in jobs.values():
        job.run()
    taken = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            taken[name].append(job.run())
    return taken


def seconds(runs):
    return statistics.median(run.seconds for run in runs)


def busy(runs):
    """Processor seconds: they grow less than the others do when something else is at work on the machine."""
    return statistics.median(run.busy for run in runs)


def peak(runs):
    return max(run.peak for run in runs)


@dataclasses.dataclass
class Ratio:
    """How much longer one job takes than another: the median over the rounds, and the least and the greatest of them."""
    value: float
    least: float
    greatest: float

    def __str__(self):
        return f"{self.value:.2f} ({self.least:.2f}–{self.greatest:.2f})"


def ratio(runs, of):
    pairs = [run.seconds / other.seconds for run, other in zip(runs, of)]
    return Ratio(statistics.median(pairs), min(pairs), max(pairs))


def sha256(path):
    """The SHA-256 of a file, of which only pieces are held: this process's memory counts as that of the tool."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
