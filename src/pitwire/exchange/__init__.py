"""A local exchange that speaks Binance's protocol. `app` composes it; the README of a request's path is ARCHITECTURE.md."""
