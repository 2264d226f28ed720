"""Models that need no network: answers by rule, and answers from a script."""
