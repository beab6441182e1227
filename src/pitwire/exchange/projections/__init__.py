"""Events become what leaves the exchange: replies, user data, market data, query results. Pure, no I/O."""
