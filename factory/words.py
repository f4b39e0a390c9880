"""Word lists of what is spoken, as text."""

_ONSETS = """
b bl br ch d dr f fl fr g gl gr h j k kl kr l m n p pl pr r s sk sl sm sn sp st str sw t th tr v w y
z sh shr thr tw kw spl spr skr
"""
ONSETS: tuple[str, ...] = tuple(_ONSETS.split())
"""Spellings that open a syllable of a pseudo-word."""

_NUCLEI = """
a e i o u ee oo ai ay oa ow ou oy igh ar or er air ear aw ew
"""
NUCLEI: tuple[str, ...] = tuple(_NUCLEI.split())
"""Spellings of its vowel."""

_CODAS = """
b d f g k l m n p r s t v z sh ch th ng nk nd nt mp st sk lt ld rm rn ft ve ze dge ks
"""
CODAS: tuple[str, ...] = tuple(_CODAS.split())
"""Spellings that close it."""

_SONG = """
la la la ooh ah hey oh yeah love heart night day time life light fire rain river ocean sky star moon
sun wind dream home road hand eye eyes face voice song sing dance cry fly fall rise run stay leave
wait hold feel know need want give take believe remember forget forever never always again tonight
tomorrow yesterday morning alone away above below under over into through without within baby
darling angel stranger lover friend mother father brother sister child world heaven gold silver blue
red green white black cold warm high low deep wild free lost found broken open close gone here there
where everything nothing something someone nobody you me we they she he i my your our the a and but
or so if when while until because of in on at to from with for by is are was were be been have has
had do does did will would can could should may might must not no yes
"""
SONG: tuple[str, ...] = tuple(_SONG.split())
"""Words that songs are made of."""
