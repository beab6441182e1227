"""What the tests of a client have in common: keys, an order and its answer, an event, and a log that is heard."""

import asyncio
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pitwire.protocol.signing import Key

ED25519_KEY = Key.ed25519(
    "ed-key", ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
)
HMAC_KEY = Key.hmac("hmac-key", "hmac-secret")
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "time_in_force": "GTC",
    "quantity": "0.01",
    "price": Decimal(50000),
}
ACK = {"symbol": "BTCUSDT", "orderId": 1, "orderListId": -1, "clientOrderId": "x", "transactTime": 1}
REPORT = {"e": "balanceUpdate", "E": 1, "a": "BTC", "d": "1.0", "T": 1}


def event(subscription: int | None = 0, **changes: Any) -> dict[str, Any]:
    return {"subscriptionId": subscription, "event": REPORT | changes}


class Log:
    """Keeps what it is told, for a test to wait for."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    def info(self, event: str, **details: Any) -> None:
        self.said.put_nowait((event, details))

    debug = warning = error = info

    async def hear(self, wanted: str) -> dict[str, Any]:
        while True:
            event, details = await self.said.get()
            if event == wanted:
                return details
