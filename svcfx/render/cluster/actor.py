"""The class of actors. It travels by value, so that a node without svcfx can say so."""

from typing import Any

SEES = {"do": 1, "told": 2}
"""How many calls of each kind an actor takes at once: one task, and questions about it."""


def actor_class() -> type:
    """Its methods are those of `worker.Worker`, but for `begin`."""
    import ray

    method: Any = ray.method

    class Actor:
        @method(concurrency_group="do")  # type: ignore[untyped-decorator]
        def begin(
            self, folder: str, token: str, environment: Any, same: bytes, work: bytes, threads: int
        ) -> dict[str, Any]:
            """What this node is, for comparison, or why it cannot take part."""
            import os

            import ray

            util: Any = ray.util
            told: dict[str, Any] = {"node": util.get_node_ip_address()}
            if not os.path.exists(token):
                return {**told, "refused": f"the folder '{os.path.dirname(token)}' is not seen there"}
            try:
                from svcfx.render import machine
                from svcfx.render.cluster import worker

                worker.take_over(environment, folder)
                told["facts"] = {**worker.facts(same), "ray": ray.__version__}
                told["processor"] = dict(machine.processor())
                self._worker = worker.Worker(work, threads)
            except ImportError as error:
                told["refused"] = f"svcfx does not load there: {error}"
            except Exception as error:  # whatever it is, whoever asked has to know of which node
                told["refused"] = str(error)
            return told

        @method(concurrency_group="do")  # type: ignore[untyped-decorator]
        def do(self, task: Any) -> Any:
            return self._worker.do(task)

        @method(concurrency_group="told")  # type: ignore[untyped-decorator]
        def at(self) -> float:
            return self._worker.at()

        @method(concurrency_group="told")  # type: ignore[untyped-decorator]
        def stop(self) -> None:
            self._worker.stop()

    return Actor
