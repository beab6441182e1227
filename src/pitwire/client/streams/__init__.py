"""Market data as it comes: subscriptions over as many connections as they need, and books that are kept from them."""
