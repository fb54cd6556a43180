"""What batch transform does with data: split, batch, assemble, name outputs, expand manifests. Pure."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Iterator

MEGABYTE = 1024 * 1024
# RecordIO: a magic number, then a length in the lower 29 bits; the upper 3 say which part of a record it is.
_RECORDIO_MAGIC = 0xCED7230A
_RECORDIO_LENGTH = (1 << 29) - 1
_RECORDIO_WHOLE, _RECORDIO_FIRST, _RECORDIO_MIDDLE, _RECORDIO_LAST = range(4)
# TFRecord: length (8 bytes), its checksum (4), the data, the data's checksum (4).
_TFRECORD_HEAD, _TFRECORD_TAIL = 12, 4
# Lines end in LF or CRLF; a lone CR is data.
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


class BadRecords(ValueError):
    """The input is not what SplitType or the manifest says it is."""


def split_records(data: bytes, split_type: str) -> list[bytes]:
    """The records of an object, framing included, so that joining them gives valid data of the same kind.

    Raises BadRecords when the framing is broken.
    """
    if split_type == "None":
        return [data]
    if split_type == "Line":
        return [line for line in _LINE.findall(data) if line.strip()]
    if split_type == "RecordIO":
        return list(_recordio(data))
    if split_type == "TFRecord":
        return list(_tfrecord(data))
    raise BadRecords(f"SplitType must be None, Line, RecordIO or TFRecord, got '{split_type}'")


def _recordio(data: bytes) -> Iterator[bytes]:
    start = at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise BadRecords(f"RecordIO data ends inside a header at byte {at}")
        magic, word = struct.unpack_from("<II", data, at)
        if magic != _RECORDIO_MAGIC:
            raise BadRecords(f"RecordIO magic number must be {_RECORDIO_MAGIC:#x}, got {magic:#x} at byte {at}")
        part, length = word >> 29, word & _RECORDIO_LENGTH
        starts = part in (_RECORDIO_WHOLE, _RECORDIO_FIRST)
        if starts != (at == start):
            raise BadRecords(f"RecordIO data has part {part} of a record out of order at byte {at}")
        end = at + 8 + length
        if end > len(data):
            raise BadRecords(f"RecordIO record at byte {at} ends {end - len(data)} bytes past the data")
        at = min(end + -length % 4, len(data))
        if part in (_RECORDIO_WHOLE, _RECORDIO_LAST):
            yield data[start:at]
            start = at
        elif part not in (_RECORDIO_FIRST, _RECORDIO_MIDDLE):
            raise BadRecords(f"RecordIO data has the unknown part {part} at byte {end}")
    if start != at:
        raise BadRecords(f"RecordIO record at byte {start} has no last part")


def _tfrecord(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        if at + _TFRECORD_HEAD > len(data):
            raise BadRecords(f"TFRecord data ends inside a header at byte {at}")
        length, checksum = struct.unpack_from("<QI", data, at)
        if _masked_crc32c(data[at : at + 8]) != checksum:
            raise BadRecords(f"TFRecord data has a wrong checksum of the length at byte {at}")
        end = at + _TFRECORD_HEAD + length + _TFRECORD_TAIL
        if end > len(data):
            raise BadRecords(f"TFRecord record at byte {at} ends {end - len(data)} bytes past the data")
        yield data[at:end]
        at = end


def _crc32c_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC32C = _crc32c_table()


def _masked_crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC32C[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def batch_records(records: Iterable[bytes], strategy: str, max_payload: int) -> Iterator[bytes]:
    """Request bodies of at most `max_payload` bytes (0: no limit): one record each, or as many as fit.

    Raises BadRecords for a record that alone is too large.
    """
    body = bytearray()
    for record in records:
        if max_payload and len(record) > max_payload:
            raise BadRecords(f"a record has {len(record)} bytes, more than MaxPayloadInMB allows ({max_payload} bytes)")
        if body and (strategy == "SingleRecord" or (max_payload and len(body) + len(record) > max_payload)):
            yield bytes(body)
            body.clear()
        body += record
    if body:
        yield bytes(body)


def payloads(data: bytes, split_type: str, strategy: str, max_payload: int) -> list[bytes]:
    """The request bodies for one object. Without a SplitType an object is one request, an empty one as well."""
    records = split_records(data, split_type)
    if split_type == "None":
        if max_payload and len(data) > max_payload:
            raise BadRecords(f"the object has {len(data)} bytes, more than MaxPayloadInMB allows ({max_payload} bytes)")
        return records
    bodies = list(batch_records(records, strategy, max_payload))
    if split_type == "Line" and strategy == "SingleRecord":
        # A record sent alone comes without the line break that only parted it from the next one.
        return [body.rstrip(b"\r\n") for body in bodies]
    return bodies


def assemble(answers: Iterable[bytes], assemble_with: str) -> bytes:
    """The output object: the answers joined, each ended by a line break where AssembleWith is Line."""
    if assemble_with == "None":
        return b"".join(answers)
    return b"".join(answer if answer.endswith(b"\n") else answer + b"\n" for answer in answers)


def output_uri(input_uri: str, prefix: str, output_path: str) -> str:
    """Where the answer to an object goes: its path below the prefix, under the output path, plus `.out`.

    A prefix that is no folder (`s3://bucket/in/part-`, or the object itself) counts from its last `/`.
    """
    folder = prefix.rstrip("/") + "/"
    if not input_uri.startswith(folder):
        folder = prefix[: prefix.rindex("/") + 1]
    below = input_uri.removeprefix(folder)
    return f"{output_path.rstrip('/')}/{below}.out"


def expand_manifest(text: bytes) -> tuple[str, list[str]]:
    """The prefix and the objects' URIs of a manifest `[{"prefix": "s3://bucket/a/"}, "relative/key", ...]`.

    Raises BadRecords when it is not of that form.
    """
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise BadRecords(f"the manifest is not JSON: {error}") from error
    head = entries[0] if isinstance(entries, list) and entries else None
    prefix = head.get("prefix") if isinstance(head, dict) else None
    if not isinstance(prefix, str) or not prefix.startswith("s3://"):
        raise BadRecords('the manifest must be a list that begins with {"prefix": "s3://..."}')
    keys = entries[1:]
    if not all(isinstance(key, str) for key in keys):
        raise BadRecords("the manifest must list keys relative to its prefix as text")
    return prefix, [prefix + key for key in keys]
