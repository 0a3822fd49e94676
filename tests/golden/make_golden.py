#!/usr/bin/env python3
"""Write the golden files next to this script: the results of Python and scikit-learn for the same inputs.

    python3 tests/golden/make_golden.py               # everything
    python3 tests/golden/make_golden.py --word-chars  # only word_chars_VERSION.txt, for another Python (standard library alone)
    python3 tests/golden/make_golden.py --check       # write nothing, exit 1 if a file would differ

Real data is looked for in $AMC_KEYWORDS_DATA, else in ../shared/data; where it is absent, real_data.sha256 stays as it is.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "parity"))

import corpora  # noqa: E402
import environment  # noqa: E402

BLOCK = 256


def code_point_ranges(belongs):
    """`30-39` for each run of code points that `belongs` says yes to, in hexadecimal."""
    lines, start = [], None
    for n in range(sys.maxunicode + 2):
        yes = n <= sys.maxunicode and belongs(chr(n))
        if yes and start is None:
            start = n
        elif not yes and start is not None:
            lines.append(f"{start:04X}-{n - 1:04X}\n")
            start = None
    return "".join(lines)


def word_chars():
    version = unicodedata.unidata_version
    return {f"word_chars_{version}.txt": code_point_ranges(lambda c: c.isalnum() or c == "_")}


def analyzers():
    import reference
    return reference.vectorizer(min_df=1, stop_words=None).build_analyzer(), reference.vectorizer(min_df=1).build_analyzer()


def is_text(string):
    return not any("\ud800" <= c <= "\udfff" for c in string)


def analyzer_strings():
    rng = random.Random(20)
    pool = corpora.SPACES + corpora.CASES * 2 + corpora.NOT_QUITE * 2 + list("abcdefgh") * 4
    made = []
    for _ in range(400):
        alphabet = [rng.choice(pool) for _ in range(6)] + ["a", "b"]
        made.append(" ".join(corpora.random_keyword(rng, alphabet) for _ in range(rng.choice((1, 2, 4)))))
    phrases = ["young adult", "The BRIDE and the groom", "AT&T's t-shirt, 3D", "crème brûlée", "CRÈME BRÛLÉE", "ΟΔΥΣΣΕΥΣ", "ΟΔΟΣ ΣΟΦΟΣ", "ὈΔΥΣΣΕΎΣ", "ΑΣ’", "Σ",
               "İSTANBUL", "IŞIK", "Straße STRASSE ẞß", "ǅ ǆ Ǆ", "ﬁre fire", "bac\u212a back", "½½ ²² ⅷⅷ", "１２３ ＡＢ", "x_y __ _ _a", "日本 日 日本語", "हिन्दी ภาษาไทย 한국어",
               "a\u00adb soft", "zero\u200bwidth zero\u200djoiner", "no\u00a0break", "line\u2028break", "nel\u0085x", "fs\u001cx gs\u001dx", "👩‍👩‍👧 family", "𝐁𝐨𝐥𝐝 𝟙𝟚", "ꭰꭱ ᏸᏹ"]
    return list(dict.fromkeys(phrases + corpora.WORDS + [text for text in made if is_text(text)]))


def analyzer_json():
    every, english = analyzers()
    rows = [{"text": text, "words": every(text), "english": english(text)} for text in analyzer_strings()]
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows) + "\n]\n"


def keyword_files_json():
    """Whole keyword files as text, odd ones, and their words."""
    every, _ = analyzers()
    rng = random.Random(21)
    rows = []
    for _ in range(150):
        alphabet = [rng.choice(corpora.SPACES + corpora.CASES * 2 + corpora.NOT_QUITE * 3) for _ in range(9)] + ["a", "b"]
        text = corpora.random_document(rng, [corpora.random_keyword(rng, alphabet) for _ in range(rng.choice((0, 1, 3, 8)))])
        rows.append({"json": text, "words": every(" ".join(json.loads(text)["tagging"]["keywords"]))})
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows) + "\n]\n"


def swept():
    return [n for n in corpora.assigned() if unicodedata.category(chr(n)) not in ("Co", "Cs")]


def sweep_txt():
    """For each 256 code points, the start of a SHA-256 over the words of every context of each."""
    every, _ = analyzers()
    blocks = {}
    for n in swept():
        line = f"{n:04X} " + "|".join(" ".join(every(keyword)) for keyword in corpora.contexts(chr(n))) + "\n"
        blocks.setdefault(n // BLOCK, hashlib.sha256()).update(line.encode())
    return "".join(f"{block * BLOCK:04X} {digest.hexdigest()[:16]}\n" for block, digest in blocks.items())


def checksums(where, root, datasets):
    """`sha256  folder/dataset/layout/file` of every file that the reference gives."""
    import reference
    lines = []
    for dataset in datasets:
        for layout in ("documented", "script"):
            for name, data in reference.dataset(dataset, root, layout=layout).items():
                lines.append(f"{reference.sha256(data)}  {where}/{dataset}/{layout}/{name}\n")
    return "".join(sorted(lines, key=lambda line: line.split()[1]))


def sample_files():
    import reference
    root = REPOSITORY / "sample"
    vocabularies = {name: data.decode() for which in ("clickture", "mscoco") for name, data in reference.dataset(which, root).items() if name.endswith(".json")}
    return {"sample.sha256": checksums("sample", root, ("clickture", "mscoco")), **vocabularies}


def real_data():
    data = pathlib.Path(os.environ.get("AMC_KEYWORDS_DATA", REPOSITORY.parent / "shared" / "data"))
    if not data.exists():
        print(f"absent, left as it is: real_data.sha256 ({data})")
        return {}
    return {"real_data.sha256": checksums("tate", data / "tate", ("clickture",)) + checksums("coco5k", data / "coco5k", ("mscoco",))}


def versions():
    import numpy
    import sklearn
    return f"Python {sys.version.split()[0]}\nUnicode {unicodedata.unidata_version}\nnumpy {numpy.__version__}\nscikit-learn {sklearn.__version__}\n"


def everything():
    version = unicodedata.unidata_version
    return {
        "VERSIONS.txt": versions(),
        **word_chars(),
        f"swept_{version}.txt": code_point_ranges(set(map(chr, swept())).__contains__),
        f"sweep_{version}.txt": sweep_txt(),
        "analyzer.json": analyzer_json(),
        "keyword_files.json": keyword_files_json(),
        **sample_files(),
        **real_data(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--word-chars", action="store_true")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if not args.word_chars:
        environment.enter()
    different = []
    for name, text in (word_chars() if args.word_chars else everything()).items():
        path = HERE / name
        if not path.exists() or path.read_text("utf-8") != text:
            different.append(name)
            if not args.check:
                path.write_text(text, encoding="utf-8")
    print("\n".join(f"{'differs' if args.check else 'written'}: {name}" for name in different) or "the golden files are as they should be")
    sys.exit(args.check and bool(different))


if __name__ == "__main__":
    main()
