"""Messages of combined streams, as small as they can be."""

import json
from typing import Any


def message(name: str, data: Any) -> bytes:
    return b'{"stream":%b,"data":%b}' % (json.dumps(name).encode(), json.dumps(data, separators=(",", ":")).encode())


def trade(number: int, symbol: str = "BTCUSDT", **more: Any) -> bytes:
    data = {"e": "trade", "E": number, "s": symbol, "t": number, "p": "1", "q": "1", "T": number, "m": False, "M": True}
    return message(f"{symbol.lower()}@trade", data | more)


def book_ticker(update_id: int, symbol: str = "BTCUSDT") -> bytes:
    data = {"u": update_id, "s": symbol, "b": "1", "B": "1", "a": "2", "A": "1"}
    return message(f"{symbol.lower()}@bookTicker", data)


def depth(first: int, last: int, bids: Any = (), asks: Any = (), symbol: str = "BTCUSDT") -> bytes:
    data = {"e": "depthUpdate", "E": last, "s": symbol, "U": first, "u": last, "b": list(bids), "a": list(asks)}
    return message(f"{symbol.lower()}@depth@100ms", data)


def mini_tickers(time: int, *symbols: str) -> bytes:
    rest = {"c": "1", "o": "1", "h": "1", "l": "1", "v": str(time), "q": "1"}
    return message("!miniTicker@arr", [{"e": "24hrMiniTicker", "E": time, "s": symbol} | rest for symbol in symbols])
