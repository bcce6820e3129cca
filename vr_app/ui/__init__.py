"""What people read and click: painters that turn plain data into RGBA images. No panda3d."""
