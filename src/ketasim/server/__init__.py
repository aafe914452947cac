"""The application's server."""
