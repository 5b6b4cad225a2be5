"""One file -> verdicts, by its content."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.support.authority import AT, make_world
from tests.support.population import certificates
from tests.support.question import EXAMPLES

from etitle.errors import Language
from etitle.report.prose import as_text
from etitle.token import text
from etitle.token.draw import draw_png
from etitle.verdict import Judged, Reason, Summary, Verdict
from etitle.verify import file
from etitle.verify.document import verify_document
from etitle.verify.file import MAX_FILE_BYTES, MAX_LINES, MAX_TEXT_BYTES, verify_bytes
from etitle.verify.picture import verify_image
from etitle.verify.question import Policy, Question

ONE, OTHER = certificates(2)
WORLD = make_world([ONE, OTHER])
CODE, SECOND = WORLD.code(ONE), WORLD.code(OTHER)
NUMBER = text.to_number(WORLD.frame(ONE))
QUESTION = Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES)


def judge(data: bytes) -> list[tuple[int | None, Verdict]]:
    return [(part.line, part.verdict) for part in verify_bytes(data, QUESTION)]


def only(data: bytes) -> Verdict:
    ((line, verdict),) = judge(data)
    assert line is None
    return verdict


def test_a_file_of_as_many_bytes_as_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MAX_FILE_BYTES", len(CODE))
    monkeypatch.setattr(file, "MAX_TEXT_BYTES", len(CODE))
    assert only(CODE.encode()).summary is Summary.VALID
    assert only(CODE.encode() + b"\n").checks[0].reason is Reason.TOO_LARGE


def test_a_picture_is_known_by_its_content() -> None:
    assert only(draw_png(CODE)).summary is Summary.VALID


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "gb18030", "ascii"]
)
@pytest.mark.parametrize("around", ["{}", "{}\n", "\r\n\r\n{}\r\n", "  {}\t"])
def test_a_text_file_of_one_code_is_valid(encoding: str, around: str) -> None:
    content = around.format(CODE)
    data = (
        content.encode(encoding)
        if "bom" not in encoding
        else b"\xff\xfe" + content.encode("utf-16-le")
    )
    assert only(data).summary is Summary.VALID


def test_a_text_file_of_either_byte_order_is_read() -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert only(mark + CODE.encode(encoding)).summary is Summary.VALID


def test_digits_copied_over_several_lines_are_one_code() -> None:
    lines = "\n".join(NUMBER[at : at + 40] for at in range(0, len(NUMBER), 40))
    assert only(lines.encode()).summary is Summary.VALID


def test_a_code_with_a_caption_on_another_line_is_one() -> None:
    wrapped = "\n".join(CODE[at : at + 76] for at in range(0, len(CODE), 76))
    for content in (f"样例甲的证书\n{CODE}\n2026 年", f"> {wrapped}\n--\n样例省", f"{CODE} {CODE}"):
        assert only(content.encode()).summary is Summary.VALID


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_words_around_a_code_may_be_in_any_encoding(encoding: str) -> None:
    content = f"样例甲的证书\n{CODE}\n二〇二六年"
    assert only(content.encode(encoding)).summary is Summary.VALID


def test_two_wrapped_codes_are_two_parts() -> None:
    wrapped = [
        "\n".join(one[at : at + 76] for at in range(0, len(one), 76)) for one in (CODE, SECOND)
    ]
    found = judge("\n\n".join(wrapped).encode())
    assert [verdict.summary for _, verdict in found] == [Summary.VALID] * 2
    assert {verdict.require().name for _, verdict in found} == {ONE.name, OTHER.name}


def test_a_code_a_line_gives_a_verdict_a_line() -> None:
    found = judge(f"{CODE}\n\n{SECOND}\r\nhttps://example.com/\n".encode())
    assert [line for line, _ in found] == [1, 3, 4]
    assert [verdict.summary for _, verdict in found] == [
        Summary.VALID,
        Summary.VALID,
        Summary.INDETERMINATE,
    ]


def test_a_damaged_code_among_other_lines_is_one_part() -> None:
    for content in (f"样例甲\n{CODE[:-9]}\n", f"{CODE[:80]}\n{CODE[80:-9]}\n2026 年"):
        assert only(content.encode()).checks[0].reason is Reason.INCOMPLETE
    found = judge(f"{CODE[:-9]}\n{SECOND}".encode())
    assert [line for line, _ in found] == [1, 2]


def test_a_damaged_code_beside_a_whole_one_in_its_line_makes_no_list() -> None:
    assert only(f"{CODE} {SECOND[:-9]}".encode()).summary is Summary.VALID


def test_a_code_among_lines_of_digits_is_not_lost() -> None:
    found = judge("\n".join([*"12345", NUMBER]).encode())
    assert [line for line, verdict in found if verdict.summary is Summary.VALID] == [6]


@pytest.mark.parametrize("content", ["hello", "a\nb\nc", "https://example.com/", "样例", "1234"])
def test_other_text_is_not_ours(content: str) -> None:
    verdict = only(content.encode())
    assert verdict.checks[0].reason is Reason.NOT_OURS
    assert verdict.summary is Summary.INDETERMINATE


BLANKS = (b"", b" ", b"\n\n\r\n", bytes(4096), b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe\n\0")


@pytest.mark.parametrize("data", BLANKS)
def test_an_empty_file_is_called_empty(data: bytes) -> None:
    assert only(data).checks[0].reason is Reason.EMPTY


@pytest.mark.parametrize("data", BLANKS)
def test_where_a_document_is_required_an_empty_file_is_not_called_a_code(data: bytes) -> None:
    (part,) = verify_bytes(data, replace(QUESTION, policy=Policy(require=Judged.DOCUMENT)))
    wanted: dict[Language, str] = {"en": "code", "zh": "码"}
    for language, word in wanted.items():
        lines = as_text(part.verdict, file="x", language=language).splitlines()
        assert not any(word in line for line in lines if line.startswith("  ["))


@pytest.mark.parametrize("judge", [verify_document, verify_image])
@pytest.mark.parametrize("data", [b"", bytes(9)])
def test_no_judge_of_files_finds_more_in_it(
    judge: Callable[[bytes, Question], Verdict], data: bytes
) -> None:
    assert judge(data, QUESTION).checks[0].reason is Reason.EMPTY


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01",
        b"\xff" * 50,
        b"\x7fELF\x00",
        b"\xff\xfe\x00\xd8",
        b"\xff\xfex",
    ],
    ids=lambda value: ascii(value)[:16],
)
def test_a_file_of_another_kind_is_unreadable(data: bytes) -> None:
    assert only(data).checks[0].reason is Reason.UNREADABLE


def test_a_file_too_large_is_not_looked_at() -> None:
    verdict = only(bytes(MAX_FILE_BYTES + 1))
    assert verdict.checks[0].reason is Reason.TOO_LARGE
    assert verdict.summary is Summary.INDETERMINATE


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("<!-- ", "HTML"), ("<!DOCTYPE html>\n<p>", "HTML"), (" \r\n<HTML>", "HTML"),
        ("\ufeff<head>", "HTML"), ("<body>", "HTML"), ('<?xml version="1.0"?>', "XML"),
        ("<svg>", "SVG"), ("{\\rtf1 ", "RTF"), ("PK\x03\x04", "ZIP"), ("PK\x05\x06", "ZIP"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_that_must_be_laid_out_is_no_text(head: str, kind: str, encoding: str) -> None:
    read = only((head + CODE).encode(encoding)).checks[0]
    assert (read.reason, read.detail) == (Reason.KIND_UNREAD, kind)


def test_brackets_around_a_code_are_no_markup() -> None:
    assert only(f"<{CODE}>".encode()).summary is Summary.VALID


def test_a_text_too_large_is_unreadable() -> None:
    assert only(b" " * MAX_TEXT_BYTES + b"x").checks[0].reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    "content", ["1 " * 500_000, "\n" * 1_000_000, "x" * 1_000_000, "1" * 1_000_000]
)
def test_a_megabyte_of_text_is_judged_quickly(content: str) -> None:
    start = time.process_time()
    only(content.encode())
    assert time.process_time() - start < 1


def test_a_thousand_codes_are_judged_one_by_one() -> None:
    found = judge("\n".join([CODE] * 1000).encode())
    assert len(found) == 1000
    assert {verdict.summary for _, verdict in found} == {Summary.VALID}


def test_a_file_of_countless_lines_does_not_flood_the_report() -> None:
    lines = [CODE, CODE, *["x"] * (MAX_LINES - 1)]
    assert only("\n".join(lines).encode()).checks[0].reason is Reason.TOO_LARGE
    assert len(judge("\n".join(lines[:-1]).encode())) == MAX_LINES


def test_a_time_without_a_zone_is_the_callers_mistake() -> None:
    naive = datetime.datetime(2026, 11, 20)  # noqa: DTZ001  # the mistake itself
    with pytest.raises(ValueError, match="time zone"):
        list(
            verify_bytes(
                b"", Question(trust=WORLD.trust, lists=WORLD.lists, at=naive, policy=EXAMPLES)
            )
        )
