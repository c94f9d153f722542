"""Bytes that a scenario describes."""

import re

from .findings import Failure


def bytes_of(text, arguments=None):
    """The bytes; None for null. `arguments` are there inside a callback alone."""
    if text is None:
        return None
    if isinstance(text, str):
        return text.encode()
    if "hex" in text:
        digits = text["hex"]
        if len(digits) % 2 or not re.fullmatch("[0-9a-fA-F]*", digits):
            raise Failure(f"`{digits}` is not hexadecimal")
        return bytes.fromhex(digits)
    if "repeat" in text:
        return text["repeat"][0].encode() * text["repeat"][1]
    if "join" in text:
        return b"".join(bytes_of(part, arguments) for part in text["join"])
    if arguments is None:
        raise Failure("the scenario uses an argument of a callback outside of one")
    return arguments[text["argument"]] or b""
