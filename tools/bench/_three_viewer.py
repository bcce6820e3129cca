"""What 3d-tiles-renderer (three.js) shows of a tileset, in headless Chromium: picture and counts.

The page, the tiles and the answer go over a server on the loopback address that ends with the
call. It judges nothing.
"""

from __future__ import annotations

import base64
import functools
import json
import shutil
import subprocess
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools.bench import _npm

PACKAGES = ("3d-tiles-renderer", "three", "esbuild")
SIZE = (1280, 720)
FOV_DEG = 60.0  # as Kenish's window
TIMEOUT_S = 150.0
_PAGE = b"<!doctype html><body><script type=module src=/page.js></script>"
_MAX_ANSWER = 64 * 1024 * 1024


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *words: Any, bundle: Path, answer: dict[str, Any], **more: Any) -> None:
        self._bundle, self._answer = bundle, answer
        super().__init__(*words, **more)

    def do_GET(self) -> None:
        if self.path == "/page.js":
            self._send("text/javascript", self._bundle.read_bytes())
        elif self.path == "/":
            self._send("text/html", _PAGE)
        else:
            super().do_GET()

    def _send(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        length = min(int(self.headers["Content-Length"]), _MAX_ANSWER)
        self._answer["found"] = json.loads(self.rfile.read(length))
        self._send("text/plain", b"")
        self._answer["event"].set()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def chromium() -> str:
    """Where the browser is. Raises OSError where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if (found := shutil.which(name)) is not None:
            return found
    raise OSError("no chromium here")


def show(
    folder: Path, tileset: str, eye: tuple[float, ...], at: tuple[float, ...], out: Path
) -> dict[str, Any]:
    """{"models", "visible", "triangles", "failed"} of `folder`/`tileset` seen from `eye` towards
    `at` (scene frame, metres); the picture goes to `out`.

    Raises OSError or RuntimeError where browser, node or network is missing, or nothing came.
    """
    browser = chromium()
    home = _npm.packages("three_viewer", *PACKAGES)
    shutil.copyfile(_npm.HERE / "three_viewer.mjs", home / "three_viewer.mjs")
    bundle = home / "page.js"
    esbuild = home / "node_modules/.bin/esbuild"
    _npm.run([esbuild, "three_viewer.mjs", "--bundle", "--format=esm", f"--outfile={bundle}",
              "--log-level=error"], home)  # fmt: skip
    answer: dict[str, Any] = {"event": threading.Event()}
    handler = functools.partial(_Handler, bundle=bundle, answer=answer, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wish = {"url": f"/{tileset}", "eye": eye, "at": at, "width": SIZE[0], "height": SIZE[1],
            "fov": FOV_DEG}  # fmt: skip
    address = f"http://127.0.0.1:{server.server_port}/#{quote(json.dumps(wish))}"
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                   "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
                   "--remote-debugging-port=0", f"--user-data-dir={profile}", address]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if not answer["event"].wait(TIMEOUT_S):
                raise RuntimeError(f"no picture after {TIMEOUT_S:.0f} s")
        finally:
            process.terminate()
            process.wait(10)
            server.shutdown()
            server.server_close()
    found: dict[str, Any] = answer["found"]
    out.write_bytes(base64.b64decode(found.pop("picture").partition(",")[2]))
    return found
