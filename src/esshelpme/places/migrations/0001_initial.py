"""Imported places, their outlines, and the number of the last import."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="OutlineRecord",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=6,
                        primary_key=True,
                        serialize=False,
                        validators=[django.core.validators.RegexValidator("^\\d{2}(\\d{2}){0,2}$")],
                    ),
                ),
                ("geometry", models.BinaryField()),
                ("source", models.CharField(max_length=255)),
                ("imported_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PlaceRecord",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=6,
                        primary_key=True,
                        serialize=False,
                        validators=[django.core.validators.RegexValidator("^\\d{2}(\\d{2}){0,2}$")],
                    ),
                ),
                ("level", models.CharField(max_length=11)),
                ("name_th", models.CharField(max_length=120)),
                ("name_en", models.CharField(blank=True, max_length=120)),
                ("parent_code", models.CharField(blank=True, max_length=4)),
                ("lat", models.FloatField(null=True)),
                ("lng", models.FloatField(null=True)),
                ("source", models.CharField(max_length=255)),
                ("imported_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat__isnull", True), ("lng__isnull", True)),
                            models.Q(
                                ("lat__gte", -90), ("lat__lte", 90), ("lng__gte", -180), ("lng__lte", 180)
                            ),
                            _connector="OR",
                        ),
                        name="places_point_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ("province", "district", "subdistrict"))),
                        name="places_level_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlacesVersion",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField(default=0)),
                ("changed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="places_one_version")
                ],
            },
        ),
    ]
