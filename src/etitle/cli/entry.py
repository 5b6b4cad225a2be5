"""Where both commands start: Ctrl-C ends them without a traceback, however early it comes.

Python's own answer to it is an exception, and while the program is still being loaded nobody is
there to catch one.
"""

from __future__ import annotations

import os
import signal
from importlib import import_module

TYPE_CHECKING = False  # nothing is loaded here that can wait
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_INTERRUPTED: Final = 130


def issuer() -> int:
    """The command ``etitle``."""
    return _start("etitle.cli.etitle")


def verifier() -> int:
    """The command ``etitle-verify``."""
    return _start("etitle.cli.etitle_verify")


def _start(name: str) -> int:
    # Whoever starts us in the background may have it ignored: then it stays so.
    answers = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if answers:
        signal.signal(signal.SIGINT, _quit)
    main: Callable[[], int] = import_module(name).main
    try:
        if answers:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return main()
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        if answers:
            signal.signal(signal.SIGINT, _quit)


def _quit(*_: object) -> None:
    os._exit(_INTERRUPTED)
