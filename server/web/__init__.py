"""The web application: the page, the API and the stream of events."""
