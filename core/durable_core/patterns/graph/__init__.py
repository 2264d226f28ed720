"""Graph: nodes, and edges that may lead back."""
