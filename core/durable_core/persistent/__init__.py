"""Containers that never change: each change gives a new one that shares what it can with the old one."""
