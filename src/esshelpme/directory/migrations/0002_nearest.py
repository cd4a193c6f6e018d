"""Units by nearness: great-circle k nearest neighbours within one agency type by one GiST index.

A base is a point on a sphere of the Earth's mean radius, in kilometres: the straight line between two such points
orders like the great circle. cube, btree_gist and pg_trgm are trusted extensions: the database's owner may create
them (earthdistance is not, so it is done without).
"""

from __future__ import annotations

from django.contrib.postgres.operations import BtreeGistExtension, CreateExtension, TrigramExtension
from django.db import migrations

FORWARD = """
CREATE FUNCTION on_earth(lat double precision, lng double precision) RETURNS public.cube
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT public.cube(ARRAY[
        6371.0088 * cos(radians(lat)) * cos(radians(lng)),
        6371.0088 * cos(radians(lat)) * sin(radians(lng)),
        6371.0088 * sin(radians(lat))])
$$;
CREATE INDEX unit_nearest ON directory_unit USING gist (agency_type, on_earth(lat, lng));
"""
BACK = "DROP INDEX unit_nearest; DROP FUNCTION on_earth(double precision, double precision);"


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        CreateExtension("cube"),
        migrations.RunSQL(FORWARD, BACK),
    ]
