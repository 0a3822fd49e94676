#!/usr/bin/env python3
"""Makes keywords, queries and regions of the OpenMoji drawings (CC BY-SA 4.0).

    npm pack openmoji@17.0.0 && tar -xzf openmoji-17.0.0.tgz
    pip install numpy pillow resvg_py
    python3 drawings.py package moji

A drawing's keywords are its tags, and its name is a query for it. A region is one cell of a 3 x 3
grid. Its numbers are simple: the mean and the spread of each colour, the share of ink, and how often
the ink's edge points in each of four directions."""
import io
import json
import sys
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

GRID = 3


def features(cell):
    colour, ink = cell[..., :3], cell[..., 3]
    across, down = np.gradient(ink)
    angle = ((np.arctan2(across, down) / np.pi * 4).astype(int)) % 4
    edges = [np.hypot(across, down)[angle == turn].sum() / ink.size for turn in range(4)]
    return [*colour.mean((0, 1)), *colour.std((0, 1)), ink.mean(), *edges]


def regions(png):
    with Image.open(io.BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("RGBA"), dtype=np.float32) / 255
    # Colours where there is ink; transparent pixels are white.
    pixels = np.concatenate([pixels[..., :3] * pixels[..., 3:] + (1 - pixels[..., 3:]), pixels[..., 3:]], axis=-1)
    rows = np.split(pixels, GRID)
    return [features(cell) for row in rows for cell in np.split(row, GRID, axis=1)]


def main(package, out):
    package, out = Path(package), Path(out)
    (out / "pictures").mkdir(parents=True, exist_ok=True)
    names = ["tags", "train", "test"]
    files = {name: open(out / f"{name}.jsonl", "w", encoding="utf-8") for name in names}
    ids, values = [], []
    for entry in json.loads((package / "data/openmoji.json").read_text(encoding="utf-8")):
        drawing = package / "color/svg" / f"{entry['hexcode']}.svg"
        # A drawing in five skin colours counts once.
        if entry["skintone"] or not drawing.exists():
            continue
        png = bytes(resvg_py.svg_to_bytes(svg_path=str(drawing), width=72, height=72))
        (out / "pictures" / f"{entry['hexcode']}.png").write_bytes(png)
        # The images are numbered in the order of the lines, as amc-keywords numbers them.
        ids.append(len(ids))
        values.append(regions(png))
        tags = f"{entry['tags']}, {entry['openmoji_tags']}"
        print(json.dumps({"id": entry["hexcode"], "tags": tags}), file=files["tags"])
        target = "test" if len(ids) % 10 == 0 else "train"
        print(json.dumps({"query": entry["annotation"], "image": entry["hexcode"]}), file=files[target])
    values = np.array(values, dtype=np.float32)
    # Each number has the mean 0 and the spread 1.
    values = (values - values.mean((0, 1))) / (values.std((0, 1)) + 1e-6)
    np.save(out / "regions.npy", values)
    np.save(out / "regions_ids.npy", np.array(ids, dtype=np.int64))


main(*sys.argv[1:])
