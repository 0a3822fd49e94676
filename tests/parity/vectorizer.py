#!/usr/bin/env python3
"""Compare amc-keywords with scikit-learn's CountVectorizer under many combinations of its parameters.

    python3 tests/parity/vectorizer.py                 # builds the tool, installs scikit-learn under target/, about two minutes
    python3 tests/parity/vectorizer.py --binary PATH   # another binary
    python3 tests/parity/vectorizer.py --full          # every code point in each combination, all of the Tate's Dev
    python3 tests/parity/vectorizer.py --only char     # the combinations whose name has this in it

Each combination runs over three corpora: subject keywords of the Tate (from $AMC_KEYWORDS_DATA, else ../shared/data, left out where
absent), assigned code points, and random keywords. The vocabulary must be scikit-learn's, the pairs must add up to its matrix, and
every fourth time they must also stand in the order of its analyzer. Where max_features cuts between equally frequent words,
scikit-learn leaves to numpy which of them stay: there the words are ranked by our own rule (frequency falling, then word rising),
and scikit-learn's choice must have the same frequencies.
"""
import argparse
import collections
import concurrent.futures
import functools
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unicodedata
import warnings
import zipfile

import environment

if __name__ == "__main__":
    environment.enter()

import numpy  # noqa: E402
import scipy.sparse  # noqa: E402
import sklearn  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402

import compare  # noqa: E402
import corpora  # noqa: E402

OWN_STOP_WORDS = ["woman", "people", "café", "cafe", "the", "Σας", "a", "young adult", "ab", "\u00bd\u00bd"]

# ---------------------------------------------------------------- combinations

PATTERNS = [r"(?u)\b\w\w+\b", r"(?u)\b\w+\b", r"[a-z]{3,}", r"\S+", r"[^\s,;]+", r"[^,]+", r"\b(\w)\w*\b", r"(\w+)-\w+|\w\w", r"\w*", r"\w+$", r"(?m)^\w+|\w$",
            r"(?a)\b\w\w+\b", r"(?a)\w\B\w", r"[^\W\d_]+", r"\d+", r"\W", r"\w+?\b", r"\b\w{2,3}\B", r"(?:ab|a)(?:c|bcd)?", r".", r"(?s).\s", r"\A\w+|\w+\Z",
            r"[\u0370-\u03ff\x61-\x7a]+", r"\b[^\W_]\S*\b", r"\b", r"(?:\w-?)+"]
KNOBS = {
    "lowercase": [True, True, False],
    "strip_accents": [None, "ascii", "unicode"],
    "min_df": [1, 1, 2, 0.01],
    "max_df": [1.0, 1.0, 0.5, 60],
    "max_features": [None, None, 1, 7, 100],
    "binary": [False, False, True],
}


def combinations():
    """[parameters]: every value many times, every pattern five times."""
    rng = random.Random(9)
    knobs = lambda: {name: rng.choice(values) for name, values in KNOBS.items()}  # noqa: E731
    stop = lambda: rng.choice([None, "english", OWN_STOP_WORDS])  # noqa: E731
    for pattern in PATTERNS:
        for ngrams in ((1, 1), (1, 1), (1, 1), rng.choice([(1, 2), (2, 2)]), rng.choice([(2, 3), (1, 3), (3, 7)])):
            yield {"token_pattern": pattern, "ngram_range": ngrams, "stop_words": stop(), **knobs()}
    for lowercase, accents, ngrams in itertools.product([True, False], [None, "ascii", "unicode"], [(1, 1), (1, 2), (2, 2), (2, 4)]):
        yield {"ngram_range": ngrams, "stop_words": stop(), **knobs(), "lowercase": lowercase, "strip_accents": accents}
    for kind, lowercase, accents, ngrams in itertools.product(["char", "char_wb"], [True, False], [None, "ascii", "unicode"], [(1, 1), (1, 3), (2, 4), (3, 3)]):
        yield {"analyzer": kind, "ngram_range": ngrams, **knobs(), "lowercase": lowercase, "strip_accents": accents}
    for lowercase, accents, stopped in itertools.product([True, False], [None, "ascii", "unicode"], [None, "english", OWN_STOP_WORDS]):
        yield {"phrases": True, "stop_words": stopped, **knobs(), "lowercase": lowercase, "strip_accents": accents}


def thorough():
    """What every code point goes through: all that knows one character from another."""
    for accents in (None, "ascii", "unicode"):
        yield {"token_pattern": r"\S+", "strip_accents": accents}
        yield {"phrases": True, "strip_accents": accents, "lowercase": False}
    for pattern in (r"\w+", r"\W+", r"\d+", r"\s", r"\b.", r"\B.", r"\w+$", r"(?a)\w+\b"):
        yield {"token_pattern": pattern}
    yield {"analyzer": "char", "ngram_range": (1, 1)}
    yield {"analyzer": "char_wb", "ngram_range": (2, 2)}


def name_of(parameters):
    return " ".join(f"{name}={'own' if value is OWN_STOP_WORDS else value}" for name, value in parameters.items() if value is not None)


# ---------------------------------------------------------------- corpora: lists of documents, which are lists of keywords


def is_text(c):
    return not "\ud800" <= c <= "\udfff"


@functools.cache
def tate(data, most):
    archive = data / "tate" / "keyword" / "keywords_dev.zip"
    if not archive.exists():
        return None
    with zipfile.ZipFile(archive) as z:
        names = sorted(name for name in z.namelist() if name.endswith(".json"))[:most]
        return [json.loads(z.read(name))["tagging"]["keywords"] for name in names]


@functools.cache
def points():
    """(code points that differ much from each other, code points of large blocks that are similar)"""
    alike = ("CJK UNIFIED", "HANGUL SYLLABLE", "CJK COMPAT", "TANGUT", "KHITAN", "NUSHU", "EGYPTIAN", "ANATOLIAN", "CUNEIFORM", "YI SYLLABLE", "BAMUM", "VAI SYL", "CANADIAN")
    known = [n for n in corpora.assigned() if unicodedata.category(chr(n)) not in ("Co", "Cs")]
    is_alike = {n: unicodedata.name(chr(n), "").startswith(alike) for n in known}
    return [n for n in known if not is_alike[n]], [n for n in known if is_alike[n]]


CONTEXTS = [lambda c: [f"{c}a{c}"], lambda c: [f"ΑΣ{c}", f"{c}Σ"], lambda c: [f"e\u0301{c}\u0301x"], lambda c: [f"1{c} _{c}{c}"], lambda c: [f" {c}", f"{c}\tB"], lambda c: [f"Ab{c}Cd"]]


def sweep(seed, full):
    different, alike = points()
    chosen = different[seed % 4 :: 4] + alike[seed % 32 :: 32] if not full else different + alike
    context = CONTEXTS[seed % len(CONTEXTS)]
    return [[keyword for n in chosen[i : i + 64] for keyword in context(chr(n))] for i in range(0, len(chosen), 64)]


def every_code_point():
    chosen = sorted(sum(points(), []))
    contexts = lambda c: [f"a{c}b", f"{c}{c}", f"ΑΣ{c}", f"e\u0301{c}", f"{c}\u0301x", f"½{c}"]  # noqa: E731
    return [[keyword for n in chosen[i : i + 64] for keyword in contexts(chr(n))] for i in range(0, len(chosen), 64)]


def randoms(seed):
    rng = random.Random(seed)
    pool = [c for c in corpora.SPACES + corpora.CASES * 2 + corpora.NOT_QUITE * 2 + list("abcdef,-_") * 4 if all(map(is_text, c))]
    documents = []
    for _ in range(60):
        alphabet = [rng.choice(pool) for _ in range(7)] + ["a", "b", "c"]
        keywords = [corpora.random_keyword(rng, alphabet) for _ in range(rng.choice((0, 1, 3, 10, 25)))]
        documents.append(["".join(filter(is_text, keyword)) for keyword in keywords])
    return documents


# ---------------------------------------------------------------- scikit-learn


def phrases_of(parameters, keywords):
    plain = CountVectorizer(lowercase=parameters.get("lowercase", True), strip_accents=parameters.get("strip_accents"), stop_words=parameters.get("stop_words"))
    preprocess, stopped = plain.build_preprocessor(), plain.get_stop_words() or ()
    phrases = (" ".join(preprocess(keyword).split()) for keyword in keywords)
    return [phrase for phrase in phrases if phrase and phrase not in stopped]


def reference(parameters, documents):
    """(vocabulary, matrix, the terms of each document): what scikit-learn makes, or its message."""
    given = {name: value for name, value in parameters.items() if name != "phrases"}
    if parameters.get("phrases"):
        texts, given["analyzer"] = documents, functools.partial(phrases_of, parameters)
    else:
        texts = [" ".join(keywords) for keywords in documents]
    vectorizer = CountVectorizer(**given)
    try:
        matrix = vectorizer.fit_transform(texts)
    except ValueError as refusal:
        return str(refusal)
    vocabulary = {term: int(column) for term, column in vectorizer.vocabulary_.items()}
    if parameters.get("max_features"):
        vocabulary, matrix = by_rank(given, texts, vocabulary, matrix)
    matrix.sort_indices()
    return vocabulary, matrix, lambda: map(vectorizer.build_analyzer(), texts)


def by_rank(given, texts, chosen, matrix):
    """The vocabulary and matrix by our rule, after a check that scikit-learn's differ among equals alone."""
    whole = CountVectorizer(**{**given, "max_features": None})
    all_counts = whole.fit_transform(texts)
    frequency = dict(zip(whole.get_feature_names_out(), numpy.asarray(all_counts.sum(axis=0)).ravel().tolist()))
    ranked = sorted(sorted(frequency, key=lambda term: (-frequency[term], term))[: given["max_features"]])
    assert sorted(frequency[term] for term in ranked) == sorted(frequency[term] for term in chosen), "scikit-learn ranks otherwise"
    if ranked == sorted(chosen):
        return chosen, matrix
    columns = [whole.vocabulary_[term] for term in ranked]
    return {term: column for column, term in enumerate(ranked)}, scipy.sparse.csr_matrix(all_counts[:, columns])


# ---------------------------------------------------------------- the tool


def arguments(parameters, folder):
    out = ["--stop-words", "none"]
    for name, value in parameters.items():
        option = "--" + name.replace("_", "-")
        if name == "stop_words" and value is not None:
            path = folder / "stop_words.txt"
            path.write_text("".join(word + "\n" for word in OWN_STOP_WORDS), "utf-8")
            out[1] = value if value == "english" else str(path)
        elif name == "lowercase" and not value:
            out.append("--no-lowercase")
        elif name in ("binary", "phrases") and value:
            out.append(option)
        elif name == "ngram_range":
            out += [option, ",".join(map(str, value))]
        elif name not in ("lowercase", "binary", "phrases", "stop_words") and value is not None:
            out.append(f"{option}={value}")
    return out if "min_df" in parameters else [*out, "--min-df=1"]


def run(binary, parameters, documents, folder):
    """(exit status, stderr, vocabulary, pairs)"""
    root, out = folder / "root", folder / "out"
    corpora.write_split(root, "dev", {n: corpora.tagged(keywords, n % 2 == 1) for n, keywords in enumerate(documents)})
    command = [str(binary), "clickture", "--root", str(root), "--out", str(out), "--splits", "dev", "-q", *arguments(parameters, folder)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    if done.returncode:
        return done.returncode, done.stderr.decode(), None, None
    vocabulary = json.loads(next(out.glob("vocabulary_*.json")).read_text("utf-8"))
    return 0, done.stderr.decode(), vocabulary, numpy.load(next(out.glob("img_*.npy")), allow_pickle=False)


# What the tool says where scikit-learn begins its message like this.
REFUSALS = {
    "After pruning, no terms remain": "keep no word",
    "empty vocabulary": "no word except stop words|has a word except stop words",
    "max_df corresponds to < documents than min_df": "so no word can be kept",
}


def differences(found, wanted, parameters, in_order):
    status, stderr, vocabulary, pairs = found
    if isinstance(wanted, str):
        said = wanted.split(". Try")[0].split(";")[0]
        answers = REFUSALS.get(said, said).split("|")
        return [] if status == 1 and any(answer in stderr for answer in answers) else [f"scikit-learn says '{wanted}', the tool ends with {status}: {stderr.strip()}"]
    if status or stderr:
        return [f"exit status {status}: {stderr.strip()}"]
    expected, matrix, terms = wanted
    if vocabulary != expected:
        missing, extra = sorted(expected.keys() - vocabulary.keys()), sorted(vocabulary.keys() - expected.keys())
        return [f"vocabulary: {len(missing)} terms are missing, such as {ascii(missing[:3])}, {len(extra)} too many, such as {ascii(extra[:3])}"]
    counts = scipy.sparse.coo_matrix((numpy.ones(len(pairs), numpy.int64), (pairs[:, 0], pairs[:, 1])), matrix.shape).tocsr()
    counts.sum_duplicates()
    if counts.shape != matrix.shape or (counts != matrix).nnz:
        return [f"matrix: {(counts != matrix).nnz} counts differ"]
    if in_order:
        rows = []
        for n, document in enumerate(terms()):
            ids = [expected[term] for term in document if term in expected]
            rows += [(n, i) for i in (dict.fromkeys(ids) if parameters.get("binary") else ids)]
        if rows != list(map(tuple, pairs.tolist())):
            return ["the pairs do not stand in the order of the analyzer's terms"]
    return []


def case(binary, parameters, documents, in_order):
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="amc-vectorizer-") as folder:
        warnings.simplefilter("ignore")
        return differences(run(binary, parameters, documents, pathlib.Path(folder)), reference(parameters, documents), parameters, in_order)


# ---------------------------------------------------------------- all of it


def job(task):
    """(name, corpus, problems) of one combination over one corpus; `which` and not the documents go from process to process."""
    binary, data, number, which, parameters, full = task
    documents = {"tate": lambda: tate(data, 10**6 if full else 800), "code points": lambda: sweep(number, full), "random": lambda: randoms(number), "every code point": every_code_point}[which]()
    try:
        return name_of(parameters), which, case(binary, parameters, documents, number % 4 == 0)
    except Exception as error:  # a case that cannot run has failed
        return name_of(parameters), which, [f"{type(error).__name__}: {error}"]


def tasks(args, binary, data):
    which = (["tate"] if tate(data, 1) else []) + ["code points", "random"]
    if "tate" not in which:
        print(f"absent, left out: {data / 'tate'}")
    for number, parameters in enumerate(combinations()):
        for corpus in which:
            yield binary, data, number, corpus, parameters, args.full
    for number, parameters in enumerate(thorough()):
        yield binary, data, number, "every code point", parameters, args.full


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, help="the amc-keywords to test (default: cargo build --release)")
    parser.add_argument("--full", action="store_true", help="larger corpora")
    parser.add_argument("--only", default="", help="run the combinations whose name has this in it")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    binary, began = (args.binary or compare.build()).resolve(), time.monotonic()
    print(f"Python {sys.version.split()[0]}, scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, Unicode {unicodedata.unidata_version}")
    todo = [task for task in tasks(args, binary, compare.data_folder()) if args.only in name_of(task[4])]
    failed, passed = [], collections.Counter()
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        for name, corpus, problems in pool.map(job, todo, chunksize=4):
            passed[corpus] += not problems
            failed += [f"FAIL {name}, {corpus}: {problem}" for problem in problems]
    print("".join(line + "\n" for line in failed), end="")
    combined = len({name_of(task[4]) for task in todo})
    print(f"{combined} combinations; passed: {', '.join(f'{count} over {corpus}' for corpus, count in passed.items())}; {len(failed)} failed; {time.monotonic() - began:.0f} s")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
