"""A session while it is driven: the loop, the calls, what is shown and what is kept."""
