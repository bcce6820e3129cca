"""Settings for all tests: property tests are judged by what they find, not by the clock."""

from __future__ import annotations

from hypothesis import settings

# A loaded machine makes an example slow now and then; times are the benchmarks' business.
settings.register_profile("kenish", deadline=None)
settings.load_profile("kenish")
