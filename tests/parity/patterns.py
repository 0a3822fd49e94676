#!/usr/bin/env python3
r"""Compare --token-pattern with Python's re on random patterns and texts.

    python3 tests/parity/patterns.py                    # builds crates/count-vectorizer/examples/tokens.rs, 24,000 patterns, about a minute
    python3 tests/parity/patterns.py --count 500000     # more patterns
    python3 tests/parity/patterns.py --seed 7           # other patterns
    python3 tests/parity/patterns.py --binary PATH      # another build of tokens.rs

Each pattern is matched with several texts. The tokens must be those of findall, and a pattern that Python
refuses must be refused. Only Python's standard library is needed.

Four constructs are left out, because Python 3.11 itself is wrong there. It sets a group incorrectly in a
possessive repeat that contains alternatives (python/cpython#101955). With (?i), it compares a character past
U+FFFF in a set only with lower-case letters. With (?ai), it ignores case in a range that ends past U+FFFF. It
ignores the flag of (?a:\D…) at the start of a pattern, so (?=) comes first there.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import signal
import subprocess
import sys
import unicodedata
import warnings

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
TEXTS_PER_PATTERN = 6
BATCH = 2000
# Patterns that Python accepts and the tool refuses, by a part of the message.
LISTED = {
    "nested deeper": "groups nested deeper than 100",
    "steps; use smaller numbers": "more than 20,000 steps after {…} is expanded",
    "more than": "too many steps with one text",
}

# ---------------------------------------------------------------- texts

LETTERS = "aabbcABSsſKk\u212aiIıİσςΣßẞéÉµμᲂо"
OTHERS = "  --__11٣½,.\n\t\u1e9b\u0345\u03b9\U00010400\U00010428日\u0301"


def alphabet(rng):
    """A few characters for one pattern and its texts, so that they match often."""
    count = rng.choice([2, 3, 3, 5, 8])
    return "".join(rng.choice(LETTERS if rng.random() < 0.7 else OTHERS) for _ in range(count))


def text(rng, characters):
    return "".join(rng.choice(characters if rng.random() < 0.9 else LETTERS + OTHERS) for _ in range(rng.randrange(16)))


# ---------------------------------------------------------------- patterns

ALIASES = ["LINE FEED", "new line", "LF", "SPACE", "ZWSP", "NUL", "LATIN SMALL LETTER GHA", "EULER CONSTANT"]
# unicodedata.lookup does not find these, or finds more than one character.
NO_NAMES = ["", "DIGITONE", "DIGIT  ONE", "A", "LATIN SMALL LETTER A WITH MACRON AND GRAVE", "HANGUL SYLLABLE ga",
            "CJK UNIFIED IDEOGRAPH-65e5", "CJK UNIFIED IDEOGRAPH-0041", "TANGUT IDEOGRAPH-17000", r"\x41"]


def named(rng, characters, last=0x2ffff):
    """A \\N{…}, mostly of one of the characters."""
    pick = rng.random()
    if pick < 0.1:
        return rng.choice([r"\N{%s}" % rng.choice(ALIASES + NO_NAMES), r"\N", r"\N{", r"\N{DIGIT ONE", r"\N DIGIT ONE}"])
    c = chr(rng.randint(0, last)) if pick < 0.3 else rng.choice(characters)
    name = unicodedata.name(c, "DIGIT ONE")
    is_computed = name.startswith(("HANGUL SYLLABLE ", "CJK UNIFIED IDEOGRAPH-"))
    return r"\N{%s}" % (name.lower() if rng.random() < 0.3 and not is_computed else name)


LOOKS = [r"\b", r"\b", r"\B", "^", "$", r"\A", r"\Z"]


class Pattern:
    """One random pattern. It opens at most one group, with rare exceptions that must be refused."""

    def __init__(self, rng):
        self.rng = rng
        self.characters = alphabet(rng)
        self.groups = 0
        self.name = None
        self.in_possessive = False
        self.text = self.flags() + self.either(3)

    def flags(self):
        rng = self.rng
        if rng.random() < 0.45:
            return ""
        pieces = []
        for _ in range(rng.choice([1, 1, 1, 2])):
            pieces.append("(?" + "".join(rng.choice("iiimsxau" if rng.random() < 0.98 else "Lz-:") for _ in range(rng.choice([1, 1, 2]))) + ")")
        if rng.random() < 0.1:
            pieces.insert(0, "(?#note)")
        return "".join(pieces)

    def either(self, depth):
        rng = self.rng
        return "|".join(self.sequence(depth) for _ in range(rng.choice([1, 1, 1, 1, 2, 2, 3])))

    def sequence(self, depth):
        rng = self.rng
        return "".join(self.repeated(depth) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4])))

    def repeated(self, depth):
        rng = self.rng
        if rng.random() < 0.55:
            return self.atom(depth)
        quantifier = rng.choice(["*", "*", "+", "+", "?", "?", "{2}", "{1,2}", "{,2}", "{2,}", "{0,3}", "{1,}", "{,}", "{0}"])
        if rng.random() < 0.02:
            quantifier = rng.choice(["{", "{a}", "{2,1}", "{1", "**", "{}", "{ 1}", "{4294967295}", "{1}{2}"])
        kind = rng.choice(["", "", "", "", "?", "?", "+"])
        was = self.in_possessive
        self.in_possessive = was or kind == "+"
        atom = self.atom(depth)
        self.in_possessive = was
        if atom in LOOKS and rng.random() < 0.95:
            return atom
        if rng.random() < 0.03:
            atom += rng.choice(["(?#note)", " ", "#x\n"])
        return atom + quantifier + kind

    def atom(self, depth):
        rng = self.rng
        if depth == 0 or rng.random() < 0.6:
            return self.leaf()
        return self.nested(depth - 1)

    def leaf(self):
        rng = self.rng
        pick = rng.random()
        if pick < 0.35:
            return self.character()
        if pick < 0.38:
            return named(self.rng, self.characters)
        if pick < 0.55:
            return self.set()
        if pick < 0.7:
            return rng.choice([r"\w", r"\w", r"\d", r"\s", r"\W", r"\D", r"\S", "."])
        if pick < 0.83:
            return rng.choice(LOOKS)
        if pick < 0.95 and self.groups:
            return rng.choice([r"\1", r"\1", "(?P=%s)" % (self.name or "g"), r"\2" if rng.random() < 0.1 else r"\1"])
        return self.escape()

    def character(self):
        rng = self.rng
        c = rng.choice(self.characters)
        return c if c not in ".\\" else "\\" + c

    def escape(self):
        rng = self.rng
        return rng.choice([r"\x61", r"\u017f", r"\U0001D7D8", r"\101", r"\07", r"\0", r"\n", r"\t", r"\-", r"\.", r"\é", r"\ ", r"\#"] * 9
                          + [r"\q", r"\x4", r"\u12", r"\777", r"\8", r"\z", "\\\\", r"\400", r"\18", "]", "}"])

    def member(self):
        rng = self.rng
        pick = rng.random()
        if pick < 0.6:
            c = rng.choice(self.characters.replace("\U00010400", "") + "-a_" if rng.random() < 0.9 else "]^&|~[#")
            return "\\" + c if c in "]\\" or rng.random() < 0.05 and not c.isalnum() else c
        if pick < 0.63:
            return self.named_member()
        if pick < 0.66:
            return self.named_member() + "-" + self.named_member()
        if pick < 0.85:
            pairs = ["a-c", "A-Z", "a-z", "0-9", "α-ω", "é-ſ", r"\x20-\x40", r"\n-a", "b-b", "А-я", "z-a", r"a-\w", "--a", "\u0100-\u2fff"]
            return rng.choice(pairs if rng.random() < 0.2 else pairs[:9])
        return rng.choice([r"\w", r"\d", r"\s", r"\W", r"\S", r"\D", r"\b", r"\x61", r"\u0131", r"\101", r"\-", r"\]"] * 9 + [r"\q", r"\B", r"\9", r"\A"])

    def named_member(self):
        return named(self.rng, self.characters.replace("\U00010400", "") + "-a_", 0xffff)

    def set(self):
        rng = self.rng
        inside = "".join(self.member() for _ in range(rng.choice([1, 1, 2, 2, 3])))
        edge = rng.choice(["", "", "", "", "-", "]"])
        return "[" + rng.choice(["", "", "^"]) + (edge if edge == "]" else "") + inside + (edge if edge == "-" else "") + ("]" if rng.random() < 0.995 else "")

    def nested(self, depth):
        rng = self.rng
        pick = rng.random()
        if pick < 0.2:
            return "(?:" + self.either(depth) + ")"
        if pick < 0.4 and (self.groups == 0 or rng.random() < 0.02) and not self.in_possessive:
            return self.group(depth)
        if pick < 0.5:
            return rng.choice(["(?=", "(?!"]) + self.either(depth) + ")"
        if pick < 0.62:
            inside = self.either(depth) if rng.random() < 0.2 else self.fixed(depth)
            return rng.choice(["(?<=", "(?<!"]) + inside + ")"
        if pick < 0.7:
            return "(?>" + self.either(depth) + ")"
        if pick < 0.8 and (self.groups or rng.random() < 0.1):
            name = self.name or "1"
            if rng.random() < 0.03:
                name = rng.choice(["0", "2", "x", "", "1x"])
            tail = rng.choice(["", "|" + self.sequence(depth), "|" + self.sequence(depth)] + (["|a|b"] if rng.random() < 0.05 else []))
            return "(?(" + name + ")" + self.sequence(depth) + tail + ")"
        if pick < 0.9:
            flags = rng.choice(["i", "i", "-i", "s", "m", "x", "-x", "a", "u", "s-i", "i-s", "ai", "im-sx"])
            if rng.random() < 0.03:
                flags = rng.choice(["au", "-a", "s-s", "-", "i-", "z", "L", "i-L", "s-z", "-u", "iz"])
            return "(?" + flags + ":" + ("(?=)" if flags in "au" else "") + self.either(depth) + ")"
        if pick < 0.95:
            return "(?#note)"
        return rng.choice(["(?:", "(", ")", "(?", "(?P", "(?P<", "(?P<1>a)", "(?<a)", "(?P>a)", "(?*a)", "(?#", "(?i)", "(?P=x)"]) if rng.random() < 0.1 else "(?:)"

    def group(self, depth):
        """The group counts only for what follows it; a rare reference inside it must be refused."""
        rng = self.rng
        name = rng.choice([None, None, None, "g", "é", "_1"])
        inside = self.either(depth)
        if rng.random() < 0.05:
            inside += rng.choice([r"\1", "(?(1)a|b)"])
        self.groups += 1
        self.name = name
        return ("(?P<%s>" % name if name else "(") + inside + ")"

    def fixed(self, depth):
        """Mostly a pattern of fixed width."""
        rng = self.rng
        width = rng.choice([0, 1, 1, 1, 2, 2])
        branch = lambda: "".join(rng.choice([self.character, self.set, lambda: r"\w"])() for _ in range(width)) + rng.choice(["", "", "", r"\b", "^", "$"])  # noqa: E731
        return "|".join(branch() for _ in range(rng.choice([1, 1, 2])))


# ---------------------------------------------------------------- comparison


class TooSlow(Exception):
    pass


def stop(*_):
    raise TooSlow


def expected(pattern, texts):
    """(tokens of each text, None) or (None, why Python refuses it)"""
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, ValueError) as error:
        return None, str(error)
    if compiled.groups > 1:
        return None, "scikit-learn: more than one group"
    signal.setitimer(signal.ITIMER_REAL, 2)
    try:
        return [compiled.findall(text) for text in texts], None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def answers(binary, cases):
    lines = "".join(json.dumps({"pattern": pattern, "texts": texts}) + "\n" for pattern, texts in cases)
    done = subprocess.run([str(binary)], input=lines, capture_output=True, text=True, check=True, timeout=600)
    return [json.loads(line) for line in done.stdout.splitlines()]


def build():
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "count-vectorizer", "--example", "tokens"], cwd=REPOSITORY, check=True)
    return REPOSITORY / "target" / "release" / "examples" / "tokens"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=24_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, stop)
    binary = options.binary or build()
    rng = random.Random(options.seed)
    counts, differences = collections.Counter(), []
    for start in range(0, options.count, BATCH):
        cases = []
        for _ in range(min(BATCH, options.count - start)):
            pattern = Pattern(rng)
            cases.append((pattern.text, [text(rng, pattern.characters) for _ in range(TEXTS_PER_PATTERN)]))
        for (pattern, texts), answer in zip(cases, answers(binary, cases), strict=True):
            try:
                tokens, refusal = expected(pattern, texts)
            except TooSlow:
                counts["left out: more than 2 s in Python"] += 1
                continue
            except SystemError:
                counts["left out: an internal error in Python"] += 1
                continue
            error = answer.get("error")
            listed = next((what for part, what in LISTED.items() if error and part in error), None)
            if refusal and error:
                counts["refused by both"] += 1
            elif listed:
                counts["refused only by the tool: " + listed] += 1
            elif tokens is not None and answer.get("tokens") == tokens:
                counts["equal"] += 1
                counts["texts"] += len(texts)
                counts["tokens"] += sum(map(len, tokens))
            else:
                differences.append((pattern, texts, tokens or refusal, answer))
    for pattern, texts, python, tool in differences[:20]:
        print(f"DIFFERENT {pattern!r}")
        if isinstance(python, list) and "tokens" in tool:
            for text_, a, b in zip(texts, python, tool["tokens"]):
                if a != b:
                    print(f"    {text_!r}\n        Python {a}\n        tool   {b}")
        else:
            print(f"    Python {python}\n    tool   {tool}")
    print(f"patterns: {options.count:,} on {TEXTS_PER_PATTERN} texts each, seed {options.seed}, Python {sys.version.split()[0]}")
    for what in sorted(counts, key=lambda what: (-counts[what], what)):
        print(f"  {what}: {counts[what]:,}")
    print(f"  different: {len(differences):,}")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
