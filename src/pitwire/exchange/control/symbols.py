"""Symbols: listing them, and changing their status, filters, permissions and prices while they trade."""

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.routing import Route

from pitwire.exchange.configuration import SYMBOLS_MAX, symbol_problems
from pitwire.exchange.control.application import route
from pitwire.exchange.control.desk import BAD_REQUEST, CONFLICT, NOT_FOUND, Desk, Refused, check
from pitwire.exchange.defaults import SymbolTerms
from pitwire.exchange.engine.cancellation import ALL_ACCOUNTS
from pitwire.exchange.filter_terms import FilterInvalid, exchange_filter, symbol_filter, together
from pitwire.exchange.messages import (
    BlockTradeReported,
    ExpireOpenOrders,
    ListSymbol,
    OrderExpired,
    ReportBlockTrade,
    SetExchangeFilters,
    SetReferencePrice,
)
from pitwire.market.enums import OrderType, SymbolStatus, TimeUnit
from pitwire.market.filter_checks import name_of
from pitwire.market.numbers import Price, Quantity, scaled, text
from pitwire.market.rejects import Reject
from pitwire.market.symbols import SymbolRules

FILTERS_MAX = 64


class SymbolChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be different of a symbol from now on; what is not named stays as it is.

    Each of `filters` takes the place of that of its type, or comes to the others; `without_filters` are names of types.
    """

    status: SymbolStatus | UnsetType = UNSET
    order_types: tuple[OrderType, ...] | UnsetType = UNSET
    permission_sets: tuple[tuple[str, ...], ...] | UnsetType = UNSET
    filters: tuple[dict[str, Any], ...] = ()
    without_filters: tuple[str, ...] = ()
    amend_allowed: bool | UnsetType = UNSET
    cancel_replace_allowed: bool | UnsetType = UNSET
    iceberg_allowed: bool | UnsetType = UNSET
    trailing_stop_allowed: bool | UnsetType = UNSET
    peg_instructions_allowed: bool | UnsetType = UNSET
    oco_allowed: bool | UnsetType = UNSET
    oto_allowed: bool | UnsetType = UNSET
    opo_allowed: bool | UnsetType = UNSET
    commission_discount: bool | UnsetType = UNSET


class ReferencePriceSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reference price that is calculated outside; None: there is none for now."""

    price: Decimal | None


class BlockTrade(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trade that two parties agreed on outside the book."""

    price: Decimal
    quantity: Decimal
    buyer_is_maker: bool = False


class Expiry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose open orders are to be taken out of a market: those of one account, or everybody's."""

    account: int | None = None


class SymbolControl:
    """The handlers of these routes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def all(self) -> list[dict[str, Any]]:
        """Every symbol, as `exchangeInfo` shows it."""
        return [self._shown(symbol) for symbol in self._desk.engine.venue.markets]

    async def one(self, symbol: str) -> dict[str, Any]:
        """One symbol."""
        self._rules(symbol)
        return self._shown(symbol)

    async def add(self, body: SymbolTerms) -> dict[str, Any]:
        """List a symbol."""
        markets = self._desk.engine.venue.markets
        if body.symbol in markets:
            raise Refused(CONFLICT, f"{body.symbol} is listed already: PUT or PATCH /control/symbols/{body.symbol}")
        if len(markets) >= SYMBOLS_MAX:
            raise Refused(CONFLICT, f"{SYMBOLS_MAX} symbols are listed, which is the most")
        return await self.replace(body.symbol, body)

    async def replace(self, symbol: str, body: SymbolTerms) -> dict[str, Any]:
        """Give a symbol other rules altogether."""
        if body.symbol != symbol:
            raise Refused(BAD_REQUEST, f"base and quote make {body.symbol}, not {symbol}: a symbol keeps its assets")
        check(symbol_problems(body))
        await self._desk.execute(ListSymbol(rules=body.rules()))
        return self._shown(symbol)

    async def change(self, symbol: str, body: SymbolChange) -> dict[str, Any]:
        """Change some of a symbol's rules. Orders that rest stay as they are."""
        rules = self._rules(symbol)
        if len(body.filters) > FILTERS_MAX:
            raise Refused(BAD_REQUEST, f"{len(body.filters)} filters; at most {FILTERS_MAX}")
        kept = {name_of(each): each for each in rules.filters}
        for name in body.without_filters:
            if kept.pop(name, None) is None:
                raise Refused(NOT_FOUND, f"{symbol} has no filter {name[:80]}; it has {', '.join(kept)}")
        try:
            filters = together(tuple(kept.values()), tuple(map(symbol_filter, body.filters)))
        except FilterInvalid as error:
            raise Refused(BAD_REQUEST, f"filters: {error}") from error
        if body.permission_sets is not UNSET and not all(body.permission_sets):
            raise Refused(BAD_REQUEST, "permission_sets: a set is empty, so that no account could have one of it")
        named = set(SymbolRules.__struct_fields__) - {"filters"}
        changed = {
            name: value
            for name in body.__struct_fields__
            if name in named and (value := getattr(body, name)) is not UNSET
        }
        await self._desk.execute(ListSymbol(rules=msgspec.structs.replace(rules, filters=filters, **changed)))
        return self._shown(symbol)

    async def set_reference_price(self, symbol: str, body: ReferencePriceSetting) -> dict[str, Any]:
        """Set the reference price of a symbol whose reference price is calculated outside."""
        self._rules(symbol)
        price = Price(0 if body.price is None else _units("price", body.price))
        await self._desk.execute(SetReferencePrice(symbol=symbol, price=price))
        prices, now_us = self._desk.projections.reference_prices, self._desk.clock.now_us()
        return prices.current(symbol, now_us, TimeUnit.MILLISECOND)

    async def report_block_trade(self, symbol: str, body: BlockTrade) -> dict[str, Any]:
        """Make a block trade public."""
        self._rules(symbol)
        outcome = await self._desk.execute(
            ReportBlockTrade(
                symbol=symbol,
                price=Price(_units("price", body.price)),
                quantity=Quantity(_units("quantity", body.quantity)),
                buyer_is_maker=body.buyer_is_maker,
            )
        )
        trade = next(event for event in outcome.events if isinstance(event, BlockTradeReported))
        return {"id": trade.block_trade_id, "symbol": symbol, "price": text(trade.price), "qty": text(trade.quantity)}

    async def expire_orders(self, symbol: str, body: Expiry) -> dict[str, Any]:
        """Take open orders out of a symbol's market, as an exchange does at a delisting: they expire."""
        self._rules(symbol)
        if body.account is not None:
            self._desk.check_account(body.account)
        account = ALL_ACCOUNTS if body.account is None else body.account
        who = "nobody has" if body.account is None else f"account {body.account} has no"
        outcome = await self._desk.execute(
            ExpireOpenOrders(symbol=symbol, account=account),
            {Reject.NO_OPEN_ORDERS: f"{who} open orders in {symbol}: there is nothing to expire"},
        )
        return {"symbol": symbol, "expired": sum(isinstance(event, OrderExpired) for event in outcome.events)}

    async def set_exchange_filters(self, body: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
        """Replace the filters of the whole exchange."""
        try:
            filters = tuple(map(exchange_filter, body[:FILTERS_MAX]))
        except FilterInvalid as error:
            raise Refused(BAD_REQUEST, f"exchange filters: {error}") from error
        await self._desk.execute(SetExchangeFilters(filters=filters))
        shown: list[dict[str, Any]] = self._info()["exchangeFilters"]
        return shown

    def _rules(self, symbol: str) -> SymbolRules:
        rules = self._desk.engine.rules(symbol)
        if rules is None:
            known = ", ".join(list(self._desk.engine.venue.markets)[:20])
            raise Refused(NOT_FOUND, f"there is no symbol {symbol[:50]}; known: {known}, or list it first")
        return rules

    def _shown(self, symbol: str) -> dict[str, Any]:
        shown: dict[str, Any] = self._info(symbol)["symbols"][0]
        return shown

    def _info(self, symbol: str | None = None) -> dict[str, Any]:
        symbols, now_us = self._desk.projections.symbols, self._desk.clock.now_us()
        return symbols.exchange_info((), now_us, TimeUnit.MILLISECOND, symbol=symbol)


def routes(desk: Desk) -> list[Route]:
    """The routes of this module."""
    symbols = SymbolControl(desk)
    one = "/symbols/{symbol}"
    return [
        route("GET", "/symbols", symbols.all),
        route("POST", "/symbols", symbols.add, SymbolTerms),
        route("GET", one, symbols.one),
        route("PUT", one, symbols.replace, SymbolTerms),
        route("PATCH", one, symbols.change, SymbolChange),
        route("PUT", one + "/reference-price", symbols.set_reference_price, ReferencePriceSetting),
        route("POST", one + "/block-trades", symbols.report_block_trade, BlockTrade),
        route("POST", one + "/expire-orders", symbols.expire_orders, Expiry),
        route("PUT", "/exchange-filters", symbols.set_exchange_filters, tuple[dict[str, Any], ...]),
    ]


def _units(what: str, value: Decimal) -> int:
    try:
        return scaled(value)
    except ValueError as error:
        raise Refused(BAD_REQUEST, f"{what}: {error}") from error
