"""Builds the programs and makes the corpora; what is there already is used again."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")).absolute()
DEV = 79_665
LITE = 1_000_000
COCO = 123_287


def build():
    """The tool, the corpus maker and the floor program, as paths."""
    cargo("build", "--release", "--bins", "-p", "amc-keywords", "-p", "benches")
    release = TARGET / "release"
    return release / "amc-keywords", release / "make_corpus", release / "floor"


def cargo(*arguments):
    subprocess.run(["cargo", *arguments, "--locked", "--quiet"], cwd=REPOSITORY, check=True)


class Corpora:
    """Corpora in a folder, each made when it is first needed, and again when the corpus maker has changed."""

    def __init__(self, folder, maker):
        self.folder = folder
        self.maker = maker
        sources = [path.read_bytes() for path in sorted((REPOSITORY / "benches" / "make_corpus").glob("*.rs"))]
        # What packs the members: another version may pack them in other bytes.
        packer = re.search(rb'name = "libdeflate-sys".*?\n\n', (REPOSITORY / "Cargo.lock").read_bytes(), re.DOTALL)
        self.version = hashlib.sha256(b"".join([*sources, packer[0] if packer else b""])).hexdigest()

    def clickture(self, dev, lite):
        return self.make(f"clickture-{dev}-{lite}", "clickture", "--images", dev, "--lite-images", lite)

    def mscoco(self, images):
        return self.make(f"mscoco-{images}", "mscoco", "--images", images)

    def make(self, name, data_set, *options):
        root = self.folder / name
        ready = root / "made-by"
        if not ready.exists() or ready.read_text() != self.version:
            print(f"making {root}", flush=True)
            shutil.rmtree(root, ignore_errors=True)
            subprocess.run([str(word) for word in (self.maker, data_set, root, *options)], check=True)
            ready.write_text(self.version)
        return root
