"""What is found in a folder, as people have them: by name alone, so empty files will do."""

import pytest

from svcfx.errors import VoiceError
from svcfx.voices.folder import ChosenFiles, look


@pytest.fixture
def holding(tmp_path):
    """Makes empty files in a folder and returns it."""

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make


def names(root, *paths):
    return [str(path.relative_to(root)) if path is not None else None for path in paths]


def test_a_folder_as_training_leaves_it_is_found_whole(holding):
    root = holding(
        "logs/44k/G_800.pth", "logs/44k/G_12800.pth", "logs/44k/D_12800.pth", "logs/44k/kmeans_10000.pt",
        "logs/44k/diffusion/model_0.pt", "logs/44k/diffusion/model_54000.pt",
        "logs/44k/diffusion/config.yaml", "configs/config.json", "configs/diffusion.yaml",
        "pretrain/nsf_hifigan/model", "pretrain/nsf_hifigan/config.json",
        "pretrain/checkpoint_best_legacy_500.pt", "dataset/44k/mei/1.wav",
    )  # fmt: skip
    found = look(root)
    assert names(root, found.generator, found.config, found.refiner, found.refiner_config) == [
        "logs/44k/G_12800.pth",
        "configs/config.json",
        "logs/44k/diffusion/model_54000.pt",
        "logs/44k/diffusion/config.yaml",
    ]
    assert names(root, found.vocoder, found.index, found.encoder) == [
        "pretrain/nsf_hifigan",
        "logs/44k/kmeans_10000.pt",
        "pretrain/checkpoint_best_legacy_500.pt",
    ]
    assert "'G_12800.pth' is the newest of 2" in found.notes[0]
    assert "'model_54000.pt' is the newest of 2" in found.notes[1]


def test_the_newest_step_is_the_highest_number_and_not_the_last_name(holding):
    root = holding("G_900.pth", "G_106000.pth", "G_9000.pth", "config.json")
    assert look(root).generator.name == "G_106000.pth"


@pytest.mark.parametrize("name", ["mei.pth", "dave.pth", "D.pth"])
def test_a_checkpoint_called_otherwise_is_found_when_it_is_alone(holding, name):
    root = holding(name, "D_100.pth", "config.json")
    assert look(root).generator.name == name


def test_one_checkpoint_takes_the_config_beside_it_or_where_training_keeps_it(holding):
    root = holding("logs/44k/G_100.pth", "configs/44k/config.json")
    assert look(root / "logs/44k/G_100.pth").config == root / "configs/44k/config.json"
    holding("logs/44k/config.json")
    assert look(root / "logs/44k/G_100.pth").config == root / "logs/44k/config.json"


def test_the_own_encoder_of_a_voice_is_the_one_beside_it_and_not_that_of_a_dataset_below(holding):
    below = "dataset/content.safetensors"
    root = holding("G_1.pth", "config.json", below)
    assert look(root).content == root / below
    holding("content.safetensors")
    assert look(root).content == root / "content.safetensors"


def test_a_diffusion_model_with_a_vocoder_needs_no_generator(holding):
    root = holding("model_100.pt", "config.yaml", "nsf/model", "nsf/config.json")
    found = look(root)
    assert found.generator is None
    assert names(root, found.refiner, found.vocoder) == ["model_100.pt", "nsf"]


def test_a_pickled_index_is_left_out_and_that_is_said(holding):
    found = look(holding("G_1.pth", "config.json", "feature_and_index.pkl"))
    assert found.index is None
    assert "convert-index" in found.notes[0]
    found = look(holding("feature_and_index.safetensors"))
    assert found.index.suffix == ".safetensors"


@pytest.mark.parametrize(
    ("files", "says", "flag"),
    [
        (("a.pth", "b.pth", "config.json"), "several checkpoints: 'a.pth', 'b.pth'", "`generator`"),
        (("x/G_5.pth", "y/G_9.pth", "config.json"), "several voices: 'x/G_5.pth', 'y/G_9.", "`generator`"),
        (("G_5.pth", "G_5_half.pth", "config.json"), "several checkpoints of step 5", "`generator`"),
        (("G_5.pth", "a/config.json", "b/config.json"), "several configs", "`config`"),
        (("G_5.pth", "config.json", "kmeans_1.pt", "kmeans_2.pt"), "several indexes", "`index`"),
        (("model_5.pt", "config.yaml", "a/model", "a/config.json", "b/model", "b/config.json"),
         "several vocoders", "`vocoder`"),
    ],
)  # fmt: skip
def test_two_answers_are_an_error_that_names_both_and_the_flag(holding, files, says, flag):
    with pytest.raises(VoiceError) as caught:
        look(holding(*files))
    assert says in caught.value.message
    assert flag in caught.value.hint


def test_what_a_person_names_is_taken(holding):
    root = holding("a.pth", "b.pth", "one.json", "two.json")
    found = look(root, ChosenFiles(generator=root / "a.pth", config=root / "two.json"))
    assert names(root, found.generator, found.config) == ["a.pth", "two.json"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ((), "holds no voice"),
        (("D_100.pth", "config.json"), "holds no voice"),
        (("G_1.pth",), "'G_1.pth' has no config.json"),
        (("model_9.pt",), "has no config.yaml"),
    ],
)
def test_a_folder_without_a_voice_says_what_is_missing(holding, files, says):
    with pytest.raises(VoiceError, match=says):
        look(holding(*files))


def test_a_discriminator_and_a_place_that_is_not_are_refused(holding):
    root = holding("D_100.pth")
    with pytest.raises(VoiceError, match="is a discriminator"):
        look(root / "D_100.pth")
    with pytest.raises(VoiceError, match="does not exist"):
        look(root / "nowhere")


def test_what_is_not_needed_and_there_twice_is_not_taken_and_that_is_said(holding):
    root = holding(
        "G_5.pth", "config.json", "a/model", "a/config.json", "b/model", "b/config.json",
        "checkpoint_best_legacy_500.pt", "contentvec/pytorch_model.bin",
    )  # fmt: skip
    found = look(root)
    assert (found.vocoder, found.encoder) == (None, None)
    assert [note.partition(";")[2] for note in found.notes] == [
        " `vocoder` takes one",
        " `encoder` takes one",
    ]


def test_hidden_folders_and_links_out_are_not_followed(holding, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "G_9.pth").touch()
    root = holding("G_1.pth", "config.json", ".cache/G_99.pth")
    (root / "link").symlink_to(other)
    assert look(root).generator.name == "G_1.pth"
