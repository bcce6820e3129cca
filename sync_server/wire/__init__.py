"""What travels between the sync server and its clients: control messages, records, pose frames.

Pure encoding and decoding; it knows no socket, room or clock, and everything that it decodes is
bounded and validated.
"""
