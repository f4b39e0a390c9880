"""Files of the folder become strips of the session, which begins with the first of them."""

from collections.abc import Mapping, Sequence

from svcfx.session import editing, proposing
from svcfx.session.document import Document
from svcfx.session.editing import Change
from svcfx.session.folder import MIDI_SUFFIXES
from svcfx.session.model import Tempo
from svcfx.session.strip_model import Role, stem_names
from svcfx.ui.draft import Draft


def add(draft: Draft, files: Sequence[str], roles: Mapping[str, Role], *, instead_of: str = "") -> None:
    """Make strips of audio files, their roles as given or guessed; a MIDI file becomes the song's.

    Args:
        instead_of: A stem that goes, if it is there still, in the same step of the history.

    Raises:
        SessionError: What comes out would be no session.
    """
    names = list(dict.fromkeys(files))
    songs = [name for name in names if name.lower().endswith(MIDI_SUFFIXES)]
    stems = [name for name in names if name not in songs]
    if not draft.is_there:
        draft.begin(proposing.propose(stems, known=roles))
        stems = []
    draft.put(lambda document: editing.edited(document, _changes(document, stems, songs, roles, instead_of)))


def _changes(
    document: Document, stems: Sequence[str], songs: Sequence[str], roles: Mapping[str, Role], instead_of: str
) -> list[Change]:
    session = document.session
    known = stem_names(session.stems)
    changes = [
        Change(("stems", len(known) + at), proposing.stem_table(name, roles)) for at, name in enumerate(stems)
    ]
    for name in songs[:1]:
        changes += [Change(("midi", "file"), name), *_uncounted(session.tempo)]
    if instead_of in known:
        changes.append(Change(("stems", known.index(instead_of))))
    return changes


def _uncounted(tempo: Tempo | None) -> list[Change]:
    """Take away how bars are counted, where a MIDI file counts them from now on, but not what is played."""
    if tempo is None:
        return []
    if not tempo.is_another:
        return [Change(("tempo",))]
    counts = {"bpm", "beats_per_bar", "offset_seconds"} & tempo.model_fields_set
    return [Change(("tempo", key)) for key in sorted(counts)]
