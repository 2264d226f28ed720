"""The command line: from arguments and an environment to messages and an exit code."""
