"""The same archive in every form that the tool reads: each function writes a copy of `root` in another form to `out`."""
import io
import pathlib
import shutil
import sys
import zipfile

from corpora import DATE, write_zip


def archives(root):
    return sorted((root / "keyword").glob("*.zip"))


def members(path):
    with zipfile.ZipFile(path) as z:
        return [(name, z.read(name)) for name in z.namelist()]


def lists(root, out):
    if (root / "clickture").exists():
        keep = shutil.ignore_patterns("*.npy", "vocabulary_*", "manifest_*", "statistics_*", "report_*", ".amc*")
        shutil.copytree(root / "clickture", out / "clickture", ignore=keep)


def rewritten(change, compression=zipfile.ZIP_DEFLATED):
    def write(root, out):
        lists(root, out)
        for path in archives(root):
            write_zip(out / "keyword" / path.name, change(path.stem, members(path)), compression)
    return write


def reversed_order(_, found):
    return found[::-1]


def at_the_top(stem, found):
    return [(name.removeprefix(f"{stem}/"), data) for name, data in found]


def with_litter(stem, found):
    litter = [(f"{stem}/", b""), (f"{stem}/.DS_Store", b"\0\0\0\1Bud1"), ("__MACOSX/", b"")]
    litter += [(f"__MACOSX/{stem}/._{name.rsplit('/', 1)[-1]}", b"\0\5\x16\7") for name, _ in found[:5]]
    return litter + found


def unzipped(root, out):
    lists(root, out)
    for path in archives(root):
        for name, data in members(path):
            target = out / "keyword" / path.stem / name.removeprefix(f"{path.stem}/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


class OneWay(io.RawIOBase):
    """A file that cannot seek, as a pipe: sizes and checksums then follow each member."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def close(self):
        self.file.close()
        super().close()


def streamed(root, out):
    lists(root, out)
    (out / "keyword").mkdir(parents=True)
    for path in archives(root):
        with OneWay(out / "keyword" / path.name) as pipe, zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as z:
            for name, data in members(path):
                z.writestr(zipfile.ZipInfo(name, DATE), data, zipfile.ZIP_DEFLATED)


def zip64(root, out):
    lists(root, out)
    (out / "keyword").mkdir(parents=True)
    for path in archives(root):
        with zipfile.ZipFile(out / "keyword" / path.name, "w", zipfile.ZIP_DEFLATED) as z:
            for name, data in members(path):
                info = zipfile.ZipInfo(name, DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                with z.open(info, "w", force_zip64=True) as member:
                    member.write(data)


def with_windows_lists(root, out):
    """CRLF, blank lines, no newline at the end; the archives as they are."""
    lists(root, out)
    (out / "keyword").mkdir(parents=True)
    for path in archives(root):
        shutil.copy(path, out / "keyword")
    for path in (out / "clickture").glob("*.lst"):
        path.write_bytes(b"\r\n\r\n".join(path.read_bytes().split()))


FORMS = {
    "re-zipped in reverse order": rewritten(reversed_order),
    "members at the archive's top": rewritten(at_the_top),
    "with folder entries, .DS_Store and __MACOSX": rewritten(with_litter),
    "stored": rewritten(lambda _, found: found, zipfile.ZIP_STORED),
    "bzip2": rewritten(lambda _, found: found, zipfile.ZIP_BZIP2),
    "lzma": rewritten(lambda _, found: found, zipfile.ZIP_LZMA),
    "zip64 headers": zip64,
    "sizes after each member": streamed,
    "unzipped folder": unzipped,
    "lists with CRLF, blank lines and no last newline": with_windows_lists,
}

if __name__ == "__main__":
    name, source, target = sys.argv[1:]
    FORMS[name](pathlib.Path(source), pathlib.Path(target))
