"""Chain: steps one after another."""
