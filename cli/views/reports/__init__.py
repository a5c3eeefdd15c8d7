"""Reports of what `atoll validate` found, in the languages of people and of CI systems."""
