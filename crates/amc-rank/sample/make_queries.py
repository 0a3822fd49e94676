#!/usr/bin/env python3
"""Writes queries.jsonl and test.jsonl for the Dev images of the repository's sample. `--check` compares.

The keywords of the sample are drawn from scenes. A query names the scene of its image, in words that
are partly keywords and partly not."""
import json
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ARCHIVE = HERE.parents[2] / "sample/keyword/keywords_dev.zip"
# A keyword of the scene, and what people ask for.
SCENES = {
    "woman": ["pretty woman", "portrait of a young lady"],
    "food": ["something to eat", "dinner at a restaurant"],
    "beach": ["summer holiday at the sea", "beach vacation"],
    "city": ["downtown skyscrapers", "city at night"],
    "business": ["office work", "business meeting"],
    "dog": ["cute puppy", "funny pets"],
    "wedding": ["getting married", "wedding photos"],
    "mountain": ["hiking trip", "mountain landscape"],
    "child": ["kids playing", "birthday party"],
    "sport": ["football match", "sport event"],
    "music": ["live band", "guitar concert"],
    "kitchen": ["home decor", "kitchen furniture"],
}


def make():
    lines = {"queries.jsonl": [], "test.jsonl": []}
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(".json"):
                continue
            image = int(Path(name).stem)
            keywords = json.loads(archive.read(name)).get("tagging", {}).get("keywords", [])
            for scene, queries in SCENES.items():
                if scene in keywords:
                    target = "test.jsonl" if image % 5 == 0 else "queries.jsonl"
                    line = {"query": queries[image % 2], "image": image}
                    lines[target].append(json.dumps(line))
    return {name: "\n".join(texts) + "\n" for name, texts in lines.items()}


def main():
    for name, text in make().items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text)
        elif path.read_text() != text:
            sys.exit(f"{path} differs from what this script writes; run it again without --check")


main()
