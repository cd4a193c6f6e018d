"""Demonstration data: a fictional country-wide directory and past incidents, for trying the program.

Nobody in it exists: names say so (สมมติ), telephone numbers lie in +66 2 000 0xxx, LINE ids are digests of
codes.
"""
