"""`python -m vr_app` is `kenish`."""

from vr_app.cli import main

if __name__ == "__main__":  # processes of a bake import this file once more
    main()
