import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import InputError
from svcfx.session import recipe
from svcfx.session.recipe import Input, Recipe, VoiceUsed


@pytest.fixture
def made(tmp_path):
    path = tmp_path / "mix.wav"
    audio.write(path, np.zeros((2, 100), np.float32), 44_100)
    voice = VoiceUsed(name="vela", licence="CC0", sha256="0" * 64)
    whole = Recipe(kind="mix", inputs=[Input(file="a.wav", sha256="1" * 64)], voices=[voice], notes=["said"])
    recipe.write(path, whole)
    return path, whole


def test_a_recipe_comes_back_as_it_was_written(made):
    path, whole = made
    back = recipe.read(path)
    assert back.model_copy(update={"output_sha256": ""}) == whole
    assert recipe.read(recipe.sidecar(path)) == back
    assert recipe.is_unchanged(path, back)


def test_equal_recipes_are_equal_bytes(made):
    path, whole = made
    first = recipe.sidecar(path).read_bytes()
    recipe.write(path, whole)
    assert recipe.sidecar(path).read_bytes() == first


def test_a_file_that_was_changed_is_noticed(made):
    path, _ = made
    path.write_bytes(path.read_bytes() + b"x")
    assert not recipe.is_unchanged(path, recipe.read(path))


def test_no_recipe_and_a_foreign_one_are_refused(made, tmp_path):
    with pytest.raises(InputError, match="has no recipe"):
        recipe.read(tmp_path / "other.wav")
    for text in ("[]", "{}", '{"svcfx_recipe": 9}', "no json", "{" * 5000):
        recipe.sidecar(made[0]).write_text(text)
        with pytest.raises(InputError, match=r"recipe '.*': .*(the file is|missing|allowed are 1)"):
            recipe.read(made[0])
