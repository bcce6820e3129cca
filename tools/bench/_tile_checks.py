"""Other people's eyes on our tiles: npm `gltf-validator`, and npm `meshoptimizer` as a decoder.

Installed on first use into the user's cache, outside the checkout. It judges nothing.
"""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import platformdirs

from scenes.tiles import meshopt_views as codec

TIMEOUT_S = 600.0
_SCRIPT = """
import crypto from 'crypto'; import fs from 'fs'; import readline from 'readline';
import validator from 'gltf-validator'; import { MeshoptDecoder } from 'meshoptimizer';
await MeshoptDecoder.ready;
const result = {errors: 0, first: null, views: {}};
for await (const file of readline.createInterface({input: process.stdin})) {
  const data = new Uint8Array(fs.readFileSync(file));
  const report = await validator.validateBytes(data);
  result.errors += report.issues.numErrors;
  if (report.issues.numErrors && !result.first) result.first = report.issues.messages[0];
  const length = new DataView(data.buffer, data.byteOffset).getUint32(12, true);
  const document = JSON.parse(new TextDecoder().decode(data.subarray(20, 20 + length)));
  const binary = data.subarray(28 + length);
  result.views[file] = document.bufferViews.map(view => {
    const e = view.extensions?.EXT_meshopt_compression;
    if (!e) return null;
    const target = new Uint8Array(e.count * e.byteStride);
    const source = binary.subarray(e.byteOffset ?? 0, (e.byteOffset ?? 0) + e.byteLength);
    MeshoptDecoder.decodeGltfBuffer(target, e.count, e.byteStride, source, e.mode, e.filter);
    return crypto.createHash('sha256').update(target).digest('hex');
  });
}
console.log(JSON.stringify(result));
"""


def look(files: Sequence[Path]) -> dict[str, Any]:
    """{"files", "validator_errors", "first_error", "views", "views_different"}.

    Raises OSError or RuntimeError where there is no node or npm, or they fail.
    """
    home = platformdirs.user_cache_path("kenish", appauthor=False) / "bench/tile_checks"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "ready").is_file():
        _run(["npm", "install", "--silent", "gltf-validator", "meshoptimizer"], home, "")
        (home / "ready").touch()
    script = home / "look.mjs"
    script.write_text(_SCRIPT, encoding="utf-8")
    names = "".join(f"{file}\n" for file in files)
    found = json.loads(_run(["node", str(script)], home, names))
    views = different = 0
    for file in files:
        for ours, theirs in zip(_digests(file), found["views"][str(file)], strict=True):
            if theirs is not None:
                views += 1
                different += ours != theirs
    return {
        "files": len(files),
        "validator_errors": found["errors"],
        "first_error": found["first"],
        "views": views,
        "views_different": different,
    }


def _digests(file: Path) -> list[str | None]:
    data = file.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    binary = memoryview(data)[28 + length :]
    packed = [
        view.get("extensions", {}).get(codec.EXTENSION)
        for view in json.loads(data[20 : 20 + length])["bufferViews"]
    ]
    return [
        None if one is None else hashlib.sha256(codec.decode(one, binary)).hexdigest()
        for one in packed
    ]


def _run(command: list[str], home: Path, text: str) -> str:
    run = subprocess.run(
        command, cwd=home, input=text, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    if run.returncode:
        raise RuntimeError((run.stderr or run.stdout)[-300:].strip())
    return run.stdout
