#!/usr/bin/env python3
"""Have numpy, scipy, pandas, pyarrow and scikit-learn load every form of the output, and compare what each of them finds.

    python3 tests/parity/consumers.py                 # builds the tool, installs the five under target/, less than a minute
    python3 tests/parity/consumers.py --binary PATH   # another binary

The words are scikit-learn's own: its CountVectorizer is fitted to the same documents, read by Python. Real data is looked for in
$AMC_KEYWORDS_DATA, else in ../shared/data; what is absent is left out and said so. Exit status: 0 if all agree, 1 if not.
"""
import argparse
import io
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

import environment

if __name__ == "__main__":
    environment.enter(environment.HERE / "consumers.txt")

import numpy  # noqa: E402
import pandas  # noqa: E402
import pyarrow.parquet  # noqa: E402
import scipy.sparse  # noqa: E402
import sklearn  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402

import reference  # noqa: E402

SAMPLE = environment.REPOSITORY / "sample"
WIDTH = 24


def build():
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=environment.REPOSITORY, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", environment.REPOSITORY / "target"))
    return target / "release" / "amc-keywords"


def run(binary, dataset, root, out, *options):
    command = [str(binary), dataset, "--root", str(root), "--out", str(out), "-q", *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


def splits(dataset, root):
    """[(stem of the main file, [(image id, document)])], the first of which the vocabulary is learned from."""
    if dataset == "mscoco":
        return [("img_keyword_ind_coco_sk_6", reference.mscoco_images(root, ("train", "test")))]
    parts = [part for part in ("dev", "lite") if (root / "clickture" / f"clickture-{part}.lst").exists()]
    return [(f"img_keyword_ind_clickture_{part}_sk_6_sparse", reference.clickture_images(root, part)) for part in parts]


# ---------------------------------------------------------------- each consumer


class Keywords:
    """What PyTorch's DataLoader asks of a data set: its length, and an item by its place. numpy is all that it needs."""

    def __init__(self, stem):
        self.ids = numpy.load(f"{stem}_padded.npy", mmap_mode="r")
        self.mask = numpy.load(f"{stem}_padded_mask.npy", mmap_mode="r")

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, place):
        return numpy.array(self.ids[place]), self.mask[place].astype(bool)


def check_numpy(stem, rows, dtype):
    pairs = numpy.load(f"{stem}.npy", mmap_mode="r")
    assert pairs.dtype == dtype and pairs.flags.c_contiguous and numpy.array_equal(pairs, rows)
    ranges = numpy.load(f"{stem}_ranges.npy")
    assert ranges.dtype == dtype and numpy.array_equal(ranges, reference.ranges(rows))
    assert reference.npy(rows.astype(dtype)) == pathlib.Path(f"{stem}.npy").read_bytes()


def check_scipy(stem, ids, counts, rows):
    matrix = scipy.sparse.load_npz(f"{stem}_csr.npz")
    assert matrix.format == "csr" and matrix.has_canonical_format and matrix.shape == counts.shape
    for part in ("data", "indices", "indptr"):
        found, wanted = getattr(matrix, part), getattr(counts, part)
        assert found.dtype == wanted.dtype and numpy.array_equal(found, wanted), part
    saved = io.BytesIO()
    scipy.sparse.save_npz(saved, counts, compressed=False)
    assert saved.getvalue() == pathlib.Path(f"{stem}_csr.npz").read_bytes(), "other bytes than scipy's"
    image_ids = numpy.load(f"{stem}_csr_rows.npy")
    assert image_ids.dtype == numpy.int64 and numpy.array_equal(image_ids, ids)
    place = {number: n for n, number in enumerate(ids)}
    ones = numpy.ones(len(rows), numpy.int64)
    added = scipy.sparse.coo_matrix((ones, ([place[number] for number in rows[:, 0].tolist()], rows[:, 1])), counts.shape).tocsr()
    assert (added != matrix).nnz == 0, "the pairs do not add up to the counts"


def check_padded(stem, words, dtype):
    keywords = Keywords(stem)
    assert len(keywords) == len(words) and keywords.ids.dtype == dtype and keywords.mask.dtype == numpy.uint8
    for place, wanted in enumerate(words):
        found, mask = keywords[place]
        kept = wanted[:WIDTH]
        assert found.tolist() == kept + [-1] * (WIDTH - len(kept)) and found[mask].tolist() == kept and mask.sum() == len(kept), place


def check_parquet(stem, ids, words, names, dtype):
    frame = pandas.read_parquet(f"{stem}.parquet")
    assert list(frame.columns) == ["image_id", "name", "words", "word_ids"] and frame["image_id"].dtype == numpy.int64
    assert frame["image_id"].tolist() == ids and [list(row) for row in frame["word_ids"]] == words
    assert [list(row) for row in frame["words"]] == [[names[word] for word in row] for row in words]
    table = pyarrow.parquet.read_table(f"{stem}.parquet")
    assert str(table.schema.field("word_ids").type) == f"list<element: {dtype} not null>"
    assert table.column("word_ids").to_pylist() == words and table.column("image_id").to_pylist() == ids
    assert table.column("name").to_pylist() == frame["name"].tolist() and len(set(frame["name"])) == len(set(ids))


def agree(binary, dataset, root, dtype):
    with tempfile.TemporaryDirectory(prefix="amc-consumers-") as folder:
        out = pathlib.Path(folder)
        run(binary, dataset, root, out, "--emit", "pairs,ranges,csr,padded,parquet", "--pad-to", str(WIDTH), "--dtype", dtype)
        all_splits = splits(dataset, root)
        fitted = CountVectorizer(min_df=6, stop_words="english").fit([document for _, document in all_splits[0][1]])
        analyze, vocabulary, names = fitted.build_analyzer(), fitted.vocabulary_, fitted.get_feature_names_out()
        for name, images in all_splits:
            stem, ids, documents = str(out / name), [number for number, _ in images], [document for _, document in images]
            counts = fitted.transform(documents)
            counts.sort_indices()
            words = [[int(vocabulary[word]) for word in analyze(document) if word in vocabulary] for document in documents]
            rows = numpy.array([(number, word) for number, row in zip(ids, words) for word in row], numpy.int64).reshape(-1, 2)
            check_numpy(stem, rows, dtype)
            check_scipy(stem, ids, counts, rows)
            check_padded(stem, words, dtype)
            check_parquet(stem, ids, words, names, dtype)


# ---------------------------------------------------------------- the pickle of --layout script

OWN_STOP_WORDS = ["meal", "the", "woman"]
PARAMETERS = [
    {},
    {"stop_words": None, "ngram_range": (1, 2), "min_df": 2, "max_df": 0.5},
    {"analyzer": "char_wb", "ngram_range": (2, 3), "binary": True, "max_features": 50, "stop_words": None},
    {"analyzer": "char", "ngram_range": (3, 3), "max_df": 40, "stop_words": None},
    {"strip_accents": "unicode", "lowercase": False, "token_pattern": r"[^\s,]+", "min_df": 0.05, "stop_words": None},
    {"strip_accents": "ascii", "stop_words": OWN_STOP_WORDS, "max_df": 0.9},
]


def options_of(parameters, folder):
    for name, value in parameters.items():
        option = "--" + name.replace("_", "-")
        if name == "stop_words" and value:
            (folder / "words.txt").write_text("".join(word + "\n" for word in value), "utf-8")
            yield from (option, str(folder / "words.txt"))
        elif name == "lowercase":
            yield "--no-lowercase"
        elif name == "binary":
            yield option
        elif name == "ngram_range":
            yield from (option, ",".join(map(str, value)))
        else:
            yield f"{option}={'none' if value is None else value}"


def unpickle(path):
    """With every warning an error; in the release's words: count_vect = load('count_vectorizer_….pkl')."""
    with warnings.catch_warnings(), open(path, "rb") as file:
        warnings.simplefilter("error")
        return pickle.load(file)


def vectorizer(binary, dataset, root, parameters):
    with tempfile.TemporaryDirectory(prefix="amc-consumers-") as folder:
        out = pathlib.Path(folder)
        run(binary, dataset, root, out / "out", "--layout", "script", "--emit", "csr", *options_of(parameters, out))
        loaded = unpickle(next((out / "out").glob("count_vectorizer_*.pkl")))
        wanted = CountVectorizer(**{"min_df": 6, "stop_words": "english", **parameters})
        assert type(loaded) is CountVectorizer and loaded.get_params() == wanted.get_params(), loaded.get_params()
        min_df = parameters.get("min_df", 6)
        for name, images in splits(dataset, root):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                counts = loaded.transform([document for _, document in images])
            counts.sort_indices()
            matrix = scipy.sparse.load_npz(out / "out" / f"{name.replace('_sk_6', f'_sk_{min_df}')}_csr.npz")
            assert counts.shape == matrix.shape and (counts != matrix).nnz == 0, name
        vocabulary = json.loads(next((out / "out").glob("vocabulary_*.json")).read_text("utf-8"))
        assert loaded.vocabulary_ == vocabulary and list(loaded.get_feature_names_out()) == list(vocabulary)
        assert pickle.loads(pickle.dumps(loaded)).get_params() == loaded.get_params()


def guide(binary):
    """The guide's example of other forms, with its command."""
    text = (environment.REPOSITORY / "docs" / "guide.md").read_text("utf-8").split("`--emit` writes other forms", 1)[1]
    shell, python = (text.split(f"```{language}\n", 1)[1].split("```", 1)[0] for language in ("bash", "python"))
    with tempfile.TemporaryDirectory(prefix="amc-consumers-") as folder:
        shutil.copytree(SAMPLE, pathlib.Path(folder) / "sample")
        arguments = shell.split()[1:]
        subprocess.run([str(binary), *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([sys.executable, "-c", python], cwd=folder, check=True)


# ---------------------------------------------------------------- all of it


def cases(binary, data):
    for name, root, datasets in [("sample", SAMPLE, ("clickture", "mscoco")), ("tate", data / "tate", ("clickture",)), ("coco5k", data / "coco5k", ("mscoco",))]:
        if not root.exists():
            print(f"absent, left out: {root}")
            continue
        for dataset in datasets:
            for dtype in ("int64", "int32") if name == "sample" else ("int64",):
                yield f"{name}: {dataset} {dtype}: every form", lambda d=dataset, r=root, t=dtype: agree(binary, d, r, t)
            for parameters in PARAMETERS if name == "sample" else PARAMETERS[:1]:
                yield f"{name}: {dataset}: the vectorizer of {parameters}", lambda d=dataset, r=root, p=parameters: vectorizer(binary, d, r, p)
    yield "the guide's example", lambda: guide(binary)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, help="the amc-keywords to test (default: cargo build --release)")
    parser.add_argument("--only", default="", help="run the cases whose name has this in it")
    args = parser.parse_args()
    binary, failed, passed = (args.binary or build()).resolve(), 0, 0
    print(", ".join(f"{module.__name__} {module.__version__}" for module in (numpy, scipy, pandas, pyarrow, sklearn)))
    data = pathlib.Path(os.environ.get("AMC_KEYWORDS_DATA", environment.REPOSITORY.parent / "shared" / "data"))
    for name, test in cases(binary, data):
        if args.only not in name:
            continue
        began = time.monotonic()
        try:
            test()
            problem = None
        except Exception as error:  # a case that cannot run has failed
            problem = f"{type(error).__name__}: {error}"
        print(f"{'FAIL' if problem else 'ok  '} {name} ({time.monotonic() - began:.1f} s)" + (f"\n     {problem}" if problem else ""), flush=True)
        failed, passed = failed + bool(problem), passed + (not problem)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
