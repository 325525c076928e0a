"""How a card says its longer context is had: rope settings in its snippets, and engine flags.

A snippet is often no valid JSON (comments, `...`), so its keys are found one by one.
"""

from __future__ import annotations

import re

from specverify.card.claims import Notebook
from specverify.card.document import CardDocument
from specverify.card.kinds import CONTEXT
from specverify.card.numbers import tokens
from specverify.frozen import Struct, frozen
from specverify.pattern import Pattern

MOST_RECIPES = 50
"""The first ones of a card; every claim of a context is held against each."""
_ROPE = Pattern(r"rope[_-]?(?:scaling|parameters)|\byarn\b|rope[_-]?theta", re.IGNORECASE)
_TYPE = Pattern(r"[\"']?(?:rope_)?type[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']([a-z0-9_]{2,20})", re.IGNORECASE)
_FACTOR = Pattern(r"[\"']?factor\\?[\"']?\s{0,3}[:=]\s{0,3}(\d{1,4}(?:\.\d{1,4})?)", re.IGNORECASE)
_ORIGINAL = Pattern(r"original_max_position_embeddings\\?[\"']?\s{0,3}[:=]\s{0,3}(\d{3,8})")
_LENGTH = Pattern(
    r"(?<!original_)\b(?:max_position_embeddings|max[-_]model[-_]len|context[-_]length|n_ctx)"
    r"\\?[\"']?(?:\s{0,3}[:=]\s{0,3}|\s{1,3})(\d{3,9})"
)
_FLAG = Pattern(
    r"--(?:rope-scaling|hf-overrides|json-model-override-args|yarn-orig-ctx|rope-scale|override-kv)|VLLM_ALLOW_LONG_MAX_MODEL_LEN"
)
_ADVICE = Pattern(
    r"(?:with|via|using|add(?:ing)?|enabl\w{1,4}|employ\w{0,4}|utili[sz]\w{1,4}|apply\w{0,4}|recommend\w{0,4})\s{1,8}(?:the\s{1,3})?"
    r"(?:yarn|rope scaling|ntk|dca|dual chunk)"
    r"|(?:基于|使用|采用|利用|通过|启用) {0,4}(?:yarn|ntk|rope|dca|位置插值)",
    re.IGNORECASE,
)
_NAMED = Pattern(
    r"(?:(?:with|via|using|through|by|enabling|requires|需要|通过|使用|基于)\s{0,3})?(?:the\s{1,3})?"
    r"\b(?:yarn|ntk(?:-\w{2,8})?|longrope|dynamic ntk|rope[- ]scaling|linear scaling|dual chunk attention|dca|position interpolation)\b"
    r"|--(?:rope-scaling|hf-overrides|rope-scale|yarn-orig-ctx)",
    re.IGNORECASE,
)
_NO_CONFIG = Pattern(r"argparse|add_argument|usage:|default:|--\w|\bserve\b")


@frozen
class Recipe(Struct):
    """One documented way to a longer context: what it sets, and the line that says so. `factor` and lengths as printed."""

    line: int
    quote: str
    type: str | None = None
    factor: float | None = None
    original: int | None = None
    length: int | None = None

    @property
    def reach(self) -> int | None:
        """Tokens the snippet itself leads to: the length it sets, else factor times original."""
        if self.length is not None:
            return self.length
        return int(self.factor * self.original) if self.factor is not None and self.original is not None else None


def named_recipe(statement: str) -> tuple[str, ...]:
    """How a statement says its longer context is had, in its own words: `with YaRN`; nothing where it names no way."""
    return tuple(dict.fromkeys(found.group() for found in _NAMED.finditer(statement)))[:4]


def recipes(document: CardDocument) -> tuple[Recipe, ...]:
    """The rope snippets, engine flags and sentences of a card that say how to extend the context, in order; at most `MOST_RECIPES`."""
    found = []
    for code in document.codes:
        text = document.text[code.start : code.end]
        marker = _ROPE.search(text) or _FLAG.search(text)
        if marker is None or not (_FACTOR.search(text) or _FLAG.search(text)):
            continue
        line = document.line_at(code.start + marker.start())
        kind, factor, original, length = (pattern.search(text) for pattern in (_TYPE, _FACTOR, _ORIGINAL, _LENGTH))
        found.append(
            Recipe(
                line,
                document.quote(line),
                kind.group(1) if kind else None,
                float(factor.group(1)) if factor else None,
                int(original.group(1)) if original else None,
                int(length.group(1)) if length else None,
            )
        )
    prose = [(run.start, run.end) for run in document.runs if run.kind != "heading"]
    cells = {(cell.start, cell.end) for table in document.tables for row in table.rows for cell in row}
    for start, end in (*prose, *sorted(cells)):
        advice = _ADVICE.search(document.plain, start, end) or _FLAG.search(document.plain, start, end)
        if advice is not None:
            line = document.line_at(advice.start())
            found.append(Recipe(line, document.quote(line)))
    return tuple(sorted(found, key=lambda recipe: recipe.line)[:MOST_RECIPES])


def read_snippets(notebook: Notebook) -> None:
    """Note the lengths that rope snippets state: the original one, and the one they set."""
    document = notebook.document
    for code in document.codes:
        text = document.text[code.start : code.end]
        if not re.search(r"rope[_-]?(?:scaling|parameters)", text) or _NO_CONFIG.search(text):
            continue
        for pattern, role in ((_ORIGINAL, "native"), (_LENGTH, "extended")):
            for match in pattern.finditer(text):
                span = (code.start + match.start(1), code.start + match.end(1))
                notebook.claim(
                    CONTEXT, tokens(match.group(1)), span, emitter="snippet", section=code.section, role=role, confidence="medium"
                )
