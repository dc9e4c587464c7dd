-- online
-- A number beyond all doubles (1e400) was stored as null, which no attributes are: the only text that was ever written and is not read.
-- Each statement reads its table once and writes, and locks, only such rows. Messages, which may take long, come first: nothing else
-- waits for them meanwhile.
UPDATE "messages" SET "attributes" = '{}' WHERE "attributes" = 'null';
--> statement-breakpoint
UPDATE "channels" SET "attributes" = '{}' WHERE "attributes" = 'null';
--> statement-breakpoint
UPDATE "users" SET "attributes" = '{}' WHERE "attributes" = 'null';
