"""Instructions an image, counted by callgrind: unlike seconds, the same on a busy machine."""
import pathlib
import re
import shutil
import subprocess
import tempfile

import data

FEW, MANY = 1_000, 3_000
SHOWN = 25


def report(corpora):
    """Builds the release with names and counts a small run on one thread."""
    if not shutil.which("valgrind"):
        raise SystemExit("callgrind: there is no valgrind on the path")
    data.cargo("build", "--profile", "profiling", "--bins")
    binary = data.TARGET / "profiling" / "amc-keywords"
    with tempfile.TemporaryDirectory(prefix="amc-callgrind-") as private:
        few = count(binary, corpora.clickture(FEW, 0), pathlib.Path(private) / "few")
        many = count(binary, corpora.clickture(MANY, 0), pathlib.Path(private) / "many")
    grown = {name: (many[name] - few.get(name, 0)) / (MANY - FEW) for name in many}
    total = sum(grown.values())
    hashing = sum(count for name, count in grown.items() if "sha2" in name)
    yield f"clickture --splits dev -j 1: {total:,.0f} instructions an image, from the difference of {MANY:,} and {FEW:,} images"
    yield (f"without sha256: {total - hashing:,.0f} (valgrind has no SHA instructions, so that it counts hashing in software, "
           f"{hashing:,.0f}; a processor that has them takes a small part of that)")
    yield "what each function takes itself, what is inlined into it included:"
    for name, count_ in sorted(grown.items(), key=lambda item: -item[1])[:SHOWN]:
        if "sha2" not in name:
            yield f"{count_:12,.0f} {100 * count_ / (total - hashing):5.1f} %  {name}"


def count(binary, root, work):
    """Instructions of each function in a whole run."""
    profile = work.with_suffix(".callgrind")
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", binary,
               "clickture", "--root", root, "--out", work, "--splits", "dev", "-j", "1", "--quiet"]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    text = subprocess.run(["callgrind_annotate", "--threshold=100", "--auto=no", "--show-percs=no", str(profile)],
                          check=True, capture_output=True, text=True).stdout
    counts = {}
    # A line is: number, file:function [object].
    for number, name in re.findall(r"^ *([\d,]+)  (?!PROGRAM)(\S.*)$", text, re.MULTILINE):
        name = re.sub(r" \[[^\]]*\]$", "", name).split(":", 1)[-1]
        counts[name] = counts.get(name, 0) + int(number.replace(",", ""))
    return counts
