"""What the page does with runs: what is remembered of them, launching, canceling, and hearing of news."""
