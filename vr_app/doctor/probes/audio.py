"""Opens the default audio device with the library that Kenish plays with, and prints if it did.

Never plays a sound.
"""

from __future__ import annotations

import json

from panda3d.core import AudioManager, load_prc_file_data


def _probe() -> dict[str, object]:
    load_prc_file_data("doctor", "audio-library-name p3openal_audio\nnotify-level fatal\n")
    manager = AudioManager.create_AudioManager()
    if manager is None or not manager.is_valid():
        return {"reason": "doctor-reason-no-audio"}
    manager.shutdown()
    return {"device": True}


if __name__ == "__main__":
    print(json.dumps(_probe()), flush=True)  # noqa: T201
