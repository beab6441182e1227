"""A client's limits, for calls of the REST API that the application makes itself."""

from collections.abc import Mapping

from pitwire.client.limits.governor import Limits
from pitwire.client.limits.headers import told


class RestLimits:
    """What the exchange counts together with the client's requests: REST calls from the same address and account.

        await client.limits.admit(weight=20)
        response = await http.get("https://api.binance.com/api/v3/myTrades", ...)
        client.limits.learn(response.headers, response.status_code)

    Whichever HTTP library makes the calls, they and the client's requests together stay within the limits then, and
    none goes out while the exchange wants to be left alone. Weights are those of rest-api.md; `orders` is how many
    orders a call places (Unfilled Order Count).
    """

    def __init__(self, limits: Limits, account: str, within_s: float) -> None:
        self._limits = limits
        self._account = account
        self._within_s = within_s

    async def admit(
        self,
        *,
        weight: int,
        orders: int = 0,
        urgent: bool = False,
        within_s: float | None = None,
        api_key: str | None = None,
    ) -> None:
        """Wait until a call of `weight`, which places `orders`, may be made; it counts as made, so make it at once.

        It waits its turn among the client's requests: `urgent`, as cancellations are, before all others. `api_key` is
        that of the account, by default the client's own. Raises `LimitReached`, a `NotSent`, where there is no room
        within `within_s`, by default the client's deadline, or at once where its `Limits` refuse. Cancelling the wait
        counts nothing.
        """
        if weight < 0 or orders < 0:
            raise ValueError(f"weight is {weight}, orders {orders}: pass what the call costs, 0 or more of each")
        within_s = self._within_s if within_s is None else within_s
        await self._limits.admit(weight, orders, self._of(api_key), within_s, urgent=urgent)

    def learn(
        self, headers: Mapping[str, str], status: int = 200, *, code: int | None = None, api_key: str | None = None
    ) -> None:
        """Take in what an answer says: `X-MBX-USED-WEIGHT-1M`, `X-MBX-ORDER-COUNT-10S`, `Retry-After` of 429 and 418.

        `code` is the error's in the body: with -1015, too many orders, only those of the account wait. Without one
        all requests do. A header of any other name is passed over, and so is what cannot be read.
        """
        self._limits.learn_answer(told(headers), status, code, self._of(api_key))

    def _of(self, api_key: str | None) -> str:
        return self._account if api_key is None else api_key
