"""How a score was had, as a card says it: examples shown, reasoning, decoding, samples, metric, judge, tested length.

Each kind has words that must be there at all, which is what keeps a long card cheap, and a pattern for the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from specverify.card.remembered import remembered
from specverify.pattern import Pattern

SHOTS = "shots"
REASONING = "reasoning"
"""Chain of thought, thinking mode or effort."""
DECODING = "decoding"
SAMPLES = "samples"
METRIC = "metric"
JUDGE = "judge"
LENGTH = "length"
TESTED = "tested length"
"""In running text, where a length by itself may be the model's context."""
HARNESS = "harness"
"""A named evaluation program: its defaults are the settings, for who looks them up."""
LEADERBOARD = "leaderboard"
"""A public leaderboard, which runs every model the same way."""
REPORT = "report"
"""A paper or report the card points to."""

CELL = "cell"
ROW = "row"
HEADER = "header"
CAPTION = "caption"
SECTION = "section"
ELSEWHERE = "evaluation section"
BESIDE = (CELL, ROW, HEADER)
"""Places that speak of one score or a few, not of a whole table."""


class Setting(NamedTuple):
    """One statement: its kind, its words, and where it stands relative to the score (`row`, `header`, `caption`, ...)."""

    kind: str
    text: str
    where: str
    line: int


_MODEL = (
    r"(?:gpt|o[134]|claude|gemini|qwen|deepseek|llama|mistral|mixtral|prometheus|skywork|gemma|glm|kimi|command|sonnet|haiku|opus)"
    r"[-\w.]{0,40}"
)
_JUDGING = r"judg\w{0,6}|grad(?:er|ed|ing)|evaluator|rater|scor(?:ed|er|ing)|annotator|evaluated (?:by|with|using)|评判|裁判|打分|评分"


def _kind(words: str, *alternatives: str) -> tuple[tuple[str, ...], Pattern]:
    """The words without which a text makes no such statement, separated by `;`, and the pattern of one."""
    return tuple(words.split(";")), Pattern("|".join(alternatives), re.IGNORECASE)


_BY_KIND: dict[str, tuple[tuple[str, ...], Pattern]] = {
    SHOTS: _kind(
        "shot;样本;few_shot;examples",
        r"(?:\d{1,3}|zero|one|two|three|four|five|few|no|n)[- _]?shots?\b",
        r"few_?shot[ =:]{1,3}\d{1,3}",
        r"shots?[ =:]{1,3}\d{1,3}\b",
        r"in-context examples",
        r"(?:零|少|\d{1,2} ?)样本",
    ),
    REASONING: _kind(
        "cot;direct;chain;thinking;reasoning;思维链;思考",
        r"\bcot\b",
        r"\bdirect\b(?! preference)",
        r"chain[- ]of[- ]thoughts?",
        r"\b(?:non[- ]?)?thinking\b",
        r"reasoning (?:effort|mode|budget)",
        r"with(?:out)? reasoning",
        r"思维链|思考",
    ),
    DECODING: _kind(
        "temperature;greedy;greedily;top;sampl;temp;beam;温度;贪心;贪婪;deterministic;t=;t =",
        r"temperatures?\b",
        r"\bgreed(?:y|ily)",
        r"\btop[-_ ]?[pk]\b",
        r"sampling (?:param|setting|config|temp)",
        r"do_sample",
        r"\btemp\.? ?[=:] ?\d",
        r"\bt ?= ?[01]\.?\d?\b",
        r"beam[- ]search",
        r"deterministic (?:decoding|generation)",
        r"温度|贪心|贪婪",
    ),
    SAMPLES: _kind(
        "@;sample;run;trial;seed;average;majority;self-consistency;n=;n =;times;attempt;generation;rollout;response;solution;completion;次",
        r"(?:\b|_)(?:avg|mean|cons|maj\d{0,3}|best|majority|average|mv)[@-]\d{1,5}",
        r"pass@[1-9]\d{0,3}\b",
        r"\b\d{1,5} (?:[a-z-]{1,20} ){0,2}?"
        r"(?:samples|runs|trials|seeds|repetitions|generations|rollouts|times|responses|solutions|completions)\b",
        r"\bn ?= ?\d{1,5}\b",
        r"averag\w{0,3} (?:over|across|of) (?:\w{1,12} ){0,2}(?:runs|samples|trials|seeds)",
        r"majority[- ]vot\w{0,3}",
        r"self-consistency",
        r"\d{1,4} ?次",
        r"(?:single|one|two|three|four|five|eight|ten) (?:runs?|samples?|trials?|times|attempts?)\b",
    ),
    METRIC: _kind(
        "pass@;maj@;cons@;avg@;exact;em;f1;acc;bleu;chrf;rouge;wer;ndcg;win;pass rate;pass-rate",
        r"\b(?:pass|maj|cons|avg)@\w{1,4}",
        r"exact[-_ ]match",
        r"\b(?:em|f1|acc(?:uracy|_norm|_char)?|wer)\b",
        r"bleu|chrf|rouge|ndcg",
        r"win[- ]?rate",
        r"pass[- ]rate",
    ),
    JUDGE: _kind(
        "judg;grad;evaluator;rater;scor;annotator;evaluated;评判;裁判;打分;评分",
        rf"\b{_MODEL}.{{0,60}}?(?:{_JUDGING})",
        rf"(?:{_JUDGING}).{{0,60}}?\b{_MODEL}",
    ),
    LENGTH: _kind("k;m;0;1;2;4;6;8", r"\b\d{1,4} ?[km](?:i|ib)?\b", r"\b\d{4,7}(?: tokens)?\b", r"\b\d{1,3},\d{3}\b"),
    TESTED: _kind(
        "evaluat;test;measur;report;scor;at ;k",
        r"(?:evaluat|test|measur|report|scor)\w{0,5} [^.]{0,60}?\b\d{1,4} ?k\b",
        r"\bat (?:an? |the )?(?:context |input |sequence )?(?:lengths? (?:of )?)?\d{1,4} ?k\b",
        r"\b\d{1,4} ?k,? (?:\w{1,4},? ){0,2}\d{1,4} ?k\b",
    ),
    HARNESS: _kind(
        "harness;lm_eval;lm-eval;lm eval;lighteval;opencompass;simple-evals;evalplus;bigcode;vlmeval;lmms-eval;llm-foundry;nemo;inspect;"
        "evalscope;openai/evals;olmes;helm",
        r"evaluation[- ]harness",
        r"\blm[-_ ]eval\w{0,12}",
        r"lighteval|opencompass|simple-evals|evalplus|bigcode|vlmeval\w{0,3}|lmms-eval|llm-foundry|evalscope|openai/evals",
        r"nemo[- ](?:evaluator|skills)",
        r"inspect[-_ ](?:ai|evals)",
        r"\b(?:olmes|helm)\b",
    ),
    LEADERBOARD: _kind("leaderboard", r"leaderboard"),
    REPORT: _kind(
        "report;paper;arxiv;blog;报告;论文",
        r"tech(?:nical|\.)? report",
        r"\b(?:our|the|this|original|accompanying|see|in) (?:[a-z-]{1,20} ){0,2}?(?:paper|report|blog)",
        r"arxiv|技术报告|论文",
    ),
}
MISSABLE = (SHOTS, REASONING, DECODING, SAMPLES, METRIC, JUDGE, TESTED, HARNESS, LEADERBOARD, REPORT)
"""The kinds looked for in running text; a length says something only beside a score."""
MOST_TEXT = 60_000
"""Characters of one stretch that are searched."""
_NAMED_MODEL = Pattern(rf"\b{_MODEL}", re.IGNORECASE)


def states(text: str, kind: str, lowered: str | None = None) -> re.Match[str] | None:
    """Where a text makes a statement of a kind; `lowered` is the same text in lower case, where it is at hand."""
    words, pattern = _BY_KIND[kind]
    low = text.lower() if lowered is None else lowered
    return pattern.search(text, 0, MOST_TEXT) if any(word in low for word in words) else None


def sayable(lowered: str) -> tuple[str, ...]:
    """The kinds of statement that a text in lower case may make at all, by its words."""
    return tuple(kind for kind, (words, _) in _BY_KIND.items() if any(word in lowered for word in words))


def settings_in(text: str, where: str, line: int, kinds: tuple[str, ...] = MISSABLE) -> Iterator[Setting]:
    """Every kind of statement a text makes, the first of each."""
    for kind, said in _said(text, kinds):
        yield Setting(kind, said, where, line)


@remembered
def _said(text: str, kinds: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each kind of statement a text makes with the words of the first."""
    low = text.lower()
    found = ((kind, states(text, kind, low)) for kind in kinds)
    return tuple((kind, match.group()[:60]) for kind, match in found if match is not None)


def shots_in(text: str) -> str | None:
    """The one number of examples a text states, as `5-shot`; None for none or several."""
    found = {f"{_NUMBER.get(n.lower(), n)}-shot" for n in _SHOTS.compiled.findall(text)} if "shot" in text.lower() else set()
    return found.pop() if len(found) == 1 else None


def names_a_model(text: str) -> bool:
    """Whether a text names a model of somebody's, as a judge is named beside a score."""
    return _NAMED_MODEL.search(text) is not None


_NUMBER = {"zero": "0", "one": "1", "no": "0"}
_SHOTS = Pattern(r"\b(\d{1,3}|zero|one|no|few)[- ]?shot", re.IGNORECASE)
