"""What settings decide about findings, and what they may not say of it."""

from __future__ import annotations

from datetime import date

import pytest

from specverify.outcome import Severity
from specverify.policy import Ignore, Place
from specverify.settings.toml import InvalidSettings
from tests.settings.reading import settings

AS_OF = date(2026, 11, 25)
WHOLE = """
select = ["ATT", "license-id-unknown"]
require = ["B", "E3"]
[severity]
ATT003 = "info"
[allowed]
licenses = ["mit"]
organizations = ["acme"]
[[ignore]]
rule = "ATT003"
reason = "Known."
model = "acme/*"
expires = 2026-11-24
"""


def test_everything_stated_is_in_the_policy() -> None:
    stated = settings(WHOLE)
    policy = stated.policy(AS_OF)
    assert policy.select == ("ATT", "license-id-unknown")
    assert policy.severities == {"ATT003": Severity.INFO}
    assert policy.licenses is not None
    assert policy.organizations is not None
    assert (policy.licenses.names, policy.organizations.names) == (("mit",), ("acme",))
    assert policy.licenses.place == Place("specverify.toml", "/allowed/licenses", 7, 'licenses = ["mit"]')
    (ignore,) = policy.ignores
    assert (ignore.place.line, ignore.expires, ignore.expired) == (9, date(2026, 11, 24), True)
    assert not stated.policy(date(2026, 11, 24)).ignores[0].expired
    assert stated.require == ("B", "E3")


def test_nothing_stated_decides_nothing() -> None:
    policy = settings("").policy(AS_OF)
    assert (policy.select, policy.ignores, policy.licenses, policy.organizations, policy.baseline) == ((), (), None, None, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select = ['ATT003', 'XYZ']", "specverify.toml:1: select[1] is 'XYZ', and no rule is called that: see `specverify rules`"),
        ("select = ['ATT0O3']", "specverify.toml:1: select[0] is 'ATT0O3', and no rule is called that: did you mean ATT003"),
        ("select = ['']", "specverify.toml:1: select[0] is '', not the code of a rule, its start, or its name"),
        ("select = 'ATT003'", "specverify.toml:1: select is 'ATT003', not a list of rules"),
        ("[severity]\nNOPE = 'info'", "specverify.toml:2: severity.NOPE names no rule: see `specverify rules`"),
        ("[severity]\nATT003 = 'fatal'", "specverify.toml:2: severity.ATT003 is 'fatal', not one of info, warning, error"),
        ("[[ignore]]\nrule = 'ATT003'", "specverify.toml:1: ignore[0] has no `reason`, which is a text that says why"),
        ("[[ignore]]\nreason = 'x'", "specverify.toml:1: ignore[0] has no `rule`"),
        ("[[ignore]]\nrule = 'ATT003'\nreason = ''", "specverify.toml:3: ignore[0].reason is '', not a text that says why"),
        ("[[ignore]]\nrule = 'nothing'\nreason = 'x'", "specverify.toml:2: ignore[0].rule is 'nothing', and no rule is called that"),
        (
            "[[ignore]]\nrule = 'ATT003'\nreason = 'x'\nexpires = '2026-02-30'",
            "specverify.toml:4: ignore[0].expires is '2026-02-30', and there is no such day",
        ),
        ("[[ignore]]\nrule = 'ATT003'\nreason = 'x'\nexpires = '20260101'", "ignore[0].expires is '20260101', not a date: 2027-01-31"),
        ("[[ignore]]\nrule = 'ATT003'\nreason = 'x'\nexpires = 2026-01-01T00:00:00", "not a date: 2027-01-31"),
        ("ignore = ['ATT003']", "specverify.toml:1: ignore[0] is 'ATT003', not a table with `rule` and `reason`"),
        ("[allowed]\nlicences = ['mit']", "specverify.toml:2: allowed.licences is no setting: did you mean `allowed.licenses`?"),
        ("require = ['b']", "specverify.toml:1: require[0] is 'b', not a section of the checklist such as 'B', or an item such as 'B3'"),
        ("baseline = ''", "specverify.toml:1: baseline is '', not the path of a file"),
    ],
)
def test_what_may_not_be_said(text: str, message: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        settings(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("acme/*", ("acme/a", "Acme/", "acme/a/b"), ("acme", "acm/a", "x/acme/a")),
        ("*-7b", ("acme/x-7b", "-7b"), ("acme/x-7b-it", "7b")),
        ("a*b*b", ("abb", "axbxb", "abbb"), ("ab", "axb", "abx")),
        ("*", ("", "anything"), ()),
        ("a[b]?", ("a[b]?",), ("abc", "ab?")),
        ("acme/x", ("ACME/X",), ("acme/xx",)),
        ("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", ("a" * 15 + "b",), ("a" * 5000,)),
    ],
)
def test_a_star_is_the_only_sign_that_stands_for_others(glob: str, yes: tuple[str, ...], no: tuple[str, ...]) -> None:
    ignore = Ignore("ATT003", "x", Place("specverify.toml", "", 1, ""), glob)
    assert all(ignore.is_of(name) for name in yes)
    assert not any(ignore.is_of(name) for name in no)


def test_errors_of_form_do_not_wait_for_the_rules() -> None:
    with pytest.raises(InvalidSettings, match="ignore\\[0\\] has no `reason`"):
        settings("select = ['XYZ']\n[[ignore]]\nrule = 'ATT003'\n")
