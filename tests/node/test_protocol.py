import svcfx
from svcfx.node import Node


def test_our_nodes_are_nodes(synthetic_voice):
    for node in (svcfx.VoiceConversion(synthetic_voice), svcfx.Formant()):
        assert isinstance(node, Node)
        assert node.is_effect
        assert not node.is_instrument
        assert type(node).from_dict(node.to_dict()).to_dict() == node.to_dict()


def test_names_are_known_to_the_catalogue(synthetic_voice):
    from svcfx.node import catalog

    assert catalog.make("formant", {"formant_semitones": 2}).formant_semitones == 2.0
    assert catalog.make("voice", {"voice": synthetic_voice}).voice == synthetic_voice
