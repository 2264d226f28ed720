"""Routing: one of several routes, chosen by an agent."""
