"""Splitting, batching, assembling and naming, as batch transform does them."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.local.transform.records import (
    BadRecords,
    assemble,
    batch_records,
    expand_manifest,
    output_uri,
    payloads,
    split_records,
)

MAGIC = 0xCED7230A
# An empty record as TensorFlow's TFRecordWriter writes it: length, its masked CRC-32C, no data, their masked CRC-32C.
TFRECORD_EMPTY = bytes.fromhex("000000000000000029039807d8ea82a2")


def recordio(data: bytes, part: int = 0) -> bytes:
    return struct.pack("<II", MAGIC, part << 29 | len(data)) + data + b"\0" * (-len(data) % 4)


def tfrecord(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + masked_crc32c(length) + data + masked_crc32c(data)


def masked_crc32c(data: bytes) -> bytes:
    """The checksum bit by bit, from its definition."""
    crc = 0xFFFFFFFF
    for bit in (byte >> place & 1 for byte in data for place in range(8)):
        crc = crc >> 1 ^ 0x82F63B78 * (crc & 1 ^ bit)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF)


def test_without_a_split_type_an_object_is_one_record() -> None:
    assert split_records(b"a\nb\n", "None") == [b"a\nb\n"]
    assert split_records(b"", "None") == [b""]


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"a\nb\n", [b"a\n", b"b\n"]),
        (b"a\nb", [b"a\n", b"b"]),
        (b"a\r\nb\r\n", [b"a\r\n", b"b\r\n"]),
        (b"a\rb\n", [b"a\rb\n"]),
        (b"a\n\n\nb\n", [b"a\n", b"b\n"]),
        (b"", []),
    ],
)
def test_lines_end_in_line_feeds_and_blank_ones_are_no_records(data: bytes, records: list[bytes]) -> None:
    assert split_records(data, "Line") == records


@given(st.lists(st.binary(max_size=50), max_size=8))
def test_recordio_of_any_content_comes_apart_into_what_it_was_made_of(contents: list[bytes]) -> None:
    frames = [recordio(content) for content in contents]
    assert split_records(b"".join(frames), "RecordIO") == frames


def test_a_recordio_record_in_several_parts_is_one_record() -> None:
    parts = recordio(b"one", 1) + recordio(b"two", 2) + recordio(b"three", 3)
    assert split_records(parts + recordio(b"next"), "RecordIO") == [parts, recordio(b"next")]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"text", "ends inside a header at byte 0"),
        (b"some longer text", "magic number must be 0xced7230a"),
        (recordio(b"12345678")[:-4], "ends 4 bytes past the data"),
        (recordio(b"x", 2), "out of order at byte 0"),
        (recordio(b"x", 1), "has no last part"),
        (recordio(b"x", 1) + recordio(b"y", 0), "out of order at byte 12"),
    ],
)
def test_broken_recordio_is_refused_with_the_place(data: bytes, problem: str) -> None:
    with pytest.raises(BadRecords, match=problem):
        split_records(data, "RecordIO")


@given(st.lists(st.binary(max_size=50), max_size=8))
def test_tfrecords_of_any_content_come_apart_with_their_framing(contents: list[bytes]) -> None:
    frames = [TFRECORD_EMPTY, *(tfrecord(content) for content in contents)]
    assert split_records(b"".join(frames), "TFRecord") == frames


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (TFRECORD_EMPTY[:-1], "ends 1 bytes past the data"),
        (TFRECORD_EMPTY[:5], "ends inside a header at byte 0"),
        (b"\1" + TFRECORD_EMPTY[1:], "wrong checksum of the length at byte 0"),
    ],
)
def test_broken_tfrecords_are_refused_with_the_place(data: bytes, problem: str) -> None:
    with pytest.raises(BadRecords, match=problem):
        split_records(data, "TFRecord")


def test_multi_record_fills_a_body_up_to_the_last_byte_that_fits() -> None:
    records = [b"1234\n", b"123\n", b"1\n"]
    assert list(batch_records(records, "MultiRecord", 9)) == [b"1234\n123\n", b"1\n"]
    assert list(batch_records(records, "MultiRecord", 8)) == [b"1234\n", b"123\n1\n"]
    assert list(batch_records(records, "MultiRecord", 0)) == [b"1234\n123\n1\n"]


def test_single_record_sends_each_record_alone_and_without_its_line_break() -> None:
    assert payloads(b"a\r\nb\nc", "Line", "SingleRecord", 0) == [b"a", b"b", b"c"]


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=30), st.integers(min_value=20, max_value=60))
def test_batches_hold_every_record_once_in_order_and_never_too_much(records: list[bytes], most: int) -> None:
    bodies = list(batch_records(records, "MultiRecord", most))
    assert b"".join(bodies) == b"".join(records)
    assert all(0 < len(body) <= most for body in bodies)


def test_a_record_larger_than_a_payload_is_refused() -> None:
    with pytest.raises(BadRecords, match=r"a record has 5 bytes, more than MaxPayloadInMB allows \(4 bytes\)"):
        payloads(b"1234\n", "Line", "MultiRecord", 4)
    with pytest.raises(BadRecords, match="the object has 5 bytes"):
        payloads(b"12345", "None", "MultiRecord", 4)


def test_assembling_by_line_ends_each_answer_with_one_line_break() -> None:
    assert assemble([b"a", b"b\n"], "Line") == b"a\nb\n"
    assert assemble([b"a", b"b\n"], "None") == b"ab\n"


@pytest.mark.parametrize(
    ("prefix", "key"),
    [
        ("s3://in/data/", "day/a.csv.out"),
        ("s3://in/data", "day/a.csv.out"),
        ("s3://in", "data/day/a.csv.out"),
        ("s3://in/data/day/a", "a.csv.out"),
        ("s3://in/data/day/a.csv", "a.csv.out"),
    ],
)
def test_an_output_keeps_the_path_below_the_prefix(prefix: str, key: str) -> None:
    for output in ("s3://out/results", "s3://out/results/"):
        assert output_uri("s3://in/data/day/a.csv", prefix, output) == f"s3://out/results/{key}"


def test_a_manifest_names_objects_relative_to_its_prefix() -> None:
    text = json.dumps([{"prefix": "s3://bucket/a/"}, "x.csv", "deep/y.csv"]).encode()
    assert expand_manifest(text) == ("s3://bucket/a/", ["s3://bucket/a/x.csv", "s3://bucket/a/deep/y.csv"])


@pytest.mark.parametrize("text", [b"no json", b"{}", b"[]", b'["x"]', b'[{"prefix": "bucket"}, "x"]'])
def test_a_manifest_of_another_form_is_refused(text: bytes) -> None:
    with pytest.raises(BadRecords, match="the manifest"):
        expand_manifest(text)


def test_a_manifest_lists_text_only() -> None:
    with pytest.raises(BadRecords, match="as text"):
        expand_manifest(b'[{"prefix": "s3://bucket/"}, 1]')
