"""``policies/messages.yaml``: which way a message may take, what it costs, and how much a day may cost, as values."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, model_validator

from bot.content.complaints import Complained
from bot.content.mistakes import validated
from bot.content.models import File, Link, Sentence, Year
from bot.content.strict import mistake
from bot.content.yaml12 import Unreadable, read
from bot.engine.window import Budget, ChannelRules, Prices, Rules

FILE = "messages.yaml"

DOLLARS = re.compile(r"(\d{1,5})(?:\.(\d{1,6}))?")


def _micros(value: object) -> int:
    """Micro-dollars of a decimal string; a number of YAML's is refused, as it may have been rounded already."""
    found = DOLLARS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise mistake(f"{value} is no price", 'write US dollars in quotes, with at most six decimals: "0.005"')
    return int(found[1]) * 1_000_000 + int((found[2] or "").ljust(6, "0"))


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise mistake(f'"{value}" is no country', "write its two capital letters (ISO 3166 alpha-2): FR")
    return value


Usd = Annotated[int, BeforeValidator(_micros)]
Country = Annotated[str, AfterValidator(_country)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Percent = Annotated[int, Field(ge=1, le=100)]


class Sourced(File):
    """What stands beside each figure: who says so, where, when that was read, and why it is the figure."""

    source: Sentence
    url: Link
    seen: Year
    why: Sentence


class WindowFile(Sourced):
    hours: Annotated[int, Field(ge=1, le=168)]
    margin_minutes: Annotated[int, Field(ge=0, le=60)]


class FeeFile(Sourced):
    out: Usd
    inbound: Usd


class PricesFile(File):
    service: Usd
    utility: Usd
    marketing: Usd

    @property
    def prices(self) -> Prices:
        return Prices(self.service, self.utility, self.marketing)


class MarketFile(PricesFile):
    market: Sentence
    countries: list[Country] = Field(min_length=1)


class RateCardFile(Sourced):
    effective: Sentence
    default: PricesFile
    elsewhere: PricesFile
    markets: list[MarketFile]

    @model_validator(mode="after")
    def _a_country_has_one_price(self) -> Self:
        named = Counter(country for market in self.markets for country in market.countries)
        for place, market in enumerate(self.markets):
            for country in market.countries:
                if named[country] > 1:
                    cure = "keep it in the market the rate card has it in"
                    raise mistake(f"{country} stands in two markets", cure, "markets", place, "countries")
        return self


class NeverFile(Sourced):
    countries: list[Country]


class LimitFile(Sourced):
    people_a_day: Annotated[int, Field(ge=1, le=10_000_000)]


class FreeChannelFile(File):
    """A channel that is always open and costs nothing."""

    notifies: bool
    why: Sentence

    @property
    def rules(self) -> ChannelRules:
        return ChannelRules(notifies=self.notifies)


class WhatsAppFile(File):
    window: WindowFile
    fee: FeeFile
    rate_card: RateCardFile
    marketing: Literal["never", "allowed"]
    marketing_never_in: NeverFile
    templates: LimitFile

    @property
    def rules(self) -> ChannelRules:
        card = self.rate_card
        return ChannelRules(
            free_for=timedelta(hours=self.window.hours),
            margin=timedelta(minutes=self.window.margin_minutes),
            fee=self.fee.out,
            fee_in=self.fee.inbound,
            prices={country: market.prices for market in card.markets for country in market.countries},
            elsewhere=card.elsewhere.prices,
            default=card.default.prices,
            marketing=self.marketing == "allowed",
            marketing_never_in=frozenset(self.marketing_never_in.countries),
            templates_a_day=self.templates.people_a_day,
        )


class ChannelsFile(File):
    telegram: FreeChannelFile
    web: FreeChannelFile
    console: FreeChannelFile
    whatsapp: WhatsAppFile


class BudgetFile(File):
    messages: Count
    usd: Usd

    @property
    def budget(self) -> Budget:
        return Budget(self.messages, self.usd)


class BudgetsFile(File):
    day: BudgetFile
    each_country: BudgetFile
    countries: dict[Country, BudgetFile]
    warn_at_percent: Percent
    why: Sentence


class MessagesFile(File):
    """The file as it is written."""

    channels: ChannelsFile
    budgets: BudgetsFile


MESSAGES = TypeAdapter(MessagesFile)
PARTS = (
    MessagesFile, ChannelsFile, WhatsAppFile, FreeChannelFile, WindowFile, FeeFile, RateCardFile, MarketFile, NeverFile,
    LimitFile, BudgetsFile, BudgetFile,
)  # fmt: skip
KEYS = tuple(dict.fromkeys(key for part in PARTS for key in part.model_fields))


def read_rules(folder: Path) -> Rules:
    """The rules of a folder; raises ``Complained`` with everything that is wrong in them."""
    try:
        document = read(folder / FILE, folder)
    except Unreadable as unreadable:
        raise Complained([unreadable.complaint]) from unreadable
    file = validated(document, MESSAGES, KEYS)
    channels, budgets = file.channels, file.budgets
    return Rules(
        channels={name: getattr(channels, name).rules for name in ChannelsFile.model_fields},
        day=budgets.day.budget,
        each_country=budgets.each_country.budget,
        countries={country: entry.budget for country, entry in budgets.countries.items()},
        warn_at=budgets.warn_at_percent,
    )
