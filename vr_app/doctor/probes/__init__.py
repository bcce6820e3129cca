"""Small programs that try one thing for real and print one JSON object: facts, or a reason.

Run by `vr_app.doctor.child` only; never imported.
"""
