"""What is heard: short sounds without a click at either end; none where nothing can be heard."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vr_app.sounds import RATE_HZ, SOUNDS, Sounds, waveform

# The wheel's OpenAL writes what would be heard into a file.
_PLAYED = """
import time
from vr_app.sounds import Sounds
sounds = Sounds(True)
sounds.open()
for _ in range(3):
    sounds.play("mark")
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        sounds.step()
        time.sleep(0.01)
sounds.close()
"""


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_begins_and_ends_in_silence(name: str) -> None:
    samples = waveform(name)
    assert samples.dtype == np.int16 and len(samples) <= 0.2 * RATE_HZ
    loudest = int(np.abs(samples.astype(int)).max())
    assert 3000 < loudest < 16_000
    assert abs(int(samples[0])) < 50 and np.abs(samples[-20:].astype(int)).max() < 0.03 * loudest


def test_a_mark_is_heard(tmp_path: Path) -> None:
    heard, settings = tmp_path / "heard.wav", tmp_path / "alsoft.conf"
    general = (
        "[general]\ndrivers = wave\nsample-type = int16\nchannels = stereo\nfrequency = 44100\n"
    )
    settings.write_text(f"{general}[wave]\nfile = {heard}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _PLAYED],
        env={**os.environ, "ALSOFT_CONF": str(settings), "ALSOFT_DRIVERS": "wave"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    content = heard.read_bytes()  # of a form that the library `wave` reads from Python 3.12 on
    data = content[content.index(b"data") + 8 :]
    sound = np.frombuffer(data[: len(data) // 4 * 4], "<i2").reshape(-1, 2)[:, 0].astype(float)
    assert np.abs(sound).max() > 1000
    loud = np.nonzero(np.abs(sound) > 0.3 * np.abs(sound).max())[0]
    pauses = np.diff(loud) > RATE_HZ * 0.05
    assert pauses.sum() >= 2, "three times, with silence between"


def test_nothing_is_heard_that_nobody_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vr_app.sounds.device_likely", lambda: False)
    for sounds in (Sounds(False), Sounds(True)):
        sounds.play("press")
        sounds.step()
        sounds.close()
    sounds = Sounds(True)
    sounds.wanted = False
    sounds.play("press")
    assert sounds._manager is None
