"""The sections in order. Ids are stable: people have signed by them."""

from __future__ import annotations

from specverify.report.checklist.sections import capacity, decision, drills, evaluation, fit, provenance, spec, use

SECTIONS = (
    fit.SECTION,
    spec.SECTION,
    capacity.SECTION,
    evaluation.SECTION,
    provenance.SECTION,
    use.SECTION,
    drills.SECTION,
    decision.SECTION,
)
ITEMS = {item.id: item for section in SECTIONS for item in section.items}
