"""Words that stand in YAML without quotes, and that its versions read in different ways."""

from __future__ import annotations

from hypothesis import strategies as st

older = st.sampled_from(
    "y Y yes Yes YES n N no No NO on On ON off Off OFF true True TRUE tRUE false null Null nil ~ = "
    "010 0o10 0O7 08 0b11 0x1F 0X1F 1_000 1e3 1E+3 .5 5. +.5e-1 1:30 190:20:30 2026-11-22 -0 +0 0x 0o "
    ".inf -.Inf .NAN .nan -.nan 1e999 1.2.3".split()
)
"""Words that YAML 1.1, YAML 1.2 or PyYAML have each read in a way of their own."""
