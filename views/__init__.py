"""The doors: thin, they parse, call and answer."""
