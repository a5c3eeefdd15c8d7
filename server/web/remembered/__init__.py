"""What pages of assets and checks show of what is remembered."""
