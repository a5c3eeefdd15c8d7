"""Who lives on the islands where nobody lives."""
