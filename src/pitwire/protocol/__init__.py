"""The wire, seen from both ends: requests, results, events, errors, signing, sessions. No I/O, no clock, no entropy."""
