"""Reading HTTP request bodies off a socket: of a known length or chunked, and never more than a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message
    from io import BufferedIOBase

LONGEST_LINE = 4096
"""Bytes of a chunk-size or trailer line; anything longer is no HTTP client."""


class BrokenBody(Exception):
    """The body does not keep to HTTP: what follows on the connection cannot be understood any more (400)."""


class BodyTooLarge(Exception):
    """The body is longer than this server takes (413)."""


def read_body(stream: BufferedIOBase, headers: Message, limit: int) -> bytes:
    """The whole request body, at most `limit` bytes; raises `BodyTooLarge` or `BrokenBody`."""
    coding = headers.get("Transfer-Encoding", "").strip().lower()
    if coding == "chunked":
        return _read_chunks(stream, limit)
    if coding:
        raise BrokenBody(f"transfer encoding must be chunked, got {coding}")
    length = headers.get("Content-Length", "0").strip()
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise BrokenBody("content length must be a whole number of bytes")
    if int(length) > limit:
        raise BodyTooLarge(f"the body must be at most {limit} bytes, got {length}")
    return _read_exactly(stream, int(length))


def _read_chunks(stream: BufferedIOBase, limit: int) -> bytes:
    body = bytearray()
    while size := _chunk_size(_read_line(stream)):
        if len(body) + size > limit:
            raise BodyTooLarge(f"the body must be at most {limit} bytes, got more")
        body += _read_exactly(stream, size)
        if _read_line(stream):
            raise BrokenBody("a chunk must end with a line break")
    trailer = _read_line(stream)
    while trailer:  # trailers are allowed, and of no use here
        trailer = _read_line(stream)
    return bytes(body)


def _chunk_size(line: bytes) -> int:
    size = line.partition(b";")[0].strip()
    # int() alone would also take signs, underscores and 0x.
    if not size or len(size) > 16 or size.strip(b"0123456789abcdefABCDEF"):
        raise BrokenBody("a chunk must begin with its size in hexadecimal digits")
    return int(size, 16)


def _read_line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise BrokenBody("the connection ended, or a line did not, inside a chunked body")
    return line.rstrip(b"\r\n")


def _read_exactly(stream: BufferedIOBase, size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise BrokenBody(f"the body must have {size} bytes, but the connection ended after {len(body)}")
    return body
