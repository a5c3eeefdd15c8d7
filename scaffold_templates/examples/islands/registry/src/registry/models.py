"""What the registry accepts as a country: pydantic 1, written years ago, and it still works."""

from typing import Any, Dict, Optional

from pydantic import BaseModel, Field, validator


class Country(BaseModel):
    # `regex` is gone in pydantic 2, and so is the rule that an Optional field may be left out.
    code: str = Field(regex="^[A-Z]{2}$")
    name: str
    capital: str = Field(min_length=1)
    region: str = Field(min_length=1)
    population: int = Field(gt=0)
    area: Optional[float]
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)

    @validator("name")
    def put_the_article_last(cls, name: str) -> str:
        return f"{name[4:]}, The" if name.startswith("The ") else name

    @classmethod
    def read(cls, record: Dict[str, Any]) -> "Country":
        """Read a record of countryinfo.

        Raises:
            pydantic.ValidationError: something is missing from it, or makes no sense.
        """
        latitude, longitude = record.get("latlng") or (None, None)
        return cls(
            code=record["ISO"]["alpha2"],
            latitude=latitude,
            longitude=longitude,
            **{name: record.get(name) for name in ("name", "capital", "region", "population", "area")},
        )
