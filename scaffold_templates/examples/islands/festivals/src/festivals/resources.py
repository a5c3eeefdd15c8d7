"""A resource: what assets need from outside, so that a test can hand them something else."""

import atoll
import holidays


class Calendar(atoll.ConfigurableResource):
    """The public holidays of one year."""

    year: int

    def list_holidays(self, country: str) -> dict[str, str]:
        """Names by date such as `2026-12-25`; empty for a country that nobody has written down yet."""
        if country not in holidays.list_supported_countries(include_aliases=False):
            return {}
        found = holidays.country_holidays(country, years=self.year, language="en_US")
        return {date.isoformat(): name for date, name in sorted(found.items())}
