"""Answers: JSON out of what a model wrote, and the shapes that are due."""
