"""The cases of compare.py: what is run, and what each run must give."""
import functools
import pathlib
import subprocess

from sklearn.utils._param_validation import InvalidParameterError

import corpora
import environment
import forms
import reference
from checks import check_run, explain_sweep

SAMPLE = environment.REPOSITORY / "sample"


class Bench:
    """The binary under test and a folder to work in."""

    def __init__(self, binary, folder, data, full):
        self.binary, self.folder, self.data, self.full = binary, folder, data, full
        self.runs = 0

    def run(self, dataset, root, *options):
        """(exit status, stdout, stderr, output folder)"""
        self.runs += 1
        out = self.folder / f"out{self.runs}"
        command = [str(self.binary), dataset, "--root", str(root), "--out", str(out), *options]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        return done.returncode, done.stdout.decode(), done.stderr.decode(), out

    @functools.cache
    def corpus(self, maker, name, *args):
        return corpora.made(maker, self.folder / name, *args)

    @functools.cache
    def in_form(self, form, root):
        out = self.folder / f"form{len(list(self.folder.glob('form*')))}"
        forms.FORMS[form](root, out)
        return out


@functools.cache
def expected(dataset, root, frozen):
    """The reference's files, or the message of its refusal; kept, since many runs must give the same."""
    try:
        return reference.dataset(dataset, root, **dict(frozen))
    except InvalidParameterError:
        raise
    except ValueError as refusal:
        return str(refusal)


def compare(bench, dataset, root, options=(), form_of=None, **wanted):
    """Run with `options`; expect what the reference gives with `wanted` (on `form_of`, if `root` is another form of it)."""
    files = expected(dataset, pathlib.Path(form_of or root), tuple(sorted(wanted.items())))
    return check_run(bench.run(dataset, root, *options), files, **wanted)


def plain(bench, dataset, root):
    for layout in ("documented", "script"):
        options = ["--layout", layout] if layout == "script" else []
        yield f"{dataset} {layout}", functools.partial(compare, bench, dataset, root, options, layout=layout)


# ---------------------------------------------------------------- real data


def real(bench):
    named = [("sample", SAMPLE, ("clickture", "mscoco")), ("tate", bench.data / "tate", ("clickture",)), ("coco5k", bench.data / "coco5k", ("mscoco",))]
    for name, root, datasets in named:
        if not root.exists():
            print(f"absent, left out: {root}")
            continue
        for dataset in datasets:
            for what, test in plain(bench, dataset, root):
                yield f"{name}: {what}", test
    yield from released(bench) if bench.full else ()


def released(bench):
    """The release's own Dev list and id map, with keyword files of ours."""
    folder = bench.data / "released"
    if not folder.exists():
        print(f"absent, left out: {folder}")
        return
    for layout in ("documented", "script"):
        def test(layout=layout):
            root = bench.corpus(corpora.of_released_list, "released", folder)
            return compare(bench, "clickture", root, ["--splits", "dev", "--layout", layout], layout=layout, splits=("dev",))
        yield f"the release's Dev list and id map: clickture {layout}", test


# ---------------------------------------------------------------- options


def numbers():
    for low in ("1", "2", "6", "0.01", "0.07", "1.0"):
        yield f"--min-df {low}", ["--min-df", low], {"min_df": float(low) if "." in low else int(low), "named": low}
    for high in ("0.5", "100", "1.0", "0.07"):
        yield f"--max-df {high}", ["--max-df", high], {"max_df": float(high) if "." in high else int(high)}
    both = {"min_df": 3, "max_df": 20, "named": "3"}
    yield "--min-df 3 --max-df 20", ["--min-df", "3", "--max-df", "20"], both


def stop_words(bench):
    own = ["woman", "people", "café", "Table", "man's", "ελλάδα", "figure"]
    path = bench.folder / "stop_words.txt"
    path.write_text("".join(word + "\n" for word in own), encoding="utf-8")
    for value, wanted in (("none", None), ("english", "english"), (str(path), tuple(own))):
        yield f"--stop-words {pathlib.Path(value).name}", ["--stop-words", value], {"stop_words": wanted}


def splits():
    yield "--splits dev", ["--splits", "dev"], {"splits": ("dev",)}
    yield "--splits lite", ["--splits", "lite"], {"splits": ("lite",)}
    yield "--splits lite,dev", ["--splits", "lite,dev"], {"splits": ("lite", "dev")}


def coco_splits():
    for value in ("train", "test", "test,train"):
        yield f"--splits {value}", ["--splits", value], {"splits": tuple(value.split(","))}


def options(bench):
    roots = [("sample", SAMPLE)] + [("tate", bench.data / "tate")] * (bench.data / "tate").exists()
    for name, root in roots:
        for what, arguments, wanted in [*numbers(), *stop_words(bench)]:
            test = functools.partial(compare, bench, "clickture", root, [*arguments, "--splits", "dev"], splits=("dev",), **wanted)
            yield f"{name}: {what}", test
    for what, arguments, wanted in splits():
        yield f"sample: clickture {what}", functools.partial(compare, bench, "clickture", SAMPLE, arguments, **wanted)
    for what, arguments, wanted in coco_splits():
        yield f"sample: mscoco {what}", functools.partial(compare, bench, "mscoco", SAMPLE, arguments, **wanted)


def shares(bench):
    """Every word frequency of a hundred documents against shares that are no exact doubles."""
    root = bench.corpus(corpora.shares, "shares")
    for low in ("0.07", "0.14", "0.28", "0.29", "0.55", "0.56", "0.57", "0.58", "1.0", "0.001", "0.999"):
        for option, name, named in (("--min-df", "min_df", low), ("--max-df", "max_df", "1")):
            arguments = ["--splits", "dev", option, low] + (["--min-df", "1"] if option == "--max-df" else [])
            wanted = {"splits": ("dev",), "min_df": 1, name: float(low), "named": named}
            yield f"a hundred documents: {option} {low}", functools.partial(compare, bench, "clickture", root, arguments, **wanted)


def given_vocabulary(bench, dataset, extension, arguments, wanted):
    """A vocabulary of the sample, written by one run and used by another."""
    status, _, stderr, out = bench.run(dataset, SAMPLE)
    if status:
        return [stderr.strip()]
    stem = "clickture_dev" if dataset == "clickture" else "coco"
    given = ["--vocabulary", str(out / f"vocabulary_{stem}_sk_6.{extension}")]
    return compare(bench, dataset, SAMPLE, [*given, *arguments], **wanted)


def vocabularies(bench):
    for extension in ("json", "pkl"):
        for dataset, split in (("clickture", "lite"), ("clickture", "dev"), ("mscoco", "train,test")):
            test = functools.partial(given_vocabulary, bench, dataset, extension, ["--splits", split], {"splits": tuple(split.split(","))})
            yield f"sample: {dataset} --vocabulary FILE.{extension} --splits {split}", test


# ---------------------------------------------------------------- forms and threads


def all_forms(bench):
    for form in forms.FORMS:
        for dataset in ("clickture", "mscoco"):
            def test(form=form, dataset=dataset):
                return compare(bench, dataset, bench.in_form(form, SAMPLE), form_of=SAMPLE)
            yield f"sample as {form}: {dataset}", test


def threads(bench):
    tate = bench.data / "tate"
    for jobs in ("1", "2", "7"):
        for dataset in ("clickture", "mscoco"):
            yield f"sample: {dataset} -j {jobs}", functools.partial(compare, bench, dataset, SAMPLE, ["-j", jobs])
        if tate.exists():
            yield f"tate: clickture -j {jobs}", functools.partial(compare, bench, "clickture", tate, ["-j", jobs], layout="documented")


# ---------------------------------------------------------------- made to be difficult


def sweep(bench, jobs):
    root = bench.corpus(corpora.sweep, "sweep")
    wanted = {"min_df": 1, "stop_words": None, "named": "1"}
    files = expected("clickture", root, tuple(sorted(wanted.items())))
    done = bench.run("clickture", root, "--splits", "dev,lite", "--min-df", "1", "--stop-words", "none", "-j", jobs)
    problems = check_run(done, files, **wanted)
    return problems + explain_sweep(done[3]) if problems else []


def sweeps(bench):
    yield f"sweep: {len(corpora.assigned())} code points, raw and escaped", functools.partial(sweep, bench, "2")


def random_case(bench, seed):
    root = bench.corpus(corpora.random_corpus, f"random{seed}", seed)
    low = seed % 4 + 1
    stop = "none" if seed % 3 == 0 else "english"
    layout = "script" if seed % 2 else "documented"
    arguments = ["--splits", "dev,lite", "--min-df", str(low), "--stop-words", stop, "--layout", layout, "-j", str(seed % 3 + 1)]
    wanted = {"min_df": low, "named": str(low), "stop_words": None if stop == "none" else stop, "layout": layout}
    return compare(bench, "clickture", root, arguments, **wanted)


def randoms(bench):
    for seed in range(400 if bench.full else 60):
        yield f"random corpus {seed}", functools.partial(random_case, bench, seed)


def all_cases(bench):
    for group in (real, options, shares, vocabularies, all_forms, threads, sweeps, randoms):
        yield from group(bench)
