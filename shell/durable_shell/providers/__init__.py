"""Model calls: the real adapter of the model port, on the Strands Agents SDK.

Importing this package imports nothing else: the SDK takes half a second to load, so ``agents`` (which
needs it) is imported by the commands that call models, and ``providers`` by those that check them.
"""
