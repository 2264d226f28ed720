"""The composition root: all that the program is given from outside, made once and handed down.

``cli/main`` makes one for a command line, ``strands_durable`` one for a program. Nothing else makes a store,
a clock or an id.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from durable_shell.runtime.clock import RandomIds, SystemClock
from durable_shell.store.opening import UnknownStore, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from durable_core.spec.secrets import Vault
    from durable_shell.cli.environment import Environment
    from durable_shell.runtime.ports import Clock, Ids, Models
    from durable_shell.store.port import Store

    ModelFactory = Callable[[Path, Vault], Models]


class App:
    """What every operation works with.

    ``store`` is a URL for ``open_store`` or a store that is open; without one, sessions are files in the
    environment's home. ``models``, given a spec's folder and its secrets, makes the models of one run;
    without it they are the spec's own, through the SDK.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        store: str | Store | None = None,
        models: ModelFactory | None = None,
    ) -> None:
        self.environment = environment
        self.clock: Clock = clock or SystemClock()
        self.ids: Ids = ids or RandomIds()
        self._store = f"file://{environment.home}" if store is None else store
        self._models = models

    @property
    def has_own_models(self) -> bool:
        """Whether models were handed in, so that the providers that a spec names do not matter."""
        return self._models is not None

    @property
    def closed_folders(self) -> tuple[Path, ...]:
        """Folders that sessions live in: nothing that a model says is ever written there."""
        url = self._store if isinstance(self._store, str) else self._store.url
        scheme, _, place = url.partition("://")
        home = self.environment.home
        return (home, type(home)(place)) if scheme == "file" else (home,)

    def open_store(self, command: str) -> Store:
        """The store of the sessions. ``command`` is what others are told that the holder of one does;
        a store that was handed in open keeps the command that it was opened with.

        A store that was handed in open keeps the name that it was opened under. Raises OperationError for a
        URL of no known kind.
        """
        if not isinstance(self._store, str):
            return self._store
        try:
            return open_store(self._store, command=command, clock=self.clock.now)
        except UnknownStore as unknown:
            from durable_shell.cli.exit_codes import Exit
            from durable_shell.errors import OperationError

            raise OperationError(Exit.USAGE, f"Error: {unknown}.") from None

    def open_temporary_store(self, command: str) -> Store:
        """A store for one session that nobody will resume."""
        return open_store("memory://", command=command, clock=self.clock.now)

    def open_models(self, folder: Path, vault: Vault) -> Models:
        """The models of one run; relative paths of scripts and Python tools begin at ``folder``.

        Raises KeyboardInterrupt when a person interrupts the loading.
        """
        if self._models is not None:
            return self._models(folder, vault)
        from durable_shell.providers.sdk_loader import sdk_models

        return sdk_models(self.environment, self.clock, folder, vault, closed=self.closed_folders)
