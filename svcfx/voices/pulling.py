"""Fetch the content encoder, from the hub or from a copy that is here already."""

import shutil
from pathlib import Path

from svcfx.errors import HubError, InputError
from svcfx.voices import encoder, home, hub
from svcfx.voices.encoder import EncoderFacts
from svcfx.voices.repository import Repository
from svcfx.voices.source import OnNote


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
