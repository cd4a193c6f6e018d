"""Units by nearness: great-circle k nearest neighbours within one agency type by one GiST index.

cube, earthdistance and btree_gist are trusted extensions of PostgreSQL: the database's owner may create them.
"""

from __future__ import annotations

from django.contrib.postgres.operations import BtreeGistExtension, CreateExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        CreateExtension("cube"),
        CreateExtension("earthdistance"),
        migrations.RunSQL(
            "CREATE INDEX unit_nearest ON directory_unit USING gist (agency_type, ll_to_earth(lat, lng))",
            "DROP INDEX unit_nearest",
        ),
    ]
