"""The demo city: invented institutions and people, played through `start` and `act`."""
