"""One deadline of a kind for each need: a new time takes the place of the one before."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0001_initial"),
        ("incidents", "0002_append_only"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="deadline",
            name="deadline_by_incident",
        ),
        # Where several of a kind were written, the one that is due first stays.
        migrations.RunSQL(
            """DELETE FROM dispatch_deadline d USING dispatch_deadline e
               WHERE d.incident_id = e.incident_id AND d.kind = e.kind
                 AND d.need_id IS NOT DISTINCT FROM e.need_id AND (d.due_at, d.id) > (e.due_at, e.id)""",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.UniqueConstraint(
                fields=("incident", "need", "kind"), name="one_deadline_of_a_kind", nulls_distinct=False
            ),
        ),
    ]
