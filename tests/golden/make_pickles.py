#!/usr/bin/env python3
"""Makes tests/golden/pickle/*.pkl. Python 3.8 or later, nothing else: run it from anywhere.

names_*.pkl    one dict, NAMES below, as Python 2 and 3 pickle it at every protocol. The Python 2 forms are put together by hand,
               opcode by opcode, as its cPickle and pickle modules write them; each file is loaded again before it counts.
shared_*.pkl   names that are also the numbers of others, one string each, so that the file refers back to them.
objects_*.pkl  dicts that hold objects, which the reader refuses. numpy's are copies of what numpy 2.4.6 on Python 3.11 wrote.
"""

import collections
import io
import pickle
import pickletools
import struct
from pathlib import Path

FOLDER = Path(__file__).parent / "pickle"

NAMES = {
    "00048500": 0,
    "img57159": 255,
    "004/00048500": 256,
    "café": 65535,
    "\u00e9\u00ff\u0100": 65536,
    "名前": 2**31 - 1,
    "😀": 2**31,
    "it's \"quoted\"": 2**32 + 5,
    "back\\slash\\u0041 \\x41": 128,
    "tab\tline\nreturn\rnul\0": 32768,
    "": 7,
    "n" * 300: 2**53,
}


def u32(number):
    return struct.pack("<I", number)


def repr2(text):
    """What Python 2's repr shows of a byte string."""
    return repr(text.encode("utf-8"))[1:].encode("ascii")


def raw_unicode(text):
    """What Python 2 writes after the UNICODE opcode: only the backslash and the line feed are escaped below U+0100."""
    out = b""
    for c in text:
        if c in "\\\n" or 0xFF < ord(c) <= 0xFFFF:
            out += b"\\u%04x" % ord(c)
        elif ord(c) > 0xFFFF:
            out += b"\\U%08x" % ord(c)
        else:
            out += c.encode("latin-1")
    return out


def byte_string(protocol, text):
    if protocol == 0:
        return b"S" + repr2(text) + b"\n"
    data = text.encode("utf-8")
    return (b"U" + bytes([len(data)]) if len(data) < 256 else b"T" + u32(len(data))) + data


def unicode_string(protocol, text):
    if protocol == 0:
        return b"V" + raw_unicode(text) + b"\n"
    data = text.encode("utf-8")
    return b"X" + u32(len(data)) + data


def int2(protocol, number):
    """A Python 2 int: past 31 bits, text even in the binary protocols."""
    if protocol and number < 2**31:
        if number < 256:
            return b"K" + bytes([number])
        return b"M" + struct.pack("<H", number) if number < 65536 else b"J" + struct.pack("<i", number)
    return b"I%d\n" % number


def long2(protocol, number):
    if protocol < 2:
        return b"L%dL\n" % number
    data = pickle.encode_long(number)
    return b"\x8a" + bytes([len(data)]) + data


def long4(_, number):
    data = number.to_bytes(9, "little")
    return b"\x8b" + u32(len(data)) + data


def digits(protocol, number):
    return byte_string(protocol, "%08d" % number)


def python2(protocol, table, name=byte_string, number=int2, first_memo=1):
    """One dict as Python 2 writes it; cPickle counts its memo from 1, pickle from 0."""
    memo = first_memo

    def put():
        nonlocal memo
        memo += 1
        return b"p%d\n" % (memo - 1) if protocol == 0 else b"q" + bytes([memo - 1])

    out = b"\x80\x02" if protocol == 2 else b""
    out += (b"(d" if protocol == 0 else b"}") + put() + (b"" if protocol == 0 else b"(")
    for key, value in table.items():
        out += name(protocol, key) + put() + number(protocol, value)
        if number is digits:
            out += put()
        out += b"s" if protocol == 0 else b""
    return out + (b"" if protocol == 0 else b"u") + b"."


def marked_dict(table):
    """Pairs between MARK and DICT, which Python loads though it does not write it so."""
    return b"(" + b"".join(unicode_string(1, k) + int2(1, v) for k, v in table.items()) + b"d."


def pure(value, protocol):
    file = io.BytesIO()
    pickle._Pickler(file, protocol).dump(value)
    return file.getvalue()


def shared(protocol):
    """Numbers that are the very strings which are names too, so that they come through the memo."""
    keys = ["48500", "7", "9007199254740992"]
    return pickle.dumps(dict(zip(keys, keys[1:] + keys[:1])), protocol)


def load(data):
    return pickle.loads(data, encoding="utf-8")


def files():
    for protocol in range(6):
        data = pickle.dumps(NAMES, protocol)
        yield "names_python3_c_%d" % protocol, data, NAMES
        yield "names_python3_pure_%d" % protocol, pure(NAMES, protocol), NAMES
        yield "names_python3_optimized_%d" % protocol, pickletools.optimize(data), NAMES
        yield "shared_%d" % protocol, shared(protocol), load(shared(protocol))
        text = {name: "%08d" % number for name, number in NAMES.items()}
        yield "names_python3_digits_%d" % protocol, pickle.dumps(text, protocol), text
        if protocol > 2:
            as_bytes = {name.encode(): number for name, number in NAMES.items()}
            yield "names_python3_bytes_%d" % protocol, pickle.dumps(as_bytes, protocol), as_bytes
    for protocol in range(3):
        yield "names_python2_c_%d" % protocol, python2(protocol, NAMES), NAMES
        yield "names_python2_pure_%d" % protocol, python2(protocol, NAMES, first_memo=0), NAMES
        yield "names_python2_unicode_%d" % protocol, python2(protocol, NAMES, unicode_string), NAMES
        yield "names_python2_long_%d" % protocol, python2(protocol, NAMES, number=long2), NAMES
        text = {name: "%08d" % number for name, number in NAMES.items()}
        yield "names_python2_digits_%d" % protocol, python2(protocol, NAMES, number=digits), text
    yield "names_long4", python2(2, NAMES, number=long4), NAMES
    yield "names_marked_dict", marked_dict(NAMES), NAMES
    for protocol in range(6):
        yield "objects_ordered_%d" % protocol, pickle.dumps(collections.OrderedDict(a=1), protocol), {"a": 1}
        yield "objects_default_%d" % protocol, pickle.dumps(collections.defaultdict(int, a=1), protocol), {"a": 1}
        yield "objects_numpy_%d" % protocol, NUMPY[protocol], None
        if protocol < 3:
            yield "objects_bytes_%d" % protocol, pickle.dumps({b"a": 1}, protocol), {b"a": 1}
    yield "objects_numpy_name_4", NUMPY_NAME, None


# pickle.dumps({"a": numpy.int64(5), "b": numpy.int64(6)}, protocol)
NUMPY = {
    0: (
        b'(dp0\nVa\np1\ncnumpy._core.multiarr'
        b'ay\nscalar\np2\n(cnumpy\ndtype\np3\n(V'
        b'i8\np4\nI00\nI01\ntp5\nRp6\n(I3\nV<\np7\n'
        b'NNNI-1\nI-1\nI0\ntp8\nbc_codecs\nenco'
        b'de\np9\n(V\x05\\u0000\\u0000\\u0000\\u000'
        b'0\\u0000\\u0000\\u0000\np10\nVlatin1\n'
        b'p11\ntp12\nRp13\ntp14\nRp15\nsVb\np16\n'
        b'g2\n(g6\ng9\n(V\x06\\u0000\\u0000\\u0000\\'
        b'u0000\\u0000\\u0000\\u0000\np17\ng11\n'
        b'tp18\nRp19\ntp20\nRp21\ns.'
    ),
    1: (
        b'}q\x00(X\x01\x00\x00\x00aq\x01cnumpy._core.multiar'
        b'ray\nscalar\nq\x02(cnumpy\ndtype\nq\x03(X\x02'
        b'\x00\x00\x00i8q\x04I00\nI01\ntq\x05Rq\x06(K\x03X\x01\x00\x00\x00<q\x07'
        b'NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x08bc_codecs\nenco'
        b'de\nq\t(X\x08\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00q\nX\x06\x00\x00\x00latin1'
        b'q\x0btq\x0cRq\rtq\x0eRq\x0fX\x01\x00\x00\x00bq\x10h\x02(h\x06h\t(X\x08'
        b'\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00q\x11h\x0btq\x12Rq\x13tq\x14Rq\x15u.'
    ),
    2: (
        b'\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01cnumpy._core.multi'
        b'array\nscalar\nq\x02cnumpy\ndtype\nq\x03X\x02'
        b'\x00\x00\x00i8q\x04\x89\x88\x87q\x05Rq\x06(K\x03X\x01\x00\x00\x00<q\x07NNNJ\xff\xff'
        b'\xff\xffJ\xff\xff\xff\xffK\x00tq\x08bc_codecs\nencode\nq\tX'
        b'\x08\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00q\nX\x06\x00\x00\x00latin1q\x0b\x86q\x0cRq'
        b'\r\x86q\x0eRq\x0fX\x01\x00\x00\x00bq\x10h\x02h\x06h\tX\x08\x00\x00\x00\x06\x00\x00\x00\x00\x00'
        b'\x00\x00q\x11h\x0b\x86q\x12Rq\x13\x86q\x14Rq\x15u.'
    ),
    3: (
        b'\x80\x03}q\x00(X\x01\x00\x00\x00aq\x01cnumpy._core.multi'
        b'array\nscalar\nq\x02cnumpy\ndtype\nq\x03X\x02'
        b'\x00\x00\x00i8q\x04\x89\x88\x87q\x05Rq\x06(K\x03X\x01\x00\x00\x00<q\x07NNNJ\xff\xff'
        b'\xff\xffJ\xff\xff\xff\xffK\x00tq\x08bC\x08\x05\x00\x00\x00\x00\x00\x00\x00q\t\x86q\nRq\x0bX'
        b'\x01\x00\x00\x00bq\x0ch\x02h\x06C\x08\x06\x00\x00\x00\x00\x00\x00\x00q\r\x86q\x0eRq\x0fu.'
    ),
    4: (
        b'\x80\x04\x95\x89\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94\x8c\x16numpy._core.'
        b'multiarray\x94\x8c\x06scalar\x94\x93\x94\x8c\x05numpy\x94\x8c\x05'
        b'dtype\x94\x93\x94\x8c\x02i8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff'
        b'\xff\xffJ\xff\xff\xff\xffK\x00t\x94bC\x08\x05\x00\x00\x00\x00\x00\x00\x00\x94\x86\x94R\x94\x8c\x01b\x94h'
        b'\x04h\nC\x08\x06\x00\x00\x00\x00\x00\x00\x00\x94\x86\x94R\x94u.'
    ),
    5: (
        b'\x80\x05\x95\x89\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94\x8c\x16numpy._core.'
        b'multiarray\x94\x8c\x06scalar\x94\x93\x94\x8c\x05numpy\x94\x8c\x05'
        b'dtype\x94\x93\x94\x8c\x02i8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNJ\xff\xff'
        b'\xff\xffJ\xff\xff\xff\xffK\x00t\x94bC\x08\x05\x00\x00\x00\x00\x00\x00\x00\x94\x86\x94R\x94\x8c\x01b\x94h'
        b'\x04h\nC\x08\x06\x00\x00\x00\x00\x00\x00\x00\x94\x86\x94R\x94u.'
    ),
}
# pickle.dumps({numpy.str_("a"): 5}, 4)
NUMPY_NAME = (
    b'\x80\x04\x95e\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x16numpy._core.multi'
    b'array\x94\x8c\x06scalar\x94\x93\x94\x8c\x05numpy\x94\x8c\x05dtype'
    b'\x94\x93\x94\x8c\x02U1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNK\x04K\x04K\x08t\x94'
    b'bC\x04a\x00\x00\x00\x94\x86\x94R\x94K\x05s.'
)


def main():
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.pkl"):
        old.unlink()
    for name, data, expected in files():
        if expected is not None and load(data) != expected:
            raise SystemExit("%s does not load as it should" % name)
        (FOLDER / (name + ".pkl")).write_bytes(data)


if __name__ == "__main__":
    main()
