"""Many models: a shortlist, a journal that survives interruption, and a table."""
