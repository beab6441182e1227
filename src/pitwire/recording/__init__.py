"""Raw recordings of Binance Spot streams: read line by line, put into the market's order, applied to a local book."""
