"""Which licence a text is, by phrases that no other licence has; None where none is recognized."""

from __future__ import annotations

import re

READ = 40_000
"""Characters of a text that are looked at."""
_SPACES = re.compile(r"[\s*#>_`]+")
_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("agpl-3.0", ("gnu affero general public license", "version 3")),
    ("lgpl-3.0", ("gnu lesser general public license", "version 3")),
    ("lgpl-2.1", ("gnu lesser general public license", "version 2.1")),
    ("gpl-3.0", ("gnu general public license", "version 3, 29 june 2007")),
    ("gpl-2.0", ("gnu general public license", "version 2, june 1991")),
    ("mpl-2.0", ("mozilla public license version 2.0",)),
    ("llama4", ("llama 4 community license agreement",)),
    ("llama3.3", ("llama 3.3 community license agreement",)),
    ("llama3.2", ("llama 3.2 community license agreement",)),
    ("llama3.1", ("llama 3.1 community license agreement",)),
    ("llama3", ("meta llama 3 community license agreement",)),
    ("llama2", ("llama 2 community license agreement",)),
    ("gemma", ("gemma terms of use",)),
    ("cc-by-nc-sa-4.0", ("attribution-noncommercial-sharealike 4.0",)),
    ("cc-by-nc-nd-4.0", ("attribution-noncommercial-noderivatives 4.0",)),
    ("cc-by-nc-4.0", ("attribution-noncommercial 4.0",)),
    ("cc-by-sa-4.0", ("attribution-sharealike 4.0",)),
    ("cc-by-4.0", ("attribution 4.0 international",)),
    ("cc0-1.0", ("cc0 1.0 universal",)),
    ("bigscience-openrail-m", ("bigscience open rail-m",)),
    ("creativeml-openrail-m", ("creativeml open rail-m",)),
    ("bigcode-openrail-m", ("bigcode open rail-m",)),
    ("apache-2.0", ("apache license", "version 2.0, january 2004")),
    ("bsd-3-clause", ("redistribution and use in source and binary forms", "neither the name")),
    ("bsd-2-clause", ("redistribution and use in source and binary forms", "this list of conditions")),
    ("mit", ("permission is hereby granted, free of charge, to any person obtaining a copy",)),
    ("unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("isc", ("permission to use, copy, modify, and/or distribute this software for any purpose",)),
)
START = 1_500
"""Characters within which a text names itself; a licence may mention others further on."""


def license_of(text: str) -> str | None:
    """The Hub's id of the licence that a text is. A text that is two licences one after the other is neither."""
    begin = _SPACES.sub(" ", text[:READ]).lower()
    found = [name for name, phrases in _PHRASES if phrases[0] in begin[:START] and all(phrase in begin for phrase in phrases)]
    return found[0] if found else None
