"""Values: what is made once and never changed.

``@fixed(frozen=True, slots=True)`` is ``@dataclass(frozen=True, slots=True)`` to the type checker, which refuses every
assignment. Running, it is a dataclass with equality and hash alike whose ``__init__`` assigns plainly: keeping
assignments out once more at run time makes each field four times as dear, and a turn makes a hundred values
(a tenth of what deciding and wording cost).
"""

import dataclasses
from typing import TYPE_CHECKING, Any

__all__ = ["fixed"]

if TYPE_CHECKING:
    from dataclasses import dataclass as fixed
else:

    def fixed(*, frozen: bool, **how: Any) -> Any:
        """The decorator for a class of values; the arguments are those of ``dataclass``."""
        assert frozen, "what changes is a plain dataclass"
        return dataclasses.dataclass(unsafe_hash=True, **how)
