"""Mail: what was written, by whom, and what was attached."""

import base64
import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.errors import CurtaError, SourceError, SourceNotFound
from curta.messages import Document
from curta.sources import load, load_records, mailboxes
from curta.sources.mail import read_mail


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mail(body: str, sender: str = "Ann Ärger <ann@example.org>", **heads: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    for name, value in heads.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


def own(document: Document) -> list[tuple[str | None, str]]:
    return [(span.author, document.text[span.start : span.end]) for span in document.spans]


def raw(*heads: str, body: bytes = b"words") -> bytes:
    return "\r\n".join(heads).encode() + b"\r\n\r\n" + body


def test_a_mail_is_a_document_by_its_sender(here: Path) -> None:
    message = mail(
        "Grüße,\n\nI agree.\n",
        Subject="Ja – gerne",
        To="bob@example.org",
        Date="Mon, 02 Mar 2026 10:00:00 +0100",
        Message_ID="<2@x>",
        In_Reply_To="<1@x>",
    )
    Path("a.eml").write_bytes(bytes(message))
    ((document, metadata),) = load_records("a.eml")
    assert document.text == (
        "Ja – gerne\nFrom: Ann Ärger <ann@example.org>\nTo: bob@example.org\n"
        "Date: Mon, 02 Mar 2026 10:00:00 +0100\n\nGrüße,\n\nI agree."
    )
    assert (document.title, document.uri) == ("Ja – gerne", "a.eml")
    assert own(document) == [("Ann Ärger", "Grüße,\n\nI agree.")]
    assert (document.spans[0].locator, document.spans[0].parent) == ("2@x", "1@x")
    assert metadata["date"] == "2026-03-02T10:00:00+01:00"
    assert load("a.eml") == [document]


def test_what_is_quoted_is_not_the_senders() -> None:
    body = "I agree.\n\nOn Monday, Bob wrote:\n> Shall we?\n> Yes?\n\nFrom here on it is mine.\n"
    assert own(read_mail(bytes(mail(body)), "m").document) == [
        ("Ann Ärger", "I agree."),
        ("Ann Ärger", "From here on it is mine."),
    ]


@pytest.mark.parametrize("line", ["-----Original Message-----", "---------- Forwarded message ---------"])
def test_what_is_passed_on_is_not_the_senders(line: str) -> None:
    body = f"See below.\n\n{line}\nFrom: Bob <bob@example.org>\n\nI never said that.\n"
    document = read_mail(bytes(mail(body)), "m").document
    assert own(document) == [("Ann Ärger", "See below.")]
    assert "I never said that." in document.text


def test_plain_text_is_preferred_and_attachments_are_named() -> None:
    message = mail("plain\n", Subject="S")
    message.add_alternative("<p>html</p>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="plän.pdf")
    text = read_mail(bytes(message), "m").document.text
    assert text.endswith("\n\nplain\n\nAttached, not read: plän.pdf (application/pdf)")
    assert "html" not in text


def test_html_alone_becomes_text() -> None:
    head = ("From: a@x", "Content-Type: text/html; charset=windows-1251", "Content-Transfer-Encoding: base64")
    data = raw(*head, body=base64.b64encode("<h1>дом</h1><p>мой".encode("cp1251")))
    assert read_mail(data, "m").document.text == "From: a@x\n\n# дом\n\nмой"


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain; charset=no-such-thing", "é".encode(), "é"),
        ("text/plain; charset=utf-8", b"caf\xe9 au lait", "café au lait"),
        ("text/plain; charset=us-ascii", b"caf\xe9", "café"),
        ("text/plain; charset=punycode", b"words-", "words-"),
        ("text/plain", b"one\r\n" + b"two " * 30 + b"\0", "one\n" + "two " * 30),
        ("", b"words", "words"),
    ],
)
def test_charsets_that_are_wrong(kind: str, body: bytes, text: str) -> None:
    head = ["From: a@x", "Content-Transfer-Encoding: 8bit", *([f"Content-Type: {kind}"] if kind else [])]
    assert read_mail(raw(*head, body=body), "m").document.text == f"From: a@x\n\n{text}"


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?= an alle", "Grüße an alle"),
        ("=?no-such-charset?q?caf=E9?=", "caf\ufffd"),
        ("Grüße", "Grüße"),
        ("=?utf-8?b?!!!?=", "=?utf-8?b?!!!?="),
        ("one\r\n two", "one two"),
        ("x" * 10_000, "x" * 1_000),
    ],
)
def test_subjects(subject: str, title: str) -> None:
    assert read_mail(raw(f"Subject: {subject}"), "m").document.title == title


def test_what_is_no_mail(here: Path) -> None:
    for content in (b"", b"just words", bytes(range(256)), b"\x89PNG\r\n\x1a\n" * 9):
        Path("a.eml").write_bytes(content)
        with pytest.raises(SourceError, match=r"a\.eml is no mail"):
            load("a.eml")


def test_parts_within_parts_without_end() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (i, i) for i in range(3_000))
    with pytest.raises(SourceError, match="nested too deeply"):
        read_mail(b"From: a@x\r\n" + deep, "m")


@settings(max_examples=60)
@given(
    st.binary(max_size=200),
    st.sampled_from(["plain", "html", "x"]),
    st.sampled_from(["8bit", "base64", "quoted-printable"]),
)
def test_whatever_is_in_it_the_spans_are_in_the_text(body: bytes, kind: str, encoding: str) -> None:
    heads = ("From: a@x", f"Content-Type: text/{kind}", f"Content-Transfer-Encoding: {encoding}")
    document = read_mail(raw(*heads, body=body), "m").document
    for _, words in own(document):
        assert words == words.strip() != ""
        assert not words.startswith(">")


# Mailboxes


def test_an_mbox_is_one_document_for_each_mail(here: Path) -> None:
    box = mailbox.mbox("inbox.mbox")
    box.add(mail("one\n\nFrom here on\n> From there\n", Message_ID="<1@x>"))
    box.add(mail("two\n", sender="bob@example.org"))
    box.close()
    first, second = load("inbox.mbox")
    assert [first.uri, second.uri] == ["inbox.mbox#1@x", "inbox.mbox#mail=2"]
    assert own(second) == [("bob@example.org", "two")]
    assert "\nFrom here on" in first.text
    assert [record.document for record in load_records("inbox.mbox")] == [first, second]


def test_a_mailbox_is_known_by_its_beginning_and_a_text_is_not_one(here: Path) -> None:
    box = mailbox.mbox("Inbox")
    box.add(mail("one\n"))
    box.close()
    Path("text").write_text("From 10:00 in 2026 on\nwe met: always.\n")
    assert load("Inbox")[0].title == ""
    assert load("Inbox")[0].spans
    assert load("text") == [Document("From 10:00 in 2026 on\nwe met: always.\n", "text", "text")]


def test_a_bad_mail_does_not_lose_the_others(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "LIMIT", 5_000)
    box = mailbox.mbox("in.mbox")
    for body in ("one\n", "x" * 60 + "\n"):
        box.add(mail(body * (1 if len(body) < 9 else 200)))
    box.add(b"\n\nno heads")
    box.add(mail("four\n"))
    box.close()
    problems = list[CurtaError]()
    found = [record.document.text for record in load_records("in.mbox", problem=problems.append)]
    assert [text[-4:] for text in found] == ["\none", "four"]
    assert [error.what for error in problems] == [
        "in.mbox, mail 2, is larger than 0 MB.",
        "in.mbox#mail=3 is no mail: it has no subject, sender or date.",
    ]


def test_a_maildir(here: Path) -> None:
    box = mailbox.Maildir("Mail")
    box.add(mail("one\n", Message_ID="<1@x>"))
    box.add(mail("two\n", Message_ID="<2@x>"))
    Path("Mail/tmp/half").write_text("From: a@x\n\nunfinished")
    Path("Mail/new/bad").write_text("no mail")
    problems = list[CurtaError]()
    found = [record.document for record in load_records("Mail", problem=problems.append)]
    assert {document.uri for document in found} == {"Mail#1@x", "Mail#2@x"}
    assert [error.what for error in problems] == ["Mail/new/bad is no mail: it has no subject, sender or date."]
    assert load("Mail") == found


def test_an_empty_maildir(here: Path) -> None:
    mailbox.Maildir("Mail")
    with pytest.raises(SourceNotFound, match="The mailbox Mail holds no mail"):
        load("Mail")
