"""A script has no test dependencies, and needs none: `atoll exec almanac -- python -m unittest discover reports`."""

import unittest

from almanac import almanac, crossings

COUNTRIES = [
    {"code": "MT", "name": "Malta", "capital": "Valletta", "population": 416055},
    {"code": "SC", "name": "Seychelles", "capital": "Victoria", "population": 89949},
    {"code": "MU", "name": "Mauritius", "capital": "Port Louis", "population": 1261208},
    {"code": "TK", "name": "Tokelau", "capital": "Fakaofo", "population": 1411},
]
AIRPORTS = [
    {"country": "MT", "name": "Malta", "latitude": 35.8575, "longitude": 14.4775, "bookable": True},
    {"country": "SC", "name": "Mahe", "latitude": -4.6743, "longitude": 55.5218, "bookable": True},
    {"country": "SC", "name": "Alphonse", "latitude": -7.0048, "longitude": 52.7262, "bookable": False},
    {"country": "MU", "name": "Plaisance", "latitude": -20.4302, "longitude": 57.6836, "bookable": True},
]


class Almanac(unittest.TestCase):
    def test_each_country_flies_to_the_one_that_is_nearest(self):
        ways = {way["country"]: (way["to_country"], way["kilometres"]) for way in crossings(AIRPORTS)}
        self.assertEqual(ways, {"MT": ("SC", 6209), "SC": ("MU", 1768), "MU": ("SC", 1768)})

    def test_the_page_has_a_row_for_each_country_even_without_an_airport(self):
        page = almanac(island_countries=COUNTRIES, crossings=crossings(AIRPORTS))
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()]
        self.assertEqual(rows[0], ["name", "capital", "population", "next", "kilometres"])
        self.assertIn(["Seychelles", "Victoria", "89949", "Mauritius", "1768"], rows)
        self.assertTrue(any(row[0] == "Tokelau" for row in rows))


if __name__ == "__main__":
    unittest.main()
