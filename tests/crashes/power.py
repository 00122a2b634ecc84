"""A disk that may lose its power, under the SQLite that the product itself runs on.

SQLite reaches its files through a table of functions, its VFS. `watched` puts one in front of SQLite's own, in the very
library that Python's driver uses: each call goes on to the real file, and what was written, cut off, synced and deleted
is noted. So a `Disk` can tell every content that the files may have after a power cut: all that was synced, and of what
came later each write whole, lost, or torn into sectors that are new, old or garbage. A library with a VFS of its own,
such as apsw, brings another SQLite with it, which the product's driver would not use.

Sources: sqlite.org, "The SQLite OS Interface or VFS", "Atomic Commit In SQLite" (3.1, hardware assumptions) and
"PSOW": bytes beside those of a write are not harmed.
"""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, addressof, c_char_p, c_int, c_int64, c_void_p, cast, string_at
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

SECTOR: Final = 512
_OK: Final = 0


@frozen
class Written:
    """Bytes at an offset of a file."""

    file: str
    at: int
    data: bytes


@frozen
class Resized:
    """The size of a file was set."""

    file: str
    size: int


@frozen
class Deleted:
    """A file was deleted, and its folder not synced."""

    file: str


@frozen
class Synced:
    """All that was done to a file is on the disk, and so is its name."""

    file: str


Event = Written | Resized | Deleted | Synced
Files = dict[str, bytes]
"""What files hold, by name; one that is not there is left out."""


def _as_sqlite_names_it(path: Path) -> Path:
    return path.resolve()


@define
class Disk:
    """The files of one database, from when they are first looked at.

    Attributes:
        cuts: In each life, after so many events its power goes; none when there are no more.
        goes: Called at that moment, from within SQLite.
        before: What the files held at first.
        events: What was done since; nothing is noted while the power is off.
        acknowledged: After how many events somebody was told that a write is stored.
    """

    path: Path = field(converter=_as_sqlite_names_it)
    cuts: list[int] = field(factory=list[int])
    goes: Callable[[], None] = lambda: None
    before: Files = field(init=False)
    events: list[Event] = field(factory=list[Event])
    acknowledged: list[int] = field(factory=list[int])
    is_off: bool = False

    def begin(self) -> None:
        """Look at the files, which nobody has open."""
        self.before = {path.name: path.read_bytes() for path in self._files()}

    def note(self, event: Event) -> None:
        """Something was done to a file."""
        if self.is_off:
            return
        self.events.append(event)
        if self.cuts and len(self.events) == self.cuts[0]:
            self.cuts.pop(0)
            self.is_off = True
            self.goes()

    def acknowledge(self) -> None:
        """Somebody is told that a write is stored."""
        self.acknowledged.append(len(self.events))

    def comes_back(self, dice: random.Random) -> None:
        """Leave in the files, which nobody has open any more, what the power cut has left of them."""
        self.before = self.left(len(self.events), dice)
        self.events.clear()
        for path in self._files():
            path.unlink()
        laid_out(self.before, self.path.parent)
        self.is_off = False

    def left(self, at: int, dice: random.Random | None = None) -> Files:
        """What the files hold after a power cut after so many events; without dice nothing was lost."""
        files = {name: bytearray(content) for name, content in self.before.items()}
        unsynced = dict[str, list[Event]]()
        for event in self.events[:at]:
            if isinstance(event, Synced):
                for earlier in unsynced.pop(event.file, []):
                    _do(files, earlier)
            else:
                unsynced.setdefault(event.file, []).append(event)
        for events in unsynced.values():
            for event in _kept(events, dice) if dice else events:
                _do(files, event)
        return {name: bytes(content) for name, content in files.items()}

    def _files(self) -> list[Path]:
        """The database, its log and its journal. What is shared in memory is nobody's after a power cut."""
        return [path for path in self.path.parent.glob(f"{self.path.name}*") if not path.name.endswith("-shm")]


def laid_out(files: Files, folder: Path) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _do(files: dict[str, bytearray], event: Event) -> None:
    match event:
        case Written(name, at, data):
            content = files.setdefault(name, bytearray())
            content.extend(bytes(max(0, at - len(content))))
            content[at : at + len(data)] = data
        case Resized(name, size):
            del files.setdefault(name, bytearray())[size:]
        case _:
            files.pop(event.file, None)


def _kept(events: list[Event], dice: random.Random) -> Iterator[Event]:
    """What is left of events that were not synced. After a deletion that is lost there is no new file either."""
    for event in events:
        fate = dice.choice(("kept", "lost", "torn"))
        if isinstance(event, Written) and fate == "torn":
            yield from _torn(event, dice)
        elif fate == "kept":
            yield event
        elif isinstance(event, Deleted):
            return


def _torn(write: Written, dice: random.Random) -> Iterator[Written]:
    at, end = write.at, write.at + len(write.data)
    while at < end:
        until = min(end, at - at % SECTOR + SECTOR)
        new = write.data[at - write.at : until - write.at]
        match dice.choice(("new", "old", "garbage")):
            case "new":
                yield Written(write.file, at, new)
            case "garbage":
                yield Written(write.file, at, dice.randbytes(until - at))
            case _:
                pass
        at = until


# --- SQLite's own tables, as sqlite3.h has them


class _Vfs(Structure):
    _fields_ = [
        ("iVersion", c_int), ("szOsFile", c_int), ("mxPathname", c_int), ("pNext", c_void_p), ("zName", c_char_p),
        ("pAppData", c_void_p), ("xOpen", c_void_p), ("xDelete", c_void_p), ("others", c_void_p * 14),
    ]  # fmt: skip


class _Methods(Structure):
    _fields_ = [
        ("iVersion", c_int), ("xClose", c_void_p), ("xRead", c_void_p), ("xWrite", c_void_p), ("xTruncate", c_void_p),
        ("xSync", c_void_p), ("others", c_void_p * 13),
    ]  # fmt: skip


class _File(Structure):
    _fields_ = [("pMethods", POINTER(_Methods))]


_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


def library() -> Any:
    """The SQLite of Python's driver; None where it is built in and cannot be reached."""
    found = find_spec("_sqlite3")
    if found is None or found.origin is None or not Path(found.origin).is_file():
        return None
    loaded = ctypes.CDLL(found.origin)  # whatever it is linked to is searched too
    return loaded if hasattr(loaded, "sqlite3_vfs_find") else None


@contextmanager
def watched(disk: Disk) -> Generator[None]:
    """Note what connections that are opened in the block do to the files of a disk."""
    sqlite = library()
    sqlite.sqlite3_vfs_find.restype = POINTER(_Vfs)
    watch = _Watch(disk, sqlite.sqlite3_vfs_find(None))
    sqlite.sqlite3_vfs_register(watch.vfs, 1)
    try:
        yield
    finally:
        sqlite.sqlite3_vfs_register(watch.real, 1)
        sqlite.sqlite3_vfs_unregister(watch.vfs)


class _Watch:
    """A VFS in front of the real one. It must outlive the connections that were opened through it."""

    _kept: Final = list["_Watch"]()  # who forgets to close one must not make SQLite call what is gone

    def __init__(self, disk: Disk, real: Any) -> None:
        self._disk = disk
        self.real = real
        self._open, self._delete = _Open(real.contents.xOpen), _Delete(real.contents.xDelete)
        self._names = dict[int, str]()
        self._methods = dict[int, _Methods]()
        self._calls = list[Any]([_Open(self._opened), _Delete(self._deleted)])
        copy = _Vfs.from_buffer_copy(real.contents)
        copy.zName, copy.pNext = b"watched", None
        copy.xOpen, copy.xDelete = (cast(call, c_void_p).value for call in self._calls)
        self.vfs = ctypes.pointer(copy)
        self._kept.append(self)

    def _name(self, address: int | None) -> str:
        """The name of a file of the disk; empty for any other."""
        path = Path(string_at(address).decode()) if address else Path()
        is_ours = path.parent == self._disk.path.parent and path.name.startswith(self._disk.path.name)
        return path.name if is_ours and not path.name.endswith("-shm") else ""

    def _opened(self, _vfs: int, name: int | None, file: Any, flags: int, out_flags: int) -> int:
        ended: int = self._open(cast(self.real, c_void_p), name, file, flags, out_flags)
        if ended == _OK and (ours := self._name(name)):
            self._names[addressof(file.contents)] = ours
            file.contents.pMethods = ctypes.pointer(self._watching(file.contents.pMethods))
        return ended

    def _deleted(self, _vfs: int, name: int | None, sync_folder: int) -> int:
        ended: int = self._delete(cast(self.real, c_void_p), name, sync_folder)
        if ended == _OK and (ours := self._name(name)):
            self._disk.note(Deleted(ours))
            if sync_folder:
                self._disk.note(Synced(ours))
        return ended

    def _watching(self, methods: Any) -> _Methods:
        """The methods of an open file, of which three are watched; made once for each kind of file."""
        real = addressof(methods.contents)
        if real not in self._methods:
            self._methods[real] = made = _Methods.from_buffer_copy(methods.contents)
            calls = self._watched(made)
            self._calls += calls
            made.xWrite, made.xTruncate, made.xSync = (cast(call, c_void_p).value for call in calls)
        return self._methods[real]

    def _watched(self, real: _Methods) -> list[Any]:
        write, truncate, sync = _Write(real.xWrite), _Truncate(real.xTruncate), _Sync(real.xSync)
        names, note = self._names, self._disk.note

        def written(file: int, data: int, size: int, at: int) -> int:
            ended: int = write(file, data, size, at)
            if ended == _OK:
                note(Written(names[file], at, string_at(data, size)))
            return ended

        def resized(file: int, size: int) -> int:
            ended: int = truncate(file, size)
            if ended == _OK:
                note(Resized(names[file], size))
            return ended

        def synced(file: int, flags: int) -> int:
            ended: int = sync(file, flags)
            if ended == _OK:
                note(Synced(names[file]))
            return ended

        return [_Write(written), _Truncate(resized), _Sync(synced)]
