"""What is read at the start: spec files, variables, secrets, the config."""
