"""Weights of pitch trackers that no package brings: fetched once, kept here for all voices."""

import shutil
from pathlib import Path

from svcfx.chain.checkpoint import pickled, stored, tensors
from svcfx.chain.pitch import rmvpe, rmvpe_net
from svcfx.errors import HubError, VoiceError
from svcfx.voices import home, hub, staging
from svcfx.voices.card import sha256_of
from svcfx.voices.repository import Repository
from svcfx.voices.source import OnNote

RMVPE = "rmvpe"
REPOSITORY, WEIGHTS = "lj1995/VoiceConversionWebUI", "rmvpe.pt"
SHA256 = "6d62215f4306e3ca278246188607209f09af3dc77ed4232efdd069798c4ec193"
"""Of the published weights, 181,184,272 bytes, MIT licence."""
BY_HAND = (
    f"download huggingface.co/{REPOSITORY}/{WEIGHTS} elsewhere and run `svcfx voices pull rmvpe --from FILE`"
)


def pull(given: Path | None, *, replace: bool, on_note: OnNote) -> bool:
    """Have RMVPE here; returns whether its weights are the published ones.

    Raises:
        VoiceError: What was given, or what came down, is no RMVPE.
        HubError: The hub did not answer.
        OutputError: The disk is full.
    """
    if given is not None:
        return put(given.expanduser())
    if rmvpe.is_here() and not replace:
        on_note("RMVPE is here already; `replace` fetches it again")
        return True
    root = home.downloads() / RMVPE
    try:
        listed = hub.listing(Repository(REPOSITORY))
        on_note(f"downloading {listed.files[WEIGHTS].size / 1e6:.0f} MB from {Repository(REPOSITORY)}")
        hub.fetch(listed, [WEIGHTS], root)
    except HubError as error:
        raise HubError(error.message, hint=f"without a connection, {BY_HAND}") from error
    hub.require_hash(root / WEIGHTS, SHA256, WEIGHTS)
    published = put(root / WEIGHTS)
    shutil.rmtree(root, ignore_errors=True)
    return published


def put(path: Path) -> bool:
    """Keep the weights of a file; returns whether they are the published ones.

    Raises:
        VoiceError: It is damaged, or is no RMVPE.
    """
    loaded = pickled.read(path)
    held = loaded.get("model", loaded)
    if not any(str(key).startswith("unet.") for key in held):
        raise VoiceError(
            f"'{path.name}' is no pitch tracker RMVPE: no tensor in it is called unet.*", hint=BY_HAND
        )
    table = tensors.plain(path.name, held, "in it")
    network = rmvpe_net.build(table, f"pitch tracker '{path.name}'")
    made_from = sha256_of(path)
    with staging.folder(home.rmvpe().parent) as folder:
        stored.write(folder / home.rmvpe().name, rmvpe.FORM, {"sha256": made_from}, network.state_dict())
    return made_from == SHA256
