"""Short sounds for what hands do: a press, a jump, a mark. Made here, so that no file is needed.

A machine without a sound device is silent; nothing of sound is loaded before the first is wanted.
"""

from __future__ import annotations

import io
import os
import sys
import wave
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

RATE_HZ: Final = 44_100
# name -> tones (Hz) one after the other, seconds in all, loudness 0..1
SOUNDS: Final[dict[str, tuple[tuple[float, ...], float, float]]] = {
    "press": ((1400.0,), 0.035, 0.25),
    "land": ((330.0, 220.0), 0.14, 0.35),
    "mark": ((660.0, 990.0), 0.16, 0.30),
}
_FOLDER: Final = "/kenish-sounds"


def waveform(name: str) -> npt.NDArray[np.int16]:
    """The samples of a sound, mono at `RATE_HZ`: tones that swell in 2 ms and die away."""
    tones, seconds, loudness = SOUNDS[name]
    each = int(RATE_HZ * seconds / len(tones))
    time_s = np.arange(each) / RATE_HZ
    shape = np.minimum(time_s / 0.002, 1.0) * np.exp(-5.0 * time_s * len(tones) / seconds)
    whole = np.concatenate([np.sin(2 * np.pi * hertz * time_s) * shape for hertz in tones])
    return np.asarray(np.rint(whole * loudness * 32_767), np.int16)


def device_likely() -> bool:
    """Whether sound can be hoped for: without a device the library writes a page of complaints."""
    if not sys.platform.startswith("linux") or "ALSOFT_DRIVERS" in os.environ:
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    served = [Path(runtime) / name for name in ("pulse/native", "pipewire-0")] if runtime else []
    if "PULSE_SERVER" in os.environ or any(one.exists() for one in served):
        return True
    return any(Path("/dev/snd").glob("pcm*p"))


class Sounds:
    """The sounds of one person. Frame thread only."""

    def __init__(self, possible: bool) -> None:
        self.wanted = possible
        self._possible = possible
        self._manager: Any = None
        self._sounds: dict[str, Any] = {}

    def open(self) -> None:
        """Make ready what takes a few hundredths of a second, where a pause is not seen."""
        if not (self._possible and self.wanted) or self._manager is not None:
            return
        if not device_likely():
            self._possible = False
            return
        from panda3d.core import (
            AudioManager,
            Filename,
            VirtualFileMountRamdisk,
            VirtualFileSystem,
            load_prc_file_data,
        )

        load_prc_file_data("kenish sounds", "audio-library-name p3openal_audio\n")
        self._manager = AudioManager.create_AudioManager()
        if not self._manager.is_valid():
            self._possible = False
            return
        files = VirtualFileSystem.get_global_ptr()
        files.mount(VirtualFileMountRamdisk(), _FOLDER, 0)
        for name in SOUNDS:
            path = f"{_FOLDER}/{name}.wav"
            files.write_file(Filename(path), wave_file(name), False)
            self._sounds[name] = self._manager.get_sound(path)

    def play(self, name: str) -> None:
        """Let a sound be heard, if a person wants them and the machine can."""
        self.open()
        if self._possible and self.wanted:
            self._sounds[name].play()

    def step(self) -> None:
        """Once a frame: what is playing goes on."""
        if self._manager is not None:
            self._manager.update()

    def close(self) -> None:
        """Give the device back."""
        manager, self._manager = self._manager, None
        self._sounds.clear()
        if manager is not None:
            manager.shutdown()


def wave_file(name: str) -> bytes:
    """A sound as a WAV file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(waveform(name).astype("<i2").tobytes())
    return content.getvalue()
