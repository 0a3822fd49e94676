#!/usr/bin/env python3
"""Make the small data set next to this script. Every machine makes the same images and keywords.

    python3 make_sample.py            # writes keyword/ and clickture/ next to this script
    python3 make_sample.py --check    # compares the files with those that it would write

The script needs only the standard library. All members have a fixed date. Compressed bytes may
differ between versions of zlib, so `--check` compares the names, order and contents of members.
"""
import argparse
import io
import json
import pathlib
import pickle
import random
import struct
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
DATE = (2017, 4, 4, 0, 0, 0)

# What an auto-tagger sees: (how often, the keywords of such a picture, the most likely ones first).
SCENES = [
    (10, "woman; young adult; portrait; beautiful; smile; hair; face; fashion; caucasian; glamour; make up; long hair; lips; "
         "elegance; sensuality; studio shot; looking at camera; brunette; curly hair; earring; naïve"),
    (9, "food; café; table; plate; restaurant; dinner; fresh; meal; delicious; dessert; crème brûlée; coffee cup; jalapeño; salad; "
        "gourmet; tomato; cheese; spoon; piñata; soufflé; sauté; ½ price"),
    (8, "beach; sea; sand; summer; vacation; blue sky; wave; tropical; travel; palm tree; sunset; ocean view; swimwear; coast; "
        "São Paulo; surfing; shell; Ελλάδα; horizon over water"),
    (8, "city; building; street; architecture; car; night; traffic; downtown; skyline; bridge; tower; window; urban scene; taxi; "
        "pedestrian; neon; МОСКВА; 東京; street light; 24/7"),
    (7, "business; office; man; computer; suit; meeting; laptop; team; desk; professional; success; handshake; businessman; "
        "telephone; document; start-up; system; e.g.; AT&T"),
    (7, "dog; animal; pet; cute; puppy; grass; fur; playing; friendly; golden retriever; paw; leash; running; obedience; "
        "cat; kitten; whiskers"),
    (6, "wedding; bride; groom; couple; love; white dress; flower; bouquet; celebration; ceremony; veil; wedding ring; fiancée; "
        "church; kissing; wedding cake; rose"),
    (6, "mountain; nature; landscape; forest; tree; river; cloud; hiking; snow; valley; lake; scenics; autumn; pine tree; "
        "waterfall; national park; cliff; glacier"),
    (5, "child; family; mother; baby; happy; fun; home; father; playing; toy; birthday party; son; daughter; 3d glasses; balloon; "
        "teddy bear; sibling"),
    (5, "sport; football; ball; player; stadium; team; game; competition; athlete; running; 2012; uniform; goal; action; "
        "rock'n'roll; tennis racket; trophy"),
    (4, "music; guitar; concert; stage; band; singer; crowd; 1980s; rock music; microphone; drum; performance; hi_res; "
        "black and white; saxophone; C++"),
    (4, "kitchen; room; furniture; interior; chair; lamp; sofa; house; window; modern; wood; carpet; WC; bookshelf; fireplace; "
        "vase; curtain"),
]
# Keywords that any picture may have; the last ones are rare.
COMMON = ("people; outdoors; isolated; white; background; color; day; one person; photo; indoors; adult; light; red; blue; black; green; "
          "no people; horizontal; close-up; lifestyle; old; small; big; cheerful; yellow; design; art; pattern; texture; retro; with; a; "
          "the; I; front view; side view; copy space; vertical; t-shirt; sunlight; shadow; Ελλάδα; computer graphics; İstanbul; "
          "ΟΔΟΣ; naïve art; déjà vu; हिन्दी; ภาษาไทย; smörgåsbord; 99; x")


def split_list(text):
    return [part.strip() for part in text.split(";")]


class Tagger:
    """Draws from `random()` alone: the one method whose numbers Python promises to keep."""

    def __init__(self, seed):
        self.random = random.Random(seed).random
        self.scenes = [(weight, split_list(text)) for weight, text in SCENES]
        self.common = split_list(COMMON)

    def below(self, n):
        return int(self.random() * n)

    def skewed(self, items):
        """An item, those at the front the more often."""
        return items[int(self.random() ** 1.7 * len(items))]

    def scene(self):
        point = self.random() * sum(weight for weight, _ in self.scenes)
        for weight, keywords in self.scenes:
            point -= weight
            if point < 0:
                return keywords
        return self.scenes[-1][1]

    def keywords(self):
        scene = self.scene()
        drawn = [self.skewed(scene) for _ in range(5 + self.below(10))] + [self.skewed(self.common) for _ in range(3 + self.below(7))]
        return list(dict.fromkeys(drawn))

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


def keyword_file(keywords, number):
    """One JSON file; every third one is not escaped, and some carry parts that nobody reads."""
    document = {"tagging": {"keywords": keywords}}
    if number % 4 == 1:
        document = {"status": "ok", "tagging": {"keywords": keywords, "model": "auto-tag", "scores": [0.5] * min(3, len(keywords))}}
    return json.dumps(document, ensure_ascii=number % 3 != 0).encode()


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in members:
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            z.writestr(info, data, compresslevel=9)
    return out.getvalue()


def python2_map(pairs):
    """A protocol-2 pickle of {name: id} whose names are Python 2 byte strings, which no Python 3 pickler writes."""
    out = io.BytesIO()
    out.write(b"\x80\x02}q\x01(")
    for name, number in pairs:
        raw = name.encode("ascii")
        out.write(b"U" + bytes([len(raw)]) + raw)
        out.write(b"K" + bytes([number]) if number < 256 else b"M" + struct.pack("<H", number))
    out.write(b"u.")
    return out.getvalue()


def clickture_split(part, ids, tagger, listed_name, original_name):
    """The three files of a split: archive, list, id map."""
    members, names = [], {}
    for number in ids:
        keywords = [] if number in (0, 118) else tagger.keywords()
        names[number] = listed_name(number)
        # A name that is not a number is found through the map, and its file is the id in 8 digits.
        last = names[number].rsplit("/", 1)[-1]
        file = names[number] if last.isdigit() else f"{number:08d}"
        members.append((f"keywords_{part}/{file}.json", keyword_file(keywords, number)))
    lines = "".join(names[number] + "\n" for number in tagger.shuffled(ids))
    # The map knows more images than the list does, as the release's own does.
    known = sorted({*ids, *range(max(ids) + 3)})
    return archive(members), lines.encode(), python2_map((original_name(n), n) for n in known)


def dev_original(number):
    return f"img{57000 + number * 3}"


def lite_original(number):
    return f"A{number:05d}"


def dev_listed(number):
    return dev_original(number) if number % 25 == 3 else f"{number:08d}"


def lite_listed(number):
    if number % 40 == 1:
        return lite_original(number)
    return f"{number % 5:03d}/{number:08d}" if number % 10 == 7 else f"{number:08d}"


def coco_archive(tagger, count):
    images, files = [], []
    for imgid in range(count):
        split = ("train", "train", "restval", "train", "test", "train", "val", "train")[tagger.below(8)]
        year = "val2014" if split != "train" or tagger.below(4) == 0 else "train2014"
        cocoid = 9 + imgid * 2903 + tagger.below(2900)
        keywords = tagger.keywords()
        images.append({"filepath": year, "sentids": [imgid * 5, imgid * 5 + 1], "filename": f"COCO_{year}_{cocoid:012d}.jpg",
                       "imgid": imgid, "split": split, "cocoid": cocoid,
                       "sentences": [{"tokens": keywords[0].lower().split(), "raw": f"A picture of {keywords[0]}.", "imgid": imgid,
                                      "sentid": imgid * 5}]})
        if split in ("train", "test"):
            files.append((f"keywords_coco/keyword_{split}/{images[-1]['filename'][:-4]}.json", keyword_file(keywords, imgid)))
    dataset = {"images": tagger.shuffled(images), "dataset": "coco"}
    return archive([("keywords_coco/dataset.json", json.dumps(dataset).encode()), *files])


def everything():
    """Path under this folder -> contents."""
    dev_ids = [n for n in range(203) if n not in (60, 61, 150)]
    lite_ids = list(range(1, 301))
    dev = clickture_split("dev", dev_ids, Tagger(2017), dev_listed, dev_original)
    lite = clickture_split("lite", lite_ids, Tagger(2018), lite_listed, lite_original)
    return {
        "keyword/keywords_dev.zip": dev[0],
        "clickture/clickture-dev.lst": dev[1],
        "clickture/img_id_map_dev.pkl": dev[2],
        "keyword/keywords_lite.zip": lite[0],
        "clickture/clickture-lite.lst": lite[1],
        "clickture/img_id_map.pkl": lite[2],
        "keyword/keywords_coco.zip": coco_archive(Tagger(2019), 200),
    }


def same(path, data):
    if not path.exists():
        return False
    if path.suffix != ".zip":
        return path.read_bytes() == data
    with zipfile.ZipFile(path) as there, zipfile.ZipFile(io.BytesIO(data)) as made:
        listed = [[(i.filename, i.date_time) for i in z.infolist()] for z in (there, made)]
        return listed[0] == listed[1] and all(there.read(n) == made.read(n) for n, _ in listed[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    check = parser.parse_args().check
    files = everything()
    assert len(pickle.loads(files["clickture/img_id_map.pkl"], encoding="latin1")) >= 300
    if check:
        different = [name for name, data in files.items() if not same(HERE / name, data)]
        print("\n".join(f"differs: {name}" for name in different) or "sample/ is what make_sample.py makes")
        sys.exit(bool(different))
    for name, data in files.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_bytes(data)
        print(f"{len(data):8} {name}")


if __name__ == "__main__":
    main()
