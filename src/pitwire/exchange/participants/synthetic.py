"""A random market, for when no recording is at hand: events as a recording would have them, without end.

It is calibrated on recordings (`calibration`): the rates, sizes and distances are theirs, the events are drawn.
Takers and changes of the best bid and ask come at random (Poisson processes); each 100 ms a diff changes levels
behind the best. Prices follow `reference`. The events are a pure function of the random generator handed in, and are
played by `RecordedMarket` like recorded ones. docs/markets.md says in what respects it is unlike a real market.
"""

import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Final

from pitwire.exchange.participants.calibration import CALIBRATIONS, Calibration
from pitwire.exchange.participants.reference import AssetValue, ReferencePrice
from pitwire.market.enums import Side
from pitwire.market.numbers import SCALE, Price, Quantity
from pitwire.recording.events import BookTicker, DepthDiff, DepthSnapshot, Level, RecordedEvent, Trade
from pitwire.recording.statistics import Sizes

DIFF_EVERY_NS: Final = 100_000_000
DRAWS_AT_START: Final = 400
"""How many levels are drawn for each side of the first book; some fall together."""
LEVELS_MIN: Final = 50
LEVELS_MAX: Final = 400
"""A side of the book is kept between these, so that no taker empties it and it does not grow for ever."""
SWEPT_LEVELS_MAX: Final = 20
"""How many levels one taker may clear."""
DEVIATIONS_MAX: Final = 3.0
"""Sizes are drawn from no farther out than this."""
WIDE_SPREAD_SHARE: Final = 0.1
"""How often a change of price leaves more than a tick between bid and ask."""


class UnknownSymbol(ValueError):
    """There is no calibration for a symbol, so it has no synthetic market."""


def synthetic_markets(symbols: Iterable[str], random: Random) -> dict[str, Iterator[RecordedEvent]]:
    """Each symbol's endless events, in the market's order, from a time of 0 on.

    A symbol's events depend on the state of `random` alone, not on which other symbols are asked for, nor on who is
    asked first. Raises `UnknownSymbol`.
    """
    assets = {asset: random.getrandbits(64) for asset in ("BNB", "BTC", "ETH", "USDC", "USDT")}
    seeds = {symbol: random.getrandbits(64) for symbol in CALIBRATIONS}
    markets: dict[str, Iterator[RecordedEvent]] = {}
    for symbol in symbols:
        if symbol not in CALIBRATIONS:
            raise UnknownSymbol(f"no synthetic market for {symbol}: there is one for {', '.join(CALIBRATIONS)}")
        calibration = CALIBRATIONS[symbol]
        # Each symbol walks its own copy of the shared walks: the same seed is the same path.
        base, quote = (_asset_value(asset, assets[asset]) for asset in (calibration.base, calibration.quote))
        market = SyntheticMarket(calibration, ReferencePrice(base, quote), Random(seeds[symbol]))
        markets[symbol] = market.events()
    return markets


def _asset_value(asset: str, seed: int) -> AssetValue:
    if asset in ("USDT", "USDC"):
        return AssetValue(seed, 1.0, 0.0)
    statistics = CALIBRATIONS[asset + "USDT"].statistics
    return AssetValue(seed, statistics.price / SCALE, statistics.volatility)


class SyntheticMarket:
    """Owns a symbol's imagined book, in whole ticks and steps, and tells what happens in it."""

    def __init__(self, calibration: Calibration, reference: ReferencePrice, random: Random) -> None:
        self._symbol = calibration.base + calibration.quote
        self._tick_size = calibration.tick_size
        self._step_size = calibration.step_size
        self._measured = calibration.statistics
        self._reference = reference
        self._random = random
        self._time_ns = 0
        self._update_id = 0
        self._trade_id = 0
        self._changed: set[tuple[Side, int]] = set()
        """The levels that the next diff will tell."""
        self._changes_due = 0.0
        """How many levels diffs should have told by now, less those that they have."""
        self._levels: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
        self._ranks: dict[Side, list[int]] = {Side.BUY: [], Side.SELL: []}
        """Prices of bids and negated prices of asks, ascending: the best is the last."""
        self._best_taken = False
        """A taker has cleared the best level, and nobody has stepped in yet."""
        self._follow_share = self._share_of_large_moves()
        middle = round(reference.at(0) * SCALE / self._tick_size)
        self._quote(middle, middle + 1)
        for side in Side:
            for _ in range(DRAWS_AT_START):
                self._change_deep_level(side)

    def events(self) -> Iterator[RecordedEvent]:
        """Its events, for ever: a snapshot first. May be called once."""
        yield self._snapshot()
        random, measured = self._random, self._measured
        takers_share = measured.takers_per_s / measured.tickers_per_s
        diff_ns = DIFF_EVERY_NS
        last_update_id = self._update_id
        while True:
            next_ns = self._time_ns + round(random.expovariate(measured.tickers_per_s) * 1e9)
            while diff_ns <= next_ns:
                self._time_ns = diff_ns
                self._change_deep_levels()
                if self._changed:
                    yield self._diff(last_update_id + 1)
                    last_update_id = self._update_id
                diff_ns += DIFF_EVERY_NS
            self._time_ns = next_ns
            if random.random() < takers_share:
                yield from self._take()
            elif self._best_taken or random.random() < measured.price_change_share:
                self._move()
            else:
                self._resize_best()
            yield self._ticker()

    # --- what happens ---------------------------------------------------------------------------------------------

    def _take(self) -> Iterator[Trade]:
        """One taker's order: trades from the best price on, each against one resting order."""
        random, measured = self._random, self._measured
        side = random.choice((Side.BUY, Side.SELL))
        swept = 0
        more = 1 - measured.takers_per_s / measured.trades_per_s
        while len(self._ranks[side]) > 1:
            price = self._best(side)
            rest = self._levels[side][price]
            quantity = min(rest, self._draw(measured.trade_sizes))
            yield self._trade(side, price, quantity)
            self._set(side, price, rest - quantity)
            if quantity == rest:
                swept += 1
                self._best_taken = True
            if swept >= SWEPT_LEVELS_MAX or len(self._ranks[side]) <= LEVELS_MIN or random.random() >= more:
                return

    def _move(self) -> None:
        """A new best bid and ask: mostly next to the old ones, now and then where the reference price has gone."""
        random = self._random
        self._best_taken = False
        bid = self._best(Side.BUY)
        if random.random() < self._follow_share:
            bid = round(self._reference.at(self._time_ns) * SCALE / self._tick_size)
        else:
            bid += random.choice((-1, 1))
        spread = 1
        if random.random() < WIDE_SPREAD_SHARE:
            spread += round(random.expovariate(WIDE_SPREAD_SHARE / (self._measured.spread_ticks - 1)))
        self._quote(max(bid, 1), max(bid, 1) + spread)

    def _quote(self, bid: int, ask: int) -> None:
        for side, price in ((Side.BUY, bid), (Side.SELL, ask)):
            ranks, rank = self._ranks[side], _rank(side, price)
            while ranks and ranks[-1] > rank:
                self._set(side, abs(ranks[-1]), 0)
            if not ranks or ranks[-1] < rank:
                self._set(side, price, self._draw(self._measured.top_sizes))

    def _resize_best(self) -> None:
        side = self._random.choice((Side.BUY, Side.SELL))
        self._set(side, self._best(side), self._draw(self._measured.top_sizes))

    def _change_deep_levels(self) -> None:
        """Change as many levels behind the best as a diff has, less those that have changed already."""
        self._changes_due += self._measured.levels_per_diff - len(self._changed)
        count = round(self._random.expovariate(1.0) * max(0.0, self._changes_due))
        self._changes_due -= count
        for _ in range(count):
            self._change_deep_level(self._random.choice((Side.BUY, Side.SELL)))
        for side in Side:
            ranks = self._ranks[side]
            for _ in range(LEVELS_MIN - len(ranks)):
                self._change_deep_level(side)
            while len(ranks) > LEVELS_MAX:
                self._set(side, abs(ranks[0]), 0)

    def _change_deep_level(self, side: Side) -> None:
        random, levels, ranks = self._random, self._levels[side], self._ranks[side]
        # Half of an exponential distribution lies below ln 2 times its mean.
        distance = 1 + round(random.expovariate(math.log(2) / self._measured.level_distance_ticks))
        rank = ranks[-1] - distance
        if side is Side.BUY and rank < 1:
            return
        if len(ranks) > LEVELS_MIN and random.random() < self._measured.removed_share:
            # The level nearest to the price drawn goes, wherever there is one behind the best.
            index = min(bisect_left(ranks, rank), len(ranks) - 2)
            self._set(side, abs(ranks[index]), 0)
        else:
            before = levels.get(abs(rank), 0)
            quantity = self._draw(self._measured.level_sizes)
            self._set(side, abs(rank), quantity + (quantity == before))

    # --- the book -------------------------------------------------------------------------------------------------

    def _set(self, side: Side, price: int, quantity: int) -> None:
        levels, rank = self._levels[side], _rank(side, price)
        if quantity:
            if price not in levels:
                insort(self._ranks[side], rank)
            levels[price] = quantity
        else:
            del levels[price]
            ranks = self._ranks[side]
            del ranks[bisect_left(ranks, rank)]
        self._update_id += 1
        self._changed.add((side, price))

    def _best(self, side: Side) -> int:
        return abs(self._ranks[side][-1])

    def _draw(self, sizes: Sizes) -> int:
        """A quantity, in steps."""
        deviations = max(-DEVIATIONS_MAX, min(DEVIATIONS_MAX, self._random.gauss(0.0, 1.0)))
        return max(1, round(sizes.median * math.exp(sizes.log_deviation * deviations) / self._step_size))

    def _share_of_large_moves(self) -> float:
        """Which part of the price changes must follow the reference, so that their mean size is the measured one.

        The longer between two of them, the farther the reference has gone (as the square root), so they are few.
        """
        measured = self._measured
        changes_per_s = measured.tickers_per_s * measured.price_change_share
        deviation_ticks = measured.volatility * measured.price / self._tick_size
        mean_ticks_if_all = math.sqrt(2 / math.pi / changes_per_s) * deviation_ticks
        return min(1.0, max(0.02, ((measured.price_change_ticks - 1) / mean_ticks_if_all) ** 2))

    # --- events ---------------------------------------------------------------------------------------------------

    def _trade(self, side: Side, price: int, quantity: int) -> Trade:
        self._trade_id += 1
        return Trade(
            receive_ns=self._time_ns,
            symbol=self._symbol,
            trade_id=self._trade_id,
            price=self._price(price),
            quantity=self._quantity(quantity),
            time_ms=self._time_ns // 1_000_000,
            buyer_is_maker=side is Side.BUY,
        )

    def _ticker(self) -> BookTicker:
        bid, ask = self._best(Side.BUY), self._best(Side.SELL)
        return BookTicker(
            receive_ns=self._time_ns,
            symbol=self._symbol,
            update_id=self._update_id,
            bid_price=self._price(bid),
            bid_quantity=self._quantity(self._levels[Side.BUY][bid]),
            ask_price=self._price(ask),
            ask_quantity=self._quantity(self._levels[Side.SELL][ask]),
        )

    def _diff(self, first_update_id: int) -> DepthDiff:
        changed, self._changed = self._changed, set()
        return DepthDiff(
            receive_ns=self._time_ns,
            symbol=self._symbol,
            first_update_id=first_update_id,
            last_update_id=self._update_id,
            bids=self._told(Side.BUY, [price for side, price in changed if side is Side.BUY]),
            asks=self._told(Side.SELL, [price for side, price in changed if side is Side.SELL]),
        )

    def _snapshot(self) -> DepthSnapshot:
        self._changed = set()
        return DepthSnapshot(
            receive_ns=self._time_ns,
            symbol=self._symbol,
            last_update_id=self._update_id,
            bids=self._told(Side.BUY, list(self._levels[Side.BUY])),
            asks=self._told(Side.SELL, list(self._levels[Side.SELL])),
        )

    def _told(self, side: Side, prices: Sequence[int]) -> tuple[Level, ...]:
        """The levels at `prices`, best first."""
        levels = self._levels[side]
        best_first = sorted(prices, reverse=side is Side.BUY)
        return tuple([(self._price(price), self._quantity(levels.get(price, 0))) for price in best_first])

    def _price(self, ticks: int) -> Price:
        return Price(ticks * self._tick_size)

    def _quantity(self, steps: int) -> Quantity:
        return Quantity(steps * self._step_size)


def _rank(side: Side, price: int) -> int:
    return price if side is Side.BUY else -price
