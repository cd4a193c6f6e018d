"""The commands of `./ess`: thin, one module each; they call the rooms' services and print."""
