#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets, with the same bytes every time: python3 fuzz/make_seeds.py"""

import gzip
import io
import json
import pathlib
import pickle
import struct
import tarfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
SEEDS = HERE / "seeds"


def put(target, name, content):
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, content)
    return made.getvalue()


def archives():
    members = [("k/", ""), ("k/1.json", '{"tagging": {"keywords": ["woman", "woman"]}}'), ("k/a/2.json", "two" * 30), ("k/3.json", "")]
    methods = {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}
    for name, method in methods.items():
        put("archive", name, zip_of(members, method))
    put("archive", "empty", zip_of([]))
    put("archive", "prefixed", b"PK before " + zip_of(members[1:2]))
    put("archive", "same_name", zip_of([("a", "1"), ("b", "2")]).replace(b"b", b"a"))
    sound = zip_of(members)
    directory = sound.index(b"PK\x01\x02")
    first = sound.index(b"PK\x01\x02", directory + 1)
    put("archive", "encrypted", sound[: first + 8] + b"\x01" + sound[first + 9 :])
    put("archive", "wrong_crc", sound[: first + 16] + b"\0\0\0\0" + sound[first + 20 :])
    put("archive", "wrong_size", sound[: first + 24] + b"\xff\xff\xff\x7f" + sound[first + 28 :])
    put("archive", "shared_bytes", sound[: first + 42] + sound[directory + 42 : directory + 46] + sound[first + 46 :])
    put("archive", "cut_short", sound[:-9])
    zip64 = io.BytesIO()
    with zipfile.ZipFile(zip64, "w") as archive:
        with archive.open(zipfile.ZipInfo("k/1.json", (1980, 1, 1, 0, 0, 0)), "w", force_zip64=True) as member:
            member.write(b"{}")
    put("archive", "zip64", zip64.getvalue())
    for name, lines in {
        "names_plain": "k/1.json\t{}\nk/2.json\t{}\n",
        "names_dots": "../evil\tx\nk/../../evil\tx\n..\tx\n./a\tx\n",
        "names_absolute": "/tmp/evil\tx\n//evil\tx\nC:\\evil\tx\n\\\\host\\evil\tx\n",
        "names_odd": "a\0b\tx\n\x1b[2J\tx\n.amc-keywords-extract/lock\tx\n\u202egnp.json\tx\n",
        "names_file_and_folder": "a\tx\na/b\tx\na/b/c\tx\n",
        "names_twice": "a\tx\na\ty\n",
    }.items():
        put("archive", name, lines)


def extractions():
    keywords = '{"tagging": {"keywords": ["woman"]}}'
    put("extract", "deflated", zip_of([("k/1.json", keywords), ("k/a/2.json", keywords)]))
    for name, names in {
        "names_plain": ["k/1.json", "k/2.json"],
        "names_dots": ["../evil.json", "k/../../evil.json", "./a.json"],
        "names_absolute": ["/tmp/evil.json", "//evil.json", "C:\\evil.json", "\\\\host\\evil.json"],
        "names_odd": ["a\0b.json", "\x1b[2J.json", ".amc-keywords-extract/1.json", "\u202egnp.json"],
        "names_file_and_folder": ["a.json", "a.json/b.json"],
        "names_twice": ["k/1.json", "k/1.json"],
    }.items():
        put("extract", name, "".join(f"{member}\t{keywords}\n" for member in names))


def keyword_files():
    texts = {
        "plain": '{"tagging": {"keywords": ["woman", "young adult", "caf\\u00e9", ""]}}',
        "more_keys": ' {"status": {"a": [1, 2.5e99, null, true]}, "tagging": {"model": "x", "keywords": ["\\ud83d\\ude00"]}, "z": []}\n',
        "lone_surrogate": '{"tagging": {"keywords": ["\\ud800", "a\\udc00b"]}, "\\ud800": 1}',
        "empty_list": '{"tagging": {"keywords": []}}',
        "string": '{"tagging": {"keywords": "cat"}}',
        "number": '{"tagging": {"keywords": ["cat", 5]}}',
        "nested": '{"x": [[[[[[[[{"a": [{}]}]]]]]]]], "tagging": {"keywords": [["a"]]}}',
        "bom": '\ufeff{"tagging": {"keywords": []}}',
        "control": '{"tagging": {"keywords": ["a\tb"]}}',
        "last_counts": '{"tagging": {"keywords": ["a"], "keywords": ["b"]}}',
    }
    for name, text in texts.items():
        put("keyword_file", name, text)
    put("keyword_file", "latin1", b'{"tagging": {"keywords": ["caf\xe9"]}}')


def maps():
    pairs = {"img1": 0, "caf\u00e9": 1, "004/3": 70000, "x" * 300: 2**40, "": 5}
    for protocol in range(6):
        put("pickle", f"protocol_{protocol}", pickle.dumps(pairs, protocol))
        put("pickle", f"digits_{protocol}", pickle.dumps({key: str(value) for key, value in pairs.items()}, protocol))
    put("pickle", "bytes_3", pickle.dumps({key.encode(): value for key, value in pairs.items()}, 3))
    python2 = b"\x80\x02}q\x01(" + b"".join(b"U\x04img%dq%cM%s" % (n, n + 2, struct.pack("<H", n)) for n in range(9)) + b"u."
    put("pickle", "python2", python2)
    put("pickle", "python2_0", b"(dp0\nS'a\\xc3\\xa9'\np1\nI1\nsS\"b'\"\np2\nL2L\ns.")
    put("pickle", "object", pickle.dumps({"a": Ellipsis}, 2))
    put("pickle", "nested", pickle.dumps({"a": [{"b": (1, 2)}]}, 2))
    itself = {}
    itself["a"] = itself
    put("pickle", "itself", pickle.dumps(itself, 4))


def lists():
    put("list", "plain", "00048500\n004/00000001\nimg57159\n")
    put("list", "windows", b"00048500\r\n\r\n  004/00000001 \r\nlast")
    put("list", "odd", "a b\n\u2028x\x85y\n\x0bz\n../up\n9007199254740993\n")
    put("list", "bom", "\ufeffa\n")
    put("list", "latin1", b"a\ncaf\xe9\n")
    put("list", "blank", " \n\n")


def datasets():
    images = [
        {"filepath": "val2014", "sentids": [1], "filename": "a.jpg", "imgid": 0, "split": "train", "sentences": [{"raw": "x"}]},
        {"split": "val", "imgid": 7, "filename": "caf\u00e9.png"},
    ]
    put("dataset_json", "plain", json.dumps({"images": images, "dataset": "coco"}))
    put("dataset_json", "utf8", json.dumps({"dataset": "coco\u00e9", "images": images}, ensure_ascii=False))
    put("dataset_json", "empty", '{"images": []}')
    put("dataset_json", "twice", '{"images": [], "images": []}')
    put("dataset_json", "last_counts", json.dumps({"images": images})[:-1] + ', "images": ' + json.dumps(images[:1]) + "}")
    put("dataset_json", "not_a_list_first", '{"images": 5, "images": []}')
    put("dataset_json", "cut_character", json.dumps({"images": images}).encode() + b"\xe6\x97")
    put("dataset_json", "array", '{"images": [["a.jpg", 1, "train"]]}')
    put("dataset_json", "missing", '{"images": [{"filename": "a", "split": "b"}]}')
    put("dataset_json", "latin1", b'{"x": "caf\xe9", "images": []}')


def records():
    lines = [
        '{"id": "a1", "tags": ["dog", "caf\u00e9"], "tagging": {"keywords": ["cat"]}}',
        "",
        '{"tags": "dog, cat", "id": 7, "a": {"tags": [{"name": "dog", "score": 0.9}, {"score": 0.1, "name": "cat"}]}}',
        '{"tags": null, "id": null, "tagging": null, "a": {"tags": [{"name": "x"}]}}',
        '{"tags": [{"name": "x"}], "id": [1], "tags": "last"}',
    ]
    text = "\n".join(lines).encode()
    put("records", "lines", text)
    put("records", "windows", text.replace(b"\n", b"\r\n") + b"\r\n")
    put("records", "broken_line", text.replace(b"null", b"nul"))
    put("records", "json_list", json.dumps([json.loads(line) for line in lines if line]))
    put("records", "json_map", json.dumps({"a": ["dog", "cat"], "b": [], "c": ["caf\u00e9"]}))
    put("records", "json_sequence", "".join(json.dumps(json.loads(line), indent=1) + "\n" for line in lines if line))
    put("records", "csv", 'id,tags\na,"dog, ""red"" dog"\nb,\n"c\nd",cat\n')
    categories = [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}]
    annotations = [{"image_id": 7, "category_id": 2}, {"image_id": 5, "category_id": 1}]
    images = [{"id": 5, "file_name": "5.jpg"}, {"id": 7, "file_name": "7.jpg"}]
    put("records", "coco", json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    put("records", "gzip", gzip.compress(text, mtime=0))
    put("records", "gzip_twice", gzip.compress(text + b"\n", mtime=0) * 2)
    put("records", "gzip_cut", gzip.compress(text, mtime=0)[:-12])
    # One raw block: a frame of zstd as its format says, without a library.
    block = struct.pack("<I", 1 | len(text) << 3)[:3]
    put("records", "zstd", b"\x28\xb5\x2f\xfd\x60" + struct.pack("<H", len(text) - 256) + block + text)
    for name, form in {"tar_ustar": tarfile.USTAR_FORMAT, "tar_gnu": tarfile.GNU_FORMAT, "tar_pax": tarfile.PAX_FORMAT}.items():
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w", format=form) as tar:
            for member in ("000/a1.json", "000/a1.jpg", "n" * (90 if name == "tar_ustar" else 140) + ".json"):
                info = tarfile.TarInfo(member)
                info.size = len(lines[0].encode())
                tar.addfile(info, io.BytesIO(lines[0].encode()))
            link = tarfile.TarInfo("link.json")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)
        put("records", name, made.getvalue()[:-8192])
    put("records", "tar_cut", made.getvalue()[:700])


def tables():
    put("csv", "quoted", 'id,tags\na,"dog, ""red"" dog"\nb,\n"c\nd",cat\n')
    put("csv", "windows", '\ufeffid;tags\r\n\r\n1;"dog;cat"\r\n2;')
    put("csv", "excel", "sep=;\r\nid;tags\r\na;dog\r\n")
    put("csv", "tabs", "a\tb\tc\n1\t\"x\ty\"\t\n")
    put("csv", "ragged", "a,b\n1\n1,2,3\n")
    put("csv", "unclosed", 'a,b\n1,"2\n3,4\n')
    put("csv", "behind_a_quote", 'a,b\n1,"2"3\n')
    put("csv", "same_names", "a,b,a\n1,2,3\n")
    put("csv", "latin1", b"a,b\ncaf\xe9,2\n")
    put("csv", "one_column", "a\n\n1\n\"\"\n")
    put("csv", "empty", "")


def annotations():
    images = [{"id": 5, "file_name": "5.jpg"}, {"file_name": "caf\u00e9.jpg", "id": "x"}, {"id": -1}]
    categories = [{"id": 1, "name": "dog"}, {"supercategory": "pet", "name": "red cat", "id": "2"}]
    captions = [{"image_id": "x", "caption": "a \"cat\"", "id": 1}, {"image_id": 5, "caption": "caf\u00e9"}, {"caption": "", "image_id": 5}]
    boxes = [{"image_id": 5, "category_id": 2, "bbox": [0.5, 1, 2, 3]}, {"image_id": -1, "category_id": 1}, {"image_id": 5, "category_id": 1}]
    panoptic = [{"image_id": 5, "segments_info": [{"category_id": 1, "area": 3}, {"category_id": 2}]}, {"image_id": "x", "segments_info": []}]

    def coco(name, annotations, **more):
        put("coco", name, json.dumps({"info": {"a": [1]}, "images": images, "annotations": annotations, "categories": categories, **more}))

    coco("captions", captions)
    coco("boxes", boxes)
    coco("panoptic", panoptic)
    coco("mixed", captions[:1] + boxes[:1])
    coco("unknown_image", captions + [{"image_id": 9, "caption": "x"}])
    coco("unknown_category", boxes + [{"image_id": 5, "category_id": 9}])
    coco("image_twice", captions, images=images + images[:1])
    coco("category_twice", boxes, categories=categories + categories[:1])
    coco("no_list", captions, images={})
    put("coco", "annotations_first", json.dumps({"annotations": boxes, "categories": categories, "images": images}, indent=1))
    put("coco", "part_twice", '{"images": [], "annotations": [], "images": []}')
    put("coco", "no_images", '{"annotations": []}')
    put("coco", "cut", json.dumps({"images": images, "annotations": captions})[:-9])
    put("coco", "deep", '{"images": [{"id": 1, "x": ' + "[" * 300 + "]" * 300 + '}], "annotations": []}')


def vocabularies():
    words = {"adult": 0, "caf\u00e9": 1, "zebra": 2}
    put("vocabulary_file", "plain", json.dumps(words))
    put("vocabulary_file", "lines", '{\n"adult": 0,\n"caf\u00e9": 1\n}\n')
    put("vocabulary_file", "pickle", pickle.dumps(words, 2))
    put("vocabulary_file", "gap", '{"a": 0, "b": 2}')
    put("vocabulary_file", "twice", '{"a": 0, "a": 1}')
    put("vocabulary_file", "negative", '{"a": -1}')
    put("vocabulary_file", "empty", "{}")


def words():
    put("words", "plain", "woman\nyoung adult\nthe dog\n\nAT&T's t-shirt 3d hi_res\nwoman\n")
    put("words", "greek", "\u039f\u0394\u039f\u03a3\n\u03a3\n\u03b1\u03a3 \u03a3\u03b1\n\n\u0130\u0130 \u0130x\n")
    put("words", "scripts", "cafe\u0301s \u0939\u093f\u0928\u094d\u0926\u0940 \u2177\u2177\n\u65e5\u672c \u00bd\u00bd\n\u00b5m \ufb01\ufb01\n")
    put("words", "newer", "\ua7d2\ua7d2 a\ua7d4 \ua7d3\ua7d3 \U0001c89aa\n")
    # A sigma at the end of a word: only in Unicode 17, what is before it has a case.
    put("words", "newer_sigma", "\ua7ce\u03a3 \U00016ea0\u03a3x\nab\u1acf\u03a3 \u0295\u03a3 \U0001171e\u03a3\n")
    put("words", "long", "a" * 22 + "\n" + "b" * 23 + "\n" + "one two three four five\n" + "c" * 47 + "\n")


for make in (archives, extractions, keyword_files, maps, lists, datasets, records, tables, annotations, vocabularies, words):
    make()
