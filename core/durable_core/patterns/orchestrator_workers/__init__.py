"""Orchestrator-workers: rounds of tasks that one agent hands out to others."""
