"""Evaluator-optimizer: drafts that are scored and revised."""
