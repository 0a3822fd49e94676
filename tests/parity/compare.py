#!/usr/bin/env python3
"""Compare amc-keywords with scikit-learn, byte for byte, on everything that is at hand.

    python3 tests/parity/compare.py                 # builds the tool, installs scikit-learn under target/, about two minutes
    python3 tests/parity/compare.py --binary PATH   # another binary
    python3 tests/parity/compare.py --full          # also 79,665 images under the release's own list and id map
    python3 tests/parity/compare.py --only sweep    # the cases whose name has this in it

Real data is looked for in $AMC_KEYWORDS_DATA, else in ../shared/data; what is absent is left out and said so.
Exit status: 0 if every case passed, 1 if not.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import environment

if __name__ == "__main__":
    environment.enter()

import cases  # noqa: E402
import sklearn  # noqa: E402
import unicodedata  # noqa: E402


def build():
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=environment.REPOSITORY, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", environment.REPOSITORY / "target"))
    return target / "release" / "amc-keywords"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=pathlib.Path, help="the amc-keywords to test (default: cargo build --release)")
    parser.add_argument("--full", action="store_true", help="also the slow cases")
    parser.add_argument("--only", default="", help="run the cases whose name has this in it")
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder and leave it")
    return parser.parse_args()


def data_folder():
    return pathlib.Path(os.environ.get("AMC_KEYWORDS_DATA", environment.REPOSITORY.parent / "shared" / "data"))


def run(bench, only):
    passed, failed = 0, []
    for name, test in cases.all_cases(bench):
        if only not in name:
            continue
        began = time.monotonic()
        try:
            problems = test()
        except Exception as error:  # a case that cannot run has failed
            problems = [f"{type(error).__name__}: {error}"]
        print(f"{'ok  ' if not problems else 'FAIL'} {name} ({time.monotonic() - began:.1f} s)", flush=True)
        for problem in problems:
            print(f"     {problem}", flush=True)
        passed += not problems
        failed += [name] if problems else []
    return passed, failed


def main():
    args = arguments()
    binary = (args.binary or build()).resolve()
    print(f"Python {sys.version.split()[0]}, scikit-learn {sklearn.__version__}, Unicode {unicodedata.unidata_version}")
    print("left out: code points that this Python does not assign, and U+0295 and U+1171E, which differ next to a final sigma")
    with tempfile.TemporaryDirectory(prefix="amc-parity-") as private:
        folder = args.keep or pathlib.Path(private)
        folder.mkdir(parents=True, exist_ok=True)
        passed, failed = run(cases.Bench(binary, folder, data_folder(), args.full), args.only)
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
