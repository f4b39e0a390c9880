"""The keywords of `VoiceConversion`, for editors; written by `python docs/knobs.py`."""

from typing import Literal, TypedDict


class VoiceOptions(TypedDict, total=False):
    """Rows of the table of knobs (`chain.knobs`); a number may also be a text with its unit."""

    transpose_semitones: float | str
    """Moves the sung line. -36 to 36 st."""
    formant_semitones: float | str
    """Moves the formants and leaves the pitch. -12 to 12 st."""
    retune: float | str
    """Draws the line to notes of any octave: the target_note, else the scale's. 0 to 1 ratio."""
    retune_ms: float | str
    """Time constant with which the line comes to its note; 0 is at once. 0 to 1000 ms."""
    humanize: float | str
    """Lets held notes drift: up to a second slower, from 0.15 s of a note on. 0 to 1 ratio."""
    keep_vibrato: float | str
    """What retune leaves of swings above 4 Hz. 0 to 1 ratio."""
    bias_cents: float | str
    """How far above the notes retune draws. -50 to 50 cents."""
    target_note: float | str
    """The note, of any octave, that retune draws to; 0: the scale's. 0 to 127 MIDI."""
    scale_steps: float | str
    """Moves each note by steps of the scale: 2 is a third up, -5 a sixth down. -14 to 14 steps."""
    part_note: float | str
    """The note that is sung in place of what is meant, as another part has it; 0: none. 0 to 127 MIDI."""
    vibrato_depth: float | str
    """A vibrato on top of what is sung, to both sides. 0 to 200 cents."""
    vibrato_rate: float | str
    """How fast that vibrato is. 1 to 12 Hz."""
    diffusion_depth: float | str
    """How deep the diffusion redraws the sound. 0 to 1 ratio."""
    mix: float | str
    """Converted voice against the input; at 0 the node is inert. 0 to 1 ratio."""
    output_gain_db: float | str
    """Gain of the converted voice. -60 to 24 dB."""
    loudness_follow: float | str
    """The source's dynamics against the singer's own. 0 to 1 ratio."""
    noise: float | str
    """Randomness of the sung sound. 0 to 1 ratio."""
    index_rate: float | str
    """How far words are bent towards the voice's index. 0 to 1 ratio."""
    protect: float | str
    """Share of the index kept away from unvoiced sounds. 0 to 1 ratio."""
    blend: float | str
    """From the voice's singer towards those of the blend. 0 to 1 ratio."""
    diffusion_steps: float | str
    """Steps of the diffusion: more take longer. 1 to 1000 steps; no lane moves it."""
    tension: float | str
    """Tilts the spectrum: pressed above 0, soft below. -6 to 6 dB/oct."""
    dynamics: float | str
    """Sung louder or softer: level, and 0.2 dB per octave of tilt with each dB. -24 to 12 dB."""
    breath: float | str
    """Share of noise, from above; at 1 it is whispered. 0 to 1 ratio."""
    growl: float | str
    """Weakens every second period of what is sung. 0 to 1 ratio."""
    timing_ms: float | str
    """How early or late each phrase may come, as the seed has it. 0 to 30 ms; no lane moves it."""
    stereo: Literal["mid", "dual_mono", "mid_with_side"]
    """What of a stereo stem is sung."""
    pitch: Literal["swift", "fcpe", "crepe", "crepe-tiny", "dio", "harvest", "praat", "rmvpe"]
    """Pitch tracker."""
    level: Literal["measured", "card"]
    """Take the stem's level from the whole stem, or from the voice's card as streams do."""
    lookahead: Literal["full", "short"]
    """How far ahead it hears: full lags 0.9 s, short 0.16 s and mends no octave."""
    precision: Literal["fp32", "bf16"]
    """bf16 is quicker where the machine has it, and not the same to the bit."""
    unvoiced_f0: Literal["zero", "filled"]
    """What RVC voices sing where no pitch is heard: breath, or the line between its neighbours."""
    index_search: Literal["stored", "exact"]
    """Look where an index itself would, at one of its lists if it has any, or at all of its rows."""
    diffusion_method: Literal["naive", "ddim", "pndm", "dpm-solver", "dpm-solver++", "unipc"]
    """Sampler of the diffusion."""
    octave_repair: bool
    """Mend short octave errors of the pitch tracker, and notes above 1 kHz that it cannot reach."""
    scale: str
    """What retune draws to, as in 'A minor' or 'Bb major'; left out, all twelve notes."""
    seed: int
    """Seed of all that is random in the voice."""
    blend_with: str
    """Singers to blend with, as in 'alto' or 'alto:2, tenor:1'."""
    predict_f0: bool
    """The singer's own melody in place of the input's; for speech."""
    second_encoding: bool
    """The diffusion takes the words from the generator's output."""
    diffusion_only: bool
    """The diffusion sings alone, without the generator."""
    enhancer_key: float | None
    """Sing once more through the vocoder; 0 to 12 semitones let it reach higher."""
