"""The matching engine: records in, events out. Pure and deterministic."""
