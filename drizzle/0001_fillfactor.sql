-- Rows whose counters move with every write: free space on the page keeps those updates off the indexes.
ALTER TABLE "channels" SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE "deliveries" SET (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE "users" SET (fillfactor = 80);
