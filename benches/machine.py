"""What was measured, and on what."""
import importlib.metadata
import os
import pathlib
import platform
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


def describe(data, memory, baseline):
    """Lines of text. `data` and `memory` are the folders that outputs go to; `baseline`: whether scikit-learn takes part."""
    lines = [
        f"processor: {processor()}, {len(os.sched_getaffinity(0))} of {os.cpu_count()} cores, {memory_size()} of memory",
        f"system: {platform.system()} {platform.release()}; {os.getloadavg()[0]:.1f} other processes at work when this began",
        f"outputs: on the data's disk ({file_system(data)}, where {disk_speed(data)}) "
        + (f"and in memory ({file_system(memory)})" if memory else "only: there is no room in /dev/shm"),
        f"amc-keywords: {said('git', 'describe', '--always', '--dirty')}, {said('rustc', '--version')}",
    ]
    if baseline:
        numpy, sklearn = (importlib.metadata.version(name) for name in ("numpy", "scikit-learn"))
        lines.append(f"scikit-learn: {sklearn}, numpy {numpy}, Python {platform.python_version()}")
    return lines


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def memory_size():
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"


def file_system(folder):
    """The type of the file system that a folder is on."""
    folder, best = str(pathlib.Path(folder).resolve()), ("", "unknown")
    try:
        mounts = pathlib.Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return best[1]
    for line in mounts:
        _, point, kind = line.split()[:3]
        if (folder + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def disk_speed(folder):
    """How long the disk alone takes for a Dev matrix: what no tool that syncs its outputs can go below."""
    path, block = pathlib.Path(folder) / "speed.tmp", os.urandom(1 << 20)
    os.sync()
    begun = time.perf_counter()
    with open(path, "wb") as file:
        for _ in range(135):
            file.write(block)
        written = time.perf_counter()
        os.fsync(file.fileno())
    ended = time.perf_counter()
    path.unlink()
    return f"135 MiB take {written - begun:.2f} s to write and {ended - written:.2f} s to sync"


def said(*command):
    try:
        return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return f"unknown ({command[0]} failed)"
