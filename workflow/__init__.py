"""What may happen: no request, no cookie, no environment, no wall clock."""
