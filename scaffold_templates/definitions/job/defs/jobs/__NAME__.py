"""The job __NAME__."""

from atoll import define_asset_job

__NAME__ = define_asset_job("__NAME__", selection=__SELECTION__)
