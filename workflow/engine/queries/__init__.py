"""The only list readers: what pages and commands show."""
