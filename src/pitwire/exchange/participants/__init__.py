"""Who trades when no user does: a recorded market, or a synthetic one. Ordinary accounts that place ordinary orders."""
