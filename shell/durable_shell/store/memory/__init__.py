"""A store in this process's memory, behind the port of `durable_shell.store.port`."""
