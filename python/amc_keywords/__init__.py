"""The Python side of amc-keywords: the binary, the rows of finished sets, and sharded runs."""

from .process import binary
from .reading import Rows, read

__all__ = ["Rows", "binary", "read"]
