"""The journal as data: events on the wire, checks of what was read, and who may write."""
