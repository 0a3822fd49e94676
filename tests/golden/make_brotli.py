#!/usr/bin/env python3
"""Write brotli.parquet next to this script: a table of one image in a compression that the tool does not read.

    pip install pyarrow && python3 make_brotli.py
"""
import pathlib

import pyarrow
import pyarrow.parquet

table = pyarrow.table({"id": ["a"], "tags": [["dog"]]})
path = pathlib.Path(__file__).parent / "brotli.parquet"
pyarrow.parquet.write_table(table, path, compression="brotli", store_schema=False)
