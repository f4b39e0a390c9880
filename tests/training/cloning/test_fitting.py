"""A fitted singer is nearer to whom it was fitted to than the singers that ship, and as clear as they are."""

import numpy as np
import pytest
import torch
from training.cloning.conftest import RATE, heard

from svcfx.chain.analysis import analyse
from svcfx.chain.config import ChainSettings
from svcfx.chain.parametric import network
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.voices import shelf

pytestmark = [pytest.mark.slow, pytest.mark.long]

NEARER, MEAN_NEARER = 0.8, 0.7
"""A clone's distance to takes that it was not fitted to, at most this share of the nearest other singer's:
each clone's, and their mean. Those that ship are mixtures of people; one may lie near a singer by chance."""


def distance_to(net, singer, audio):
    from svcfx.training.cloning.fitting import Throat, distance

    with torch.no_grad():
        return float(distance(net, Throat(net.singer(singer)), heard(net, audio)))


def converted(net, singer, audio):
    return ParametricVoice(singer, net).convert(audio, RATE, ChainSettings(singer))


def content(net, audio):
    return heard(net, audio).content


def test_a_clone_is_nearer_to_other_takes_of_its_singer_than_the_shipped_singers_are(builtin, clones):
    shares = []
    for clone in clones:
        own = distance_to(clone.net, "me", clone.other)
        shares.append(own / min(distance_to(builtin, name, clone.other) for name in builtin.singers))
    assert max(shares) < NEARER, shares
    assert np.mean(shares) < MEAN_NEARER, shares


def test_a_clone_is_as_near_to_other_takes_of_its_singer_as_to_the_one_it_was_fitted_to(clones):
    for clone in clones:
        other, given = (distance_to(clone.net, "me", audio) for audio in (clone.other, clone.given))
        assert other < 1.1 * given, (other, given)


def test_a_clone_of_one_singer_is_nearer_to_it_than_a_clone_of_another(clones):
    own = [distance_to(clone.net, "me", clone.other) for clone in clones]
    others = [distance_to(clones[i - 1].net, "me", clone.other) for i, clone in enumerate(clones)]
    assert all(mine < theirs for mine, theirs in zip(own, others, strict=True))


def test_a_clone_follows_the_sources_pitch_as_the_builtin_does(builtin, clones, source):
    wanted = analyse(source, RATE, "swift", octave_repair=True).f0_hz
    errors = []
    for net, singer in ((builtin, "corin"), (clones[0].net, "me")):
        sung = analyse(converted(net, singer, source), RATE, "swift", octave_repair=True).f0_hz
        both = (wanted > 0) & (sung > 0)
        assert both.sum() > 0.9 * (wanted > 0).sum()
        errors.append(float(np.median(np.abs(1200.0 * np.log2(sung[both] / wanted[both])))))
    assert errors[1] < errors[0] + 3.0


def test_the_references_words_do_not_come_along(clones, source):
    """Two clones say the same when they are given the same, whatever they were cloned from."""
    one, two = (content(clone.net, converted(clone.net, "me", source)) for clone in clones[:2])
    same = torch.cosine_similarity(one, two).mean()
    shifted = torch.cosine_similarity(one, two.roll(50, 0)).mean()
    assert same > shifted + 0.5
    first, second = (clone.net.encoder.state_dict() for clone in clones[:2])
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_singer_fitted_twice_has_the_same_bytes(builtin, clones, tmp_path):
    from svcfx.training.cloning.fitting import fit

    again = fit(builtin, heard(builtin, clones[0].given), "me")
    for name, net in (("one", clones[0].net), ("two", again)):
        network.save(net, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_fitting_leaves_the_shipped_nets_as_they_are(builtin, clones):
    assert set(builtin.singers) == {"vela", "corin"}
    shipped = network.load(shelf.find("vela").path)
    assert torch.equal(builtin.decoder.outward.weight, shipped.decoder.outward.weight)
    assert not torch.equal(builtin.decoder.outward.weight, clones[0].net.decoder.outward.weight)
