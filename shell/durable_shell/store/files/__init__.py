"""Sessions in folders: the journal, the lease and the views as files."""
