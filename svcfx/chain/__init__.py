"""The neural path: what is heard, what is to be sung, and the networks that sing it.

**What is promised to the byte**, on any one machine with any one count of threads: the same input, settings
and seed give the same samples again; for any cut into blocks or buffers; a stream and its flush are the
one-shot call at the card's level; channels, files and items of a dataset do not depend on what is worked on
beside or before them, nor on how many processes work. This holds because fixed work has fixed shapes: a
slice, a window or a phrase is cut by absolute position, never by what came in with a push, and noise is a
function of its absolute index. Voices that ship run on one thread, so that their counts do not matter either.

**What may differ by rounding** (below -100 dB of what is sung; the tests say where): slices of another
length, a phrase in a batch with others, another count of threads for large networks, a slice of which a part
alone is redrawn, and another machine: kernels are chosen by processor and by shape, and add up in another
order. The laws of bytes are the tests marked `bytes`; `make test-bytes` runs them under several thread counts
and with the kernels of other processors.
"""
