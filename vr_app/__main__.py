"""`python -m vr_app` is `kenish`."""

from vr_app.cli import main

main()
