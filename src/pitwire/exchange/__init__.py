"""A local exchange that speaks Binance's protocol. `app` composes it; ARCHITECTURE.md shows an order's path."""
