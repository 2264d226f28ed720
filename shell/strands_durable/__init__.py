"""strands-durable, from Python."""
