"""Workflow: tasks that depend on each other."""
