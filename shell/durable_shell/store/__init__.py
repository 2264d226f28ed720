"""Where sessions are kept. ``port`` says what a store is; the other modules are the one made of files.

Nothing is imported here on purpose: ``strands sessions list`` needs ``listing`` alone and must start fast.
"""
