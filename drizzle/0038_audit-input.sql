-- online
ALTER TABLE "audit_entries" ADD COLUMN IF NOT EXISTS "input" text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_entries" ADD COLUMN IF NOT EXISTS "identity" text;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "audit_entries_identity" ON "audit_entries" USING btree ("account_id","identity","id");
