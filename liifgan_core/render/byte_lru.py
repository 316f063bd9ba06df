"""A cache bounded by bytes, which forgets what was not used for longest.

cachetools' LRUCache would not do: it refuses a value above the bound, which must be kept here, has
no look that leaves the order, and asks for a value's bytes by a function of the value.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ByteLRU(Generic[K, V]):
    """Keeps values until their bytes exceed a bound; always keeps the newest. Not thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the value, now the most recently used, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def peek(self, key: K) -> V | None:
        """Return the value, used no more recently than before, or None."""
        entry = self._entries.get(key)
        return None if entry is None else entry[0]

    def put(self, key: K, value: V, num_bytes: int) -> None:
        """Keep a value of `num_bytes`, forgetting others for it where needed."""
        previous = self._entries.pop(key, None)
        if previous is not None:
            self.used_bytes -= previous[1]
        self._entries[key] = (value, num_bytes)
        self.used_bytes += num_bytes
        while self.used_bytes > self.max_bytes and len(self._entries) > 1:
            _, (_, dropped_bytes) = self._entries.popitem(last=False)
            self.used_bytes -= dropped_bytes

    def discard(self, is_unwanted: Callable[[K], bool]) -> None:
        """Forget the values of some keys."""
        for key in [key for key in self._entries if is_unwanted(key)]:
            self.used_bytes -= self._entries.pop(key)[1]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.used_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)
