"""Where invented people live: real countries, weighted roughly as a network of partners might reach them."""

from random import Random

from bot.engine.fixed import fixed


@fixed(frozen=True, slots=True)
class Country:
    """``zones`` are the clocks people live by there; ``language`` is what their phones speak."""

    code: str
    weight: int
    language: str
    zones: tuple[str, ...]


# The weights are invented, and even out nothing: half the people live where a message is cheap, some where it is dear,
# and the clocks go from UTC-10 to UTC+14, with halves, quarters and both hemispheres' summers among them. Apia crossed
# the date line, and never had 30 December 2011.
COUNTRIES = (
    Country("NG", 9, "en", ("Africa/Lagos",)),
    Country("KE", 8, "en", ("Africa/Nairobi",)),
    Country("SN", 7, "fr", ("Africa/Dakar",)),
    Country("ZA", 6, "en", ("Africa/Johannesburg",)),
    Country("MA", 5, "fr", ("Africa/Casablanca",)),
    Country("EG", 3, "en", ("Africa/Cairo",)),
    Country("CI", 3, "fr", ("Africa/Abidjan",)),
    Country("CM", 3, "fr", ("Africa/Douala",)),
    Country("TN", 3, "fr", ("Africa/Tunis",)),
    Country("MX", 7, "es", ("America/Mexico_City", "America/Tijuana", "America/Cancun", "America/Hermosillo")),
    Country("CO", 6, "es", ("America/Bogota",)),
    Country("AR", 4, "es", ("America/Argentina/Buenos_Aires",)),
    Country("EC", 3, "es", ("America/Guayaquil",)),
    Country("CL", 3, "es", ("America/Santiago", "America/Punta_Arenas")),
    Country("PE", 3, "es", ("America/Lima",)),
    Country("BR", 4, "en", ("America/Sao_Paulo", "America/Manaus", "America/Rio_Branco", "America/Noronha")),
    Country("ES", 5, "es", ("Europe/Madrid", "Atlantic/Canary")),
    Country("FR", 5, "fr", ("Europe/Paris",)),
    Country("IT", 2, "en", ("Europe/Rome",)),
    Country("GB", 2, "en", ("Europe/London",)),
    Country("PT", 2, "en", ("Europe/Lisbon", "Atlantic/Azores")),
    Country("RO", 1, "en", ("Europe/Bucharest",)),
    Country("US", 4, "en", ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
                            "America/Anchorage", "Pacific/Honolulu")),
    Country("CA", 3, "en", ("America/Toronto", "America/Halifax", "America/St_Johns", "America/Vancouver")),
    Country("IN", 8, "en", ("Asia/Kolkata",)),
    Country("NP", 2, "en", ("Asia/Kathmandu",)),
    Country("BD", 3, "en", ("Asia/Dhaka",)),
    Country("PH", 4, "en", ("Asia/Manila",)),
    Country("ID", 4, "en", ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")),
    Country("KR", 2, "en", ("Asia/Seoul",)),
    Country("JP", 1, "en", ("Asia/Tokyo",)),
    Country("LB", 1, "en", ("Asia/Beirut",)),
    Country("AU", 2, "en", ("Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth",
                            "Australia/Lord_Howe")),
    Country("NZ", 1, "en", ("Pacific/Auckland", "Pacific/Chatham")),
    Country("TO", 1, "en", ("Pacific/Tongatapu",)),
    Country("WS", 1, "en", ("Pacific/Apia",)),
    Country("KI", 1, "en", ("Pacific/Kiritimati", "Pacific/Tarawa")),
)  # fmt: skip
WEIGHTS = [country.weight for country in COUNTRIES]


def somewhere(random: Random) -> tuple[Country, str]:
    """A country and one of its clocks; most people live by the first."""
    country = random.choices(COUNTRIES, WEIGHTS)[0]
    elsewhere = len(country.zones) > 1 and random.random() < 0.3
    return country, random.choice(country.zones[1:]) if elsewhere else country.zones[0]
