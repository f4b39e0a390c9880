"""Kokoro's phone symbols as CMU phones; what is not here is a mark without sound of its own."""

_TABLE = """
A:ey I:ay O:ow W:aw Y:oy i:iy u:uw æ:ae a:ae ɑ:aa ɒ:aa ɔ:ao ə:ah ᵊ:ah ʌ:ah ɐ:ah ɛ:eh e:ey
ɜ:er ɚ:er ɪ:ih ᵻ:ih ʊ:uh
b:b d:d f:f h:hh j:y k:k l:l m:m n:n p:p s:s t:t v:v w:w z:z ɡ:g ŋ:ng
ð:dh θ:th ɹ:r r:r ɾ:d ʃ:sh ʒ:zh ʤ:jh ʧ:ch
$:pau ,:pau
"""
CMU: dict[str, str] = {"ʔ": "t", " ": "space", **dict(pair.split(":") for pair in _TABLE.split())}
"""A space between words is sound or silence; the bank does not say which."""
