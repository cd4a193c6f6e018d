"""What every room stands on: clock, ids, configuration, embedded PostgreSQL, supervisor. No Django models."""
