"""The rules of the C interface that hold for every call, watched below the binding.

The binding hides OUT parameters, lengths and contexts. Here each function of orapool.native is replaced by one that puts
poison into what the call must write, calls, and looks; the binding on top does not notice.
"""

import ctypes
import threading

from orapool import native

_POISON = 0x5A5A
_NO_DATA = 100

# The positions of OUT parameters: handles and texts are NULL on failure, numbers 0. A text is followed by its length.
_HANDLES = {
    "attrs_new": [0],
    "create": [4],
    "open": [2],
    "session_get": [1],
    "fast_session_get": [1],
    "stmt_prepare": [3],
    "request_start": [6],
    "request_finish": [1],
}
_TEXTS = {
    "metrics": [2],
    "session_get": [5],
    "fast_session_get": [5],
    "stmt_column_text": [2],
    "request_finish": [2],
}
_NUMBERS = {
    "session_get": [7],
    "fast_session_get": [7],
    "session_identity": [1, 2],
    "session_execute": [3],
    "session_attach": [3],
    "stmt_execute": [1],
    "stmt_column_int": [2],
    "request_finish": [4],
}
_TEXT_RESULTS = {"session_tag": 1, "session_drcp_return_tag": 1, "error_message": 1, "stmt_column_name": 2}

_lock = threading.Lock()
_flaws = []
_lives = {}
_freed = {}


def take_flaws():
    """What was found since the last look."""
    with _lock:
        found, _flaws[:] = list(_flaws), []
        return found


def take_contexts():
    """Of each callback's context that was handed over since the last look: how often, and how often it was freed."""
    with _lock:
        counts = {ctx: (lives, _freed.get(ctx, 0)) for ctx, lives in _lives.items()}
        _lives.clear()
        _freed.clear()
        return counts


def note(flaw):
    with _lock:
        _flaws.append(flaw)


def install():
    """Before the first call."""
    lib = native.lib
    for name in [*native._STATUS_FUNCTIONS, "fast_session_get", "fast_session_release"]:
        if name not in lib.missing:
            setattr(lib, name, _watched(name, getattr(lib, name)))
    for name, at in _TEXT_RESULTS.items():
        setattr(lib, name, _watched_text(name, at, getattr(lib, name)))
    lib.attrs_set_callback = _counting_frees(lib.attrs_set_callback)


def _watched(name, function):
    handles, texts, numbers = _HANDLES.get(name, []), _TEXTS.get(name, []), _NUMBERS.get(name, [])
    is_get = name in ("session_get", "fast_session_get", "request_finish")

    def call(*given):
        arguments = list(given)
        if is_get:
            _ask_for_all(arguments, texts[0], numbers[0])
        outs = [_behind(arguments[at]) for at in [*handles, *texts, *[at + 1 for at in texts], *numbers]]
        error = _behind(arguments[-1])
        for out in [*outs, error]:
            out.value = _POISON
        status = function(*arguments)
        _check_error(name, status, error)
        _check_outs(name, status, outs, [_behind(arguments[at]) for at in handles])
        for at in texts:
            _check_text(name, _behind(arguments[at]).value, _behind(arguments[at + 1]).value)
        if is_get and status in (0, 1):
            _check_returned_tag(
                _behind(arguments[handles[0]]), _behind(arguments[texts[0]]), _behind(arguments[texts[0] + 1])
            )
        return status

    return call


def _behind(argument):
    """The object that byref() was made from."""
    return argument._obj


def _ask_for_all(arguments, text, number):
    """The binding asks only for what it does not know; here the rest is looked at as well."""
    for at, kind in ((text, ctypes.c_void_p), (text + 1, ctypes.c_size_t), (number, ctypes.c_int32)):
        if arguments[at] is None:
            arguments[at] = ctypes.byref(kind())


def _check_error(name, status, error):
    if error.value == _POISON:
        note(f"{name}: *error was not written")
        error.value = None
    elif status in (0, _NO_DATA):
        if error.value:
            note(f"{name}: a success has an error")
    elif not error.value:
        note(f"{name}: status {status} has no error") if status != 2 else None
    elif native.lib.error_status(error.value) != status:
        note(f"{name}: status {status}, but that of its error is {native.lib.error_status(error.value)}")
    _check_messages(name, error.value)


def _check_messages(name, error):
    while error:
        code = native.lib.error_code(error)
        length = ctypes.c_size_t()
        address = native.lib.error_message(error, ctypes.byref(length))
        message = ctypes.string_at(address, length.value).decode("utf-8", "replace") if address else ""
        if code and not message.startswith(f"ORA-{code:05}"):
            note(f"{name}: a message does not begin with ORA-{code:05}: {message}")
        error = native.lib.error_next(error)


def _check_outs(name, status, outs, handles):
    for out in outs:
        if out.value == _POISON:
            note(f"{name}: an OUT parameter was not written")
        elif status < 0 and out.value:
            note(f"{name}: status {status}, but an OUT parameter is {out.value}")
    for handle in handles:
        if status in (0, 1) and not handle.value:
            note(f"{name}: status {status}, but the OUT handle is NULL")


def _check_text(name, address, length):
    if not address and length:
        note(f"{name}: a text is NULL with the length {length}")
    if address and ctypes.string_at(address + length, 1) != b"\0":
        note(f"{name}: a text has no NUL behind it")


def _check_returned_tag(session, tag, length):
    returned = native.text_at(tag.value, length.value)
    own_length = ctypes.c_size_t()
    own = native.text_at(native.lib.session_tag(session.value, ctypes.byref(own_length)), own_length.value)
    # Another thread may have closed the pool by now, which takes session and tag away.
    if own is not None and own != returned:
        note(f"the get returned the tag {returned!r}, but the session's is {own!r}")


def _watched_text(name, at, function):
    def call(*arguments):
        length = _behind(arguments[at])
        length.value = _POISON
        address = function(*arguments)
        if not address and length.value == _POISON:
            note(f"{name}: the length was not written")
        _check_text(name, address, length.value)
        return address

    return call


def _counting_frees(function):
    """Counts how often the library says that a context can be used no more."""
    originals = []

    @native.CTX_FREE
    def free(ctx):
        with _lock:
            _freed[ctx] = _freed.get(ctx, 0) + 1
        originals[0](ctx)

    def call(bag, callback, ctx, given, error):
        if not originals:
            originals.append(given)
        with _lock:
            # Handed over while it is in use it is the same registration; afterwards the address serves another one.
            if _freed.get(ctx.value, 0) >= _lives.get(ctx.value, 0):
                _lives[ctx.value] = _lives.get(ctx.value, 0) + 1
        return function(bag, callback, ctx, free, error)

    return call
