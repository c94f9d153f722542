"""Texts, tags and whole numbers on their way into the C interface and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional, Union

from ._errors import InvalidArgument

Tag = Union[str, bytes, Mapping[str, str], None]
"""What a tag is given as: text, any bytes, or properties, the most important first. None and what is empty: no tag."""


def utf8(value: object, what: str) -> bytes:
    """The bytes of a text."""
    if not isinstance(value, str):
        raise TypeError(f"{what} is a str, not {type(value).__name__}")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError as why:
        raise InvalidArgument(
            f"{what} has a lone surrogate at character {why.start}: that is no Unicode text"
        ) from None


def int64(value: object, what: str) -> int:
    """A number that an int64_t holds. ctypes would cut others off in silence."""
    if not isinstance(value, int):
        raise TypeError(f"{what} is an int, not {type(value).__name__}")
    if not -(2**63) <= value < 2**63:
        raise InvalidArgument(f"{what} is {value}, which does not fit into 64 bits")
    return int(value)


def bits(value: object, what: str) -> int:
    """Mode bits, a uint32_t."""
    if not isinstance(value, int):
        raise TypeError(f"{what} is an int, not {type(value).__name__}")
    if not 0 <= value < 2**32:
        raise InvalidArgument(f"{what} is {value}; the bits are those of a number from 0 to 4294967295")
    return int(value)


def tag_bytes(tag: Tag) -> Optional[bytes]:
    """A tag's bytes. A str stands for other bytes as well, by surrogates, as file names do in Python."""
    if tag is None:
        return None
    if isinstance(tag, str):
        try:
            return tag.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as why:
            raise InvalidArgument(f"the tag has a lone surrogate at character {why.start}") from None
    if isinstance(tag, (bytes, bytearray)):
        return bytes(tag)
    if isinstance(tag, Mapping):
        return b";".join(_property(name, value) for name, value in tag.items())
    raise TypeError(f"a tag is a str, bytes, a mapping of properties or None, not {type(tag).__name__}")


def is_properties(tag: object) -> bool:
    """Whether a tag is given in a form that only a list of properties has."""
    return isinstance(tag, Mapping)


def _property(name: object, value: object) -> bytes:
    """name=value. What would read as another property is refused: values come from strangers."""
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError("the properties of a tag are a mapping of str to str")
    if ";" in name or ";" in value or "=" in name:
        raise InvalidArgument(f"the property {name!r} can not be written in a tag: it has a `;`, or its name a `=`")
    return utf8(f"{name}={value}", "a tag's property")


def tag_text(tag: Optional[bytes]) -> Optional[str]:
    """A tag as the session has it, so that tag_bytes gives the same bytes again."""
    return None if tag is None else tag.decode("utf-8", "surrogateescape")
