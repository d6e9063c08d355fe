"""The service desk: its hours over clock changes and holidays, and how its tickets fared."""
