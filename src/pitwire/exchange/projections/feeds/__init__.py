"""What each market stream tells, and when: from events and from the other projections, as values to be encoded.

Source: web-socket-streams.md, Detailed Stream information. Where it is silent: a stream that tells a state at intervals
does so when the state has changed, and once more for whoever has begun to listen since; a partial depth always, as
documented, and a reference price too.
"""
