from __future__ import annotations

import os
from pathlib import Path

import pytest

from amc_keywords.storage import Folder, expand


def test_braces_expand_in_order_and_keep_zeros(monkeypatch: pytest.MonkeyPatch) -> None:
    assert expand(["s3://b/{08..11}.tar"]) == ["s3://b/08.tar", "s3://b/09.tar", "s3://b/10.tar", "s3://b/11.tar"]
    assert expand(["s3://b/{a,b}/{9..10}"]) == ["s3://b/a/9", "s3://b/a/10", "s3://b/b/9", "s3://b/b/10"]


def test_paths_on_a_disk_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert expand(["a.tar"]) == [os.path.join(os.path.realpath(tmp_path), "a.tar")]


def test_wildcards_expand_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.tar", "a.tar", "c.json"):
        (tmp_path / name).touch()
    assert expand([f"{tmp_path}/*.tar"]) == [f"{tmp_path}/a.tar", f"{tmp_path}/b.tar"]
    assert expand([f"file://{tmp_path}/?.tar"]) == [f"file://{tmp_path}/a.tar", f"file://{tmp_path}/b.tar"]


def test_a_wildcard_without_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file matches"):
        expand([f"{tmp_path}/*.tar"])


def test_a_pushed_file_appears_complete(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/a").write_text("new")
    for root in (str(tmp_path / "disk"), f"file://{tmp_path}/files"):
        Folder(root).push(str(tmp_path / "here"), ["a"])
    assert [path.read_text() for path in (tmp_path / "disk/a", tmp_path / "files/a")] == ["new", "new"]
    assert os.listdir(tmp_path / "disk") == os.listdir(tmp_path / "files") == ["a"]
