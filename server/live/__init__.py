"""What is known of a workspace at this moment, and news of how that changes."""
