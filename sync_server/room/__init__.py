"""A room as a pure state machine: messages in, effects out. No socket, clock, file or asyncio."""
