#!/usr/bin/env python3
"""Makes tests/golden/*.npz and npz_directories.tsv with NumPy alone.

small.npz           what numpy.savez writes for the arrays that scipy.sparse.save_npz hands it, of a matrix of 2 x 3
npz_directories.tsv the directories that Python's zipfile writes for arrays too large to be committed: the sizes and checksums are made up
"""
import io
import pathlib
import zipfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent


def small():
    file = io.BytesIO()
    indices, indptr = numpy.array([0, 2, 1], numpy.int32), numpy.array([0, 2, 3], numpy.int32)
    numpy.savez(file, indices=indices, indptr=indptr, format=b"csr", shape=(2, 3), data=numpy.array([1, 1, 4], numpy.int64))
    return file.getvalue()


class Sparse(io.RawIOBase):
    """Writes go nowhere, but what is written in one piece of less than 64 KiB is kept with its place."""

    def __init__(self):
        self.at, self.kept = 0, []

    def writable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, to, whence=0):
        self.at = to if whence == 0 else self.at + to
        return self.at

    def write(self, data):
        if len(data) < 65536:
            self.kept.append((self.at, bytes(data)))
        self.at += len(data)
        return len(data)

    def flush(self):
        pass


def large(sizes):
    """The bytes that zipfile writes after the last of members of these sizes, all of whose bytes are 0."""
    file = Sparse()
    with zipfile.ZipFile(file, "w") as archive:
        for n, size in enumerate(sizes):
            with archive.open(f"a{n}.npy", "w", force_zip64=True) as member:
                member._file_size = size
                file.at += size
                member._crc = 7 + n
        end = file.at
    return b"".join(data for at, data in file.kept if at >= end)


if __name__ == "__main__":
    (HERE / "small.npz").write_bytes(small())
    limit = 2**31 - 1
    rows = ["sizes\tdirectory"]
    for sizes in ([1], [limit], [limit + 1], [limit - 100, 5], [limit, 5, 5], [2**32, 2**33, 128, 0], [100, 2**40]):
        rows.append(f"{','.join(map(str, sizes))}\t{large(sizes).hex()}")
    (HERE / "npz_directories.tsv").write_text("".join(row + "\n" for row in rows))
