"""The cache on disk: contents by hash, bounds, several processes, kills, and names from outside."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync_server.support import DEADLINE_S, ROOT
from vr_app.stream import disk_cache
from vr_app.stream.disk_cache import DiskCache, content_hash

KIB = 1024


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache", 1024 * KIB)


def content(number: int, size: int = 10 * KIB) -> bytes:
    return random.Random(number).randbytes(size)


def files(cache: DiskCache) -> list[Path]:
    return [one for one in cache.folder.rglob("*") if one.is_file()]


def total(cache: DiskCache) -> int:
    size = 0
    for one in files(cache):
        with contextlib.suppress(FileNotFoundError):
            size += one.stat().st_size
    return size


def test_what_was_put_is_there_for_every_other_cache_of_the_folder(
    cache: DiskCache, tmp_path: Path
) -> None:
    data = content(1)
    name = cache.put(data)
    assert name == content_hash(data)
    other = DiskCache(tmp_path / "cache")
    assert other.has(name, len(data)) and other.get(name, len(data)) == data
    assert other.get(content_hash(b"else"), 4) is None
    assert cache.put(data) == name and len(files(cache)) == 1


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_torn_or_changed_file_is_never_given_and_is_dropped(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    cache = DiskCache(tmp_path_factory.mktemp("cache"))
    whole = data.draw(st.binary(min_size=1, max_size=400))
    name = cache.put(whole)
    assert name is not None
    (file,) = files(cache)
    broken = data.draw(
        st.one_of(
            st.integers(0, len(whole) - 1).map(lambda cut: whole[:cut]),
            st.integers(0, len(whole) - 1).map(
                lambda at: whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            ),
            st.binary(min_size=1, max_size=20).map(lambda more: whole + more),
            st.just(bytes(len(whole) + 1)),
        )
    )
    file.write_bytes(broken)
    assert cache.get(name, len(whole)) is None
    assert not file.exists()
    assert cache.put(whole) == name and cache.get(name, len(whole)) == whole


@pytest.mark.parametrize(
    "name",
    ["", "..", "../../x", "/etc/passwd", "a" * 31, "A" * 32, "g" * 32, "a" * 32 + "/x", "a\0" * 16],
)
def test_a_name_that_is_no_hash_opens_no_file(cache: DiskCache, name: str) -> None:
    for act in (lambda: cache.get(name, 1), lambda: cache.has(name, 1), lambda: cache.touch(name)):
        with pytest.raises(ValueError, match="no hash"):
            act()


def test_the_bound_holds_and_what_was_used_last_stays(cache: DiskCache) -> None:
    names = [cache.put(content(number)) for number in range(60)]
    for age, name in enumerate(names):
        assert name is not None
        file = cache.folder / name[:2] / name
        os.utime(file, (time.time() - 9000 + age,) * 2)
    first, last = names[0], names[-1]
    assert first is not None and last is not None
    assert cache.get(first, 10 * KIB) is not None  # used now, though it came first
    for number in range(60, 130):
        cache.put(content(number))
    assert total(cache) <= cache.max_bytes * (1 + 1 / disk_cache.PARTS)
    assert cache.has(first, 10 * KIB)
    assert not cache.has(names[1] or "", 10 * KIB)


def test_nothing_that_is_not_its_own_is_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    (folder / "blobs" / "ab").mkdir(parents=True)
    strangers = [
        folder / "letter.txt",
        folder / "blobs" / "letter.txt",
        folder / "blobs" / "ab" / "letter.txt",
        folder / "blobs" / "ab" / ("a" * 31),
    ]
    for one in strangers:
        one.write_bytes(bytes(50 * KIB))
        os.utime(one, (1.0, 1.0))
    cache = DiskCache(folder, 64 * KIB)
    for number in range(20):
        cache.put(content(number))
    cache.tidy()
    assert all(one.exists() for one in strangers)


def test_a_file_that_would_fill_the_cache_is_not_kept(cache: DiskCache) -> None:
    assert cache.put(bytes(cache.max_bytes // disk_cache.LARGEST + 1)) is None
    assert files(cache) == []


def test_a_disk_that_gets_full_keeps_less(
    cache: DiskCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        cache.put(content(number))
    before = total(cache)

    def nearly_full(_path: object) -> object:
        class Usage:
            free = disk_cache.RESERVE_BYTES - 200 * KIB

        return Usage()

    monkeypatch.setattr("shutil.disk_usage", nearly_full)
    assert cache.tidy() <= before - 200 * KIB


def test_a_folder_that_cannot_be_made_means_only_that_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = DiskCache(tmp_path / "file" / "cache")
    assert cache.put(b"data") is None
    assert cache.get(content_hash(b"data"), 4) is None


WRITER = """
import random, sys
from pathlib import Path
from vr_app.stream.disk_cache import DiskCache
cache = DiskCache(Path(sys.argv[1]), int(sys.argv[2]))
chance = random.Random(int(sys.argv[3]))
print("ready", flush=True)
wrong = kept = 0
for turn in range(int(sys.argv[4])):
    data = random.Random(chance.randrange(400)).randbytes(20_000)
    name = cache.put(data)
    found = None if name is None else cache.get(name, len(data))
    wrong += found is not None and found != data
    kept += found == data
print(wrong, kept)
"""


def writer(folder: Path, bound: int, seed: int, turns: int) -> subprocess.Popen[str]:
    words = [str(folder), str(bound), str(seed), str(turns)]
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


@contextlib.contextmanager
def watched(cache: DiskCache, sizes: list[int]) -> Iterator[None]:
    """The folder's size again and again while something runs."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            sizes.append(total(cache))

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    over.set()
    thread.join()


def test_processes_share_it_while_they_take_from_each_other(tmp_path: Path) -> None:
    bound = 1024 * KIB
    cache = DiskCache(tmp_path, bound)
    sizes: list[int] = [0]
    with watched(cache, sizes):
        processes = [writer(tmp_path, bound, seed, 600) for seed in (1, 2)]
        for process in processes:
            said, _ = process.communicate(timeout=DEADLINE_S)
            wrong, kept = map(int, said.split())
            assert process.returncode == 0 and wrong == 0
            assert kept > 300  # what one has just written is there more often than not
    # Each may add its part between two looks, and what it is writing meanwhile.
    assert max(sizes) <= bound * (1 + 2 / disk_cache.PARTS) + 4 * 20_000 * 2
    assert cache.tidy() <= bound


def test_a_kill_in_the_middle_of_writing_leaves_whole_files_or_none(tmp_path: Path) -> None:
    chance = random.Random(5)
    cache = DiskCache(tmp_path, 2048 * KIB)
    for seed in range(6):
        process = writer(tmp_path, cache.max_bytes, seed, 1_000_000)
        with process:
            while not files(cache):
                assert process.poll() is None
            time.sleep(chance.uniform(0.0, 0.08))  # somewhere in a write
            process.kill()
        for file in files(cache):
            if not file.name.startswith("."):
                data = file.read_bytes()
                assert content_hash(data) == file.name
                assert cache.get(file.name, len(data)) == data
    for file in files(cache):  # leftovers of the dead go once they are old
        if file.name.startswith("."):
            os.utime(file, (1.0, 1.0))
    cache.tidy()
    assert not [one for one in files(cache) if one.name.startswith(".")]
