"""The job brand_new."""

from atoll import define_asset_job

brand_new = define_asset_job("brand_new", selection='key:"orders"+')
