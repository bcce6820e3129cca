"""What a command may say to the person at the terminal: lines, warnings, progress, one JSON result.

With `--json`, stdout carries exactly one object and everything else goes to stderr. Never decides
what a command does.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Final, TextIO

from assets.text import Translator, translator
from assets.text.command_parser import CommandParser

# C0 and C1 controls but for tab and line feed.
_CONTROL: Final = dict.fromkeys(
    [*range(9), *range(11, 32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}"
)


class Console:
    """Speaks one language to one pair of streams."""

    def __init__(
        self,
        language: str = "en",
        json_output: bool = False,
        out: TextIO | None = None,
        err: TextIO | None = None,
        chosen: bool = False,
    ) -> None:
        self.language = language
        self.json_output = json_output
        self.chosen = chosen  # whether somebody asked for this language
        self.out = out if out is not None else sys.stdout
        self.err = err if err is not None else sys.stderr
        self._text: Translator = translator(language)
        self._result_given = False
        self._progress_open = False
        self._progress_begun = (0.0, 0)  # when, and how much was done by then

    def text(self, message_id: str, **arguments: Any) -> str:
        """The message in the console's language."""
        return self._text(message_id, arguments)

    @staticmethod
    def english(message_id: str, **arguments: Any) -> str:
        """The message in English, whatever the console's language: for --json and logs."""
        return translator("en")(message_id, arguments)

    def parser(self, prog: str, key: str, example: str) -> CommandParser:
        """A parser whose help is in the console's language, for packages that import no text."""
        return CommandParser(prog=prog, console=self, key=key, example=example)

    def say(self, message_id: str, **arguments: Any) -> None:
        """A line for the person: stdout, or stderr where stdout is JSON."""
        self.line(self.text(message_id, **arguments))

    def line(self, text: str) -> None:
        """A line that is no message: a table row, a path."""
        self._end_progress()
        print(_printable(text), file=self.err if self.json_output else self.out, flush=True)

    def warn(self, message_id: str, **arguments: Any) -> None:
        """A line on stderr."""
        self._end_progress()
        print(_printable(self.text(message_id, **arguments)), file=self.err, flush=True)

    def progress(self, message_id: str, done: int, total: int, **arguments: Any) -> None:
        """One rewritten line on a terminal, nothing elsewhere."""
        if not self.err.isatty():
            return
        percent = 100 * done // max(total, 1)
        text = f"{self.text(message_id, **arguments)} {percent} %{self._time_left(done, total)}"
        self.err.write(f"\r\x1b[K{text}")
        self.err.flush()
        self._progress_open = True
        if done >= total:
            self._end_progress()

    def _time_left(self, done: int, total: int) -> str:
        """The rest at the pace so far, once there is a pace to speak of."""
        now = time.monotonic()
        if not self._progress_open or done < self._progress_begun[1]:
            self._progress_begun = now, done
        seconds, made = now - self._progress_begun[0], done - self._progress_begun[1]
        if seconds < 2.0 or not made or done >= total:
            return ""
        left = round(seconds * (total - done) / made)
        return f" · {left // 60}:{left % 60:02d}"

    def result(self, value: dict[str, Any]) -> None:
        """The command's one JSON object; printed only with --json, and only once."""
        if self.json_output and not self._result_given:
            self._result_given = True
            self.out.write(json.dumps(value, ensure_ascii=False) + "\n")
            self.out.flush()

    def failure(self, message_id: str, arguments: dict[str, Any]) -> None:
        """Why the command failed: one line, and the JSON object if none was given yet."""
        self._end_progress()
        # Arguments may come from the network: none of their names may meet a parameter of ours.
        print(_printable(self._text(message_id, arguments)), file=self.err, flush=True)
        safe = {key: _plain(value) for key, value in arguments.items()}
        english = translator("en")(message_id, arguments)
        self.result({"error": {"id": message_id, "arguments": safe, "english": english}})

    def _end_progress(self) -> None:
        if self._progress_open:
            self._progress_open = False
            self.err.write("\n")


def _printable(text: str) -> str:
    """The text without control characters: names from files and rooms must not steer a terminal."""
    return text.translate(_CONTROL)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
