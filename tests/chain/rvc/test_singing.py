"""The laws of an RVC voice: length, place, unvoiced pitch, protection, formants, silence, streams."""

import numpy as np
import pytest
import torch
from chain.svc.singing import curves, played, song, stem, sung

from svcfx.chain.config import ChainSettings
from svcfx.chain.svc import noise, rvc
from svcfx.chain.svc.performer import Synthesiser
from svcfx.chain.svc.take import Scorer
from svcfx.chain.svc.whole import StemCut, StemSong
from svcfx.chain.vits.generator import Noise, Score
from svcfx.lanes import Lane
from svcfx.time_map import NO_CHANGE, TimeMap

RATE = 16000


def quiet(**knobs):
    return {"noise": 0.0, "protect": 0.0, **knobs}


@pytest.mark.parametrize("rate", [16000, 44100])
@pytest.mark.parametrize("seconds", [1.0, 2.003])
def test_the_output_is_as_long_as_the_input(voice, rate, seconds):
    audio = song(rate, seconds, rests=False)
    made = sung(voice, audio, rate)
    assert made.shape == audio.shape
    assert np.isfinite(made).all()


def alone(voice, heard, first):
    """A piece of 16 kHz audio by the bare network, its content doubled, as RVC sings it."""
    parts, settings = voice.parts, ChainSettings("mei")
    frames = rvc.frames_in(len(heard))
    ear = Scorer(parts, settings, curves(**quiet()))
    f0, voiced = (torch.from_numpy(row[None, :frames]).float() for row in ear.pitch(heard, heard))
    content = parts.encoder(torch.from_numpy(heard)).repeat_interleave(2, 1)[None, :, :frames]
    rows = noise.rows(first * 2, frames * 320, 1, 0, noise.Use.SOURCE)
    network = parts.generator.network
    random = Noise(torch.zeros(1, 8, frames), 0.0, None, torch.from_numpy(rows.T[None]))
    with torch.inference_mode():
        made = network(Score(content, f0, voiced), network.singer(torch.tensor([0])), random)
    return made.audio[0].numpy()


def whole(voice, audio):
    """The stem at the voice's own rate, twice that of `audio`."""
    cut = StemCut(np.repeat(audio, 2), 2 * RATE, voice.parts.hop, rvc.high_passed(audio))
    return np.concatenate(list(StemSong(voice.parts, ChainSettings("mei"), curves(**quiet()), cut).sung()))


def test_a_stem_of_one_piece_is_to_the_sample_what_the_bare_network_sings_of_it(voice):
    audio = song(RATE, 3.0, rests=False)
    heard = rvc.around(rvc.high_passed(audio), -RATE, len(audio) + RATE)
    made = whole(voice, audio)
    assert len(made) == 2 * len(audio)
    assert np.abs(made - alone(voice, heard, -RATE)[32000:][: len(made)]).max() < 1e-5


def test_every_frame_of_several_pieces_lies_where_its_piece_puts_it(pitchless, monkeypatch):
    for name, seconds in (("LONGEST_SECONDS", 2), ("CENTRE_SECONDS", 2), ("QUERY_SECONDS", 0.5)):
        monkeypatch.setattr(rvc, name, seconds)
    audio = song(RATE, 5.0, rests=False)
    heard, made = rvc.high_passed(audio), whole(pitchless, audio)
    cut = rvc.cut(np.repeat(audio, 2), 32000, heard)
    assert len(cut) == 3
    for phrase in cut:
        first, stop = phrase.start // 2 - RATE, phrase.stop // 2 + RATE
        more = 160 if phrase.stop < len(made) else 0
        sung_alone = alone(pitchless, rvc.around(heard, first, stop + more), first)
        inside = slice(phrase.start + 320, phrase.stop - 320)  # pieces join over 10 ms
        assert (
            np.abs(made[inside] - sung_alone[32000 + 320 :][: phrase.stop - phrase.start - 640]).max() < 1e-5
        )


def test_where_nobody_sings_a_pitch_the_source_is_breath_or_the_line_between(voice):
    audio = song(RATE, 3.0)  # rests at 1.4 s
    open_, filled = (
        Scorer(voice.parts, ChainSettings("mei", unvoiced_f0=rule), curves()).pitch(audio, audio)
        for rule in ("zero", "filled")
    )
    silent = open_[1] == 0
    assert silent.any()
    assert not open_[0][silent].any()
    assert filled[0].all()
    assert np.array_equal(open_[1], filled[1])
    assert np.array_equal(open_[0][~silent], filled[0][~silent])


@pytest.mark.parametrize("rule", ["zero", "filled"])
def test_protect_keeps_the_index_from_unvoiced_sounds_by_either_rule(voice, rule):
    audio = song(RATE, 3.0)
    settings = ChainSettings("mei", unvoiced_f0=rule)

    def content(**knobs):
        ear = Scorer(voice.parts, settings, curves(**knobs))
        return ear.take(0, audio, ear.pitch(audio, audio), heard=audio)

    plain, drawn = content(index_rate=0.0), content(index_rate=1.0)
    kept = content(index_rate=1.0, protect=1.0)
    unvoiced = plain.voiced == 0
    assert bool(unvoiced.any())
    assert torch.equal(kept.content[:, unvoiced], plain.content[:, unvoiced])
    assert torch.equal(kept.content[:, ~unvoiced], drawn.content[:, ~unvoiced])


def test_content_comes_at_100_frames_by_repetition(voice):
    audio = song(RATE, 1.0, rests=False)
    ear = Scorer(voice.parts, ChainSettings("mei"), curves())
    take = ear.take(0, audio, ear.pitch(audio, audio), heard=audio)
    assert take.frames == 98
    assert torch.equal(take.content[:, 0::2], take.content[:, 1::2])


def test_silence_in_is_silence_out(voice):
    audio = song(RATE, 6.0, rests=False)
    audio[2 * RATE : 5 * RATE] = 0.0
    made = sung(voice, audio, RATE)
    assert not made[int(3.1 * RATE) : int(3.9 * RATE)].any()
    assert made[:RATE].any()


def test_formants_that_do_not_move_change_nothing_and_those_that_move_keep_length(voice):
    audio = song(RATE, 1.0, rests=False)
    still = sung(voice, audio, RATE, knobs=quiet())
    assert np.array_equal(sung(voice, audio, RATE, knobs=quiet(formant_semitones=0.0)), still)
    up = sung(voice, audio, RATE, knobs=quiet(formant_semitones=2.0))
    assert up.shape == audio.shape
    assert not np.allclose(up, still)
    lane = Lane(((0.0, 0.0), (1.0, 3.0)), "linear")
    assert np.isfinite(sung(voice, audio, RATE, knobs=quiet(formant_semitones=lane))).all()


def test_a_voice_without_pitch_sings_and_refuses_to_be_moved(pitchless):
    audio = song(RATE, 1.0, rests=False)
    assert np.isfinite(sung(pitchless, audio, RATE)).all()
    assert "so transpose_semitones must be 0" in pitchless.lacks("transpose_semitones", 2.0)
    assert "so formant_semitones must be 0" in pitchless.lacks("formant_semitones", 1.0)
    assert "so unvoiced_f0 must be zero" in pitchless.lacks("unvoiced_f0", "filled")


def test_a_voice_without_an_index_stands_at_none(voice, bare):
    assert voice.defaults["index_rate"] == 0.75
    assert "index_rate" not in bare.defaults
    assert bare.defaults["noise"] == pytest.approx(0.66666)
    assert "so index_rate must be 0" in bare.lacks("index_rate", 0.5)


def test_an_index_without_lists_is_looked_through_by_either_search(voice):
    audio = song(RATE, 1.0, rests=False)
    made = [
        sung(voice, audio, RATE, knobs=quiet(index_rate=1.0), index_search=way) for way in ("stored", "exact")
    ]
    assert np.array_equal(*made)


@pytest.mark.parametrize("sizes", [[1600] * 40, [333, 4096, 17, 9000]])
def test_a_stream_gives_the_same_samples_for_any_blocks_and_as_many_as_came(voice, sizes):
    audio = song(RATE, 2.0, rests=False)

    def streamed(blocks):
        stream, done, out = voice.stream(RATE, ChainSettings("mei")), 0, []
        for size in blocks * 200:
            if done >= len(audio):
                break
            out.append(stream.push(audio[done : done + size], curves(**quiet())))
            done += size
        return np.concatenate([*out, stream.flush(curves(**quiet()))])

    made = streamed(sizes)
    assert made.shape == audio.shape
    assert np.array_equal(made, streamed([5000]))


@pytest.mark.parametrize("rate", [8000, 44100, 192_000])
def test_a_stream_lags_less_than_a_second(voice, rate):
    assert voice.latency_seconds(rate) < 1.0


def test_takes_of_one_length_are_sung_together_as_they_are_alone(voice):
    settings = ChainSettings("mei")
    ear = Scorer(voice.parts, settings, curves(**quiet()))
    takes = []
    for hz in (200.0, 300.0):
        audio = song(RATE, 1.0, hz, rests=False)
        takes.append(ear.take(0, np.repeat(audio, 2), ear.pitch(audio, audio), heard=audio))
    sing = Synthesiser(voice.parts, settings, ear.own_content).sing
    with torch.inference_mode():
        together, alone = sing(takes), [sing([take])[0] for take in takes]
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(together, alone, strict=True))


def test_a_stem_is_read_in_any_blocks(voice):
    audio = song(44100, 1.0, rests=False)
    made = [
        np.concatenate(list(voice.render(stem(audio, 44100, block), ChainSettings("mei"), curves(**quiet()))))
        for block in (1000, 50_000)
    ]
    assert np.array_equal(*made)


def test_a_line_drawn_to_notes_leaves_breath_open(voice):
    audio = song(RATE, 3.0, hz=220.0 * 2 ** (40 / 1200))
    cut = voice.phrases(stem(audio, RATE))
    heard = [voice.hear(phrase, ChainSettings("mei")) for phrase in cut]
    (plain, *_), (tuned, *_) = (
        voice.score(heard, curves(retune=retune, retune_ms=0.0), ChainSettings("mei"))
        for retune in (0.0, 1.0)
    )
    np.testing.assert_array_equal(tuned.f0_hz.numpy() > 0, plain.f0_hz.numpy() > 0)
    assert not plain.f0_hz.numpy().all()
    sung_hz = tuned.f0_hz.numpy()[tuned.f0_hz.numpy() > 0]
    assert abs(1200 * np.log2(np.median(sung_hz) / 220.0)) < 8


@pytest.mark.bytes
def test_a_recording_in_its_own_time_is_sung_to_the_same_bytes(voice):
    audio = song(32_000, 2.5)
    assert played(voice, audio, NO_CHANGE, 32_000).tobytes() == sung(voice, audio, 32_000).tobytes()


@pytest.mark.parametrize("ratio", [0.8, 1.25])
def test_phrases_at_another_tempo_begin_and_end_where_it_has_them(voice, ratio):
    """Beside silence, which RVC sings too, a phrase is what moves when the recording does."""
    audio, time = song(32_000, 4.0), TimeMap.of_ratio(ratio)
    made = played(voice, audio, time, 32_000)
    assert len(made) == round(len(audio) / ratio)
    plain = level_of(sung(voice, audio, 32_000))
    places = time.recorded_at(0.01 * np.arange(len(made) // 320)) / 0.01
    want = np.interp(places, np.arange(len(plain)), plain)
    assert np.corrcoef(level_of(made), want)[0, 1] > 0.9


def level_of(sound):
    """Level in dB of each 10 ms at 32 kHz, over 50 ms."""
    power = np.square(sound[: len(sound) // 320 * 320].astype(np.float64)).reshape(-1, 320).mean(axis=1)
    return 10.0 * np.log10(np.convolve(power, np.full(5, 0.2), "same") + 1e-9)
