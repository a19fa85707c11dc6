"""One verb: everything that changes a case goes through `act`."""
