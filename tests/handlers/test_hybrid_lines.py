"""Lines of objects of any size, and of any content: every byte is of one line, and memory stays bounded."""

from __future__ import annotations

import pytest

from hybrid_load import lines as module
from hybrid_load.lines import Line, lines, portions


def read(body: bytes, offset: int = 0) -> list[Line]:
    return list(lines(lambda start, end: body[start:end], size=len(body), offset=offset))


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("body", [b"", b"\n", b"a", b"a\n", b"a\nbc\n\ndef", b"\n\nabc\r\n", "ä\nö\n".encode()])
def test_lines_are_the_same_however_they_are_fetched(monkeypatch: pytest.MonkeyPatch, body: bytes, chunk: int) -> None:
    monkeypatch.setattr(module, "_CHUNK", chunk)
    expected = body.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert [line.content for line in read(body)] == expected


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_from_the_end_of_any_line_the_rest_is_read(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(module, "_CHUNK", chunk)
    monkeypatch.setattr(module, "LONGEST", 4)
    body = b"a\n\nbcd\nlong enough to be cut\nefgh\nij"
    whole = read(body)
    assert whole[-1].end == len(body)
    for place, line in enumerate(whole):
        assert read(body, line.end) == whole[place + 1 :]


@pytest.mark.parametrize("chunk", [1, 5, 8, 1000])
def test_a_long_line_is_cut_and_what_follows_it_is_not(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(module, "_CHUNK", chunk)
    monkeypatch.setattr(module, "LONGEST", 8)
    fetched: list[int] = []

    def fetch(start: int, end: int) -> bytes:
        fetched.append(end - start)
        return body[start:end]

    body = b"x" * 100 + b"\nnext\n12345678\n"
    found = list(lines(fetch, size=len(body), offset=0))
    assert [(line.content[:9], line.is_cut) for line in found] == [
        (b"xxxxxxxxx", True),
        (b"next", False),
        (b"12345678", False),
    ]
    assert [line.end for line in found] == [101, 106, 115]
    assert sum(fetched) == len(body), "each byte once"


def test_a_line_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gigabyte that has no line break, of which no more than its beginning and a piece are ever held."""
    monkeypatch.setattr(module, "LONGEST", 1000)
    monkeypatch.setattr(module, "_CHUNK", 1024**2)
    piece = b"x" * 1024**2
    [line] = lines(lambda start, end: piece[: end - start], size=1024**3, offset=0)
    assert (line.is_cut, line.end, len(line.content)) == (True, 1024**3, 1001)


def test_portions_hold_so_many_lines_or_bytes_and_at_least_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_LINES", 3)
    monkeypatch.setattr(module, "_MOST_BYTES", 10)
    sizes = [1, 1, 1, 1, 9, 2, 99, 1]
    found = portions(Line(b"x" * size, 0) for size in sizes)
    assert [[len(line.content) for line in portion] for portion in found] == [[1, 1, 1], [1, 9], [2], [99], [1]]
