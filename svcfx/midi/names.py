"""Names of tracks: bytes that do not say which encoding they are in.

A Standard MIDI File stores text as bytes. Here they are read as UTF-16 where a byte order mark says so, as
UTF-8 where they are that, else as Latin-1, so that every name can be shown and written down. What the bytes
may mean otherwise is looked up only when somebody asks for a name that is not there.
"""

import contextlib
import unicodedata

MOST_LETTERS = 200
_MOST_BYTES = 4 * MOST_LETTERS
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ENCODINGS = {
    "gb18030": "GBK",
    "cp932": "Shift-JIS",
    "big5": "Big5",
    "cp949": "EUC-KR",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp874": "Windows-874",
    "cp437": "DOS 437",
    "cp850": "DOS 850",
}


def decode(raw: bytes) -> str:
    """A name as people read it, of at most 200 letters; control characters are left out.

    >>> decode("Strophe für Änne".encode())
    'Strophe für Änne'
    >>> decode("für".encode("latin-1"))
    'für'
    >>> decode(chr(0xFEFF).encode("utf-16-be") + "key".encode("utf-16-be"))
    'key'
    """
    raw = raw[:_MOST_BYTES]
    if raw[:2] in _MARKS:
        return _readable(raw.decode("utf-16", "replace"))
    with contextlib.suppress(UnicodeError):
        return _readable(raw.decode("utf-8"))
    return _readable(raw.decode("latin-1"))


def fold(name: str) -> str:
    """A name for comparing: letter case, width and composed letters do not tell two names apart.

    >>> fold(" ＫＥＹ ") == fold("key")
    True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def encoding_of(raw: bytes, wanted: str) -> str:
    """The encoding in which the bytes `raw` read as the name `wanted`, "" when there is none.

    >>> encoding_of("调".encode("gbk"), "调")
    'GBK'
    >>> encoding_of(b"piano", "key")
    ''
    """
    raw, goal = raw[:_MOST_BYTES], fold(wanted)
    for encoding, title in _ENCODINGS.items() if raw and goal else ():
        with contextlib.suppress(UnicodeError):
            if fold(_readable(raw.decode(encoding))) == goal:
                return title
    return ""


def _readable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:MOST_LETTERS]
