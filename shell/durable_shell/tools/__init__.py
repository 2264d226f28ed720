"""Tools that agents may call: ours, and Python functions of the user's."""
