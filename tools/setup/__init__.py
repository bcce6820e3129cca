"""Makes a machine ready for Kenish: virtual environment, packages, system libraries, bundles.

Uses the standard library alone, and never changes anything outside the checkout without saying
so first.
"""
