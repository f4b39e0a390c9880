"""The one door to Hugging Face's hub: what a repository holds, and the files of it that are asked for.

Nothing of a repository runs. A download that is cut goes on where it stopped, also in another process; a file
has its name only when it is whole and hashes to what the hub says.
"""

import logging
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when the library is imported

from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented

from svcfx import digest
from svcfx.errors import HubError, SvcfxError, VoiceError
from svcfx.voices import staging
from svcfx.voices.repository import SCHEME, Listing, RemoteFile, Repository, is_inside

logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # we say what went wrong, once

_COMMIT = re.compile(r"^[0-9a-f]{40}$")
_PATIENCE_SECONDS = 10.0


def listing(source: Repository) -> Listing:
    """Ask the hub what a repository holds; names that lead out of it are left out.

    Raises:
        VoiceError: There is no such repository, revision or folder.
        HubError: The hub does not answer.
    """
    _require_online(source)
    try:
        info = HfApi(endpoint=_endpoint()).model_info(
            source.repo, revision=source.revision, files_metadata=True, timeout=_PATIENCE_SECONDS
        )
    except Exception as error:
        raise _refused(source, error) from error
    prefix = f"{source.below}/" if source.below else ""
    files = {}
    for sibling in info.siblings or []:
        name = sibling.rfilename
        if name.startswith(prefix) and is_inside(name):
            large = sibling.lfs.sha256 if sibling.lfs is not None else ""
            files[name.removeprefix(prefix)] = RemoteFile(int(sibling.size or 0), large or "")
    if not files:
        raise VoiceError(f"'{source}' holds no files", hint="look at the folder's name on its page")
    commit = str(info.sha or "")
    if not _COMMIT.match(commit):
        raise HubError(f"the hub did not say at which commit '{source}' is")
    licences = [tag.removeprefix("license:") for tag in info.tags or [] if tag.startswith("license:")]
    return Listing(source, commit, files, "".join(licences[:1]))


def fetch(listed: Listing, names: Sequence[str], folder: Path) -> None:
    """Have files of a repository in a folder, under their own paths; what is there already is not fetched.

    Raises:
        VoiceError: A file hashes to something else than the hub says; it is gone again.
        HubError: The hub broke off; what came stays, and the next call goes on.
        OutputError: The disk is full.
    """
    missing = [name for name in names if not (folder / name).is_file()]
    if not missing:
        return
    _require_online(listed.source)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _require_space(folder, sum(listed.files[name].size for name in missing))
        for name in missing:
            _one(listed, name, folder / name)
    except SvcfxError:
        raise
    except OSError as error:
        if error.errno is not None:
            raise staging.cannot(folder, error) from error
        raise _refused(listed.source, error) from error
    except Exception as error:
        raise _refused(listed.source, error) from error


def _one(listed: Listing, name: str, path: Path) -> None:
    entry = listed.files[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    had = part.stat().st_size if part.exists() else 0
    if had > entry.size:
        part.unlink()
        had = 0
    below = f"{listed.source.below}/" if listed.source.below else ""
    url = hf_hub_url(listed.source.repo, below + name, revision=listed.commit, endpoint=_endpoint())
    with part.open("ab") as file:
        http_get(
            url,
            file,
            resume_size=had,
            headers=build_hf_headers(),
            expected_size=entry.size,
            displayed_filename=name,
        )
    require_hash(part, entry.sha256, name)
    part.replace(path)


def require_hash(path: Path, wanted: str, name: str) -> None:
    """Take a file away and raise `VoiceError` when it hashes to something else; "" wants nothing."""
    if not wanted:
        return
    found = digest.read(path)
    if found != wanted:
        path.unlink()
        raise VoiceError(
            f"'{name}' came down with the hash {found[:12]}, {wanted[:12]} was expected; it was thrown away",
            hint="try again; if it stays so, the file is not the one that was published",
        )


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise staging.cannot(
            folder, OSError(28, f"no space left: {needed:,} bytes are needed, {free:,} are free")
        )


def _require_online(source: Repository) -> None:
    said = os.environ.get("HF_HUB_OFFLINE", "").upper()
    if said in ("1", "ON", "YES", "TRUE"):
        raise HubError(f"'{source}' was not fetched: HF_HUB_OFFLINE is set", hint=_ways(source))


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


def _refused(source: Repository, error: Exception) -> Exception:
    """The sentence for what the hub says no to, and for its silence."""
    if isinstance(error, GatedRepoError):
        return VoiceError(
            f"'{source}' is only for people whom its owner lets in",
            hint="ask on its page, then set HF_TOKEN or run `hf auth login`",
        )
    if isinstance(error, RevisionNotFoundError):
        return VoiceError(f"'{SCHEME}{source.repo}' has no revision '{source.revision}'")
    if isinstance(error, RepositoryNotFoundError):
        return VoiceError(
            f"the hub has no repository '{source.repo}', or it is private",
            hint="look at the name again; for a private one set HF_TOKEN",
        )
    return _silent(source, error)


def _silent(source: Repository, error: Exception) -> Exception:
    """The sentence for a hub that did not answer; an error that is not the network's comes back as it is."""
    if isinstance(error, SvcfxError):
        return error
    network = any(kind.__module__.split(".")[0] in ("httpx", "httpx2", "huggingface_hub", "requests") or
                  issubclass(kind, OSError) for kind in type(error).__mro__)  # fmt: skip
    if not network:
        return error
    lines = str(error).strip().splitlines()
    reason = (lines[0] if lines else type(error).__name__)[:160].rstrip(". ")
    where = _endpoint() or "huggingface.co"
    return HubError(f"the hub at {where} did not answer for '{source}': {reason}", hint=_ways(source))


def _ways(source: Repository) -> str:
    return (
        "try again when there is a connection: it goes on where it stopped;"
        f" or download {source.repo} elsewhere and give svcfx the folder"
    )
