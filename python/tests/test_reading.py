from __future__ import annotations

import json
import pickle
import random
import sys
import types
from pathlib import Path

import pytest
from conftest import OPTIONS, upload

from amc_keywords import Rows, read, reading
from amc_keywords.engines import Local
from amc_keywords.job import run_job

numpy = pytest.importorskip("numpy")


@pytest.fixture(scope="module")
def parts(shards: list[str], tmp_path_factory: pytest.TempPathFactory) -> str:
    out = str(tmp_path_factory.mktemp("parts"))
    run_job(shards, out, "web", Local(2), **OPTIONS)
    return out


@pytest.fixture(scope="module")
def one(expected: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("single")
    for name, content in expected.items():
        (folder / name).write_bytes(content)
    return folder


def array(one: Path, ending: str = "") -> numpy.ndarray:
    return numpy.load(one / f"img_keyword_ind_web_sk_6{ending}.npy")


@pytest.mark.parametrize(
    ("form", "ending"), [("pairs", ""), ("padded", "_padded"), ("mask", "_padded_mask"), ("image_ids", "_csr_rows")]
)
def test_parts_are_one_sequence(form: str, ending: str, parts: str, one: Path) -> None:
    rows, single = read(parts, form=form), array(one, ending)
    assert len(rows.files) == 7
    assert rows.shape == single.shape and len(rows) == len(single)
    assert numpy.array_equal(rows[:], single) and rows[:].dtype == single.dtype
    choose = random.Random(1)
    for _ in range(300):
        start, stop = choose.randint(-9, len(single) + 9), choose.randint(-9, len(single) + 9)
        assert numpy.array_equal(rows[start:stop], single[start:stop])
        row = choose.randrange(-len(single), len(single))
        assert numpy.array_equal(rows[row], single[row])
    assert numpy.array_equal(rows[::-7], single[::-7])
    with pytest.raises(IndexError):
        rows[len(single)]


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("block", [1, 3, 1 << 16])
def test_workers_share_the_images(
    workers: int, block: int, parts: str, one: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_BLOCK", block)
    rows, single = read(parts), array(one)
    images = [image for worker in range(workers) for image in rows.images(worker, workers)]
    ids, starts = numpy.unique(single[:, 0], return_index=True)
    assert [image for image, _ in images] == ids.tolist()
    for (_, words), part in zip(images, numpy.split(single[:, 1], starts[1:]), strict=True):
        assert numpy.array_equal(words, part)


def test_a_worker_of_a_data_loader_gets_its_share(parts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = read(parts)
    worker = types.SimpleNamespace(id=1, num_workers=3)
    data = types.SimpleNamespace(get_worker_info=lambda: worker)
    monkeypatch.setitem(sys.modules, "torch.utils.data", data)
    shared = [image for image, _ in rows.images()]
    assert shared == [image for image, _ in rows.images(1, 3)] and shared


def test_rows_can_be_sent_to_another_process(parts: str) -> None:
    rows = read(parts)
    before = rows[:].tolist()
    again: Rows = pickle.loads(pickle.dumps(rows))
    assert again[:].tolist() == before


def test_rows_in_an_object_store_are_copied_when_needed(shards: list[str], memory: str, one: Path) -> None:
    run_job(upload(shards, f"{memory}/in"), f"{memory}/out", "web", Local(2), **OPTIONS)
    rows = read(f"{memory}/out")
    assert numpy.array_equal(rows[:], array(one))
    assert rows.words == list(json.loads((one / "vocabulary_web_sk_6.json").read_text(encoding="utf-8")))


def test_a_folder_without_a_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path))
