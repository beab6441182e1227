"""Market history of any length: fetched page by page within the exchange's limits, as rows or as a frame."""
