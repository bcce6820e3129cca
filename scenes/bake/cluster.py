"""Runs the jobs of a bake on a Dask cluster whose workers see the twin in the same folder.

Only names of files and small results travel. It starts no cluster and trusts the one it is given:
whoever may send jobs to a Dask scheduler may do anything on its workers.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scenes.errors import Refused

# Dask retries what is no address for 40 s, and logs stacks while it does.
ADDRESS = re.compile(r"((tcp|tls)://)?([\w.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}")
PATIENCE_S = 20.0  # for a scheduler to answer, and for its first worker


class Cluster:
    """A `Runner` on the workers of one connected Dask client."""

    def __init__(self, client: Any) -> None:
        # Not pure: a job writes files, and has to run again though its arguments are the same.
        self._executor = client.get_executor(pure=False, retries=1)

    def prepare(self) -> None:
        """See `Runner.prepare`; workers run already."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """See `Runner.submit`."""
        done: Future[Any] = self._executor.submit(function, *arguments)
        return done

    def close(self) -> None:
        """Forget all jobs; those that have not begun never will."""
        self._executor.shutdown(wait=False)


@contextmanager
def cluster(address: str, folder: Path) -> Iterator[Cluster]:
    """The cluster at `address` (HOST:PORT of its scheduler), to bake in `folder`.

    Raises `Refused` where Dask is not installed, nobody answers, there is no worker, a worker
    lacks Kenish or the folder, or, at the end, the cluster was lost on the way. A worker that
    dies costs only what it had not finished.
    """
    try:
        import distributed
    except ImportError as error:
        raise Refused("scenes-dask-missing") from error
    if not ADDRESS.fullmatch(address):
        raise Refused("scenes-dask-silent", address=address, reason="not HOST:PORT")
    # It logs whole stacks for what is said below in a sentence, also after it was closed.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):  # several have their own level
            logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        connect: Any = distributed.Client  # it has no types
        client = connect(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise Refused("scenes-dask-silent", address=address, reason=str(error)) from error
    try:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError as error:
            raise Refused("scenes-dask-no-workers", address=address) from error
        for worker, answer in client.run(_sees, str(folder.resolve()), on_error="return").items():
            if answer is not True:
                reason = str(answer) if isinstance(answer, Exception) else ""
                raise Refused(
                    "scenes-dask-worker", worker=worker, folder=str(folder.resolve()), reason=reason
                )
        runner = Cluster(client)
        try:
            yield runner
        except (CancelledError, distributed.KilledWorker) as error:
            # Jobs are cancelled when their scheduler is gone; a worker that dies again and again
            # over the same job (for want of memory, mostly) ends it too.
            reason = str(error) or type(error).__name__
            raise Refused("scenes-dask-lost", address=address, reason=reason[:300]) from error
        finally:
            runner.close()
    finally:
        client.close()


def _sees(folder: str) -> bool:
    """On a worker: whether it has what a job needs."""
    from scenes.bake import tile_jobs  # noqa: F401

    return Path(folder).is_dir()
