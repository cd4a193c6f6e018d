"""Loading the demonstration: accounts of every role and past incidents played by the program's services."""
