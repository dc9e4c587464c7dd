-- Users that are there already: an empty token says that their names are still to be written, which each start does in the background.
INSERT INTO "user_names" ("user_id", "token", "service_id")
SELECT "id", '', "service_id" FROM "users" WHERE "deleted_at" IS NULL
ON CONFLICT DO NOTHING;
