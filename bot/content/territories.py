"""What a phone's country tells: a country, and the languages people there read first."""

from functools import lru_cache


@lru_cache(maxsize=4096)
def country_of_phone(number: str) -> str | None:
    """ISO 3166 alpha-2 of an international number (``+34…``), None where it tells no single country."""
    import phonenumbers  # 47 MB: only where a phone channel is on

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    return region if region and region.isalpha() and len(region) == 2 else None


@lru_cache(maxsize=512)
def languages_of(country: str | None) -> tuple[str, ...]:
    """The official languages of a country, the most spoken first (CLDR)."""
    from babel.languages import get_official_languages

    return tuple(get_official_languages(country, de_facto=True)) if country else ()
