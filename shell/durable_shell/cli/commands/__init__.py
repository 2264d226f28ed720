"""One module a command. Each has ``run(arguments, environment) -> int``."""
