"""Where a twin's files come from: paths that lead outside, real HTTP with cut and false answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vr_app.errors import SourceError
from vr_app.stream import source
from vr_app.stream.http_source import HttpSource
from vr_app.stream.source import FolderSource

CONTENT = b"glTF" + bytes(range(256)) * 16


class _Handler(BaseHTTPRequestHandler):
    """/twin/whole, /twin/cut (short once, then whole), /twin/always-cut, /twin/silent, else 404."""

    protocol_version = "HTTP/1.1"
    asked: list[str]
    released: threading.Event

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.removeprefix("/twin/")
        if name == "silent":
            self.released.wait(30)
            self.close_connection = True
            return
        cut = name == "always-cut" or (name == "cut" and self.asked.count(self.path) == 1)
        known = name in {"whole", "cut", "always-cut", "a%20b/%D1%88.glb"}
        data = CONTENT if known else b"no"
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = cut

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    _Handler.asked, _Handler.released = [], threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    _Handler.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def http(server: ThreadingHTTPServer) -> Iterator[HttpSource]:
    one = HttpSource(f"http://127.0.0.1:{server.server_address[1]}")
    yield one
    one.close()


@pytest.mark.parametrize(
    "path", ["../secret", "tiles/../../secret", "/etc/passwd", "C:/x", "tiles\\..\\x", "a\0b"]
)
def test_a_path_that_leads_outside_is_refused_by_every_source(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "twin").mkdir()
    for one in (FolderSource(tmp_path / "twin"), HttpSource("http://127.0.0.1:9")):
        with pytest.raises(SourceError) as refused:
            one.read(path)
        assert refused.value.message_id == "source-outside"


def test_a_folder_gives_its_files_and_names_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "tiles").mkdir()
    (tmp_path / "tiles/a.glb").write_bytes(CONTENT)
    one = FolderSource(tmp_path)
    assert one.read("tiles/a.glb") == CONTENT
    for path in ("tiles/b.glb", "tiles"):
        with pytest.raises(SourceError) as missing:
            one.read(path)
        assert missing.value.message_id == "source-unreadable"
        assert missing.value.arguments["path"] == path


def test_a_file_larger_than_the_bound_is_refused(
    tmp_path: Path, http: HttpSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MAX_FILE_BYTES", len(CONTENT) - 1)
    (tmp_path / "a.glb").write_bytes(CONTENT)
    for one, path in ((FolderSource(tmp_path), "a.glb"), (http, "whole")):
        with pytest.raises(SourceError):
            one.read(path)
    monkeypatch.setattr(source, "MAX_FILE_BYTES", len(CONTENT))
    assert http.read("whole") == CONTENT  # what was left of the refused answer is not in the way


def test_http_reads_whole_files_with_any_name(http: HttpSource) -> None:
    assert http.read("whole") == CONTENT
    assert http.read("a b/ш.glb") == CONTENT


def test_an_answer_cut_short_is_asked_for_once_more(http: HttpSource) -> None:
    assert http.read("cut") == CONTENT
    assert _Handler.asked == ["/twin/cut"] * 2


def test_an_answer_that_is_always_cut_short_is_an_error_not_half_a_file(http: HttpSource) -> None:
    with pytest.raises(SourceError) as error:
        http.read("always-cut")
    assert error.value.message_id == "source-unreadable"
    assert len(_Handler.asked) == 2


def test_a_missing_file_says_so_and_the_connection_goes_on(http: HttpSource) -> None:
    with pytest.raises(SourceError) as error:
        http.read("nothing.glb")
    assert error.value.arguments["reason"] == "HTTP 404"
    assert http.read("whole") == CONTENT


def test_no_server_is_a_source_error(server: ThreadingHTTPServer) -> None:
    one = HttpSource("http://127.0.0.1:1")
    with pytest.raises(SourceError):
        one.read("whole")


def test_closing_ends_a_read_that_waits_and_all_that_come_later(http: HttpSource) -> None:
    errors: list[SourceError] = []

    def read() -> None:
        try:
            http.read("silent")
        except SourceError as error:
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    while not _Handler.asked:  # until the server has the request, which then never is answered
        reader.join(0.01)
    http.close()
    reader.join(5.0)
    assert not reader.is_alive() and len(errors) == 1
    with pytest.raises(SourceError):
        http.read("whole")
