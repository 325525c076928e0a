"""Models side by side, and two revisions of one as what changed: facts, never a score and never a winner."""
