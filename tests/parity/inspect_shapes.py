"""inspect_shapes.py BINARY FOLDER [NAME...]: runs the command that `inspect` prints for each sample.

FOLDER contains cases.jsonl with {"name", "args", "expected", "sklearn"} for each sample. `inspect`
gets the files among `args`. Its command runs in FOLDER, with an output folder and a name added.
Vocabulary, pairs and id map must be those of scikit-learn for the documents in `expected`.
"""

import glob
import json
import os
import shlex
import subprocess
import sys
import tempfile

import environment

environment.enter()

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer


def inputs_of(folder, arguments):
    """The arguments that are files."""
    pairs = zip(["", *arguments], arguments)
    words = [word for before, word in pairs if before != "--format" and not word.startswith("-")]
    return [word for word in words if os.path.exists(os.path.join(folder, word))]


def suggested_command(binary, folder, inputs):
    """The words of the command that `inspect` prints last."""
    run = subprocess.run([binary, "inspect", *inputs], cwd=folder, capture_output=True, text=True)
    if run.returncode:
        raise ValueError(f"inspect: {run.stderr.strip()}")
    commands = [line for line in run.stdout.splitlines() if line.startswith("amc-keywords encode ")]
    if len(commands) != 1:
        raise ValueError(f"inspect prints {len(commands)} commands")
    return shlex.split(commands[0])


def expected_outputs(images, options):
    """The vocabulary, the id map and the rows of scikit-learn."""
    documents = [" ".join(image["keywords"]) for image in images]
    vectorizer = CountVectorizer(**{"min_df": 6, "stop_words": "english", **options}).fit(documents)
    words = {word: int(number) for word, number in vectorizer.vocabulary_.items()}
    names = [image["name"] for image in images]
    are_numbers = all(name.isascii() and name.isdigit() and int(name) <= 2**53 for name in names)
    ids = {name: int(name) if are_numbers else place for place, name in enumerate(names)}
    analyze = vectorizer.build_analyzer()
    rows = [
        (ids[name], words[word])
        for name, document in zip(names, documents)
        for word in analyze(document)
        if word in words
    ]
    return words, None if are_numbers else ids, np.array(rows, dtype=np.int64).reshape(-1, 2)


def difference(binary, folder, case):
    """What is wrong with the outputs of the suggested command."""
    try:
        _, *words = suggested_command(binary, folder, inputs_of(folder, case["args"]))
    except ValueError as error:
        return str(error)
    with open(os.path.join(folder, case["expected"]), encoding="utf-8") as lines:
        images = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as out:
        command = [binary, *words, "--out", out, "--name", "x", "-q"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        said = shlex.join(words)
        if run.returncode:
            return f"exit {run.returncode}: {run.stderr.strip()} [{said}]"
        vocabulary, ids, rows = expected_outputs(images, case["sklearn"])
        with open(glob.glob(f"{out}/vocabulary_*.json")[0], encoding="utf-8") as file:
            if json.load(file) != vocabulary:
                return f"the vocabulary differs [{said}]"
        if ids is not None:
            with open(f"{out}/id_map_x.json", encoding="utf-8") as file:
                if json.load(file) != ids:
                    return f"the id map differs [{said}]"
        found = np.load(glob.glob(f"{out}/img_keyword_ind_*.npy")[0])
        return None if np.array_equal(found, rows) else f"the pairs differ [{said}]"


def main():
    binary, folder, wanted = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    with open(os.path.join(folder, "cases.jsonl"), encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    cases = [case for case in cases if not wanted or case["name"] in wanted]
    differences = [(case["name"], difference(binary, folder, case)) for case in cases]
    wrong = [(name, what) for name, what in differences if what]
    for name, what in wrong:
        print(f"{name}: {what}")
    print(f"{len(cases) - len(wrong)} passed, {len(wrong)} failed")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
