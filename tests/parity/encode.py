#!/usr/bin/env python3
"""Compare the files of `amc-keywords encode` with scikit-learn, byte for byte, in every form that an input can have.

    python3 tests/parity/encode.py --binary PATH    # a built amc-keywords

The keywords are those of the sample's archives and, where it is at hand ($AMC_KEYWORDS_DATA, else ../shared/data), of Tate.
Exit status: 0 if every case passed, 1 if not.
"""
import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import environment

if __name__ == "__main__":
    environment.enter()

import numpy  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402


def members(path):
    """[(name, JSON text)] sorted by name."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".json")]
        return sorted((pathlib.PurePosixPath(name).stem, archive.read(name)) for name in names)


def expected(images):
    """(matrix file, vocabulary) of [(id, keywords)]"""
    vectorizer = CountVectorizer(min_df=6, stop_words="english")
    documents = [" ".join(keywords) for _, keywords in images]
    vectorizer.fit(documents)
    vocabulary, analyze = vectorizer.vocabulary_, vectorizer.build_analyzer()
    rows = [(image, vocabulary[word]) for (image, _), text in zip(images, documents) for word in analyze(text) if word in vocabulary]
    file = io.BytesIO()
    numpy.save(file, numpy.array(rows, dtype=numpy.int64).reshape(-1, 2))
    return file.getvalue(), {word: int(number) for word, number in sorted(vocabulary.items())}


def as_zip(files, path):
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in random.Random(1).sample(files, len(files)):
            archive.writestr(f"keywords/{name}.json", text)
    return path.with_suffix(".zip"), []


def as_folder(files, path):
    path.mkdir()
    for name, text in files:
        (path / f"{name}.json").write_bytes(text)
    return path, []


def as_tar(files, path):
    with tarfile.open(path.with_suffix(".tar.gz"), "w:gz", compresslevel=1) as archive:
        for name, text in random.Random(2).sample(files, len(files)):
            info = tarfile.TarInfo(f"./keywords/{name}.json")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    return path.with_suffix(".tar.gz"), []


def as_lines(files, path):
    with gzip.open(path.with_suffix(".jsonl.gz"), "wt", encoding="utf-8", compresslevel=1) as lines:
        for name, text in files:
            lines.write(json.dumps({"key": name, "tags": json.loads(text)["tagging"]["keywords"]}) + "\n")
    return path.with_suffix(".jsonl.gz"), ["--keywords-field", "tags", "--id-field", "key"]


def as_objects(files, path):
    """Each keyword an object, among others of too little confidence."""
    with open(path.with_suffix(".jsonl"), "w", encoding="utf-8") as lines:
        for name, text in files:
            tags = [{"tag": keyword, "sure": 0.9} for keyword in json.loads(text)["tagging"]["keywords"]]
            lines.write(json.dumps({"key": name, "tags": [{"sure": 0.1, "tag": "unsure"}, *tags]}) + "\n")
    fields = ["--keywords-field", "tags", "--keyword-key", "tag", "--confidence-key", "sure", "--min-confidence", "0.5"]
    return path.with_suffix(".jsonl"), [*fields, "--id-field", "key"]


def check(binary, source, options, wanted, out):
    command = [str(binary), "encode", str(source), "--name", "set", "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        return done.stderr.decode()
    matrix, vocabulary = wanted
    found = (out / "img_keyword_ind_set_sk_6.npy").read_bytes()
    if found != matrix:
        return f"the matrix differs: {hashlib.sha256(found).hexdigest()}, {hashlib.sha256(matrix).hexdigest()}"
    if json.loads((out / "vocabulary_set_sk_6.json").read_text("utf-8")) != vocabulary:
        return "the vocabulary differs"
    return None


def run(binary, name, archive, folder):
    files = members(archive)
    numbers = {name: place for place, (name, _) in enumerate(files)}
    failed = 0
    for naming in ("numbers", "words"):
        named = files if naming == "numbers" else [(f"image-{name}", text) for name, text in files]
        ids = int if naming == "numbers" else lambda name: numbers[name.removeprefix("image-")]
        wanted = expected([(ids(name), json.loads(text)["tagging"]["keywords"]) for name, text in named])
        for form in (as_zip, as_folder, as_tar, as_lines, as_objects):
            where = folder / f"{name}-{naming}-{form.__name__}"
            source, options = form(named, where)
            problem = check(binary, source, options, wanted, folder / f"{where.name}-out")
            print(f"{'FAIL' if problem else 'ok  '} {name}: names are {naming}, {form.__name__}{': ' + problem if problem else ''}", flush=True)
            failed += bool(problem)
            shutil.rmtree(where, ignore_errors=True)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, required=True, help="the amc-keywords to test")
    binary = parser.parse_args().binary.absolute()
    data = pathlib.Path(os.environ.get("AMC_KEYWORDS_DATA", environment.REPOSITORY.parent / "shared" / "data"))
    sample = environment.REPOSITORY / "sample" / "keyword" / "keywords_lite.zip"
    archives = [("sample", sample), ("tate", data / "tate" / "keyword" / "keywords_lite.zip")]
    failed = 0
    for name, archive in archives:
        if not archive.exists():
            print(f"absent, left out: {archive}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            failed += run(binary, name, archive, pathlib.Path(folder))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
