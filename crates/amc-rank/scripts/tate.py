#!/usr/bin/env python3
"""Makes keywords and queries of the Tate collection (CC0).

    git clone --depth 1 https://github.com/tategallery/collection
    python3 tate.py collection tate

An artwork's keywords are its subjects, and its title is a query for it."""
import json
import sys
from pathlib import Path


def subjects(node):
    for child in node.get("children", []):
        yield from subjects(child)
        if "children" not in child:
            yield child["name"]


def main(collection, out):
    out = Path(out)
    out.mkdir(exist_ok=True)
    names = ["tags", "train", "validate", "test"]
    files = {name: open(out / f"{name}.jsonl", "w", encoding="utf-8") for name in names}
    for number, path in enumerate(sorted(Path(collection, "artworks").rglob("*.json"))):
        work = json.loads(path.read_text(encoding="utf-8"))
        tags = list(subjects(work.get("subjects", {})))
        print(json.dumps({"id": work["acno"], "tags": tags}), file=files["tags"])
        target = "test" if number % 13 == 0 else "validate" if number % 39 == 1 else "train"
        print(json.dumps({"query": work["title"], "image": work["acno"]}), file=files[target])


main(*sys.argv[1:])
