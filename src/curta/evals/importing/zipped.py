"""Members of a zip archive, also of those that are compressed with Zstandard, which Python's own reads from 3.14 on."""

import struct
from collections.abc import Callable
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import crc32

from curta.errors import MissingExtra

ZSTANDARD = 93
LARGEST = 2**29
"""Bytes of one member."""

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


def member(archive: ZipFile, info: ZipInfo) -> bytes:
    """What a member holds. Raises BadZipFile for one that is damaged, and MissingExtra."""
    if info.file_size > LARGEST:
        raise BadZipFile(f"{info.filename} is larger than {LARGEST >> 20} MB")
    try:
        return archive.read(info)
    except NotImplementedError:
        if info.compress_type != ZSTANDARD:
            raise BadZipFile(f"{info.filename} is compressed by method {info.compress_type}") from None
    data = _decompressor()(_raw(archive, info), info.file_size)
    if len(data) != info.file_size or crc32(data) != info.CRC:
        raise BadZipFile(f"{info.filename} is not what it was")
    return data


def _raw(archive: ZipFile, info: ZipInfo) -> bytes:
    """The bytes of a member as they stand in the archive (APPNOTE.TXT, 4.3.7)."""
    file: BinaryIO = archive.fp  # type: ignore[assignment]  # it is open
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise BadZipFile(f"{info.filename} is not where it should be")
    name, extra = _LOCAL_HEADER.unpack(header)[-2:]
    file.seek(name + extra, 1)
    return file.read(info.compress_size)


def _decompressor() -> Callable[[bytes, int], bytes]:
    """What decompresses so many bytes at most, from what is installed."""
    try:
        import zstandard
    except ImportError:
        raise MissingExtra(
            "The log is compressed with Zstandard, which the package zstandard reads (or Python 3.14).", extra="inspect"
        ) from None

    def decompressed(data: bytes, size: int) -> bytes:
        try:
            reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
            return reader.read(size + 1) if size else b""
        except zstandard.ZstdError as error:
            raise BadZipFile(f"{error}") from error

    return decompressed
