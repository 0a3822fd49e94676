#!/usr/bin/env python3
"""Measure whole runs of amc-keywords against the floor program and scikit-learn, and print the table of benches/NOTES.md.

    python3 benches/table.py                # everything; makes 3 GB of corpora under target/bench-data at first
    python3 benches/table.py --quick        # Dev's size, COCO's and sample/ only
    python3 benches/table.py --markdown     # to paste into the README
    python3 benches/table.py --callgrind    # instructions an image instead
    python3 benches/table.py --data DIR --binary PATH --runs 5 --without-sklearn

Exit status: 0 if every output is the same as scikit-learn's and for every number of threads, and Dev + Lite fits into the memory it
is given; 1 if not. A time never fails.
"""
import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests" / "parity"))

import environment  # noqa: E402

if __name__ == "__main__" and not {"--without-sklearn", "--callgrind", "-h", "--help"} & set(sys.argv):
    environment.enter()

import data  # noqa: E402
import instructions  # noqa: E402
import machine  # noqa: E402
from measure import Failed, Job, in_turns, peak, ratio, seconds, sha256  # noqa: E402
from report import Report, mib  # noqa: E402

DEV_MATRIX = "img_keyword_ind_clickture_dev_sk_6_sparse.npy"
LITE_MATRIX = "img_keyword_ind_clickture_lite_sk_6_sparse.npy"
COCO_MATRIX = "img_keyword_ind_coco_sk_6.npy"
VOCABULARY = "vocabulary_clickture_dev_sk_6.json"
HEADER_BYTES, ROW_BYTES = 128, 16
LINE = (10_000, 30_000, 100_000, 300_000, 1_000_000)
LINE_RUNS = 3
SKLEARN_RUNS = 3
SAMPLE_RUNS = 20
MOST_IN_MEMORY = 5 << 30


class Bench:
    """The programs, the corpora, and where outputs go."""

    def __init__(self, args, memory):
        self.tool, maker, self.floor_program = data.build()
        self.tool = (args.binary or self.tool).resolve()
        self.corpora = data.Corpora(args.data, maker)
        self.runs = args.runs
        self.address_space = args.address_space << 20
        self.out = args.data / "out"
        self.out.mkdir(parents=True, exist_ok=True)
        self.places = {"disk": self.out, **({"memory": memory} if memory else {})}

    def clickture(self, root, place, *options, address_space=None):
        out = self.places[place] / "clickture"
        command = [self.tool, "clickture", "--root", root, "--out", out, "--quiet", *options]
        return Job(command, outputs=[out], address_space=address_space)

    def mscoco(self, root, place):
        out = self.places[place] / "mscoco"
        return Job([self.tool, "mscoco", "--root", root, "--out", out, "--quiet"], outputs=[out])

    def sklearn(self, root, place):
        out = self.places[place] / "sklearn"
        return Job([sys.executable, HERE / "baseline.py", root, out], outputs=[out])

    def floor(self, place, *work):
        """`work`: an archive and its rows, one or more times."""
        outs = [self.places[place] / f"floor-{i}.bin" for i in range(len(work))]
        commands = [[self.floor_program, zip_, rows, out] for (zip_, rows), out in zip(work, outs)]
        return Job(*commands, outputs=outs)

    @contextlib.contextmanager
    def kept(self, job):
        """The folder of the job's outputs, for as long as the block lasts; and the run."""
        try:
            run = job.run(keep=True)
            yield job.outputs[0], run
        finally:
            job.clear()


def rows_in(matrix):
    return (matrix.stat().st_size - HEADER_BYTES) // ROW_BYTES


def dev_zip(root):
    return root / "keyword" / "keywords_dev.zip"


def lite_zip(root):
    return root / "keyword" / "keywords_lite.zip"


# ---------------------------------------------------------------- rows of the table


def dev(bench, report):
    root, dev_only = bench.corpora.clickture(data.DEV, 0), ("--splits", "dev")
    with bench.kept(bench.clickture(root, "disk", *dev_only)) as (out, _):
        rows = rows_in(out / DEV_MATRIX)
    for place in bench.places:
        taken = in_turns({
            "floor": bench.floor(place, (dev_zip(root), rows)),
            "tool": bench.clickture(root, place, *dev_only),
            "1": bench.clickture(root, place, *dev_only, "-j", "1"),
            "2": bench.clickture(root, place, *dev_only, "-j", "2"),
            "floor on a core": bench.floor(place, (dev_zip(root), rows)).on_one_core(),
            "tool on a core": bench.clickture(root, place, *dev_only).on_one_core(),
        }, bench.runs)
        work = f"Dev, {data.DEV:,} images, {rows:,} rows"
        report.ratio(work, place, "tool / floor", ratio(taken["tool"], taken["floor"]), at_most=(2.2, 1.5),
                     times=[taken["tool"], taken["floor"]])
        report.ratio(work, place, "-j 1 / -j 2", ratio(taken["1"], taken["2"]), at_least=(1.6, 1.85),
                     times=[taken["1"], taken["2"]])
        # What two cores give to a process that has threads for more things than its work.
        for name in ("tool", "floor"):
            report.ratio(work, place, f"{name} on one core / on all", ratio(taken[f"{name} on a core"], taken[name]),
                         times=[taken[f"{name} on a core"], taken[name]])
        report.plain(work, place, "peak memory", mib(peak(taken["tool"])))


def sklearn(bench, report):
    root, dev_only = bench.corpora.clickture(data.DEV, 0), ("--splits", "dev")
    for place in bench.places:
        taken = in_turns({"sklearn": bench.sklearn(root, place), "tool": bench.clickture(root, place, *dev_only)}, SKLEARN_RUNS)
        report.ratio("Dev", place, "scikit-learn / tool", ratio(taken["sklearn"], taken["tool"]), at_least=(25, 40),
                     times=[taken["sklearn"], taken["tool"]])
        report.plain("Dev", place, "scikit-learn's peak memory", mib(peak(taken["sklearn"])))


def same_bytes(bench, report, with_sklearn):
    """The Dev matrix as scikit-learn makes it, and for several numbers of threads."""
    root, wanted = bench.corpora.clickture(data.DEV, 0), None
    if with_sklearn:
        with bench.kept(bench.sklearn(root, "disk")) as (out, _):
            wanted = sha256(out / DEV_MATRIX)
    for jobs in ("1", "2", "3", "16"):
        with bench.kept(bench.clickture(root, "disk", "--splits", "dev", "-j", jobs)) as (out, _):
            found = sha256(out / DEV_MATRIX)
        wanted = wanted or found
        report.check(f"sha256 of the Dev matrix, -j {jobs}: {found[:16]}… {'as' if found == wanted else 'NOT as'} "
                     f"{'scikit-learn' if with_sklearn else '-j 1'}'s", found == wanted)


def mscoco(bench, report):
    root = bench.corpora.mscoco(data.COCO)
    with bench.kept(bench.mscoco(root, "disk")) as (out, _):
        rows = rows_in(out / COCO_MATRIX)
    for place in bench.places:
        taken = in_turns({"floor": bench.floor(place, (root / "keyword" / "keywords_coco.zip", rows)),
                          "tool": bench.mscoco(root, place)}, bench.runs)
        work = f"mscoco, {data.COCO:,} images, {rows:,} rows"
        report.ratio(work, place, "tool / floor", ratio(taken["tool"], taken["floor"]), at_most=(2.5, 1.7),
                     times=[taken["tool"], taken["floor"]])
        report.plain(work, place, "peak memory", mib(peak(taken["tool"])))


def sample(bench, report):
    for place in bench.places:
        runs = in_turns({"tool": bench.clickture(HERE.parent / "sample", place)}, SAMPLE_RUNS)["tool"]
        report.time("sample/, clickture", place, seconds(runs), at_most=(0.050, 0.015))


def dev_and_lite(bench, report):
    root = bench.corpora.clickture(data.DEV, data.LITE)
    with bench.kept(bench.clickture(root, "disk")) as (out, _):
        rows = [rows_in(out / name) for name in (DEV_MATRIX, LITE_MATRIX)]
    for place in bench.places:
        taken = in_turns({"floor": bench.floor(place, (dev_zip(root), rows[0]), (lite_zip(root), rows[1])),
                          "tool": bench.clickture(root, place)}, bench.runs)
        work = f"Dev + Lite, {data.DEV + data.LITE:,} images, {sum(rows):,} rows"
        report.ratio(work, place, "tool / floor", ratio(taken["tool"], taken["floor"]), at_most=(2.2, 1.5),
                     times=[taken["tool"], taken["floor"]])
        report.memory(work, place, peak(taken["tool"]), at_most=(256, 128))


def address_space(bench, report):
    """Dev + Lite where the kernel refuses more than a little memory, and so proves that the tool asks for no more."""
    root = bench.corpora.clickture(data.DEV, data.LITE)
    limit = f"Dev + Lite under ulimit -v {bench.address_space >> 10} (KiB)"
    try:
        with bench.kept(bench.clickture(root, "disk", address_space=bench.address_space)) as (out, run):
            rows = sum(rows_in(out / name) for name in (DEV_MATRIX, LITE_MATRIX))
        report.check(f"{limit}: {run.seconds:.1f} s, {mib(run.peak)} at the most, {rows:,} rows", True)
    except Failed as failed:
        report.check(f"{limit}: {failed}", False)


def lite_memory(bench, report):
    """Peak memory of Lite alone, whose vocabulary is given, at two sizes."""
    with tempfile.TemporaryDirectory(prefix="amc-bench-") as private:
        vocabulary = pathlib.Path(private) / VOCABULARY
        with bench.kept(bench.clickture(bench.corpora.clickture(data.DEV, 0), "disk", "--splits", "dev")) as (out, _):
            shutil.copy(out / VOCABULARY, vocabulary)
        options = ("--splits", "lite", "--vocabulary", vocabulary)
        few = bench.clickture(bench.corpora.clickture(0, data.LITE // 4), "disk", *options)
        many = bench.clickture(bench.corpora.clickture(data.DEV, data.LITE), "disk", *options)
        peaks = [peak(runs) for runs in in_turns({"few": few, "many": many}, LINE_RUNS).values()]
    report.factor(f"Lite, {data.LITE:,} images / {data.LITE // 4:,}", "disk", "peak memory", peaks[1] / peaks[0],
                  at_most=(1.6, 1.2), detail=f"{mib(peaks[1])} / {mib(peaks[0])}")


def line(bench, report):
    """Time over images: only Dev, so that the vocabulary is learned from all of them."""
    for place in bench.places:
        jobs = {images: bench.clickture(bench.corpora.clickture(images, 0), place, "--splits", "dev") for images in LINE}
        for images, runs in in_turns(jobs, LINE_RUNS).items():
            report.line(images, place, seconds(runs), peak(runs))


# ---------------------------------------------------------------- running


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="Dev's size, COCO's and sample/ only")
    parser.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    parser.add_argument("--callgrind", action="store_true", help="count instructions an image instead")
    parser.add_argument("--without-sklearn", action="store_true", help="leave scikit-learn out, which need not be installed then")
    parser.add_argument("--data", type=pathlib.Path, default=data.TARGET / "bench-data", help="where corpora and outputs go")
    parser.add_argument("--binary", type=pathlib.Path, help="the amc-keywords to measure (default: cargo build --release)")
    parser.add_argument("--runs", type=int, default=5, help="rounds after the warm-up (default: 5)")
    parser.add_argument("--address-space", type=int, default=512, metavar="MIB", help="the limit that Dev + Lite is run under")
    args = parser.parse_args()
    args.data = args.data.absolute()
    return args


@contextlib.contextmanager
def memory_folder():
    """A folder in memory, or `None` if there is no room for one."""
    shm = pathlib.Path("/dev/shm")
    if not shm.is_dir() or shutil.disk_usage(shm).free < MOST_IN_MEMORY:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="amc-bench-", dir=shm) as folder:
        yield pathlib.Path(folder)


def measure(bench, report, args):
    steps = [dev, mscoco, sample] if args.quick else [dev, mscoco, sample, dev_and_lite, address_space, lite_memory, line]
    if not args.without_sklearn:
        steps.insert(1, sklearn)
    same_bytes(bench, report, not args.without_sklearn)
    for step in steps:
        print(f"measuring {step.__name__}", file=sys.stderr, flush=True)
        step(bench, report)


def main():
    args = arguments()
    # As Ctrl-C does: leave nothing behind in memory.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with memory_folder() as memory:
        bench = Bench(args, memory)
        if args.callgrind:
            print("\n".join(instructions.report(bench.corpora)))
            return 0
        report = Report(machine.describe(bench.out, memory, not args.without_sklearn))
        try:
            measure(bench, report, args)
        except Failed as failed:
            sys.exit(f"benches/table.py: {failed}")
    print(report.markdown() if args.markdown else report.text())
    return 0 if report.all_checked else 1


if __name__ == "__main__":
    sys.exit(main())
