"""What a run must have left behind, and where it differs."""
import difflib
import io
import json
import pickle
import pickletools
import re

import numpy

import corpora
import reference


def check_run(done, files, **wanted):
    """Problems of one run: `files` is {name: bytes}, or the reference's refusal."""
    status, stdout, stderr, out = done
    if isinstance(files, str):
        return refused(status, stderr, out, files)
    if status != 0:
        return [f"exit status {status}: {stderr.strip()}"]
    problems = [line for name, data in files.items() for line in compare_file(out / name, data)]
    written = {path.name for path in out.glob("*.npy")}
    unexpected = written - set(files)
    problems += [f"{name}: not expected" for name in sorted(unexpected)]
    vocabulary_name = next(name for name in files if name.startswith("vocabulary_"))
    size = len(json.loads(files[vocabulary_name]))
    if not re.search(rf"^vocabulary size: {size:,}\b", stdout, re.MULTILINE):
        problems.append(f"stdout does not say 'vocabulary size: {size:,}'")
    return problems + check_pickle(out / vocabulary_name.replace(".json", ".pkl"), json.loads(files[vocabulary_name]), **wanted)


def refused(status, stderr, out, message):
    problems = [] if status == 1 else [f"scikit-learn refuses ({message}), the tool's exit status is {status}"]
    if len(stderr.strip().splitlines()) != 1:
        problems.append(f"expected one line on stderr, got {stderr!r}")
    left = sorted(path.name for path in out.glob("*")) if out.exists() else []
    return problems + ([f"left behind: {left}"] if left else [])


def compare_file(path, data):
    if not path.exists():
        return [f"{path.name}: missing"]
    found = path.read_bytes()
    if found == data:
        return []
    if path.suffix == ".npy":
        return [f"{path.name}: {array_difference(found, data)}"]
    return [f"{path.name}: {text_difference(found.decode(), data.decode())}"]


def array_difference(found, data):
    try:
        found, data = (numpy.load(io.BytesIO(part), allow_pickle=False) for part in (found, data))
    except ValueError as error:
        return f"cannot be loaded: {error}"
    if found.shape != data.shape or found.dtype != data.dtype:
        return f"shape {found.shape} {found.dtype}, expected {data.shape} {data.dtype}"
    rows = numpy.flatnonzero((found != data).any(axis=1))
    if not len(rows):
        return "the same array, another header"
    first = int(rows[0])
    return f"{len(rows)} rows differ, the first is row {first}: {found[first].tolist()}, expected {data[first].tolist()}"


def text_difference(found, data):
    found, data = found.splitlines(), data.splitlines()
    for n, (a, b) in enumerate(zip(found, data), 1):
        if a != b:
            return f"line {n} is {ascii(a)}, expected {ascii(b)} ({len(found)} lines, expected {len(data)})"
    return f"{len(found)} lines, expected {len(data)}, or another last newline"


def check_pickle(path, vocabulary, **wanted):
    """A plain dict of str to int that needs nothing but pickle, of protocol 2, and that makes the same vectorizer."""
    if not path.exists():
        return [f"{path.name}: missing"]
    data = path.read_bytes()
    problems = []
    newest = max(opcode.proto for opcode, _, _ in pickletools.genops(data))
    if data[:2] != b"\x80\x02" or newest > 2:
        problems.append(f"{path.name}: not protocol 2 (starts with {data[:2]!r}, has opcodes of protocol {newest})")
    if any(opcode.name in ("GLOBAL", "REDUCE", "BUILD", "INST", "OBJ") for opcode, _, _ in pickletools.genops(data)):
        problems.append(f"{path.name}: names a class")
    loaded = pickle.loads(data)
    if type(loaded) is not dict or {(type(k), type(v)) for k, v in loaded.items()} != {(str, int)}:
        problems.append(f"{path.name}: not a plain dict of str to int")
    if list(loaded.items()) != list(vocabulary.items()):
        problems.append(f"{path.name}: not the words and ids of the JSON, in their order")
    if len(loaded) < 5000 and not problems:
        problems += check_vectorizer(loaded, vocabulary, wanted.get("stop_words", "english"))
    return problems


def check_vectorizer(loaded, vocabulary, stop):
    texts = [" ".join(vocabulary), " ".join(list(vocabulary)[::2]), ""]
    a, b = (reference.vectorizer(min_df=1, vocabulary=v, stop_words=stop).transform(texts) for v in (loaded, vocabulary))
    same = a.shape == b.shape == (3, len(vocabulary)) and (a != b).nnz == 0 and a.sum() > 0
    return [] if same else ["CountVectorizer(vocabulary=the pickle) counts otherwise"]


# ---------------------------------------------------------------- which code point


def words_of(out, part):
    """{image id: [word]} of a run with --min-df 1 --stop-words none."""
    vocabulary = list(json.loads((out / "vocabulary_clickture_dev_sk_1.json").read_text("utf-8")))
    words = {}
    for number, word in numpy.load(out / f"img_keyword_ind_clickture_{part}_sk_1_sparse.npy").tolist():
        words.setdefault(number, []).append(vocabulary[word])
    return words


def explain_sweep(out, most=15):
    """The code points at which the words differ."""
    analyze = reference.vectorizer(min_df=1, stop_words=None).build_analyzer()
    lines = []
    for part in ("dev", "lite"):
        try:
            words = words_of(out, part)
        except (OSError, ValueError) as error:
            return [f"cannot look into it: {error}"]
        wrong = [found for block, members in corpora.sweep_blocks().items() for found in block_differences(members, words.get(block, []), analyze)]
        lines += [f"{part}: {line}" for line in wrong[:most]] + ([f"{part}: … {len(wrong)} in all"] if len(wrong) > most else [])
    return lines


def block_differences(members, found, analyze):
    expected, owners = [], []
    for n in members:
        for keyword in corpora.sweep_keywords(n):
            tokens = analyze(keyword)
            expected += tokens
            owners += [(n, keyword)] * len(tokens)
    if found == expected:
        return []
    wrong = {}
    for what, a, b, _, _ in difflib.SequenceMatcher(None, expected, found, autojunk=False).get_opcodes():
        if what != "equal":
            for n, keyword in owners[a : max(b, a + 1)] or owners[-1:]:
                wrong.setdefault(n, keyword)
    return [f"U+{n:04X}: keyword {ascii(keyword)}, expected the words {ascii(analyze(keyword))}" for n, keyword in wrong.items()]
