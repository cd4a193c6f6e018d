from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="timelineevent",
            index=models.Index(
                fields=["-id"],
                condition=models.Q(type__in=["HANDED_OVER", "TRANSFER_RECEIVED"]),
                name="timeline_transfers",
            ),
        ),
    ]
