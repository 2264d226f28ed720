"""The shell: everything with an effect. It does what the core asks for."""
