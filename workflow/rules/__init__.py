"""Pure rules of time, codes and grades: no session, no clock, no environment."""
