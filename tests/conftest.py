"""Settings for all tests: property tests are judged by what they find, not by the clock."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# A loaded machine makes an example slow now and then; times are the benchmarks' business.
settings.register_profile("kenish", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kenish")

# Started in the background by a script, we would pass an ignored Ctrl-C on to every program
# that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
