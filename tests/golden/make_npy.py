"""Writes npy_headers.tsv: the headers that NumPy gives arrays of many shapes.

    python3 -m venv venv && venv/bin/pip install numpy && venv/bin/python tests/golden/make_npy.py

A line is descr, the shape's axes joined by ',' and the header in hexadecimal. Small arrays go through numpy.save itself;
of those that no memory holds, numpy.lib.format writes the header alone, as numpy.save has it do.
"""

import io
import math
import pathlib
import sys

import numpy as np
from numpy.lib import format as npy

ROWS = [0, 1, 9, 10, 99, 1000, 10**6, 132_000_000, 10**12, 10**18, 2**63 - 1]


def header(descr, shape):
    head = io.BytesIO()
    npy.write_array_header_1_0(head, {"descr": descr, "fortran_order": False, "shape": shape})
    dtype = np.dtype(descr)
    if math.prod(shape) <= 10_000:
        whole = io.BytesIO()
        np.save(whole, np.zeros(shape, dtype))
        size = math.prod(shape) * dtype.itemsize
        assert whole.getvalue()[: len(whole.getvalue()) - size] == head.getvalue()
    return head.getvalue()


def cases():
    for descr in ["<i8", "<i4", "|i1", "|u1"]:
        for rows in ROWS:
            yield from ((descr, (rows,)), (descr, (rows, 2)), (descr, (rows, 32)))
    # Axes of one to three digits make every length modulo 64: the padding of an aligned header is among them.
    yield ("|S3", ())
    for axes in range(1, 31):
        for last in (1, 10, 100):
            yield ("<i8", (1,) * axes + (last,))


def main():
    out = pathlib.Path(__file__).with_name("npy_headers.tsv")
    lines = [f"# Python {sys.version.split()[0]}, numpy {np.__version__}; made by make_npy.py"]
    lines += [f"{descr}\t{','.join(map(str, shape))}\t{header(descr, shape).hex()}" for descr, shape in cases()]
    out.write_text("\n".join(lines) + "\n")


main()
