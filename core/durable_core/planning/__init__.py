"""What a workflow would do, and what leads to what in it, before anything ran."""
