"""What people are told, word for word. Pure text: nothing here writes."""
