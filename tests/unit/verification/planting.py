"""A way to plant a fault in a function that many modules have taken in by name."""

import sys
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest.mock import patch


def everywhere(function: Any, instead: Any) -> AbstractContextManager[Any]:
    """One function, replaced in every module that took it in by name."""
    name, stack = function.__name__, ExitStack()
    for module in [one for label, one in sys.modules.items() if label.startswith("paystate.")]:
        if vars(module).get(name) is function:
            stack.enter_context(patch.object(module, name, instead))
    return stack
