#!/usr/bin/env python3
"""Write vectorizer.jsonl next to this script: the results of scikit-learn's CountVectorizer for small sets of documents.

    python3 tests/golden/make_vectorizer.py           # installs scikit-learn under target/
    python3 tests/golden/make_vectorizer.py --check   # write nothing, exit 1 if the file would differ

One case a line: `parameters` as scikit-learn names them (and `phrases`), `documents` as lists of keywords, and either `words` in the
order of their ids and `rows` of [id, count], or the `refusal`.
"""
import json
import pathlib
import random
import sys
import warnings

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))

import environment  # noqa: E402

environment.enter()

import corpora  # noqa: E402
import vectorizer  # noqa: E402

FILE = HERE / "vectorizer.jsonl"


def documents(number, parameters):
    """A few short ones of few letters, so that words meet; of characters there are many more n-grams than words."""
    rng = random.Random(number)
    pool = [c for c in corpora.SPACES + corpora.CASES * 2 + corpora.NOT_QUITE * 2 + list("abcdef,-_") * 6 if all(map(vectorizer.is_text, c))]
    alphabet = [rng.choice(pool) for _ in range(6)] + ["a", "b", " "]
    words = [word for word in corpora.WORDS if word.isascii() or number % 2] + vectorizer.OWN_STOP_WORDS
    few = "analyzer" in parameters
    made = []
    for _ in range(3 if few else 6):
        keywords = [rng.choice(words) if rng.random() < 0.3 else "".join(rng.choice(alphabet) for _ in range(rng.randrange(6))) for _ in range(rng.randrange(4 if few else 9))]
        made.append(keywords)
    return made


def cases():
    for number, parameters in enumerate([{}, *vectorizer.combinations(), *vectorizer.combinations()]):
        given = {**parameters, "max_df": min(parameters.get("max_df", 1.0), 4)}
        texts = documents(number, given)
        line = {"parameters": {name: value for name, value in given.items() if value is not None}, "documents": texts}
        found = vectorizer.reference(given, texts)
        if isinstance(found, str):
            yield {**line, "refusal": found}
            continue
        vocabulary, matrix, _ = found
        bounds = zip(matrix.indptr.tolist(), matrix.indptr.tolist()[1:])
        rows = [[list(pair) for pair in zip(matrix.indices[a:b].tolist(), matrix.data[a:b].tolist())] for a, b in bounds]
        yield {**line, "words": sorted(vocabulary, key=vocabulary.get), "rows": rows}


def main():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = "".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) + "\n" for case in cases())
    if "--check" in sys.argv[1:]:
        same = FILE.exists() and FILE.read_text("utf-8") == text
        print(f"{FILE.name}: {'as it was' if same else 'would differ'}")
        return 0 if same else 1
    FILE.write_text(text, "utf-8", newline="\n")
    print(f"{FILE.name}: {text.count(chr(10))} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
