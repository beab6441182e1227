"""What becomes of orders whose outcome nobody said: kept, asked about, and settled."""
