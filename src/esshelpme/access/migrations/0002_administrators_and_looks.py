from __future__ import annotations

from django.db import migrations, models

import esshelpme.access.models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AlterModelManagers(
            name="account", managers=[("objects", esshelpme.access.models.Accounts())]
        ),
        migrations.AddIndex(
            model_name="accesslog",
            index=models.Index(fields=["who", "-id"], name="looks_of_somebody"),
        ),
    ]
