"""Data sets made to be difficult, each a folder in the tool's layout. The same arguments make the same data set."""
import json
import pathlib
import random
import re
import struct
import sys
import unicodedata
import zipfile

DATE = (2017, 4, 4, 0, 0, 0)
# Python and Rust disagree on whether these are cased next to a final sigma: the one known difference.
KNOWN = (0x0295, 0x1171E)


# ---------------------------------------------------------------- writing


def json_text(value, escaped=False):
    """JSON that UTF-8 can hold: a lone surrogate is always an escape."""
    text = json.dumps(value, ensure_ascii=escaped)
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def write_zip(path, members, compression=zipfile.ZIP_DEFLATED):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as z:
        for name, text in members:
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = compression
            z.writestr(info, text.encode() if isinstance(text, str) else text)


def write_split(root, part, documents, order=None):
    """`documents`: {image id: JSON text}. No id map: every name is a number."""
    write_zip(root / "keyword" / f"keywords_{part}.zip", ((f"keywords_{part}/{n:08d}.json", text) for n, text in documents.items()))
    (root / "clickture").mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{n:08d}\n" for n in (order or documents))
    (root / "clickture" / f"clickture-{part}.lst").write_text(lines)


def tagged(keywords, escaped=False):
    return json_text({"tagging": {"keywords": keywords}}, escaped)


# ---------------------------------------------------------------- every code point


def contexts(c):
    """Keywords with `c` in every position that can matter to lower-casing or to what a word is."""
    return [f"a{c}b", f"{c}{c}", f"{c}ab", f"ab{c}", f"ΑΣ{c}", f"{c}ΑΣ", f"Α{c}Σ", f"{c}Σ", f"ΑΣ{c}Α", f"Σ{c}Σ", f"İ{c}",
            f"{c}\u0301x", f"e\u0301{c}", f"1{c}2", f"{c}_"]


def assigned():
    return [n for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) != "Cn" and n not in KNOWN]


def sweep_keywords(n):
    """One keyword for each private-use code point: all have the same properties."""
    c = chr(n)
    return [f"a{c}b"] if unicodedata.category(c) == "Co" else contexts(c)


SWEEP_BLOCK = 64


def sweep_blocks():
    """{block number: [code points]}: one image for each block."""
    blocks = {}
    for n in assigned():
        blocks.setdefault(n // SWEEP_BLOCK, []).append(n)
    return blocks


def sweep(root):
    """Every assigned code point: as itself in Dev, as an escape in Lite."""
    documents = {block: [k for n in members for k in sweep_keywords(n)] for block, members in sweep_blocks().items()}
    for part, escaped in (("dev", False), ("lite", True)):
        write_split(root, part, {block: tagged(keywords, escaped) for block, keywords in documents.items()})


# ---------------------------------------------------------------- random

SPACES = list("\x00\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x7f\x85\u00a0\u00ad\u1680\u180e\u2003\u200b\u200c\u200d\u2028\u2029\u202f\u2060\u3000\ufeff -")
CASES = list("aAzZiIıİßẞΣςσſKÅǅǆŉﬁᾳᾼΐΆᾴЖжԱևႠაᲐꭰᏸꙊ") + ["\u0307", "\u0301", "\u0345", "\U00010400", "\U00010428", "\U0001e900", "\u2160", "\u24b6"]
NOT_QUITE = list("_‿'’·.:‘ªºʰˈ²½Ⅷ㊿〇٣९๓𝟘𝐀日々ー한กำิ्้ािَّ") + ["\u0903", "\u0e31", "\u20dd", "\U0001f600", "\U0001f468\u200d\U0001f469", "\ud83d", "\udc00", "\U000e0041", "\ufe0f"]
WORDS = ["the", "The", "WITH", "bac\u212a", "thic\u212a", "ﬁfty", "fıfty", "fİre", "t-shirt", "rock'n'roll", "C++", "24/7", "", " ", "a", "é", "café", "cafe\u0301",
         "ΟΔΟΣ", "ΟΔΟΣ.", "ΟΔΟΣ'Α", "ΑΣ\u0301", "ΑΣ\u00adΑ", "crème brûlée", "young adult", "日本", "ภาษาไทย", "हिन्दी", "x\u0000y", "\\u0041", '"quoted"', "a/b", "1_000", "__init__"]


def random_keyword(rng, alphabet):
    if rng.random() < 0.15:
        return rng.choice(WORDS)
    return "".join(rng.choice(alphabet) for _ in range(rng.choice((0, 1, 2, 2, 3, 3, 4, 5, 8, 13))))


def random_string(rng, text):
    """A JSON string that Python reads as `text`, each character escaped or not as it happens."""
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\x08": "\\b", "\x0c": "\\f", "/": "\\/"}
    def one(c):
        how = rng.random()
        if c in '"\\':
            return "\\" + c if how < 0.8 else f"\\u{ord(c):04x}"
        if c in short and how < 0.3:
            return short[c]
        if c < " " or "\ud800" <= c <= "\udfff" or how < 0.3:
            units = struct.unpack(f">{len(c.encode('utf-16-be', 'surrogatepass')) // 2}H", c.encode("utf-16-be", "surrogatepass"))
            return "".join((f"\\u{unit:04x}" if how < 0.15 else f"\\u{unit:04X}") for unit in units)
        return c
    return '"' + "".join(one(c) for c in text) + '"'


UNUSED = ['"n": 1e999', '"n": -123456789012345678901234567890.5E-7', '"deep": ' + "[" * 60 + "]" * 60, '"s": "\\ud83d \\uD83D\\uDE00"', '"\\udc00": null',
          '"list": [{"keywords": ["no"]}, {"tagging": {"keywords": ["no"]}}]', '"keywords": ["outside"]', '"": {"tagging": {}}', '"t": true, "f": false', '"Tagging": {"keywords": ["no"]}']
# Equal keys: the last counts.
SHADOWED = '"keywords": ["shadowed", "by", "later"]'


def random_document(rng, keywords):
    space = lambda: rng.choice(("", " ", "\n", "\t ", "\r\n"))  # noqa: E731
    def unused():
        return [rng.choice(UNUSED) for _ in range(rng.choice((0, 0, 1, 2)))]
    def object_of(key, value, shadowed):
        before = unused() + ([shadowed] if rng.random() < 0.1 else [])
        after = [part for part in unused() if not part.startswith('"keywords"')]
        return "{" + ("," + space()).join([*before, f"{key}{space()}:{space()}{value}", *after]) + space() + "}"
    listed = "[" + ",".join(space() + random_string(rng, k) + space() for k in keywords) + "]"
    key = '"keywords"' if rng.random() < 0.9 else '"\\u006beyword\\u0073"'
    inner = object_of(key, listed, SHADOWED)
    return space() + object_of('"tagging"', inner, '"tagging": {"keywords": ["shadowed"], "more": 1}') + space()


def random_corpus(root, seed, images=60):
    """Dev and Lite of adversarial keywords drawn from a small alphabet, so that words meet often enough to be kept."""
    rng = random.Random(seed)
    points = [n for n in assigned() if unicodedata.category(chr(n)) not in ("Co", "Cs")] if seed % 5 == 0 else None
    pool = SPACES + CASES * 2 + NOT_QUITE * 2 + list("abcdefgh") * 4
    for part in ("dev", "lite"):
        ids = rng.sample(range(4 * images), images)
        documents = {}
        for n in sorted(ids):
            alphabet = [chr(rng.choice(points)) for _ in range(12)] if points and rng.random() < 0.5 else [rng.choice(pool) for _ in range(9)]
            alphabet += ["a", "b"]
            documents[n] = random_document(rng, [random_keyword(rng, alphabet) for _ in range(rng.choice((0, 1, 3, 10, 40, 120)))])
        write_split(root, part, documents, rng.sample(ids, len(ids)))


# ---------------------------------------------------------------- shares and size


def shares(root):
    """A hundred documents; the word `wK` is in K of them, so that each share is the frequency of a word."""
    write_split(root, "dev", {n: tagged([f"w{k}" for k in range(1, 101) if n < k] + ["the"]) for n in range(100)})


def of_released_list(root, released):
    """The release's own Dev list and id map, with made-up keyword files for its 79,665 images."""
    (root / "clickture").mkdir(parents=True, exist_ok=True)
    for name in ("clickture-dev.lst", "img_id_map_dev.pkl"):
        (root / "clickture" / name).write_bytes((released / "clickture" / name).read_bytes())
    rng = random.Random(79665)
    letters = "etaoinshrdlucmfwyp"
    words = sorted({"".join(rng.choice(letters) for _ in range(rng.choice((2, 3, 4, 5, 6, 8)))) for _ in range(40000)} | set(filter(None, WORDS)))
    rng.shuffle(words)
    def document():
        count = max(0, int(rng.gauss(100, 25)))
        return json_text({"status": "ok", "tagging": {"keywords": [words[int(rng.random() ** 4 * len(words))] for _ in range(count)]}})
    names = (released / "clickture" / "clickture-dev.lst").read_text().split()
    ids = sorted(int(name) for name in names if name.isdigit())
    write_zip(root / "keyword" / "keywords_dev.zip", ((f"keywords_dev/{n:08d}.json", document()) for n in ids))


def made(maker, folder, *args):
    folder = pathlib.Path(folder)
    maker(folder, *args)
    return folder
