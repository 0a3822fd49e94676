"""What the files must be: the same inputs through Python's own json, pickle, scikit-learn and numpy.save.

Written from the data's description, with no regard for speed. `python3 reference.py clickture ROOT OUT` writes the files of both
layouts for a folder, which is how a difference is looked into by hand; compare.py and make_golden.py import it.
"""
import argparse
import hashlib
import io
import json
import pathlib
import pickle
import sys
import warnings
import zipfile

import numpy
from sklearn.feature_extraction.text import CountVectorizer


class Archive:
    """A zip or the unzipped folder of the same stem; the zip wins. Members may lie under `stem/` or at the top."""

    def __init__(self, root, stem):
        self.stem = stem
        self.folder = root / "keyword" / stem
        path = root / "keyword" / f"{stem}.zip"
        self.zip = zipfile.ZipFile(path) if path.exists() else None
        self.names = set(self.zip.namelist()) if self.zip else set()

    def json(self, name):
        return json.loads(self.read(name).decode("utf-8"))

    def read(self, name):
        if self.zip is None:
            return (self.folder / name).read_bytes()
        under = f"{self.stem}/{name}"
        return self.zip.read(under if under in self.names else name)

    def document(self, name):
        return " ".join(self.json(name)["tagging"]["keywords"])


def load_map(path):
    if not path.exists():
        return None
    with open(path, "rb") as f:
        pairs = pickle.load(f, encoding="latin1")
    return {(k.decode() if isinstance(k, bytes) else k): int(v) for k, v in pairs.items()}


def clickture_images(root, part):
    """[(image id, document)] in the order of the list."""
    archive = Archive(root, f"keywords_{part}")
    id_map = load_map(root / "clickture" / ("img_id_map_dev.pkl" if part == "dev" else "img_id_map.pkl"))
    listed = root / "clickture" / f"clickture-{part}.lst"
    if listed.exists():
        names = [name.strip() for name in listed.read_text("utf-8").splitlines() if name.strip()]
    else:
        names = [f"{n:08d}" for n in sorted(id_map.values())]
    images = []
    for name in names:
        last = name.rsplit("/", 1)[-1]
        if last.isascii() and last.isdigit():
            number, file = int(last), name
        else:
            number = id_map[name]
            file = f"{number:08d}"
        assert id_map is None or number in set_of(id_map), f"{name}: not in the id map"
        images.append((number, archive.document(f"{file}.json")))
    return images


def set_of(id_map, kept={}):  # noqa: B006 (one map at a time is remembered on purpose)
    if kept.get("map") is not id_map:
        kept.update(map=id_map, ids=set(id_map.values()))
    return kept["ids"]


def mscoco_images(root, splits):
    """[(imgid, document)] in the order of dataset.json."""
    archive = Archive(root, "keywords_coco")
    images = archive.json("dataset.json")["images"]
    return [
        (image["imgid"], archive.document(f"keyword_{image['split']}/{image['filename'][:-4]}.json"))
        for image in images
        if image["split"] in splits
    ]


def vectorizer(**options):
    options = {"min_df": 6, "max_df": 1.0, "stop_words": "english", **options}
    if isinstance(options["stop_words"], tuple):
        options["stop_words"] = list(options["stop_words"])
    return CountVectorizer(**options)


def learn(documents, **options):
    """{word: id} in id order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = vectorizer(**options).fit(documents).vocabulary_
    return {word: int(number) for word, number in sorted(found.items(), key=lambda pair: pair[1])}


def pairs(images, vocabulary, **options):
    """int64 N x 2: [image id, word id] in the order of images and of words, repeats kept."""
    analyze = vectorizer(**options).build_analyzer()
    rows = [(number, vocabulary[word]) for number, document in images for word in analyze(document) if word in vocabulary]
    return numpy.array(rows, dtype=numpy.int64).reshape(-1, 2)


def ranges(rows):
    """int64 M x 2: what the release's scripts saved. `rows` must not be empty: the scripts fail there."""
    out = numpy.full((int(rows[:, 0].max()) + 1, 2), -1, dtype=numpy.int64)
    previous, start = 0, 0
    for i, number in enumerate(rows[:, 0].tolist()):
        if number != previous:
            out[previous] = (start, i - 1)
            previous, start = number, i
    out[previous] = (start, len(rows) - 1)
    return out


def npy(array):
    out = io.BytesIO()
    numpy.save(out, array)
    return out.getvalue()


def vocabulary_json(vocabulary):
    return (json.dumps(vocabulary, ensure_ascii=False, indent=0) + "\n").encode("utf-8")


def matrices(name, rows, layout):
    """File name -> contents, for one matrix; `name` has an `ind` in it."""
    if layout == "documented":
        return {name: npy(rows)}
    return {name: npy(ranges(rows)), name.replace("_ind_", "_rec_").replace("_sparse.npy", ".npy"): npy(rows)}


def clickture(root, splits=("dev", "lite"), layout="documented", vocabulary=None, named="6", **options):
    """File name -> contents of everything but the pickle and the manifest."""
    root = pathlib.Path(root)
    needed = set(splits) | (set() if vocabulary else {"dev"})
    images = {part: clickture_images(root, part) for part in sorted(needed)}
    vocabulary = vocabulary or learn([document for _, document in images["dev"]], **options)
    out = {f"vocabulary_clickture_dev_sk_{named}.json": vocabulary_json(vocabulary)}
    for part in splits:
        rows = pairs(images[part], vocabulary, **options)
        out |= matrices(f"img_keyword_ind_clickture_{part}_sk_{named}_sparse.npy", rows, layout)
    return out


def mscoco(root, splits=("train", "test"), layout="documented", vocabulary=None, named="6", **options):
    """The same for COCO, whose vocabulary is learned from the splits that are encoded."""
    images = mscoco_images(pathlib.Path(root), splits)
    vocabulary = vocabulary or learn([document for _, document in images], **options)
    rows = pairs(images, vocabulary, **options)
    return {f"vocabulary_coco_sk_{named}.json": vocabulary_json(vocabulary),
            **matrices(f"img_keyword_ind_coco_sk_{named}.npy", rows, layout)}


def dataset(which, root, **options):
    return {"clickture": clickture, "mscoco": mscoco}[which](root, **options)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", choices=("clickture", "mscoco"))
    parser.add_argument("root")
    parser.add_argument("out")
    args = parser.parse_args()
    for layout in ("documented", "script"):
        folder = pathlib.Path(args.out) / layout
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in dataset(args.dataset, args.root, layout=layout).items():
            (folder / name).write_bytes(data)
            print(f"{sha256(data)}  {layout}/{name}")


if __name__ == "__main__":
    sys.exit(main())
