"""The text that a person is typing: a string and a cursor, changed by keys.

Pure: keys in, text out. Painting is `message_panel`, keys come from a display.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class LineEditor:
    """One line being edited. `cursor` stands before the character with that index."""

    text: str = ""
    cursor: int = 0
    limit: int = 500

    def insert(self, typed: str) -> LineEditor:
        """Put text at the cursor; control characters are dropped, the limit is kept."""
        clean = "".join(character for character in typed if character.isprintable())
        clean = clean[: max(self.limit - len(self.text), 0)]
        text = self.text[: self.cursor] + clean + self.text[self.cursor :]
        return replace(self, text=text, cursor=self.cursor + len(clean))

    def key(self, name: str) -> LineEditor:
        """Apply a named key: backspace, delete, left, right, home, end, word_backspace. Others
        change nothing."""
        text, cursor = self.text, self.cursor
        if name == "backspace" and cursor:
            return replace(self, text=text[: cursor - 1] + text[cursor:], cursor=cursor - 1)
        if name == "word_backspace" and cursor:
            start = text[:cursor].rstrip().rfind(" ") + 1
            return replace(self, text=text[:start] + text[cursor:], cursor=start)
        if name == "delete":
            return replace(self, text=text[:cursor] + text[cursor + 1 :])
        moves = {"left": cursor - 1, "right": cursor + 1, "home": 0, "end": len(text)}
        if name in moves:
            return replace(self, cursor=min(max(moves[name], 0), len(text)))
        return self

    def taken(self) -> tuple[str, LineEditor]:
        """The finished text without outer spaces, and an empty editor."""
        return self.text.strip(), LineEditor(limit=self.limit)
