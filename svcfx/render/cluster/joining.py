"""Join a Ray cluster, or begin a Ray of one's own, and leave nothing of it behind."""

import contextlib
import logging
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from svcfx import cores
from svcfx.atomic import neighbour, sweep
from svcfx.errors import InputError, MissingPartError, ParamError

LOCAL = "ray"
_STORE_BYTES = 80 * 2**20
"""Of a local Ray's object store, about the least that Ray takes: it is not used."""
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # a warning about a default that will change
    "RAY_DISABLE_IMPORT_WARNING": "1",
}
_TOKEN, _ANSWER_SECONDS = "svcfx-shared", 5.0
_IS_IT_ON = "begin the cluster with `ray start --head`, or let the port through"
ONE_IMAGE = "let all nodes have the same versions, voices and folders, as from one image"


def address_of(on: str) -> str | None:
    """What Ray is told of a place "ray", "ray://host:port" or "ray:ADDRESS"; None for a Ray of one's own.

    Raises:
        ParamError: It is none of these.
    """
    kind, colon, address = on.partition(":")
    if kind != LOCAL or (colon and not address.removeprefix("//")):
        raise ParamError(
            f"the place to work on is '{on}', allowed are ray, ray://HOST:PORT and ray:ADDRESS",
            hint="ray begins one on this machine, ray:auto joins the one that runs here",
        )
    if not colon:
        return None
    return on if address.startswith("//") else address


def threads_each(nodes: Sequence[int], count: int) -> int:
    """Cores for each of `count` actors, as many as `nodes` of so many cores hold of them all; at least 1."""
    for threads in range(max(nodes, default=1), 1, -1):
        if sum(node // threads for node in nodes) >= count:
            return threads
    return 1


def gpu_each(gpus: int, count: int) -> float:
    """The share of a GPU for each of `count` actors: 1 / n, so that no actor lies on two; 0 without GPUs."""
    return 1.0 / -(-count // gpus) if gpus else 0.0


def resources(ray: Any, count: int, *, gpus: bool = True) -> tuple[int, int, float]:
    """How many actors, cores for each, and the share of a GPU for each."""
    has = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    nodes = [int(node.get("CPU", 0)) for node in has]
    kept_off = not gpus or os.environ.get("SVCFX_DEVICE") == "cpu"
    found = 0 if kept_off else int(sum(node.get("GPU", 0) for node in has))
    count = count or found or sum(nodes) or 1
    return count, threads_each(nodes, count), gpu_each(found, count)


@contextlib.contextmanager
def token_in(folder: Path) -> Iterator[Path]:
    """A file by which a node knows that it sees `folder`, while the block lasts."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    sweep([folder / _TOKEN])  # of somebody who was killed
    with contextlib.ExitStack() as stack:
        token = neighbour(folder / _TOKEN, stack)
        stack.callback(token.unlink, missing_ok=True)
        yield token


@contextlib.contextmanager
def joined(on: str, count: int) -> Iterator[Any]:
    """Ray, connected; who is connected already stays so, and what is begun here is ended here."""
    address = address_of(on)
    with _set(_QUIET):
        try:
            import ray
        except ImportError as error:
            raise MissingPartError(
                f"to work on '{on}', Ray is needed, which is not installed",
                hint="pip install 'svcfx[cluster]'",
            ) from error
    if address is not None:
        _require_listener(on, address)
    if ray.is_initialized():
        yield ray
        return
    asked: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False, "address": address}
    with contextlib.ExitStack() as stack:
        stack.enter_context(_set(_QUIET))
        if address is None:
            folder = tempfile.TemporaryDirectory("", "svcfx-ray-", _short(), ignore_cleanup_errors=True)
            asked |= {
                "address": "local",
                "_temp_dir": stack.enter_context(folder),
                "include_dashboard": False,
            }
            asked |= {"num_cpus": max(count, cores.count()), "object_store_memory": _STORE_BYTES}
        stack.callback(ray.shutdown)
        with _refused(on):
            ray.init(**asked)
        yield ray


def _short() -> str | None:
    """A folder whose name leaves room for the names of Ray's sockets: about 100 letters are allowed."""
    return "/tmp" if Path("/tmp").is_dir() else None


def _require_listener(on: str, address: str) -> None:
    """Refuse in seconds an address where nobody listens, which Ray tries for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        try:
            socket.create_connection((host, int(port)), _ANSWER_SECONDS).close()
        except (OSError, OverflowError) as error:
            raise InputError(f"on '{on}' nobody answers: {error}", hint=_IS_IT_ON) from error


@contextlib.contextmanager
def _refused(on: str) -> Iterator[None]:
    """Begin with Ray in this block: why it did not go is said, and signals stay ours."""
    import ray

    ray._private.worker._worker_logs_enabled = False  # a worker that dies is told on stdout else
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    except Exception as error:  # Ray raises whatever it meets, also plain ones
        said = " ".join(str(error).split())
        raise InputError(f"on '{on}' no Ray cluster could be joined: {said}", hint=ONE_IMAGE) from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)


@contextlib.contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    """Environment variables in this block; those that somebody set stay as they are."""
    new = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)
