"""Parallel: branches that run at the same time."""
