DROP INDEX "api_keys_internal";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "retires_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_internal" ON "api_keys" USING btree ("account_id") WHERE "api_keys"."internal" AND "api_keys"."retires_at" IS NULL;