"""The rows of a finished set. One file and many parts look the same."""

from __future__ import annotations

import bisect
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .storage import Folder

if TYPE_CHECKING:
    import numpy

#: The end of a file's name for each form.
_ENDINGS = {"pairs": "", "padded": "_padded", "mask": "_padded_mask", "image_ids": "_csr_rows"}
#: Rows that `images` reads at once.
_BLOCK = 1 << 16


def read(out: str, name: str | None = None, form: str = "pairs") -> Rows:
    """Opens a set that a run or `shards finish` wrote. Its files are mapped, not loaded.

    Args:
        out: The folder of the set. Files in an object store are copied when they are needed.
        name: The name of the set, if the folder contains several.
        form: `pairs`, `padded`, `mask` or `image_ids` (those of the rows of `padded`).
    """
    folder = Folder(out)
    names = [name] if name else folder.set_names()
    if len(names) != 1:
        raise ValueError(f"{out}: the folder has {len(names)} sets ({', '.join(names)}); pass name=")
    manifest = folder.read_json(f"manifest_{names[0]}.json")
    if manifest is None:
        raise FileNotFoundError(f"{out}: there is no manifest_{names[0]}.json; run `shards finish` first")
    return Rows(folder, names[0], form, manifest)


class Rows:
    """The rows of all parts, in order: `rows[7]`, `rows[3:9]`, `len(rows)`, `rows.shape`."""

    def __init__(self, folder: Folder, name: str, form: str, manifest: dict[str, Any]) -> None:
        self._folder, self.name, self.form, self._manifest = folder, name, form, manifest
        outputs = _matrix_files(manifest["outputs"], form)
        if not outputs and "parts" in manifest:
            lines = folder.read_text(manifest["parts"]["list"]).splitlines()
            for part in map(json.loads, lines):
                for output in _matrix_files(part["outputs"], form):
                    outputs.append({**output, "name": f"{part['folder']}/{output['name']}"})
        elif len(outputs) > 1:
            raise ValueError(f"{folder.root}: {name} has several matrices; load one with numpy.load")
        if not outputs:
            raise FileNotFoundError(f"{folder.root}: {name} has no {form}; encode it with --emit")
        #: The files of the rows, relative to the folder.
        self.files: list[str] = [output["name"] for output in outputs]
        #: The first row of each file, and then the number of all rows.
        self._starts = [0]
        for output in outputs:
            self._starts.append(self._starts[-1] + output["shape"][0])
        self.shape: tuple[int, ...] = (self._starts[-1], *outputs[0]["shape"][1:])
        self._arrays: dict[int, numpy.ndarray] = {}
        self._copies: tempfile.TemporaryDirectory[str] | None = None

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: int | slice) -> numpy.ndarray:
        if isinstance(rows, slice):
            return self._slice(*rows.indices(len(self)))
        row = rows + len(self) if rows < 0 else rows
        if not 0 <= row < len(self):
            raise IndexError(f"row {rows} of {len(self)}")
        place = bisect.bisect_right(self._starts, row) - 1
        found: numpy.ndarray = self._array(place)[row - self._starts[place]]
        return found

    def __getstate__(self) -> dict[str, Any]:
        # Each worker of a DataLoader maps the files again.
        return {**self.__dict__, "_arrays": {}, "_copies": None}

    @cached_property
    def words(self) -> list[str]:
        """The words of the vocabulary in the order of their ids."""
        names = [output["name"] for output in self._manifest["outputs"]]
        vocabulary = next(name for name in names if re.fullmatch(r"vocabulary_.*\.json", name))
        return list(json.loads(self._folder.read_text(vocabulary)))

    def images(self, worker: int | None = None, workers: int = 1) -> Iterator[tuple[int, numpy.ndarray]]:
        """Yields each image id with its word ids, in order. Needs the pairs.

        In a worker of PyTorch's DataLoader, it yields the share of this worker. Otherwise pass
        `worker` and `workers`. Images without a word have no rows, so they are left out.
        """
        import numpy

        if self.form != "pairs":
            raise ValueError("images() needs the pairs; call read() without form=")
        if worker is None:
            worker, workers = _data_loader_worker()
        start, end = (self._image_start(len(self) * part // workers) for part in (worker, worker + 1))
        size = _BLOCK
        while start < end:
            block = self[start : min(start + size, end)]
            cuts = numpy.flatnonzero(numpy.diff(block[:, 0])) + 1
            # The last image of a block may go on in the next one.
            if start + len(block) < end:
                if not len(cuts):
                    size *= 2
                    continue
                block, cuts = block[: cuts[-1]], cuts[:-1]
            for image in numpy.split(block, cuts):
                yield int(image[0, 0]), image[:, 1]
            start += len(block)

    def _image_start(self, row: int) -> int:
        """The first row from this one on at which an image starts."""
        while 0 < row < len(self) and self[row][0] == self[row - 1][0]:
            row += 1
        return row

    def _slice(self, start: int, stop: int, step: int) -> numpy.ndarray:
        import numpy

        if step != 1:
            return numpy.stack([self[row] for row in range(start, stop, step)])
        stop = max(start, stop)
        first = min(bisect.bisect_right(self._starts, start), len(self.files)) - 1
        pieces: list[numpy.ndarray] = []
        for place in range(first, len(self.files)):
            at = self._starts[place]
            if at >= stop and pieces:
                break
            pieces.append(self._array(place)[max(start - at, 0) : max(stop - at, 0)])
        return pieces[0] if len(pieces) == 1 else numpy.concatenate(pieces)

    def _array(self, place: int) -> numpy.ndarray:
        import numpy

        if place not in self._arrays:
            self._arrays[place] = numpy.load(self._local(self.files[place]), mmap_mode="r")
        return self._arrays[place]

    def _local(self, file: str) -> str:
        if not self._folder.remote:
            return f"{self._folder.root}/{file}"
        self._copies = self._copies or tempfile.TemporaryDirectory(prefix="amc-keywords-")
        self._folder.pull([file], self._copies.name)
        return f"{self._copies.name}/{file}"


def _matrix_files(outputs: list[dict[str, Any]], form: str) -> list[dict[str, Any]]:
    pattern = rf"img_keyword_(ind|rec)_.+_sk_[^_]+(_sparse)?{_ENDINGS[form]}\.npy"
    found = [output for output in outputs if re.fullmatch(pattern, output["name"])]
    # With --layout script, the main file has ranges and the records have the pairs.
    records = [output for output in found if output["name"].startswith("img_keyword_rec_")]
    return records or found


def _data_loader_worker() -> tuple[int, int]:
    data = sys.modules.get("torch.utils.data")
    worker = data.get_worker_info() if data else None
    return (worker.id, worker.num_workers) if worker else (0, 1)
