"""The timeline cannot be changed, only added to: by trigger, for every user of the database.

`tx` is the inserting transaction, by which the live feed knows that nothing older can still appear.
"""

from __future__ import annotations

from django.db import migrations

FORWARD = """
ALTER TABLE incidents_timelineevent ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX timeline_feed ON incidents_timelineevent (tx, id);

CREATE FUNCTION incidents_timeline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the timeline is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER timeline_append_only BEFORE UPDATE OR DELETE ON incidents_timelineevent
    FOR EACH ROW EXECUTE FUNCTION incidents_timeline_append_only();
CREATE TRIGGER timeline_no_truncate BEFORE TRUNCATE ON incidents_timelineevent
    FOR EACH STATEMENT EXECUTE FUNCTION incidents_timeline_append_only();

CREATE FUNCTION incidents_timeline_next() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last integer;
BEGIN
    SELECT max(seq) INTO last FROM incidents_timelineevent WHERE incident_id = NEW.incident_id;
    IF NEW.seq <> COALESCE(last, 0) + 1 THEN
        RAISE EXCEPTION 'timeline of incident %: step % does not follow %', NEW.incident_id, NEW.seq, last
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER timeline_gap_free BEFORE INSERT ON incidents_timelineevent
    FOR EACH ROW EXECUTE FUNCTION incidents_timeline_next();
"""

BACK = """
DROP TRIGGER timeline_gap_free ON incidents_timelineevent;
DROP TRIGGER timeline_no_truncate ON incidents_timelineevent;
DROP TRIGGER timeline_append_only ON incidents_timelineevent;
DROP FUNCTION incidents_timeline_next();
DROP FUNCTION incidents_timeline_append_only();
ALTER TABLE incidents_timelineevent DROP COLUMN tx;
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
