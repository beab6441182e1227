"""For tests: time that jumps, a network in memory, and the pytest plugin that brings an exchange into a test."""
