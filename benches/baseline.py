#!/usr/bin/env python3
"""The job of `amc-keywords clickture --splits dev` as one does it with scikit-learn: baseline.py ROOT OUT"""
import json
import pathlib
import sys
import zipfile

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

root, out = map(pathlib.Path, sys.argv[1:])
ids = (root / "clickture" / "clickture-dev.lst").read_text().split()
with zipfile.ZipFile(root / "keyword" / "keywords_dev.zip") as archive:
    documents = [" ".join(json.loads(archive.read(f"keywords_dev/{name}.json"))["tagging"]["keywords"]) for name in ids]

vectorizer = CountVectorizer(min_df=6, stop_words="english").fit(documents)
vocabulary, analyze = vectorizer.vocabulary_, vectorizer.build_analyzer()
rows = [(int(name), vocabulary[word]) for name, text in zip(ids, documents) for word in analyze(text) if word in vocabulary]
out.mkdir(parents=True, exist_ok=True)
np.save(out / "img_keyword_ind_clickture_dev_sk_6_sparse.npy", np.array(rows, dtype=np.int64))
