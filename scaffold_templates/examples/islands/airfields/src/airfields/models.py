"""An airport and the choice among them: pydantic 2, which the registry next door could not have."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, computed_field


class Airport(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)

    code: Annotated[str, Field(alias="icao", min_length=2)]
    booking_code: Annotated[str, Field(alias="iata", pattern=r"^([A-Z]{3})?$")] = ""
    name: str
    city: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    latitude: Annotated[float, Field(alias="lat", ge=-90, le=90)]
    longitude: Annotated[float, Field(alias="lon", ge=-180, le=180)]
    elevation: Annotated[float, Field(description="feet above the sea")]

    @computed_field
    @property
    def bookable(self) -> bool:
        return bool(self.booking_code)


class Choice(BaseModel):
    """Which airports to take in. A run may set it; the defaults hold otherwise."""

    bookable_only: bool = True
    highest: Annotated[float, Field(description="feet above the sea")] = 15_000
