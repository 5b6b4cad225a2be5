"""Reports: JSON of docs/spec clause 8.6, and text in two languages."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.authority import AT, AT_S, make_world
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.verdicts import made

from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity, check_digit
from etitle.certificate.model import Certificate, EndorsedCopy, Level, Sex
from etitle.errors import LANGUAGES, Language
from etitle.report.json import as_line
from etitle.report.prose import as_text
from etitle.report.rows import SHOWN_FIELDS, as_json, as_rows, moment, shown_identity
from etitle.trust.anchors import Lists, Trust
from etitle.trust.published import Contact
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.verdict import (
    DOCUMENT_DEMANDS,
    TOKEN_DEMANDS,
    Authenticity,
    Check,
    CheckId,
    Outcome,
    Reason,
    Standing,
    State,
    Summary,
    Verdict,
)
from etitle.verify.question import Question
from etitle.verify.token import verify_token

MASKED = certificates(1)[0]
FIRST17 = "45009919900101123"
NUMBER = FIRST17 + check_digit(FIRST17)
FULL = replace(MASKED, identity=Identity(DocumentKind.CN_RESIDENT, NUMBER))
WORLD = make_world([MASKED])
CDDL = Path(__file__).parents[3] / "docs" / "spec" / "cddl" / "verdict.cddl"
BOTH = pytest.mark.parametrize("language", LANGUAGES)


def judge(certificate: Certificate = MASKED, **changes: object) -> Verdict:
    arguments: dict[str, object] = {
        "trust": WORLD.trust,
        "lists": WORLD.lists,
        "at": AT,
        "policy": EXAMPLES,
    }
    return verify_token(WORLD.code(certificate), Question(**{**arguments, **changes}))  # type: ignore[arg-type]


def superseded() -> Verdict:
    table = StatusTable.from_entries(
        list_id=1,
        epoch=1,
        coverage=10_000_000,
        entries={MASKED.index: StatusEntry(StatusKind.SUPERSEDED, 20_600, "4520269")},
    )
    return judge(lists=WORLD.with_list(table=table).lists)


def cddl_keys() -> list[str]:
    body = CDDL.read_text("utf-8").partition("verdict = {")[2].partition("\n}")[0]
    return re.findall(r"^  (\w+):", body, re.MULTILINE)


VERDICTS = {
    "valid": judge(),
    "superseded": superseded(),
    "unknown signer": judge(trust=Trust(())),
    "no list": judge(lists=Lists()),
    "unreadable": verify_token(
        "x", Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES)
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_line_of_json_has_exactly_the_keys_of_the_cddl(name: str) -> None:
    verdict = VERDICTS[name]
    line = as_line(verdict, file="样例.png")
    assert "\n" not in line
    found = json.loads(line)
    assert list(found) == cddl_keys()
    assert found["file"] == "样例.png"
    assert set(found["as_of"]) == {"authenticity", "standing"}
    for check in found["checks"]:
        assert list(check) == ["id", "outcome", "reason", "detail"]
    assert found["summary"] == verdict.summary.value
    assert (found["certificate"] is None) == (verdict.authenticity is not Authenticity.AUTHENTIC)
    assert (found["claimed"] is None) == (verdict.claimed is None)


def test_times_are_rfc_3339_in_utc() -> None:
    found = json.loads(as_line(judge(), file="x"))
    assert found["as_of"] == {
        "authenticity": "2026-11-20T04:00:00Z",
        "standing": "2026-11-20T03:00:00Z",
    }
    assert found["list_age_s"] == 3600
    assert found["since"] is None


def test_a_change_names_its_day_and_its_successor() -> None:
    found = json.loads(as_line(superseded(), file="x"))
    assert found["since"] == "2026-05-27"
    assert found["successor"] == "4520269"
    assert found["standing"] == "superseded"


def test_every_attribute_of_the_certificate_is_in_the_json() -> None:
    values = as_json(FULL, url="https://a.cn/")
    names = {field for field in Certificate.__slots__ if field != "identity"}
    assert set(values) == names | {"id_number", "id_kind"}
    assert values["id_number"] == f"45{'*' * 12}{NUMBER[-4:]}"
    assert values["id_kind"] == "cn_resident"
    assert values["issued"] == FULL.issued.isoformat()
    assert values["level"] == int(FULL.level)
    assert values["url"] == "https://a.cn/"
    json.dumps(values)
    nameless = as_json(replace(FULL, identity=None), url="")
    assert nameless["id_number"] is nameless["id_kind"] is nameless["url"] is None


def test_a_date_without_a_day_is_shown_as_known() -> None:
    values = as_json(replace(MASKED, qualified=PartialDate(1998, 7)), url="")
    assert values["qualified"] == "1998-07"


SHOWN = [
    (Identity(DocumentKind.CN_RESIDENT, NUMBER), f"45{'*' * 12}{NUMBER[-4:]}"),
    (Identity(DocumentKind.CN_RESIDENT, NUMBER, bytes(16)), f"45{'*' * 12}{NUMBER[-4:]}"),
    (Identity(DocumentKind.CN_RESIDENT, f"45{'*' * 12}123X", bytes(16)), f"45{'*' * 12}123X"),
    (Identity(DocumentKind.PASSPORT, "E12345678"), "E******78"),
    (Identity(DocumentKind.TW_TRAVEL, "12345678"), "*****678"),
    (Identity(DocumentKind.HM_TRAVEL, "H12345678"), "H*****678"),
    (Identity(DocumentKind.FOREIGN_PR_2017, "AAA110190010101"), "AAA**********01"),
    (Identity(DocumentKind.CN_RESIDENT, "12345"), "*****"),
    (Identity(DocumentKind.CN_RESIDENT, "123456"), "******"),
    (Identity(DocumentKind.FOREIGN_PR_2017, "ABCDE"), "*****"),
]


@pytest.mark.parametrize(("identity", "shown"), SHOWN, ids=repr)
def test_a_number_is_masked_whatever_came_in(identity: Identity, shown: str) -> None:
    assert shown_identity(identity) == identity.masked == shown
    assert shown in repr(identity)
    if "*" not in identity.shown:
        assert identity.shown not in repr(identity)


@BOTH
@pytest.mark.parametrize("every_check", [False, True])
def test_no_report_shows_an_unmasked_number(language: Language, every_check: bool) -> None:
    for verdict in (judge(FULL), judge(FULL, trust=Trust(()))):
        assert verdict.claimed == FULL
        text = as_text(verdict, file="x", language=language, every_check=every_check)
        assert NUMBER not in text + as_line(verdict, file="x") + repr(verdict)
        assert NUMBER[6:14] not in text


@BOTH
@pytest.mark.parametrize("name", VERDICTS)
def test_a_text_report_says_summary_both_axes_and_their_times(
    name: str, language: Language
) -> None:
    verdict = VERDICTS[name]
    text = as_text(verdict, file="样例.png", language=language)
    first = text.splitlines()[0]
    assert first.endswith('"样例.png"')
    assert first.startswith("【" if language == "zh" else f"{verdict.summary.value} — ")
    assert "2026-11-20 12:00 UTC+8" in text
    if verdict.standing.as_of_s is not None:
        assert "2026-11-20 11:00 UTC+8" in text
    assert ("【样例 / EXAMPLE】" in text) == verdict.example
    if verdict.authority is not None:
        who = verdict.authority
        assert {who.name_zh, who.id} <= set(re.split(r"[：: ()\n]+", text))
        assert (who.words_zh if language == "zh" else who.words_en) in text


@BOTH
def test_the_place_to_ask_is_shown_where_the_bundle_has_a_contact(language: Language) -> None:
    world = make_world(certificates(1))
    contact = Contact("样例处", telephone="000-0000")
    bundle = replace(world.bundle, contact=contact)
    anchor = replace(world.trust.anchors[0], bundle=bundle)
    question = Question(
        trust=Trust((anchor,)), lists=Lists((world.status_list,)), at=AT, policy=EXAMPLES
    )
    code = world.code(certificates(1)[0])
    said = as_text(verify_token(code, question), file="x", language=language)
    assert {"zh": "咨询：样例处，000-0000", "en": "ask: 样例处, 000-0000"}[language] in said
    silent = as_text(
        verify_token(code, replace(question, trust=world.trust)), file="x", language="zh"
    )
    assert "咨询" not in silent


@BOTH
def test_what_is_not_authentic_is_said_to_be_only_claimed(language: Language) -> None:
    words = {"zh": "以下内容未经证实", "en": "what follows is only claimed"}[language]
    assert words in as_text(judge(trust=Trust(())), file="x", language=language)
    assert words not in as_text(judge(), file="x", language=language)


@BOTH
def test_every_check_is_listed_on_demand(language: Language) -> None:
    for verdict in VERDICTS.values():
        text = as_text(verdict, file="x", language=language, every_check=True)
        for check in verdict.checks:
            assert f"{check.id}.{check.reason}" in text


@BOTH
@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("state", State)
def test_every_state_and_reason_has_words(
    language: Language, outcome: Outcome, state: State
) -> None:
    for reason in Reason:
        check = Check(CheckId.USE, outcome, reason, "7")
        verdict = made((check,), Standing(state, as_of_s=AT_S, successor="1"), AT_S, claimed=FULL)
        text = as_text(verdict, file="x", language=language, every_check=True)
        assert check.explain(language)[0] in text
        assert "{" not in text
        json.loads(as_line(verdict, file="x"))


@BOTH
def test_a_next_step_is_said_once(language: Language) -> None:
    verdict = judge(lists=Lists())
    text = as_text(verdict, file="x", language=language)
    steps = [line for line in text.splitlines() if line.lstrip().startswith(("下一步", "next"))]
    assert len(steps) == len(set(steps))
    assert steps


@pytest.mark.parametrize("sex", Sex)
@pytest.mark.parametrize("level", Level)
def test_rows_have_labels_and_words_in_both_languages(sex: Sex, level: Level) -> None:
    copy = EndorsedCopy("应聘", "样例单位", datetime.date(2026, 12, 31), bytes(16))
    certificate = replace(
        MASKED, sex=sex, level=level, supersedes="1", approval_document="文", copy=copy
    )
    rows = [as_rows(certificate, url="https://a.cn/", language=pick) for pick in (0, 1)]
    assert len(rows[0]) == len(rows[1]) == len(SHOWN_FIELDS)
    assert all(label and value and "{" not in value for each in rows for label, value in each)


@pytest.mark.parametrize("at_s", [0, -1, 2**40, 2**63, 2**64 - 1, -(2**64), 253_402_300_799])
def test_no_time_is_beyond_a_report(at_s: int) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=8))
    assert moment(at_s, zone).tzinfo is zone
    verdict = made((), Standing(State.IN_FORCE, as_of_s=at_s), at_s)
    found = json.loads(as_line(verdict, file="x"))
    for value in found["as_of"].values():
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value)
    assert as_text(verdict, file="x", language="en")


def test_a_summary_is_one_of_four_words() -> None:
    assert {summary.value for summary in Summary} == {
        "VALID",
        "NOT_IN_FORCE",
        "INVALID",
        "INDETERMINATE",
    }


@pytest.mark.parametrize("judged", ["code", "document"])
def test_what_ended_is_not_called_genuine_where_only_the_time_is_in_doubt(judged: str) -> None:
    ended = Standing(State.VOIDED, as_of_s=0)
    in_doubt = {
        CheckId.BUNDLE: Check(CheckId.BUNDLE, Outcome.UNKNOWN, Reason.BUNDLE_EXPIRED),
    }
    demands = DOCUMENT_DEMANDS if judged == "document" else TOKEN_DEMANDS
    none: dict[CheckId, Check] = {}
    for doubts, is_genuine in ((none, True), (in_doubt, False)):
        checks = [
            doubts.get(check, Check(check, Outcome.PASS, Reason.OK))
            for check in CheckId
            if check in demands
        ]
        verdict = made(checks, ended, demanded=demands)
        assert verdict.summary is Summary.NOT_IN_FORCE
        heads = [as_text(verdict, file="x", language=each).split("\n")[0] for each in LANGUAGES]
        assert ("真实，但" in heads[LANGUAGES.index("zh")]) is is_genuine
        english = heads[LANGUAGES.index("en")]
        assert ("genuine" in english or "authentic, " in english) is is_genuine
        assert ("undecided" in english) is not is_genuine
