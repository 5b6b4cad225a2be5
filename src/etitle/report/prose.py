"""Verdict -> lines for people, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from etitle.certificate.dates import DAY_S
from etitle.errors import explain_command
from etitle.report.foreign import folded, one_line, quoted, single_spaced
from etitle.report.rows import OTHER_FIELDS, PAGE_FIELDS, SHOWN_FIELDS, as_rows, china_time
from etitle.verdict import Authenticity, Judged, Outcome, Reason, State, Summary

if TYPE_CHECKING:
    from etitle.certificate.model import Certificate
    from etitle.errors import Language
    from etitle.verdict import Verdict, VerdictAuthority

_SUMMARY: Final = {
    Summary.VALID: ("真实且有效", "authentic and in force"),
    Summary.NOT_IN_FORCE: ("真实，但已不再有效", "authentic, but no longer in force"),
    Summary.INVALID: ("不能采信", "do not rely on it"),
    Summary.INDETERMINATE: (
        "不等于假证，原因见下",
        "undecided (this does not mean forgery)",
    ),
}
_SUMMARY_OF_CODE: Final = {
    Summary.VALID: (
        "二维码真实且有效，但未判断页面",
        "the code is genuine and in force; the page was not judged",
    ),
    Summary.NOT_IN_FORCE: (
        "二维码真实，但已失效；未判断页面",
        "genuine code, no longer in force; page not judged",
    ),
}
"""Where only a code was judged; a page around it can say anything."""
_SUMMARY_IN_DOUBT: Final = {
    Judged.DOCUMENT: (
        "已不再有效，真实性因时间原因未能判定",
        "no longer in force; authenticity undecided for time alone",
    ),
    Judged.CODE: (
        "已失效，真实性因时间原因未能判定；未判断页面",
        "no longer in force, authenticity undecided; page not judged",
    ),
}
"""NOT_IN_FORCE where the bundle's age or the clock leaves authenticity unknown (clause 8.2.1)."""
_SUMMARY_ZH: Final = {
    Summary.VALID: "有效",
    Summary.NOT_IN_FORCE: "已失效",
    Summary.INVALID: "核验未通过",
    Summary.INDETERMINATE: "无法判定",
}
"""The summary's constants for a Chinese reader; JSON has the constants."""
_ENDED_ZH: Final = {
    State.SUPERSEDED: "已被新证替代",
    State.VOIDED: "已作废",
    State.WITHDRAWN: "已撤销",
    State.CANCELLED: "已注销",
    State.SUSPENDED: "已暂停",
}
"""The words for NOT_IN_FORCE, state by state."""
_AUTHENTICITY: Final = {
    Authenticity.AUTHENTIC: ("真实", "authentic"),
    Authenticity.NOT_AUTHENTIC: ("不真实", "not authentic"),
    Authenticity.UNKNOWN: ("未知", "unknown"),
}
_STATE: Final = {
    State.IN_FORCE: ("有效", "in force"),
    State.SUPERSEDED: ("已被新证替代", "superseded"),
    State.VOIDED: ("已作废", "voided"),
    State.WITHDRAWN: ("已撤销", "withdrawn"),
    State.CANCELLED: ("已注销", "cancelled"),
    State.SUSPENDED: ("暂停", "suspended"),
    State.OTHER: ("不再有效（其他原因）", "no longer in force (other reason)"),
    State.UNKNOWN: ("未知", "unknown"),
}
_WORDS: Final = {
    "example": ("【样例 / EXAMPLE】不是真实证书", "【样例 / EXAMPLE】 not a real certificate"),
    "authenticity": ("真实性", "authenticity"),
    "standing": ("有效性", "standing"),
    "as_of": ("截至", "as of"),
    "list_age": ("状态列表 {days} 天前签发", "status list issued {days} days ago"),
    "list_age_1": ("状态列表 1 天前签发", "status list issued 1 day ago"),
    "since": ("自 {day} 起", "since {day}"),
    "successor": ("新证号", "replaced by number"),
    "authority": ("发证机关", "authority"),
    "authority_id": ("机关标识", "authority id"),
    "words": ("根指纹词", "words of its fingerprint"),
    "ask": ("咨询", "ask"),
    "compare": (
        "请用下列内容逐项核对出示的页面，有一处不同即不可采信",
        "compare each field with the page shown to you, and rely on nothing if one differs",
    ),
    "also": ("证书还载明（页面上不一定印有）", "also certified, though a page need not show it"),
    "without_code": ("没有证书二维码的页：{pages}", "pages without a certificate's code: {pages}"),
    "foreign": ("另有 {count} 个其他二维码", "codes of others beside it: {count}"),
    "claimed": ("以下内容未经证实", "what follows is only claimed"),
    "next": ("下一步", "next"),
}
_PUNCTUATION: Final = (("：", "，", "（", "；", "）"), (": ", ", ", " (", "; ", ")"))
"""Colon, comma, parenthesis, semicolon and parenthesis, in Chinese and English."""
_MARKS: Final = {Outcome.PASS: "+", Outcome.FAIL: "x", Outcome.UNKNOWN: "?"}


def as_text(  # noqa: PLR0913  # a row's attributes, each by name
    verdict: Verdict,
    *,
    file: str,
    language: Language,
    every_check: bool = False,
    page: int | None = None,
    without_code: tuple[int, ...] = (),
    foreign: int = 0,
) -> str:
    """A paragraph for one input.

    The verdict comes first and the name last, in quotation marks, so that no name looks like a
    verdict; no foreign text begins a line.

    Args:
        verdict: what was found.
        file: the input's name, with any characters.
        language: ``"zh"`` or ``"en"``.
        every_check: list the checks that passed too.
        page: the number of the page that showed the code, where the file has pages.
        without_code: the file's pages that showed no code of ours.
        foreign: how many codes of others its pages showed.
    """
    pick = 0 if language == "zh" else 1
    standing = verdict.standing
    lines = folded(_head(verdict, language, page), quoted(file), hang=4)
    if without_code:
        pages = ("、" if language == "zh" else ", ").join(map(str, without_code))
        lines.append("  " + _WORDS["without_code"][pick].format(pages=pages))
    if foreign:
        lines.append("  " + _WORDS["foreign"][pick].format(count=foreign))
    if verdict.example:
        lines.append("  " + _WORDS["example"][pick])
    lines += _axes(verdict, language)
    if standing.successor:
        lines += _named("successor", standing.successor, language)
    if verdict.authority is not None:
        lines += _authority(verdict.authority, language)
    if verdict.claimed is not None:
        lines += _fields(verdict, verdict.claimed, pick)
    lines += _reasons(verdict, language=language, pick=pick, every_check=every_check)
    return "\n".join(lines)


def tally(counts: Mapping[Summary, int], *, language: Language) -> str:
    """How many inputs have which summary, on one line.

    >>> tally({Summary.VALID: 2, Summary.INVALID: 1}, language="en")
    '3: 2 VALID, 1 INVALID'
    >>> tally({Summary.VALID: 2, Summary.INVALID: 1}, language="zh")
    '共 3 份：有效 2，核验未通过 1'
    """
    total = sum(counts.values())
    found = [(summary, count) for summary, count in counts.items() if count]
    if language == "zh":
        return f"共 {total} 份：" + "，".join(f"{_SUMMARY_ZH[each]} {n}" for each, n in found)
    return f"{total}: " + ", ".join(f"{n} {each}" for each, n in found)


def _head(verdict: Verdict, language: Language, page: int | None) -> str:
    """The summary, what it means, and the page; a name follows."""
    zh, en = _SUMMARY[verdict.summary]
    if verdict.judged is Judged.CODE:
        zh, en = _SUMMARY_OF_CODE.get(verdict.summary, (zh, en))
    if (
        verdict.summary is Summary.NOT_IN_FORCE
        and verdict.authenticity is not Authenticity.AUTHENTIC
    ):
        zh, en = _SUMMARY_IN_DOUBT[verdict.judged]
    if language == "en":
        return f"{verdict.summary} — {en}: " + (f"page {page} of " if page else "")
    word = _SUMMARY_ZH[verdict.summary]
    if verdict.summary is Summary.NOT_IN_FORCE:
        word = _ENDED_ZH.get(verdict.standing.state, word)
    return f"【{word}】{zh}：" + (f"第 {page} 页，" if page else "")


def _axes(verdict: Verdict, language: Language) -> list[str]:
    """Authenticity and standing, each with its time."""
    pick = 0 if language == "zh" else 1
    colon, comma, begin, semicolon, end = _PUNCTUATION[pick]
    standing = verdict.standing
    as_of = _WORDS["as_of"][pick]
    first = f"  {_WORDS['authenticity'][pick]}{colon}{_AUTHENTICITY[verdict.authenticity][pick]}"
    first += f"{begin}{as_of} {china_time(verdict.at_s)}{end}"
    second = f"  {_WORDS['standing'][pick]}{colon}{_STATE[standing.state][pick]}"
    if standing.since is not None:
        second += comma + _WORDS["since"][pick].format(day=standing.since)
    if standing.as_of_s is not None:
        days = max(0, verdict.list_age_s or 0) // DAY_S
        second += f"{begin}{as_of} {china_time(standing.as_of_s)}{semicolon}"
        second += _WORDS["list_age_1" if days == 1 else "list_age"][pick].format(days=days) + end
    return [first, second]


def _fields(verdict: Verdict, claimed: Certificate, pick: int) -> list[str]:
    """The certificate's fields; of a code, those to compare with its page stand apart."""
    if verdict.authenticity is not Authenticity.AUTHENTIC:
        blocks: tuple[tuple[str, tuple[str, ...]], ...] = (("claimed", SHOWN_FIELDS),)
    elif verdict.judged is Judged.CODE:
        blocks = (("compare", PAGE_FIELDS), ("also", OTHER_FIELDS))
    else:
        blocks = (("", SHOWN_FIELDS),)
    colon = _PUNCTUATION[pick][0]
    lines: list[str] = []
    for heading, names in blocks:
        rows = as_rows(claimed, url=verdict.url, language=pick, names=names)
        if heading and rows:
            mark = " " if heading == "also" else "!"
            lines.append(f"  {mark} {_WORDS[heading][pick]}{colon}".rstrip())
        for label, value in rows:
            lines += folded(f"    {label}{colon}", single_spaced(value), hang=6)
    return lines


def _authority(authority: VerdictAuthority, language: Language) -> list[str]:
    """Its name, its id, the words of its roots, and where people ask."""
    name, words = authority.name_zh, authority.words_zh
    if language == "en":
        name, words = f"{authority.name_en} ({authority.name_zh})", authority.words_en
    lines = _named("authority", name, language)
    lines += _named("authority_id", authority.id, language)
    lines += _named("words", words, language)
    asked = (authority.office, authority.telephone, authority.query_url)
    place = _PUNCTUATION[0 if language == "zh" else 1][1].join(filter(None, asked))
    return lines + (_named("ask", place, language) if place else [])


def _named(word: str, value: str, language: Language) -> list[str]:
    """Our words, then foreign ones, indented on later lines."""
    pick = 0 if language == "zh" else 1
    lead = f"  {_WORDS[word][pick]}{_PUNCTUATION[pick][0]}"
    return folded(lead, single_spaced(value), hang=6)


def _reasons(verdict: Verdict, *, language: Language, pick: int, every_check: bool) -> list[str]:
    colon = _PUNCTUATION[pick][0]
    lines: list[str] = []
    said: set[str] = set()
    for check in verdict.checks:
        plain = check.outcome is Outcome.PASS and check.reason in (Reason.OK, Reason.IN_FORCE)
        if not every_check and (plain or check.reason is Reason.NOT_CHECKED):
            continue
        what, then = explain_command(f"verdict.{check.reason}", language, detail=check.detail)
        lines.append(
            f"  [{_MARKS[check.outcome]}] {check.id}.{check.reason}{colon}{one_line(what)}"
        )
        if then and then not in said:
            said.add(then)
            lines.append(f"      {_WORDS['next'][pick]}{colon}{one_line(then)}")
    return lines
