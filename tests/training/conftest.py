"""The dataset that most trainings are shown with."""

import pytest


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Made-up takes of two singers, as `made.dataset` has them."""
    from training.vits import made  # here: what prepares and clones needs no training

    return made.dataset(tmp_path_factory.mktemp("dataset"))
