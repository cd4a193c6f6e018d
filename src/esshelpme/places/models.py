"""Imported official places. Packaged ones are not here: they are data files of the program."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

_CODE = RegexValidator(r"^\d{2}(\d{2}){0,2}$")


class PlaceRecord(models.Model):
    """Names and point of one unit as an imported official file gives them.

    The code is TIS-1099 (2, 4 or 6 digits).
    """

    code = models.CharField(max_length=6, primary_key=True, validators=[_CODE])
    level = models.CharField(max_length=11)
    name_th = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    parent_code = models.CharField(max_length=4, blank=True)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    source = models.CharField(max_length=255)
    imported_at = models.DateTimeField()

    class Meta:
        """Constraints that no import may break."""

        constraints = (
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lng__isnull=True)
                | Q(lat__gte=-90, lat__lte=90, lng__gte=-180, lng__lte=180),
                name="places_point_possible",
            ),
            models.CheckConstraint(
                condition=Q(level__in=("province", "district", "subdistrict")), name="places_level_known"
            ),
        )

    def __str__(self) -> str:
        """Return the code and the Thai name."""
        return f"{self.code} {self.name_th}"


class OutlineRecord(models.Model):
    """Outline of one unit as an imported official file gives it: well-known binary, WGS 84."""

    code = models.CharField(max_length=6, primary_key=True, validators=[_CODE])
    geometry = models.BinaryField()
    source = models.CharField(max_length=255)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class PlacesVersion(models.Model):
    """One row: a number that grows with every import, so that running processes know when to read again."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        """There is exactly one row."""

        constraints = (models.CheckConstraint(condition=Q(id=1), name="places_one_version"),)

    def __str__(self) -> str:
        """Return the number."""
        return str(self.version)
