"""The pre-adoption review: what the files answer is answered with evidence, the rest is left to people, who sign it."""
