"""What is known of locations, as data and in words: what every view of them shows."""
