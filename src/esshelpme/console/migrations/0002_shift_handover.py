from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("console", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ShiftHandover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nonce", models.CharField(max_length=64, unique=True)),
                (
                    "areas",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=6), blank=True, default=list, size=None
                    ),
                ),
                ("snapshot", models.JSONField()),
                ("sealed_note", models.BinaryField(null=True)),
                ("outgoing_signed_at", models.DateTimeField()),
                ("incoming_signed_at", models.DateTimeField(null=True)),
                (
                    "incoming",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shifts_taken_over",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outgoing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shifts_handed_over",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-outgoing_signed_at"], name="handover_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("incoming__isnull", True), ("incoming_signed_at__isnull", True)),
                            models.Q(("incoming__isnull", False), ("incoming_signed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="handover_signed_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("incoming__isnull", True),
                            models.Q(("incoming", models.F("outgoing")), _negated=True),
                            _connector="OR",
                        ),
                        name="handover_by_two_people",
                    ),
                ],
            },
        ),
    ]
