"""Views: what a session's folder shows, derived from its state."""
