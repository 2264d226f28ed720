"""Templates: sandboxed, metered Jinja2 over plain data."""
