from atoll import Definitions, define_asset_job

brand_new = define_asset_job("brand_new", selection='key:"orders"+')

defs = Definitions(jobs=[brand_new])
