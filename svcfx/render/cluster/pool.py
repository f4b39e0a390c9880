"""Many tasks on a Ray cluster, by actors that keep what they work with warm.

An actor or a node that dies takes nothing along: the task that was at work is done again, at most twice, and
then named.
"""

import contextlib
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from svcfx.errors import Cancelled, InputError, SvcfxError
from svcfx.events import Events, Note
from svcfx.render import machine
from svcfx.render.cluster import worker
from svcfx.render.cluster.actor import SEES, actor_class
from svcfx.render.cluster.joining import ONE_IMAGE, joined, resources, token_in
from svcfx.render.processes import TRIES, OnShare, Result, Task, Work, died

_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 1.5
"""How long actors may take to stop by themselves when a run is cancelled."""


@dataclass
class Cluster(Generic[Task, Result]):
    """Actors on a Ray cluster that do `work`.

    `on` is where (see `address_of`), `count` how many; 0 for one a GPU where there are any and may be used,
    else one a core; without `gpus` none may. `shared` is a folder that every node must see; what `same`
    gives must be the same on all.
    """

    work: Work[Task, Result]
    on: str
    count: int
    shared: Path
    same: Callable[[], Mapping[str, str]] = dict
    gpus: bool = True

    def run(self, tasks: Sequence[Task], events: Events, on_share: OnShare) -> Iterator[tuple[int, Any]]:
        """As `processes.Workers.run`.

        Raises:
            Cancelled: `events` asked to stop; the actors are gone then.
            MissingPartError: Ray is not installed.
            InputError: No cluster answers there, or a node differs from this machine.
        """
        with joined(self.on, self.count) as ray, token_in(self.shared) as token:
            crew = _Crew(ray, self, token, tasks, events, on_share)
            try:
                yield from crew.outcomes()
            finally:
                crew.end()


class _Crew(Generic[Task, Result]):
    """The actors of one run; `_calls` holds what each was asked: a task's number, or None for to begin."""

    def __init__(
        self,
        ray: Any,
        cluster: Cluster[Task, Result],
        token: Path,
        tasks: Sequence[Task],
        events: Events,
        on_share: OnShare,
    ) -> None:
        self._ray, self._tasks, self._events, self._on_share = ray, tasks, events, on_share
        self._left, self._deaths, self._fruitless = deque(range(len(tasks))), [0] * len(tasks), 0
        same = pickle.dumps(cluster.same)
        self._here = {**worker.facts(same), "ray": ray.__version__}
        count, cores, share = resources(ray, cluster.count, gpus=cluster.gpus)
        begun = os.getcwd(), str(token), worker.handed_over(), same
        self._begun = *begun, pickle.dumps(cluster.work), cores
        asked = {"num_cpus": cores, "num_gpus": share, "max_restarts": 0, "concurrency_groups": SEES}
        self._kind = ray.remote(**asked)(actor_class())
        self._calls: dict[Any, tuple[Any, int | None]] = {}
        self._shares: dict[Any, int] = {}
        for _ in range(min(count, len(tasks))):
            self._hire()

    def outcomes(self) -> Iterator[tuple[int, Any]]:
        """As `Cluster.run`."""
        done = 0
        while done < len(self._tasks):
            for number, outcome in self._returned():
                yield number, outcome
                done += 1
            if self._events.cancelled():
                raise Cancelled("the work was cancelled")
            self._hear()

    def end(self) -> None:
        """Let actors finish what they stop at, then make them go."""
        actors = {actor for actor, _ in self._calls.values()}
        for actor in actors:
            actor.stop.remote()
        with contextlib.suppress(self._ray.exceptions.RayError):
            at_work = [call for call, (_, number) in self._calls.items() if number is not None]
            self._ray.wait(at_work, num_returns=len(at_work), timeout=_PATIENCE_SECONDS) if at_work else None
        for actor in actors:
            self._ray.kill(actor)

    def _hire(self) -> None:
        actor = self._kind.remote()
        self._calls[actor.begin.remote(*self._begun)] = actor, None

    def _returned(self) -> Iterator[tuple[int, Any]]:
        """Outcomes that came within a moment; actors that are free begin the next task."""
        for call in self._ray.wait(list(self._calls), timeout=_LOOK_SECONDS)[0]:
            actor, number = self._calls.pop(call)
            try:
                outcome = self._ray.get(call)
            except (self._ray.exceptions.RayActorError, self._ray.exceptions.NodeDiedError):
                yield from self._mourned(actor, number)
                continue
            self._fruitless = 0
            if number is None:
                self._compare(outcome)
            else:
                yield number, outcome
            if self._left:
                self._give(actor)

    def _give(self, actor: Any) -> None:
        number = self._left.popleft()
        self._calls[actor.do.remote(self._tasks[number])] = actor, number

    def _mourned(self, actor: Any, number: int | None) -> Iterator[tuple[int, Any]]:
        """An actor died: its task is done again, or named; another takes its place."""
        with contextlib.suppress(self._ray.exceptions.RayError):
            self._ray.kill(actor)
        if number is None:
            self._fruitless += 1
            if self._fruitless == TRIES:  # actors die before they begin anything
                raise SvcfxError("workers of the cluster die as they begin", hint="look into Ray's logs")
        else:
            self._deaths[number] += 1
            if self._deaths[number] == TRIES:
                yield number, died()
            else:
                self._left.appendleft(number)
        if self._left:
            self._hire()

    def _compare(self, told: Mapping[str, Any]) -> None:
        """Refuse a node that would make other bytes, and say where a processor is another."""
        node = told["node"]
        if told.get("refused"):
            raise InputError(f"node {node}: {told['refused']}", hint=ONE_IMAGE)
        there = told["facts"]
        differs = [
            f"{name} {there.get(name, 'missing')} and not {self._here.get(name, 'missing')}"
            for name in sorted({*self._here, *there})
            if self._here.get(name) != there.get(name)
        ]
        if differs:
            raise InputError(f"node {node} has {', '.join(differs)} as this machine", hint=ONE_IMAGE)
        if told["processor"] != dict(machine.processor()):
            self._events.note(Note("other-processor", _OTHER.format(node=node)))

    def _hear(self) -> None:
        """Take what actors say of how far they are, and ask again; of tasks that are over nothing is told."""
        at_work = {number: actor for actor, number in self._calls.values() if number is not None}
        if self._shares:
            for asked in self._ray.wait(list(self._shares), num_returns=len(self._shares), timeout=0)[0]:
                number = self._shares.pop(asked)
                if number in at_work:
                    with contextlib.suppress(self._ray.exceptions.RayError):
                        self._on_share(number, self._ray.get(asked))
        for number in at_work.keys() - self._shares.values():
            self._shares[at_work[number].at.remote()] = number


_OTHER = (
    "node {node} has another processor than this machine: so-vits-svc and RVC voices round otherwise there, "
    "below -100 dBFS"
)
