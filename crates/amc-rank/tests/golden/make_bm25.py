#!/usr/bin/env python3
"""Writes bm25.json: documents, queries and their BM25 scores. `--check` compares the committed file.

This is a second implementation of BM25 (k1 = 1.2, b = 0.75, idf = ln(1 + (N - df + 0.5) / (df + 0.5)))."""
import json
import math
import random
import sys
from collections import Counter
from pathlib import Path

K1, B = 1.2, 0.75


def bm25(documents, query, document):
    mean_length = sum(len(other) for other in documents) / len(documents)
    counts = Counter(document)
    total = 0.0
    for term in query:
        df = sum(1 for other in documents if term in other)
        if term not in counts:
            continue
        idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
        tf = counts[term]
        total += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(document) / mean_length))
    return total


def make():
    rng = random.Random(15)
    documents = [[min(int(rng.expovariate(0.2)), 29) for _ in range(rng.randrange(0, 12))] for _ in range(40)]
    # 99 occurs in no document; the repeated word counts twice.
    queries = [[0], [1, 2], [3, 3], [28, 99], [99], [5, 7, 11, 13]]
    scores = [[bm25(documents, query, document) for document in documents] for query in queries]
    return {"documents": documents, "queries": queries, "scores": scores}


def main():
    path = Path(__file__).with_name("bm25.json")
    text = json.dumps(make()) + "\n"
    if "--check" not in sys.argv:
        path.write_text(text)
    elif path.read_text() != text:
        sys.exit(f"{path} differs from what this script writes; run it again without --check")


main()
