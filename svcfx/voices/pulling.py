"""Fetch what voices listen through, from the hub or from a copy: the content encoder, a pitch tracker.

Each is fetched once, and kept here for all voices.
"""

import shutil
from pathlib import Path

from svcfx.chain.checkpoint import pickled, stored, tensors
from svcfx.chain.pitch import rmvpe, rmvpe_net
from svcfx.errors import HubError, InputError, VoiceError
from svcfx.voices import encoder, home, hub, staging
from svcfx.voices.card import sha256_of
from svcfx.voices.encoder import EncoderFacts
from svcfx.voices.repository import Repository
from svcfx.voices.source import OnNote

RMVPE = "rmvpe"
RMVPE_REPOSITORY, RMVPE_WEIGHTS = "lj1995/VoiceConversionWebUI", "rmvpe.pt"
RMVPE_SHA256 = "6d62215f4306e3ca278246188607209f09af3dc77ed4232efdd069798c4ec193"
"""Of the published weights, 181,184,272 bytes, MIT licence."""
RMVPE_BY_HAND = (
    f"download huggingface.co/{RMVPE_REPOSITORY}/{RMVPE_WEIGHTS} elsewhere"
    " and run `svcfx voices pull rmvpe --from FILE`"
)


def pull(given: Path | None, *, replace: bool, on_note: OnNote) -> EncoderFacts:
    """Have ContentVec on the shelf; what is there already is not fetched again.

    Raises:
        VoiceError: What was given, or what came down, is no ContentVec.
        HubError: The hub did not answer.
        OutputExistsError: Another one is here and `replace` is off.
        OutputError: The disk is full.
    """
    if given is not None:
        path = given.expanduser()
        return encoder.put(
            path, f"{'file' if path.is_file() else 'folder'} {path.resolve().name}", replace=replace
        )
    known = encoder.facts()
    if known is not None and not replace:
        on_note("ContentVec is here already; `replace` fetches it again")
        return known
    try:
        return _from_hub(replace, on_note)
    except HubError as error:
        raise HubError(error.message, hint=f"without a connection, {encoder.BY_HAND}") from error


def _from_hub(replace: bool, on_note: OnNote) -> EncoderFacts:
    wanted = Repository(encoder.REPOSITORY, encoder.REVISION)
    root = home.downloads() / "contentvec"
    listed = hub.listing(wanted)
    names = [name for name in ("config.json", encoder.WEIGHTS) if name in listed.files]
    on_note(f"downloading {sum(listed.files[name].size for name in names) / 1e6:.0f} MB from {wanted}")
    hub.fetch(listed, names, root)
    if (root / encoder.WEIGHTS).is_file():
        hub.require_hash(root / encoder.WEIGHTS, encoder.SHA256, encoder.WEIGHTS)
    facts = encoder.put(root, str(wanted), replace=replace)
    shutil.rmtree(root, ignore_errors=True)
    return facts


def bring(kind: str, given: Path | None, *, replace: bool) -> str:
    """Keep an encoder that only its owner can bring; returns the hash of its weights.

    Raises:
        InputError: No place was given. VoiceError: What lies there is of another layout.
        OutputExistsError: It is here already and `replace` is off.
    """
    if given is None:
        raise InputError(
            f"the content encoder {kind} is not fetched from the hub",
            hint=f"download it, and run `svcfx voices pull {kind} --from FOLDER`",
        )
    return encoder.bring(kind, given.expanduser(), replace=replace)


def pull_rmvpe(given: Path | None, *, replace: bool, on_note: OnNote) -> bool:
    """Have RMVPE here; returns whether its weights are the published ones.

    Raises:
        VoiceError: What was given, or what came down, is no RMVPE.
        HubError: The hub did not answer.
        OutputError: The disk is full.
    """
    if given is not None:
        return put_rmvpe(given.expanduser())
    if rmvpe.is_here() and not replace:
        on_note("RMVPE is here already; `replace` fetches it again")
        return True
    root = home.downloads() / RMVPE
    try:
        listed = hub.listing(Repository(RMVPE_REPOSITORY))
        on_note(
            f"downloading {listed.files[RMVPE_WEIGHTS].size / 1e6:.0f} MB from {Repository(RMVPE_REPOSITORY)}"
        )
        hub.fetch(listed, [RMVPE_WEIGHTS], root)
    except HubError as error:
        raise HubError(error.message, hint=f"without a connection, {RMVPE_BY_HAND}") from error
    hub.require_hash(root / RMVPE_WEIGHTS, RMVPE_SHA256, RMVPE_WEIGHTS)
    published = put_rmvpe(root / RMVPE_WEIGHTS)
    shutil.rmtree(root, ignore_errors=True)
    return published


def put_rmvpe(path: Path) -> bool:
    """Keep the weights of a file; returns whether they are the published ones.

    Raises:
        VoiceError: It is damaged, or is no RMVPE.
    """
    loaded = pickled.read(path)
    held = loaded.get("model", loaded)
    if not any(str(key).startswith("unet.") for key in held):
        raise VoiceError(
            f"'{path.name}' is no pitch tracker RMVPE: no tensor in it is called unet.*", hint=RMVPE_BY_HAND
        )
    table = tensors.plain(path.name, held, "in it")
    network = rmvpe_net.build(table, f"pitch tracker '{path.name}'")
    made_from = sha256_of(path)
    with staging.folder(home.rmvpe().parent) as folder:
        stored.write(folder / home.rmvpe().name, rmvpe.FORM, {"sha256": made_from}, network.state_dict())
    return made_from == RMVPE_SHA256
